/* The type password_try: a password as somebody typed it.
 * Rights: every process; none needed. */
#include "value/types.h"

static bool check(const char *text, size_t length)
{
        (void)text;
        return length != 0;
}

const struct value_type value_password_try = {
        .name = "password_try",
        .says = "1 to 1024 bytes of text",
        .pattern = "^[^\\u0000]{1,1024}$",
        .example = "correct horse battery",
        .max_bytes = 1024,
        .secret = true,
        .check = check,
};
