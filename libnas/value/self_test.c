/* The type self_test: a test that a disk does by itself.
 * Rights: every process; none needed. */
#include "value/shape.h"
#include "value/types.h"

static bool check(const char *text, size_t length)
{
        return shape_is_one_of(text, length, (const char *const[]){"short", "long", NULL});
}

const struct value_type value_self_test = {
        .name = "self_test",
        .says = "short or long",
        .pattern = "^(short|long)$",
        .example = "short",
        .max_bytes = 5,
        .check = check,
};
