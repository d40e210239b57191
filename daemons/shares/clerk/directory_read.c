/* A directory as its file says it, both ways, and as tools tell of it.
 * Rights: none; pure functions. What tools print comes from the network. */
#include "daemons/shares/clerk/directory.h"

#include "base/log.h"
#include "base/mem.h"
#include "value/directory.h"
#include "value/types.h"

#include <stdlib.h>
#include <string.h>

#define URI "LDAPURI=ldaps://"

/* What stands behind the key in that line, if it is of that type; else what was there before. */
static const char *behind(const char *line, const char *key, const struct value_type *type, const char *before)
{
        const size_t length = strlen(key);
        return strncmp(line, key, length) == 0 && value_is(type, line + length, strlen(line + length)) ? line + length
                                                                                                       : before;
}

struct directory directory_read(char *text)
{
        struct directory directory = {.server = NULL};
        for (char *line; text && (line = strsep(&text, "\n"));) {
                directory.server = behind(line, URI, &value_host_name, directory.server);
                directory.base = behind(line, "LDAPBASE=", &value_ldap_name, directory.base);
                directory.bind = behind(line, "LDAPBINDDN=", &value_ldap_name, directory.bind);
        }
        return directory.server && directory.base && directory.bind ? directory : (struct directory){.server = NULL};
}

const char *directory_text(const struct directory *directory, struct arena *arena)
{
        ASSERT(directory && directory->server && arena);
        return arena_printf(arena, URI "%s\nLDAPBASE=%s\nLDAPBINDDN=%s\n", directory->server, directory->base,
                            directory->bind);
}

void directory_explain(const char *printed, struct failure *failure)
{
        ASSERT(printed && failure);
        static const struct {
                const char *word, *field, *message, *next;
        } known[] = {
                {"Invalid credentials", "password", "The directory does not know that account with that password.",
                 "Type both again, the account as the directory has it."},
                {"peer cert untrusted", "ca", "The directory's certificate is not of that authority.",
                 "Give the one that signed it, in PEM."},
                {"certificate verify failed", "ca", "The directory's certificate is not of that authority.",
                 "Give the one that signed it, in PEM."},
                {"does not match", "server", "The directory's certificate is for another name.",
                 "Name the directory as its certificate does."},
                {"invalid DN", "bind", "The directory does not know such an account.",
                 "Write it as the directory has it: cn=reader,dc=example,dc=org"},
                {"Can't contact", "server", "The directory does not answer with TLS on port 636.",
                 "See that it runs, and that the name is right."},
        };
        for (size_t i = 0; i < ARRAY_SIZE(known); i++)
                if (strstr(printed, known[i].word)) {
                        failure_set(failure, FAILURE_INVALID, known[i].field, known[i].next, "%s", known[i].message);
                        return;
                }
        failure_set(failure, FAILURE_CONFLICT, "server", "journalctl -u bulkhead-directory-check",
                    "The directory cannot be asked.");
}

/* Lines as in /etc/passwd and /etc/group: the third part is the number. */
const char *directory_number_read(const char *printed, const char *name, struct arena *arena)
{
        ASSERT(printed && name && arena);
        const bool group = *name == '@';
        char *text = arena_text(arena, printed, strlen(printed));
        for (char *line; (line = strsep(&text, "\n"));) {
                size_t parts = 1;
                for (const char *at = line; *at; at++)
                        parts += *at == ':';
                const char *called = strsep(&line, ":");
                if (strcmp(called, name + group) != 0 || parts != (group ? 4u : 7u))
                        continue;
                (void)strsep(&line, ":");
                const char *number = strsep(&line, ":"),
                           *named = arena_printf(arena, "%s %s", number ? number : "", name);
                return value_is(&value_named_number, named, strlen(named)) ? named : NULL;
        }
        return NULL;
}
