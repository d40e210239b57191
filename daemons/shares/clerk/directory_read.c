/* A directory as its file says it, both ways, and as tools tell of it.
 * Rights: none; pure functions. What tools print comes from the network. */
#include "daemons/shares/clerk/directory.h"

#include "base/log.h"
#include "base/mem.h"
#include "value/directory.h"
#include "value/types.h"

#include <stdlib.h>
#include <string.h>

#define URI "LDAPURI="

/* What stands behind the key in that line, if it is of that type; else what was there before. */
static char *behind(char *line, const char *key, const struct value_type *type, char *before)
{
        const size_t length = strlen(key);
        return strncmp(line, key, length) == 0 && value_is(type, line + length, strlen(line + length)) ? line + length
                                                                                                       : before;
}

struct directory directory_read(char *text)
{
        struct directory directory = {.server_count = 0};
        char *servers = NULL, *base = NULL, *bind = NULL;
        for (char *line; text && (line = strsep(&text, "\n"));) {
                servers = behind(line, URI, &value_ldap_servers, servers);
                base = behind(line, "LDAPBASE=", &value_ldap_name, base);
                bind = behind(line, "LDAPBINDDN=", &value_ldap_name, bind);
        }
        if (!servers || !base || !bind)
                return directory;
        directory = (struct directory){.start_tls = strncmp(servers, "ldap:", 5) == 0, .base = base, .bind = bind};
        for (char *one; (one = strsep(&servers, ","));)
                directory.servers[directory.server_count++] = strstr(one, "//") + 2;
        return directory;
}

const char *directory_servers(const struct directory *directory, struct arena *arena)
{
        ASSERT(directory && directory->server_count > 0 && arena);
        const char *text = "";
        for (size_t i = 0; i < directory->server_count; i++)
                text = arena_printf(arena, "%s%s%s://%s", text, i > 0 ? "," : "",
                                    directory->start_tls ? "ldap" : "ldaps", directory->servers[i]);
        return text;
}

const char *directory_text(const struct directory *directory, struct arena *arena)
{
        ASSERT(directory && arena);
        return arena_printf(arena, URI "%s\nLDAPBASE=%s\nLDAPBINDDN=%s\n", directory_servers(directory, arena),
                            directory->base, directory->bind);
}

/* By what the tools print of it; the first that is there counts, since one hides the next. The numbers are GnuTLS's. */
static const struct {
        const char *word, *field, *message, *next;
} known[] = {
        {"Invalid credentials", "password", "The directory does not know that account with that password.",
         "Type both again, the account as the directory has it."},
        {"revoked (0x402)", "server", "The directory's certificate has expired.", "Renew it at the directory."},
        {"certificate has expired", "server", "The directory's certificate has expired.", "Renew it at the directory."},
        {"revoked (0x202)", "server", "The directory's certificate does not hold yet.",
         "See that the clock is right here and there."},
        {"not yet valid", "server", "The directory's certificate does not hold yet.",
         "See that the clock is right here and there."},
        {"peer cert untrusted", "ca", "The directory's certificate is not of that authority.",
         "Give the one that signed it, in PEM."},
        {"certificate verify failed", "ca", "The directory's certificate is not of that authority.",
         "Give the one that signed it, in PEM."},
        {"does not match", "server", "The directory's certificate is for another name.",
         "Name the directory as its certificate does."},
        {"invalid DN", "bind", "The directory does not know such an account.",
         "Write it as the directory has it: cn=reader,dc=example,dc=org"},
        {"ldap_start_tls: Protocol error", "start_tls", "The directory offers no TLS on port 389.",
         "Leave start_tls out, so that it is reached on port 636."},
        {"No such object", "base", "The directory has no such place, or does not show it to that account.",
         "Name the place below which its people are, and let the account read it."},
};

static const char *with_tls(bool start_tls)
{
        return start_tls ? "389" : "636";
}

/* Whose name was printed, who was known: then it was people that it lacked. */
static bool is_known(const char *printed)
{
        return strncmp(printed, "dn:", 3) == 0 || strstr(printed, "\ndn:") != NULL;
}

void directory_explain(const struct directory *directory, const char *server, const char *printed,
                       struct failure *failure)
{
        ASSERT(directory && server && printed && failure);
        const bool first = directory->server_count == 0 || strcmp(server, directory->servers[0]) == 0;
        for (size_t i = 0; i < ARRAY_SIZE(known); i++)
                if (strstr(printed, known[i].word)) {
                        const bool others = !first && strcmp(known[i].field, "server") == 0;
                        failure_set(failure, FAILURE_INVALID, others ? "others" : known[i].field, known[i].next, "%s",
                                    known[i].message);
                        return;
                }
        if (strstr(printed, "Can't contact"))
                failure_set(failure, FAILURE_INVALID, first ? "server" : "others",
                            "See that it runs, and that the name is right.", "%s does not answer with TLS on port %s.",
                            server, with_tls(directory->start_tls));
        else if (is_known(printed))
                failure_set(failure, FAILURE_INVALID, "base",
                            "Name the place below which its people are, and let the account read it.",
                            "The directory has no people (posixAccount) there, or does not show them to that account.");
        else
                failure_set(failure, FAILURE_CONFLICT, first ? "server" : "others",
                            "journalctl -u 'bulkhead-directory-check@*'", "The directory cannot be asked.");
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
