/* The types folder_owner, whom a folder can belong to, and given_owner, the same with the number where this machine's
 * own lists of accounts do not say it.
 * Rights: every process; none needed. */
#include "value/folder_owner.h"
#include "value/directory.h"
#include "value/setting.h"
#include "value/shape.h"
#include "value/types.h"

#include <string.h>

static bool check(const char *text, size_t length)
{
        return length > 0 && text[0] != '@' && value_is(&value_share_user, text, length);
}

const struct value_type value_folder_owner = {
        .name = "folder_owner",
        .says = "the name of an account or group of this machine, or root; of the domain with its name and a backslash "
                "before: "
                "EXAMPLE\\alice, EXAMPLE\\Domain Users; of the directory with @directory behind: carol@directory",
        .pattern = "^(" PEOPLE_HERE "(@directory)?|" PEOPLE_OF_DOMAIN ")$",
        .example = "family",
        .max_bytes = 160,
        .check = check,
};

bool owner_is_elsewhere(const char *name)
{
        return strchr(name, '\\') != NULL || directory_names(name, strlen(name));
}

bool owner_number_is_elsewhere(uint64_t number)
{
        return (number >= DIRECTORY_FIRST && number <= DIRECTORY_LAST) ||
               (number >= SETTING_DOMAIN_FIRST && number <= SETTING_DOMAIN_LAST);
}

/* A number of the directory's for a name of the directory's, and likewise of the domain's: neither can be somebody of
 * this machine. */
static bool check_given(const char *text, size_t length)
{
        const char *blank = memchr(text, ' ', length);
        const size_t number = blank ? (size_t)(blank - text) : 0;
        if (number == 0 || text[0] < '0' || text[0] > '9')
                return shape_unix_name(text, length);
        const char *name = blank + 1;
        const size_t rest = length - number - 1;
        if (directory_names(name, rest))
                return name[0] != '@' && shape_number(text, number, DIRECTORY_FIRST, DIRECTORY_LAST);
        return memchr(name, '\\', rest) && check(name, rest) &&
               shape_number(text, number, SETTING_DOMAIN_FIRST, SETTING_DOMAIN_LAST);
}

const struct value_type value_given_owner = {
        .name = "given_owner",
        .says = "the name of an account or group of this machine, or root; of the domain or the directory with the "
                "number that it gave before",
        .pattern = "^(" PEOPLE_HERE "|[1-9][0-9]{5,9} (" PEOPLE_HERE "@directory|" PEOPLE_OF_DOMAIN "))$",
        .example = "1900001104 EXAMPLE\\alice",
        .max_bytes = 180,
        .check = check_given,
};
