/* A domain as its file says it, both ways, and as Samba's tools tell of it.
 * Rights: none; pure functions. What tools print comes from the network. */
#include "daemons/shares/clerk/domain.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "value/setting.h"
#include "value/types.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct domain domain_read(char *text)
{
        struct domain domain = {.realm = NULL};
        for (char *line; text && (line = strsep(&text, "\n"));) {
                char *is = strstr(line, " = ");
                if (!is)
                        continue;
                *is = '\0';
                is += strlen(" = ");
                if (strcmp(line, "realm") == 0 && value_is(&value_realm, is, strlen(is)))
                        domain.realm = is;
                else if (strcmp(line, "workgroup") == 0 && value_is(&value_workgroup, is, strlen(is)))
                        domain.workgroup = is;
                else if (strcmp(line, "netbios name") == 0 && value_is(&value_workgroup, is, strlen(is)))
                        domain.name = is;
        }
        return domain.realm && domain.workgroup && domain.name ? domain : (struct domain){.realm = NULL};
}

void domain_lines(const struct domain *domain, struct arena *arena, const char *ret_lines[DOMAIN_LINES])
{
        ASSERT(domain && domain->realm && arena && ret_lines);
        ret_lines[0] = "include = " SETTING_MEMBER_FILE;
        ret_lines[1] = arena_printf(arena, "realm = %s", domain->realm);
        ret_lines[2] = arena_printf(arena, "workgroup = %s", domain->workgroup);
        ret_lines[3] = arena_printf(arena, "netbios name = %s", domain->name);
        ret_lines[4] = arena_printf(arena, "idmap config %s : backend = rid", domain->workgroup);
        ret_lines[5] = arena_printf(arena, "idmap config %s : range = " SETTING_DOMAIN_RANGE, domain->workgroup);
        ret_lines[6] = arena_printf(arena, "valid users = %s\\%%U", domain->name);
}

/* What stands behind the key in that line; NULL: another one. */
static const char *behind(const char *line, const char *key)
{
        const size_t length = strlen(key);
        return strncmp(line, key, length) == 0 ? line + length + strspn(line + length, " ") : NULL;
}

struct domain_found domain_found_read(char *text)
{
        struct domain_found found = {.controller = NULL};
        const char *value;
        for (char *line; text && (line = strsep(&text, "\n"));) {
                if ((value = behind(line, "Domain Controller:")) && text_printable(value, strlen(value)))
                        found.controller = value;
                else if ((value = behind(line, "Pre-Win2k Domain:")) &&
                         value_is(&value_workgroup, value, strlen(value)))
                        found.workgroup = value;
                else if ((value = behind(line, "Server time offset:"))) {
                        found.has_clock = true;
                        found.clock = strtoll(value, NULL, 10);
                } else if (behind(line, "checking the trust secret") && strstr(line, "succeeded"))
                        found.trusted = true;
        }
        return found.workgroup ? found : (struct domain_found){.trusted = found.trusted};
}

void domain_join_explain(const char *printed, struct failure *failure)
{
        ASSERT(printed && failure);
        static const struct {
                const char *word, *field, *message, *next;
        } known[] = {
                {"bad username or authentication", "password",
                 "The domain does not know that account with that password.",
                 "Type both again, the account without its domain."},
                {"LOGON_FAILURE", "password", "The domain does not know that account with that password.",
                 "Type both again, the account without its domain."},
                {"ACCESS_DENIED", "user", "That account may not have this machine join the domain.",
                 "Take one that may, such as Administrator."},
                {"nsufficient access", "user", "That account may not have this machine join the domain.",
                 "Take one that may, such as Administrator."},
                {"ACCOUNT_LOCKED_OUT", "user", "That account is locked.", "Unlock it in the domain, or take another."},
                {"PASSWORD_EXPIRED", "password", "That password has expired.", "Change it in the domain first."},
                {"PASSWORD_MUST_CHANGE", "password", "That password must be changed first.",
                 "Change it in the domain."},
                {"failed to find DC", "realm", "No controller of that domain answers.",
                 "This machine's name server must know the domain (/etc/resolv.conf)."},
        };
        for (size_t i = 0; i < ARRAY_SIZE(known); i++)
                if (strstr(printed, known[i].word)) {
                        failure_set(failure, FAILURE_INVALID, known[i].field, known[i].next, "%s", known[i].message);
                        return;
                }
}

const char *domain_sid_read(const char *printed, bool group, struct arena *arena)
{
        ASSERT(printed && arena);
        const size_t length = strcspn(printed, " \n");
        const char *kind = printed + length + (printed[length] == ' ');
        if (!setting_sid(printed, length) ||
            (group ? strncmp(kind, "SID_DOM_GROUP", 13) != 0 && strncmp(kind, "SID_ALIAS", 9) != 0
                   : strncmp(kind, "SID_USER", 8) != 0))
                return NULL;
        return arena_text(arena, printed, length);
}

const char *domain_machine_name(const char *host, struct arena *arena)
{
        ASSERT(host && arena);
        const size_t length = strcspn(host, ".\n");
        char *name = arena_text(arena, host, length);
        for (size_t i = 0; i < length; i++)
                name[i] = (char)toupper((unsigned char)name[i]);
        return value_is(&value_workgroup, name, length) ? name : NULL;
}

const char *entry_named(const char *const *entries, size_t count, const char *name)
{
        ASSERT((entries || count == 0) && name);
        for (size_t i = 0; i < count; i++) {
                const char *blank = strchr(entries[i], ' ');
                if (blank && strcmp(blank + 1, name) == 0)
                        return entries[i];
        }
        return NULL;
}
