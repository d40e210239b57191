/* The type owner: the account or group that a folder belongs to.
 * Rights: every process; none needed. */
#include "value/shape.h"
#include "value/types.h"

static bool check(const char *text, size_t length)
{
        return shape_unix_name(text, length);
}

const struct value_type value_owner = {
        .name = "owner",
        .says = "the name of an account or group of this machine, or root; people of a domain or a directory are let "
                "in by "
                "shares and transfers",
        .pattern = "^[a-z_]([a-z0-9_-]{0,29}[a-z0-9_])?$",
        .example = "family",
        .max_bytes = 31,
        .check = check,
};
