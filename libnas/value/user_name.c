/* The type user_name: the name of a Unix account.
 * Rights: every process; none needed. */
#include "value/shape.h"
#include "value/types.h"

static bool check(const char *text, size_t length)
{
        return shape_own_name(text, length);
}

const struct value_type value_user_name = {
        .name = "user_name",
        .says = "1 to 31 of a-z, 0-9, - and _, beginning with a letter or _, not ending with -, and not a name that "
                "the system uses",
        .pattern = "^[a-z_]([a-z0-9_-]{0,29}[a-z0-9_])?$",
        .example = "alice",
        .max_bytes = 31,
        .check = check,
};
