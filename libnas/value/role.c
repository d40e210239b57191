/* The type role: a role.
 * Rights: every process; none needed. */
#include "value/shape.h"
#include "value/types.h"

static bool check(const char *text, size_t length)
{
        return shape_is_one_of(text, length, (const char *const[]){"viewer", "user", "operator", "admin", NULL});
}

const struct value_type value_role = {
        .name = "role",
        .says = "viewer, user, operator or admin",
        .pattern = "^(viewer|user|operator|admin)$",
        .example = "operator",
        .max_bytes = 8,
        .check = check,
};
