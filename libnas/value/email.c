/* The type email: where mail reaches somebody; the plain form that everybody has.
 * Rights: every process; none needed. */
#include "value/shape.h"
#include "value/types.h"

#include <string.h>

#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
enum { LOCAL_MAX = 64 };

static bool check(const char *text, size_t length)
{
        const char *at = memchr(text, '@', length);
        size_t local = at != NULL ? (size_t)(at - text) : 0;
        return local != 0 && local <= LOCAL_MAX && shape_only(text, local, UPPER SHAPE_LOWER SHAPE_DIGITS "._+-") &&
               text[0] != '-' && text[0] != '.' && shape_host(at + 1, length - local - 1);
}

const struct value_type value_email = {
        .name = "email",
        .says = "an e-mail address: letters, digits and . _ + - before the @, a host name after it",
        .pattern = "^[A-Za-z0-9_+][A-Za-z0-9._+-]{0,63}@([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+"
                   "[a-z]([a-z0-9-]{0,61}[a-z0-9])?$",
        .example = "ada@example.org",
        .max_bytes = 254,
        .check = check,
};
