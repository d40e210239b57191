/* The type share_user: who may use a share, an account or all of a group, of this machine, of its domain or of its
 * directory.
 * Rights: every process; none needed. */
#include "base/text.h"
#include "value/directory.h"
#include "value/folder_owner.h"
#include "value/shape.h"
#include "value/types.h"

#include <string.h>

enum { DOMAIN_MAX = 15, NAME_MAX_BYTES = 128 };

/* What a directory allows in names, without what a line or a list of Samba's would be confused by. */
static bool is_domain_name(const char *text, size_t length)
{
        return length > 0 && length <= NAME_MAX_BYTES && text_printable(text, length) &&
               !shape_has(text, length, "\"/\\[]:;|=+*?<>@,%{}") && text[0] != ' ' && text[0] != '-' &&
               text[length - 1] != ' ' && text[length - 1] != '.';
}

static bool check(const char *text, size_t length)
{
        if (directory_names(text, length))
                return true;
        const size_t group = length > 0 && text[0] == '@';
        text += group;
        length -= group;
        const char *between = memchr(text, '\\', length);
        if (!between)
                return shape_unix_name(text, length);
        const size_t domain = (size_t)(between - text);
        char copy[DOMAIN_MAX + 1] = "";
        if (domain > DOMAIN_MAX)
                return false;
        memcpy(copy, text, domain);
        return value_is(&value_workgroup, copy, domain) && is_domain_name(between + 1, length - domain - 1);
}

const struct value_type value_share_user = {
        .name = "share_user",
        .says = "the name of an account, or @ and the name of a group; of the domain with its name and a backslash "
                "before: "
                "EXAMPLE\\alice, @EXAMPLE\\Domain Users; of the directory with @directory behind: carol@directory",
        .pattern = "^@?(" PEOPLE_HERE "(@directory)?|" PEOPLE_OF_DOMAIN ")$",
        .example = "@family",
        .max_bytes = 160,
        .check = check,
};
