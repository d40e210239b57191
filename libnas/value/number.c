/* The type number: a counted thing.
 * Rights: every process; none needed. */
#include "value/shape.h"
#include "value/types.h"

static bool check(const char *text, size_t length)
{
        return shape_number(text, length, 1, 9007199254740991);
}

const struct value_type value_number = {
        .name = "number",
        .says = "a number from 1 to 9007199254740991",
        .pattern = "^[1-9][0-9]{0,15}$",
        .example = "17",
        .max_bytes = 16,
        .check = check,
};
