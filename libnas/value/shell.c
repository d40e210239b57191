/* The type shell: what an account gets when it signs in on a terminal.
 * Rights: every process; none needed. */
#include "value/shape.h"
#include "value/types.h"

static bool check(const char *text, size_t length)
{
        return shape_is_one_of(text, length, (const char *const[]){"/usr/sbin/nologin", "/bin/bash", NULL});
}

const struct value_type value_shell = {
        .name = "shell",
        .says = "/usr/sbin/nologin or /bin/bash",
        .pattern = "^(/usr/sbin/nologin|/bin/bash)$",
        .example = "/usr/sbin/nologin",
        .max_bytes = 17,
        .check = check,
};
