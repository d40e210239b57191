/* The type plan: a plan as a dry run gave it.
 * Rights: every process; none needed. */
#include "value/shape.h"
#include "value/types.h"

static bool check(const char *text, size_t length)
{
        return shape_only(text, length, SHAPE_BASE64);
}

const struct value_type value_plan = {
        .name = "plan",
        .says = "a plan as a dry run gave it",
        .pattern = "^[A-Za-z0-9_-]+$",
        .example =
                "YnVsa2hlYWQgcGxhbiAxAAAFdXNlcnMAAAAAAAAAAAAAAAAAAAAAAAEAJgIABWFsaWNlAAUyMDAwMA", /* sign_out alice */
        .max_bytes = 131072,
        .check = check,
};
