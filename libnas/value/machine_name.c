/* The type machine_name: what a machine is called, without its domain.
 * Rights: every process; none needed. */
#include "value/shape.h"
#include "value/types.h"

static bool check(const char *text, size_t length)
{
        return shape_only(text, length, SHAPE_LOWER SHAPE_DIGITS "-") && length <= 63 && text[0] != '-' &&
               text[length - 1] != '-' && !shape_is_one_of(text, length, (const char *const[]){"localhost", NULL});
}

const struct value_type value_machine_name = {
        .name = "machine_name",
        .says = "1 to 63 small letters, digits and -, neither first nor last -, and not localhost",
        .pattern = "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
        .example = "nas",
        .max_bytes = 63,
        .check = check,
};
