/* The type flag: yes or no.
 * Rights: every process; none needed. */
#include "value/shape.h"
#include "value/types.h"

static bool check(const char *text, size_t length)
{
        return shape_is_one_of(text, length, (const char *const[]){"yes", "no", NULL});
}

const struct value_type value_flag = {
        .name = "flag",
        .says = "yes or no",
        .pattern = "^(yes|no)$",
        .example = "yes",
        .max_bytes = 3,
        .check = check,
};
