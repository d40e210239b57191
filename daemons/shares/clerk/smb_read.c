/* A share as its file says it: the lines of smb_lines.c, read again.
 * Rights: none; pure functions. */
#include "daemons/shares/clerk/shares.h"

#include "base/log.h"
#include "base/mem.h"
#include "value/setting.h"
#include "value/types.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LIST_MAX = 256, SIDS_MAX = 3 * LIST_MAX };

smb_share smb_default(void)
{
        return (smb_share){.description = "", .enabled = true, .previous_versions = true, .macos = true};
}

static const char *const *parts(char *text, const char *between, size_t most, struct arena *arena, size_t *ret_count)
{
        const char **list = arena_array(arena, most, sizeof(*list));
        *ret_count = 0;
        for (char *part; *ret_count < most && (part = strsep(&text, between));)
                if (*part != '\0')
                        list[(*ret_count)++] = part;
        return list;
}

/* "S-1-5-21-1-2-3-1104 EXAMPLE\\Domain Users; ..." */
static void read_sids(smb_share *share, char *value, struct arena *arena)
{
        const char **list = arena_array(arena, SIDS_MAX, sizeof(*list));
        share->sids = list;
        for (char *at = value; at && share->sids_count < SIDS_MAX;) {
                char *end = strstr(at, "; ");
                if (end)
                        *end = '\0';
                if (value_is(&value_named_sid, at, strlen(at)))
                        list[share->sids_count++] = at;
                at = end ? end + 2 : NULL;
        }
}

/* People are shown by name who stand there by number. */
static void name_people(const smb_share *share, const char *const *people, size_t count)
{
        const char **list = (const char **)people; /* of parts() */
        for (size_t i = 0; i < count; i++)
                for (size_t k = 0; k < share->sids_count; k++) {
                        const size_t length = strcspn(share->sids[k], " ");
                        if (strlen(list[i]) == length && strncmp(list[i], share->sids[k], length) == 0)
                                list[i] = share->sids[k] + length + 1;
                }
}

static bool is_yes(const char *value)
{
        return strcmp(value, "yes") == 0;
}

/* The lists. False: it is none of them. */
static bool read_list(smb_share *share, const char *key, char *value, struct arena *arena)
{
        const struct {
                const char *key;
                const char *const **list;
                size_t *count;
        } lists[] = {{"valid users", &share->valid_users, &share->valid_users_count},
                     {"read list", &share->read_list, &share->read_list_count},
                     {"write list", &share->write_list, &share->write_list_count},
                     {"hosts allow", &share->hosts_allow, &share->hosts_allow_count},
                     {"hosts deny", &share->hosts_deny, &share->hosts_deny_count}};
        for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
                if (strcmp(lists[i].key, key) == 0) {
                        *lists[i].list = parts(value, ", ", LIST_MAX, arena, lists[i].count);
                        return true;
                }
        return false;
}

static bool read_flag(smb_share *share, const char *key, const char *value)
{
        const struct {
                const char *key;
                bool *flag;
        } flags[] = {{"available", &share->enabled},
                     {"read only", &share->read_only},
                     {"guest ok", &share->guest_ok},
                     {"case sensitive", &share->case_sensitive},
                     {"fruit:time machine", &share->time_machine}};
        for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
                if (strcmp(flags[i].key, key) == 0) {
                        *flags[i].flag = is_yes(value);
                        return true;
                }
        return false;
}

static void read_modules(smb_share *share, const char *value)
{
        share->audit = strstr(value, "full_audit") != NULL;
        share->macos = strstr(value, "fruit") != NULL;
        share->recycle_bin = strstr(value, "recycle") != NULL;
        share->previous_versions = strstr(value, "shadow_copy2") != NULL;
}

static void read_path(smb_share *share, char *value)
{
        const size_t folder = setting_folder_length(value, strlen(value));
        share->homes = value[folder] != '\0';
        value[folder] = '\0';
        share->path = value;
}

static void read_line(smb_share *share, const char *key, char *value, struct arena *arena)
{
        if (read_flag(share, key, value) || read_list(share, key, value, arena))
                return;
        if (strcmp(key, "path") == 0)
                read_path(share, value);
        else if (strcmp(key, "comment") == 0)
                share->description = value;
        else if (strcmp(key, "browseable") == 0)
                share->hidden = !is_yes(value);
        else if (strcmp(key, "max connections") == 0)
                share->max_connections = strtoll(value, NULL, 10);
        else if (strcmp(key, "fruit:time machine max size") == 0)
                share->time_machine_max = strtoll(value, NULL, 10);
        else if (strcmp(key, "bulkhead:sids") == 0)
                read_sids(share, value, arena);
        else if (strcmp(key, "bulkhead:recycle days") == 0)
                share->recycle_days = strtoll(value, NULL, 10);
        else if (strcmp(key, "bulkhead:recycle max") == 0)
                share->recycle_max = strtoll(value, NULL, 10);
        else if (strcmp(key, "smb encrypt") == 0)
                share->encryption = strcmp(value, "required") == 0 ? NAS_SHARES_SMB_ENCRYPTION_REQUIRED
                                                                   : NAS_SHARES_SMB_ENCRYPTION_DESIRED;
        else if (strcmp(key, "vfs objects") == 0)
                read_modules(share, value);
}

static char *split(char *line)
{
        char *is = strstr(line, " = ");
        if (!is)
                return NULL;
        *is = '\0';
        return is + strlen(" = ");
}

/* "# ID CREATED" and "[NAME]", then the lines. */
bool smb_read(char *text, struct arena *arena, smb_share *ret_share)
{
        ASSERT(text && arena && ret_share);
        smb_share share = {.description = ""};
        char *first = strsep(&text, "\n"), *name = text ? strsep(&text, "\n") : NULL, *created;
        if (!name || first[0] != '#' || name[0] != '[' || name[strlen(name) - 1] != ']')
                return false;
        share.id = strtoll(first + 1, &created, 10);
        share.created_at = created + strspn(created, " ");
        name[strlen(name) - 1] = '\0';
        share.name = name + 1;
        for (char *line; (line = strsep(&text, "\n"));) {
                line += strspn(line, "\t");
                char *value = split(line);
                if (value)
                        read_line(&share, line, value, arena);
        }
        name_people(&share, share.valid_users, share.valid_users_count);
        name_people(&share, share.read_list, share.read_list_count);
        name_people(&share, share.write_list, share.write_list_count);
        if (share.id <= 0 || !share.path || !value_is(&value_served_path, share.path, strlen(share.path)) ||
            !value_is(&value_share_name, share.name, strlen(share.name)) ||
            !value_is(&value_timestamp, share.created_at, strlen(share.created_at)))
                return false;
        *ret_share = share;
        return true;
}

struct nas_shares_smb_server smb_server_read(char *text)
{
        struct nas_shares_smb_server server = {.workgroup = "WORKGROUP",
                                               .description = "",
                                               .oldest_protocol = NAS_SHARES_SMB_PROTOCOL_SMB3,
                                               .encryption = NAS_SHARES_SMB_ENCRYPTION_DESIRED};
        for (char *line; text && (line = strsep(&text, "\n"));) {
                char *value = split(line);
                if (!value)
                        continue;
                if (strcmp(line, "workgroup") == 0)
                        server.workgroup = value;
                else if (strcmp(line, "server string") == 0)
                        server.description = value;
                else if (strcmp(line, "server min protocol") == 0)
                        server.oldest_protocol = strcmp(value, "SMB2_10") == 0   ? NAS_SHARES_SMB_PROTOCOL_SMB2
                                                 : strcmp(value, "SMB3_11") == 0 ? NAS_SHARES_SMB_PROTOCOL_SMB3_11
                                                                                 : NAS_SHARES_SMB_PROTOCOL_SMB3;
                else if (strcmp(line, "server signing") == 0)
                        server.signing_required = strcmp(value, "mandatory") == 0;
                else if (strcmp(line, "smb encrypt") == 0)
                        server.encryption = strcmp(value, "required") == 0  ? NAS_SHARES_SMB_ENCRYPTION_REQUIRED
                                            : strcmp(value, "desired") == 0 ? NAS_SHARES_SMB_ENCRYPTION_DESIRED
                                                                            : NAS_SHARES_SMB_ENCRYPTION_DEFAULT;
                else if (strcmp(line, "map to guest") == 0)
                        server.guests = strcmp(value, "Bad User") == 0;
        }
        return server;
}
