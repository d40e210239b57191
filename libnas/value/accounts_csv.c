/* The type accounts_csv: accounts as lines of a table, the names of its columns first.
 * Rights: every process; none needed. */
#include "value/shape.h"
#include "value/types.h"

#include <string.h>

/* Which columns there are, and what stands in them, is judged with the line's number by who reads it. */
static bool check(const char *text, size_t length)
{
        return shape_lines(text, length) && memchr(text, ',', strcspn(text, "\r\n")) != NULL;
}

const struct value_type value_accounts_csv = {
        .name = "accounts_csv",
        .says = "lines of: username,full name,role,groups, with that heading above",
        .pattern = NULL,
        .example = "username,full name,role,groups\ncarol,Carol C.,user,\n",
        .max_bytes = 256 * 1024,
        .lines = true,
        .check = check,
};
