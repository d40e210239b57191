/* The type bytes: how much room something takes. A number like others, told in units that people know.
 * Rights: every process; none needed. */
#include "value/shape.h"
#include "value/types.h"

static bool check(const char *text, size_t length)
{
        return shape_number(text, length, 0, 9007199254740991);
}

const struct value_type value_bytes = {
        .name = "bytes",
        .says = "a number of bytes from 0 to 9007199254740991",
        .pattern = "^(0|[1-9][0-9]{0,15})$",
        .example = "2147483648",
        .max_bytes = 16,
        .check = check,
};
