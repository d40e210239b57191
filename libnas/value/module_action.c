/* The type module_action: a method of a module's contract.
 * Rights: every process; none needed. */
#include "value/shape.h"
#include "value/types.h"

static bool check(const char *text, size_t length)
{
        return text[0] >= 'A' && text[0] <= 'Z' && shape_only(text, length, SHAPE_LETTERS SHAPE_DIGITS);
}

const struct value_type value_module_action = {
        .name = "module_action",
        .says = "a method's name: 1 to 64 letters and digits, first an upper-case letter",
        .pattern = "^[A-Z][A-Za-z0-9]{0,63}$",
        .example = "AddCity",
        .max_bytes = 64,
        .check = check,
};
