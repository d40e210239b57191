/* A share as Samba is told of it. The lines are all there is of it: smb_read.c reads them again.
 * Rights: none; pure functions. */
#include "daemons/shares/clerk/shares.h"

#include "base/log.h"
#include "base/mem.h"
#include "value/setting.h"

#include <string.h>

struct lines {
        struct arena *arena;
        const char **list;
        size_t count;
};

static void add(struct lines *lines, const char *key, const char *value)
{
        ASSERT(lines->count < SMB_LINES_MAX);
        lines->list[lines->count++] = arena_printf(lines->arena, "%s = %s", key, value);
}

static void add_flag(struct lines *lines, const char *key, bool value)
{
        add(lines, key, value ? "yes" : "no");
}

static void add_list(struct lines *lines, const char *key, const char *between, const char *const *list, size_t count)
{
        const char *all = "";
        for (size_t i = 0; i < count; i++)
                all = arena_printf(lines->arena, "%s%s%s", all, i > 0 ? between : "", list[i]);
        if (count > 0)
                add(lines, key, all);
}

/* Who is of the domain stands there by number, so that Samba has nobody to ask when somebody else comes. */
static void add_people(struct lines *lines, const smb_share *share, const char *key, const char *const *list,
                       size_t count)
{
        const char **numbers = arena_array(lines->arena, count + 1, sizeof(*numbers));
        for (size_t i = 0; i < count; i++) {
                const char *sid = entry_named(share->sids, share->sids_count, list[i]);
                numbers[i] = sid ? arena_text(lines->arena, sid, strcspn(sid, " ")) : list[i];
        }
        add_list(lines, key, ", ", numbers, count);
}

static void add_number(struct lines *lines, const char *key, int64_t number, const char *unit)
{
        if (number > 0)
                add(lines, key, arena_printf(lines->arena, "%lld%s", (long long)number, unit));
}

/* What macOS expects beyond what Windows does; one that is backed up into needs it too. */
static void add_macos(struct lines *lines, const smb_share *share)
{
        static const char *const on[] = {"fruit:posix_rename", "fruit:wipe_intentionally_left_blank_rfork",
                                         "fruit:delete_empty_adfiles"};
        add(lines, "fruit:metadata", "stream");
        /* What Windows cannot have in a name is in it as it is, for those who come by another way, too. */
        add(lines, "fruit:encoding", "native");
        for (size_t i = 0; i < ARRAY_SIZE(on); i++)
                add_flag(lines, on[i], true);
        add_flag(lines, "fruit:veto_appledouble", false);
        add_flag(lines, "fruit:nfs_aces", false);
        if (share->time_machine)
                add_flag(lines, "fruit:time machine", true);
        if (share->time_machine)
                add_number(lines, "fruit:time machine max size", share->time_machine_max, "G");
}

/* The folder of the snapshots of a dataset, as the storage daemon lays them out. */
static const char *snapshots_of(const char *dataset, struct arena *arena)
{
        const char *inner = strchr(dataset + strlen("/srv/"), '/');
        ASSERT(inner); /* a whole pool is none */
        char *name = arena_text(arena, inner + 1, strlen(inner + 1));
        for (char *at = name; *at; at++)
                if (*at == '/')
                        *at = ':';
        return arena_printf(arena, "%.*s/.snapshots/%s", (int)(inner - dataset), dataset, name);
}

static void add_snapshots(struct lines *lines, const char *dataset)
{
        const char *zfs = strstr(dataset, ZFS_SNAPSHOTS);
        add(lines, "shadow:snapdir", zfs ? dataset : snapshots_of(dataset, lines->arena));
        add(lines, "shadow:basedir", zfs ? arena_text(lines->arena, dataset, (size_t)(zfs - dataset)) : dataset);
        add(lines, "shadow:delimiter", "_GMT");
        add(lines, "shadow:format", "_GMT-%Y.%m.%d-%H.%M.%S");
        add(lines, "shadow:snapprefix", "^[A-Za-z0-9_.-]*$");
        add(lines, "shadow:sort", "desc");
        add(lines, "shadow:localtime", "no");
}

static void add_modules(struct lines *lines, const smb_share *share, const char *dataset)
{
        const bool macos = share->macos || share->time_machine;
        const char *const modules[] = {share->audit ? "full_audit" : NULL, macos ? "catia fruit streams_xattr" : NULL,
                                       share->recycle_bin ? "recycle" : NULL,
                                       share->previous_versions ? "shadow_copy2" : NULL};
        const char *wanted[ARRAY_SIZE(modules)];
        size_t count = 0;
        for (size_t i = 0; i < ARRAY_SIZE(modules); i++)
                if (modules[i])
                        wanted[count++] = modules[i];
        add_list(lines, "vfs objects", " ", wanted, count);
        if (macos)
                add_macos(lines, share);
        if (share->recycle_bin) {
                add(lines, "recycle:repository", ".recycle/%u");
                add_flag(lines, "recycle:keeptree", true);
                add_flag(lines, "recycle:versions", true);
                add_flag(lines, "recycle:touch_mtime", true);
                /* Everybody makes a bin of their own in it, into which nobody else looks. */
                add(lines, "recycle:directory_mode", "1777");
                add(lines, "recycle:subdir_mode", "0700");
                add_number(lines, "bulkhead:recycle days", share->recycle_days, "");
                add_number(lines, "bulkhead:recycle max", share->recycle_max, "G");
        }
        if (share->previous_versions && dataset)
                add_snapshots(lines, dataset);
        if (share->audit) {
                add(lines, "full_audit:prefix", "%u|%I|%S");
                add(lines, "full_audit:success", "connect disconnect create_file mkdirat renameat unlinkat");
                add(lines, "full_audit:failure", "connect create_file mkdirat openat renameat unlinkat");
                add(lines, "full_audit:facility", "local5");
                add(lines, "full_audit:priority", "info");
        }
}

size_t smb_lines(const smb_share *share, const char *dataset, struct arena *arena, const char *ret_lines[SMB_LINES_MAX])
{
        ASSERT(share && arena && ret_lines);
        struct lines lines = {.arena = arena, .list = ret_lines};
        add(&lines, "path", arena_printf(arena, "%s%s", share->path, share->homes ? SETTING_OWN_FOLDER : ""));
        if (*share->description)
                add(&lines, "comment", share->description);
        add_flag(&lines, "available", share->enabled);
        add_flag(&lines, "read only", share->read_only);
        add_flag(&lines, "guest ok", share->guest_ok);
        add_flag(&lines, "browseable", !share->hidden);
        add_people(&lines, share, "valid users", share->valid_users, share->valid_users_count);
        add_people(&lines, share, "read list", share->read_list, share->read_list_count);
        add_people(&lines, share, "write list", share->write_list, share->write_list_count);
        add_list(&lines, "bulkhead:sids", "; ", share->sids, share->sids_count);
        add_list(&lines, "hosts allow", " ", share->hosts_allow, share->hosts_allow_count);
        add_list(&lines, "hosts deny", " ", share->hosts_deny, share->hosts_deny_count);
        add_number(&lines, "max connections", share->max_connections, "");
        if (share->encryption != NAS_SHARES_SMB_ENCRYPTION_DEFAULT)
                add(&lines, "smb encrypt", nas_shares_smb_encryption_word(share->encryption));
        if (share->case_sensitive)
                add_flag(&lines, "case sensitive", true);
        add_modules(&lines, share, dataset);
        return lines.count;
}

size_t smb_server_lines(const struct nas_shares_smb_server *server, struct arena *arena,
                        const char *ret_lines[SMB_LINES_MAX])
{
        ASSERT(server && arena && ret_lines);
        static const char *const protocols[] = {[NAS_SHARES_SMB_PROTOCOL_SMB2] = "SMB2_10",
                                                [NAS_SHARES_SMB_PROTOCOL_SMB3] = "SMB3_00",
                                                [NAS_SHARES_SMB_PROTOCOL_SMB3_11] = "SMB3_11"};
        struct lines lines = {.arena = arena, .list = ret_lines};
        add(&lines, "workgroup", server->workgroup);
        if (*server->description)
                add(&lines, "server string", server->description);
        add(&lines, "server min protocol", protocols[server->oldest_protocol]);
        add(&lines, "server signing", server->signing_required ? "mandatory" : "default");
        add(&lines, "smb encrypt", nas_shares_smb_encryption_word(server->encryption));
        add(&lines, "map to guest", server->guests ? "Bad User" : "Never");
        return lines.count;
}
