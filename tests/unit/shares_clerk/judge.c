/* The judge of what hostile values come down to.
 * Rights: none; pure functions but for the keys that it has learned. */
#include "tests/unit/shares_clerk/judge.h"

#include "base/log.h"
#include "base/mem.h"
#include "policy/shares_operations.h"

#include <regex.h>
#include <string.h>

enum { KEYS_MAX = 256, KEY_SIZE = 96 };

/* --- what may stand in a line of each kind of file --- */

#define STAMP "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z"
#define PLAIN "[^[:cntrl:]%\\]"
#define SID   "S-1-[0-9-]+ @?[A-Za-z0-9_-]+\\\\[^[:cntrl:]%\\;]+"
#define NFS_CLIENT                                                                                                     \
        "\tCLIENT \\{ Clients = [A-Za-z0-9@*?_.:/-]+; Access_Type = (RW|RO); Squash = [A-Za-z_]+; "                    \
        "Anonymous_Uid = [0-9]+; Anonymous_Gid = [0-9]+; SecType = [a-z0-9, ]+; \\}"
static struct grammar {
        const char *folder;
        bool keys; /* a line says what it is before " = ", "=" or a blank, and no two that may differ are the same */
        const char *lines;
        regex_t read;
} grammars[] = {{"/etc/bulkhead/smb/",
                 true,
                 "# [0-9]+ " STAMP "|\\[[^][[:cntrl:]%\\]+\\]"
                 "|\t(path = " PLAIN "+(/%u)?|recycle:repository = \\.recycle/%u|full_audit:prefix = %u\\|%I\\|%S"
                 "|shadow:format = _GMT-%Y\\.%m\\.%d-%H\\.%M\\.%S|bulkhead:sids = " SID "(; " SID ")*"
                 "|[a-z][a-z_: ]* = " PLAIN "+)",
                 {0}},
                {"/etc/bulkhead/services/smb.conf", true, "[a-z][a-z ]* = " PLAIN "+", {0}},
                {"/etc/bulkhead/services/domain.conf",
                 true,
                 "[a-z][a-z ]*( [A-Z0-9_-]+ : [a-z]+)? = [A-Za-z0-9./_-]+|valid users = [A-Z0-9-]+\\\\%U",
                 {0}},
                {"/etc/bulkhead/services/audit.conf",
                 true,
                 "\\[Journal\\]|SplitMode=none|MaxRetentionSec=[0-9]+day|MaxFileSec=1day|SystemMaxUse=[0-9]+M",
                 {0}},
                {"/etc/bulkhead/services/ftp.conf",
                 true,
                 "PassivePorts [0-9]+ [0-9]+|TLSRequired (on|off)|MaxInstances [0-9]+",
                 {0}},
                {"/etc/bulkhead/services/directory.conf",
                 true,
                 "LDAPURI=ldaps?://[a-z0-9.-]+(,ldaps?://[a-z0-9.-]+)*|LDAP(BASE|BINDDN)=[A-Za-z0-9=,._@ -]+",
                 {0}},
                {"/etc/bulkhead/services/directory.pem", false, "([^[:cntrl:]]|[\t\r])*", {0}},
                {"/etc/bulkhead/services/", false, "wanted", {0}},
                {"/etc/bulkhead/nfs/",
                 false,
                 "# " STAMP
                 " /srv/tank/[^[:cntrl:]\"\\]+|EXPORT \\{|\tExport_Id = [0-9]+;|\tPath = \"/run/bulkhead/nfs/[0-9]+\";"
                 "|\tPseudo = \"/[^[:cntrl:]/\"\\]+\";|" NFS_CLIENT "|\tFSAL \\{ Name = VFS; \\}|\\}",
                 {0}},
                {"/etc/bulkhead/transfers/",
                 false,
                 "# [0-9]+ " STAMP "|path = /srv/tank(/[^[:cntrl:]/]+)*|(enabled|read only) = (yes|no)"
                 "|protocol = (ftp|sftp|webdav|rsync)|user = ([0-9]+ )?@?[a-z_][a-z0-9_-]*(@directory)?",
                 {0}},
                {"/run/bulkhead-shares-hand/join", true, "username = [A-Za-z0-9._-]+|password = [^[:cntrl:]]+", {0}},
                {"/var/lib/bulkhead-shares-hand/directory", false, "[^[:cntrl:]]+", {0}}};
static regex_t unit_name;

static void prepare(void)
{
        static bool done;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        for (size_t i = 0; !done && i < ARRAY_SIZE(grammars); i++)
                ASSERT(regcomp(&grammars[i].read, arena_printf(arena, "^(%s)$", grammars[i].lines),
                               REG_EXTENDED | REG_NOSUB) == 0);
        ASSERT(done || regcomp(&unit_name, "^[a-z0-9][A-Za-z0-9@:_.-]*\\.[a-z]+$", REG_EXTENDED | REG_NOSUB) == 0);
        done = true;
}

static struct grammar *grammar_of(const char *path)
{
        for (size_t i = 0; i < ARRAY_SIZE(grammars); i++)
                if (strncmp(path, grammars[i].folder, strlen(grammars[i].folder)) == 0)
                        return &grammars[i];
        return NULL;
}

/* --- the keys that lines have --- */

static char keys[KEYS_MAX][KEY_SIZE];
static size_t key_count;

static const char *key_of(const struct grammar *grammar, const char *line, struct arena *arena)
{
        size_t length = strcspn(line, strchr(line, '=') ? "=" : " ");
        if (*line == '#' || *line == '[')
                length = 1;
        else if (length > 0 && line[length - 1] == ' ')
                length--;
        return arena_printf(arena, "%s %.*s", grammar->folder, (int)length, line);
}

static bool is_known(const char *key)
{
        for (size_t i = 0; i < key_count; i++)
                if (strcmp(keys[i], key) == 0)
                        return true;
        return false;
}

static void learn(const char *key)
{
        ASSERT(key_count < KEYS_MAX && strlen(key) < KEY_SIZE);
        if (!is_known(key))
                memcpy(keys[key_count++], key, strlen(key) + 1);
}

/* --- a file --- */

/* As many as its template has, with that of the last parameter once for each of its values. */
static size_t lines_due(const struct operation *operation, const struct action *action, struct arena *arena)
{
        struct param param = {0};
        size_t rest = 0, due = 0;
        char *template = arena_text(arena, operation->lines, strlen(operation->lines));
        while (operation_param(operation, rest, &param) && !param.rest)
                rest++;
        const char *many = param.rest ? arena_printf(arena, "{%.*s}", (int)param.name_length, param.name) : "{{}";
        for (char *line; (line = strsep(&template, "\n"));)
                due += strstr(line, many) ? action->count - rest : 1;
        return due;
}

static const char *judge_line(struct grammar *grammar, const char *line, const char *before, bool learns,
                              struct arena *arena)
{
        if (regexec(&grammar->read, line, 0, NULL, 0) != 0)
                return arena_printf(arena, "%s: no line of it: %s", grammar->folder, line);
        const char *key = grammar->keys ? key_of(grammar, line, arena) : "";
        if (grammar->keys && learns)
                learn(key);
        if (grammar->keys && !is_known(key))
                return arena_printf(arena, "%s: a key that nobody asked for: %s", grammar->folder, line);
        return grammar->keys && strstr(before, arena_printf(arena, "\n%s\n", key))
                       ? arena_printf(arena, "%s: twice: %s", grammar->folder, line)
                       : NULL;
}

static const char *judge_file(const struct operation *operation, const struct action *action, bool learns,
                              struct arena *arena)
{
        const char *path = template_fill(operation->path, operation, action, false, arena), *seen = "\n", *wrong = NULL;
        struct grammar *grammar = grammar_of(path);
        const size_t folder = (size_t)(strrchr(operation->path, '/') - operation->path) + 1;
        if (!grammar || strncmp(path, operation->path, folder) != 0 || strchr(path + folder, '/') ||
            path[folder] == '.' || path[folder] == '\0')
                return arena_printf(arena, "no place for a file: %s", path);
        if (!operation->lines)
                return NULL;
        char *text = arena_printf(arena, "%s", template_lines(operation, action, false, arena));
        size_t count = 0;
        const bool counted = strcmp(path, "/etc/bulkhead/services/directory.pem") != 0;
        for (char *line; !wrong && (line = strsep(&text, "\n")); count++) {
                wrong = judge_line(grammar, line, seen, learns, arena);
                if (!wrong && grammar->keys)
                        seen = arena_printf(arena, "%s%s\n", seen, key_of(grammar, line, arena));
        }
        return wrong || !counted || count == lines_due(operation, action, arena)
                       ? wrong
                       : arena_printf(arena, "%s has %zu lines", path, count);
}

/* --- all of it --- */

const char *judge_action(const struct action *action, bool learns, struct arena *arena)
{
        const struct operation *operation = &shares_operations.list[action->operation];
        prepare();
        if (operation->act == ACT_FILE)
                return judge_file(operation, action, learns, arena);
        if (operation->act == ACT_UNIT && operation->unit) {
                const char *unit = template_fill(operation->unit, operation, action, false, arena);
                return regexec(&unit_name, unit, 0, NULL, 0) == 0 ? NULL : arena_printf(arena, "no unit: %s", unit);
        }
        if (operation->act != ACT_RUN)
                return NULL;
        const char *const *args = action_args(operation, action, false, arena);
        size_t count = 0, due = 1;
        while (operation->args[due - 1])
                due++;
        for (bool options = true; args[count]; count++) {
                const char *is = count > 0 ? operation->args[count - 1] : "";
                options = options && strcmp(is, "--") != 0;
                if (options && *is == '{' && *args[count] == '-')
                        return arena_printf(arena, "%s: an option: %s", operation->name, args[count]);
        }
        return count == due ? NULL : arena_printf(arena, "%s: %zu arguments", operation->name, count);
}

const char *judge_plan(const struct plan *plan, bool learns, struct arena *arena)
{
        struct failure failure = {0};
        size_t length;
        const uint8_t *bytes = plan_encode(plan, arena, &length);
        if (!plan_decode(arena, bytes, length, &failure))
                return arena_printf(arena, "its hand would not take it: %s", failure.message);
        for (size_t i = 0; i < plan->count; i++) {
                const char *wrong = judge_action(&plan->steps[i], learns, arena);
                if (wrong)
                        return wrong;
        }
        return NULL;
}

bool judge_has(const struct plan *plan, const char *given)
{
        for (size_t i = 0; i < plan->count; i++)
                for (size_t n = 0; n < plan->steps[i].count; n++)
                        if (strcasestr(plan->steps[i].values[n].text, given))
                                return true;
        return false;
}
