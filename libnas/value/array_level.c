/* The type array_level: how an array lays data out over its disks.
 * Rights: every process; none needed. */
#include "value/shape.h"
#include "value/types.h"

static bool check(const char *text, size_t length)
{
        return shape_is_one_of(text, length, (const char *const[]){"1", "5", "6", "10", NULL});
}

const struct value_type value_array_level = {
        .name = "array_level",
        .says = "1, 5, 6 or 10",
        .pattern = "^(1|5|6|10)$",
        .example = "1",
        .max_bytes = 2,
        .check = check,
};
