/* The type domain_setting: one line of what Samba is told of the domain that this machine is in. What holds in any
 * domain stands in a file that ships; who is called what in this one stands here.
 * Rights: every process; none needed. */
#include "value/setting.h"
#include "value/shape.h"
#include "value/types.h"

#include <string.h>

enum { SHORT_MAX = 15 };

static bool is_realm(const char *text, size_t length)
{
        return value_is(&value_realm, text, length);
}

static bool is_short(const char *text, size_t length)
{
        return value_is(&value_workgroup, text, length);
}

/* "NAS\%U": every account of this machine, and none of the domain. */
static bool is_own_accounts(const char *text, size_t length)
{
        static const char each[] = "\\%U";
        char name[SHORT_MAX + 1] = "";
        const size_t tail = strlen(each);
        if (length <= tail || length - tail > SHORT_MAX || memcmp(text + length - tail, each, tail) != 0)
                return false;
        memcpy(name, text, length - tail);
        return is_short(name, length - tail);
}

/* clang-format off */
static const struct setting table[] = {
        {"include", NULL, (const char *const[]){SETTING_MEMBER_FILE, NULL}},
        {"realm", is_realm, NULL},
        {"workgroup", is_short, NULL},
        {"netbios name", is_short, NULL},
        {"valid users", is_own_accounts, NULL},
        {NULL, NULL, NULL},
};
/* clang-format on */

/* "idmap config EXAMPLE : backend = rid": which number an account gets is told by the one that the domain gave it. */
static bool is_numbers(const char *text, size_t length)
{
        static const char begins[] = "idmap config ";
        static const char *const ends[] = {" : backend = rid", " : range = " SETTING_DOMAIN_RANGE, NULL};
        const size_t head = strlen(begins);
        if (length <= head || strncmp(text, begins, head) != 0)
                return false;
        const char *between = memchr(text + head, ' ', length - head);
        const size_t name = between ? (size_t)(between - text) - head : 0;
        char copy[SHORT_MAX + 1] = "";
        if (!between || name > SHORT_MAX)
                return false;
        memcpy(copy, text + head, name);
        return is_short(copy, name) && shape_is_one_of(between, length - head - name, ends);
}

static bool check(const char *text, size_t length)
{
        return setting_is_one(text, length, table) || is_numbers(text, length);
}

const struct value_type value_domain_setting = {
        .name = "domain_setting",
        .says = "one of the lines that Bulkhead writes about the domain it is in, \"key = value\"",
        .pattern = NULL,
        .example = "realm = AD.EXAMPLE.ORG",
        .max_bytes = 256,
        .check = check,
};
