/* Roles by name.
 * Rights: every process; none needed. */
#include "base/role.h"

#include "base/log.h"

#include <stddef.h>
#include <string.h>

static const char *const names[] = {"nobody", "viewer", "user", "operator", "admin"};

const char *role_name(enum role role)
{
        ASSERT((size_t)role < sizeof names / sizeof names[0]);
        return names[role];
}

int role_parse(const char *word, enum role *ret_role)
{
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
                if (strcmp(word, names[i]) == 0) {
                        *ret_role = (enum role)i;
                        return 0;
                }
        return -1;
}
