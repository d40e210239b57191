/* The type share_user: who may use a share, an account or all of a group.
 * Rights: every process; none needed. */
#include "value/shape.h"
#include "value/types.h"

static bool check(const char *text, size_t length)
{
        size_t group = length > 0 && text[0] == '@';
        return shape_unix_name(text + group, length - group);
}

const struct value_type value_share_user = {
        .name = "share_user",
        .says = "the name of an account, or @ and the name of a group",
        .pattern = "^@?[a-z_]([a-z0-9_-]{0,29}[a-z0-9_])?$",
        .example = "@family",
        .max_bytes = 32,
        .check = check,
};
