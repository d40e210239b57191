/* The type realm: the name of a domain, as the domain name system and Kerberos have it.
 * Rights: every process; none needed. */
#include "base/text.h"
#include "value/shape.h"
#include "value/types.h"

#include <ctype.h>

enum { REALM_MAX = 64 };

static bool check(const char *text, size_t length)
{
        char lower[REALM_MAX + 1];
        if (length > REALM_MAX)
                return false;
        for (size_t i = 0; i < length; i++)
                lower[i] = (char)(text[i] >= 'A' && text[i] <= 'Z' ? text[i] - 'A' + 'a' : text[i]);
        lower[length] = '\0';
        return shape_host(lower, length);
}

const struct value_type value_realm = {
        .name = "realm",
        .says = "the name of a domain, letters, digits, - and at least one dot, up to 64 bytes",
        .pattern = "^(?=.{1,64}$)([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\\.)+[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-"
                   "9])?$",
        .example = "ad.example.org",
        .max_bytes = REALM_MAX,
        .check = check,
};
