/* The types directory_name, what somebody or a group is called in the directory, named_number, the number that it gave
 * them with the name they had then, and ldap_name, a place in it.
 * Rights: every process; none needed. */
#include "value/directory.h"
#include "value/shape.h"
#include "value/types.h"

#include <string.h>

enum { UNIX_NAME_MAX = 31, PLACE_MAX = 255 };

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
