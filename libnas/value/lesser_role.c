/* The type lesser_role: a role below administrator.
 * Rights: every process; none needed. */
#include "value/shape.h"
#include "value/types.h"

static bool check(const char *text, size_t length)
{
        return shape_is_one_of(text, length, (const char *const[]){"viewer", "user", "operator", NULL});
}

const struct value_type value_lesser_role = {
        .name = "lesser_role",
        .says = "viewer, user or operator",
        .pattern = "^(viewer|user|operator)$",
        .example = "operator",
        .max_bytes = 8,
        .check = check,
};
