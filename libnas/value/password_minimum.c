/* The type password_minimum: how long passwords must be.
 * Rights: every process; none needed. */
#include "value/shape.h"
#include "value/types.h"

static bool check(const char *text, size_t length)
{
        return shape_number(text, length, 12, 128);
}

const struct value_type value_password_minimum = {
        .name = "password_minimum",
        .says = "a number from 12 to 128",
        .pattern = "^[0-9]{2,3}$",
        .example = "12",
        .max_bytes = 3,
        .check = check,
};
