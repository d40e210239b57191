/* The type named_sid: a number that a domain has given to somebody, and the name they had then.
 * Rights: every process; none needed. */
#include "value/setting.h"
#include "value/shape.h"
#include "value/types.h"

#include <string.h>

enum { DOMAIN_PARTS = 4, PART_DIGITS = 10, NAME_MAX_BYTES = 160 };

/* S-1-5-21-A-B-C-D: all that a domain gives to accounts and groups. */
bool setting_sid(const char *text, size_t length)
{
        static const char begins[] = "S-1-5-21";
        if (!shape_begins(text, length, begins))
                return false;
        size_t at = strlen(begins), parts = 0;
        for (; parts < DOMAIN_PARTS && at < length && text[at] == '-'; parts++) {
                const size_t digits = strspn(text + at + 1, SHAPE_DIGITS);
                if (digits == 0 || digits > PART_DIGITS || at + 1 + digits > length)
                        return false;
                at += 1 + digits;
        }
        return parts == DOMAIN_PARTS && at == length;
}

static bool check(const char *text, size_t length)
{
        const char *blank = memchr(text, ' ', length);
        if (!blank)
                return false;
        const size_t sid = (size_t)(blank - text), name = length - sid - 1;
        return name <= NAME_MAX_BYTES && memchr(blank, '\\', name + 1) && setting_sid(text, sid) &&
               value_is(&value_share_user, blank + 1, name);
}

const struct value_type value_named_sid = {
        .name = "named_sid",
        .says = "the number of an account or group of the domain, a blank, and its name",
        .pattern = "^S-1-5-21(-[0-9]{1,10}){4} @?[A-Za-z0-9_][A-Za-z0-9_-]{0,14}\\\\(?![ -])"
                   "[^\\u0000-\\u001f\\u007f\"/\\\\\\[\\]:;|=+*?<>@,%{}]{0,127}"
                   "[^\\u0000-\\u001f\\u007f\"/\\\\\\[\\]:;|=+*?<>@,%{} .]$",
        .example = "S-1-5-21-1004336348-1177238915-682003330-1104 EXAMPLE\\alice",
        .max_bytes = 240,
        .check = check,
};
