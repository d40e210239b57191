/* The types directory_name, what somebody or a group is called in the directory, named_number, the number that it gave
 * them with the name they had then, ldap_name, a place in it, and
 * ldap_servers, where it answers.
 * Rights: every process; none needed. */
#include "value/directory.h"
#include "value/shape.h"
#include "value/types.h"

#include <string.h>

enum { UNIX_NAME_MAX = 31, PLACE_MAX = 255, SERVERS_MAX = DIRECTORY_SERVERS * 262 - 1 };

bool directory_names(const char *text, size_t length)
{
        static const char suffix[] = DIRECTORY_SUFFIX;
        const size_t group = length > 0 && text[0] == '@', tail = strlen(suffix);
        return length > group + tail && memcmp(text + length - tail, suffix, tail) == 0 &&
               shape_unix_name(text + group, length - group - tail);
}

static bool check_name(const char *text, size_t length)
{
        return shape_unix_name(text, length);
}

const struct value_type value_directory_name = {
        .name = "directory_name",
        .says = "the name of somebody or of a group of the directory, without @directory",
        .pattern = "^[a-z_]([a-z0-9_-]{0,29}[a-z0-9_])?$",
        .example = "carol",
        .max_bytes = UNIX_NAME_MAX,
        .check = check_name,
};

static bool check_number(const char *text, size_t length)
{
        const char *blank = memchr(text, ' ', length);
        const size_t number = blank ? (size_t)(blank - text) : 0;
        return blank && shape_number(text, number, DIRECTORY_FIRST, DIRECTORY_LAST) &&
               directory_names(blank + 1, length - number - 1);
}

const struct value_type value_named_number = {
        .name = "named_number",
        .says = "the number of somebody or of a group of the directory, 100000 to 1799999999, a blank, and the name",
        .pattern = "^[1-9][0-9]{5,9} @?[a-z_]([a-z0-9_-]{0,29}[a-z0-9_])?@directory$",
        .example = "100001 carol@directory",
        .max_bytes = 64,
        .check = check_number,
};

/* It stands in lines of other programs, so nothing is in it that they would take for anything else. */
static bool check_place(const char *text, size_t length)
{
        return length > 0 && length <= PLACE_MAX && shape_only(text, length, SHAPE_LETTERS SHAPE_DIGITS " =,._@-") &&
               memchr(text, '=', length) && text[0] != ' ' && text[length - 1] != ' ';
}

const struct value_type value_ldap_name = {
        .name = "ldap_name",
        .says = "a place in the directory, attributes and values with commas between: letters, digits, blanks and . _ "
                "@ -",
        .pattern = "^(?! )(?=.*=)[A-Za-z0-9 =,._@-]{1,255}(?<! )$",
        .example = "cn=reader,dc=example,dc=org",
        .max_bytes = PLACE_MAX,
        .check = check_place,
};

/* All of them alike: what is with TLS from the first byte, or what has it begin before anything else is said. */
static bool check_servers(const char *text, size_t length)
{
        const char *before = shape_begins(text, length, "ldaps://") ? "ldaps://" : "ldap://";
        size_t count = 0, at = 0;
        for (; at <= length && count < DIRECTORY_SERVERS; count++) {
                const char *comma = memchr(text + at, ',', length - at);
                const size_t one = comma ? (size_t)(comma - text) - at : length - at;
                if (one > SERVERS_MAX || !shape_begins(text + at, one, before) ||
                    !shape_host(text + at + strlen(before), one - strlen(before)))
                        return false;
                at += one + 1;
        }
        return at == length + 1;
}

const struct value_type value_ldap_servers = {
        .name = "ldap_servers",
        .says = "ldaps:// (or ldap://, for StartTLS) and the name of a server; up to four, alike, with commas between",
        .pattern = "^(ldaps://[a-z0-9.-]+(,ldaps://[a-z0-9.-]+){0,3}|ldap://[a-z0-9.-]+(,ldap://[a-z0-9.-]+){0,3})$",
        .example = "ldaps://ldap.example.org",
        .max_bytes = SERVERS_MAX,
        .check = check_servers,
};
