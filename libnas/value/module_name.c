/* The type module_name: what a module is called; the last part of its contract's name, its unit's instance, a folder.
 * Rights: every process; none needed. */
#include "value/shape.h"
#include "value/types.h"

static bool check(const char *text, size_t length)
{
        return length >= 2 && text[0] >= 'a' && text[0] <= 'z' && shape_only(text, length, SHAPE_LOWER SHAPE_DIGITS);
}

const struct value_type value_module_name = {
        .name = "module_name",
        .says = "2 to 20 lower-case letters and digits, first a letter",
        .pattern = "^[a-z][a-z0-9]{1,19}$",
        .example = "clock",
        .max_bytes = 20,
        .check = check,
};
