/* The type smb_setting: one line of what Samba is told of one share. Samba runs programs, follows links out of a share
 * and acts as another account when a line says so; none of these lines is here.
 * Rights: every process; none needed. */
#include "value/setting.h"
#include "value/shape.h"
#include "value/types.h"

#include <limits.h>
#include <string.h>

enum { SID_MAX = 256 };

#define LIST(...)                                                                                                      \
        (const char *const[])                                                                                          \
        {                                                                                                              \
                __VA_ARGS__, NULL                                                                                      \
        }

static bool is_path(const char *text, size_t length)
{
        return value_is(&value_served_path, text, length);
}

/* The same, or what each account has of its own in it. */
static bool is_shared(const char *text, size_t length)
{
        char folder[PATH_MAX];
        const size_t bytes = setting_folder_length(text, length);
        if (bytes >= sizeof(folder))
                return false;
        memcpy(folder, text, bytes);
        folder[bytes] = '\0';
        return value_is(&value_served_path, folder, bytes);
}

/* Of one of ZFS's in it, of others in their pool: the one folder with a dot that a share has to do with. */
static bool is_snapshots(const char *text, size_t length)
{
        static const char folder[] = "/.snapshots/";
        static const char zfs[] = "/.zfs/snapshot";
        const size_t last = strlen(zfs);
        if (length > last && memcmp(text + length - last, zfs, last) == 0)
                return value_is(&value_served_path, text, length - last);
        const char *inner = memmem(text, length, folder, strlen(folder));
        size_t head = inner ? (size_t)(inner - text) : 0, tail = head + strlen(folder);
        char pool[64];
        if (!inner || head >= sizeof(pool) || tail >= length || memchr(text + tail, '/', length - tail))
                return false;
        memcpy(pool, text, head);
        pool[head] = '\0';
        return value_is(&value_served_path, pool, head) && text[tail] != '.' &&
               setting_text(text + tail, length - tail);
}

static bool is_modules(const char *text, size_t length)
{
        static const char *const words[] = {"catia",      "fruit", "streams_xattr", "recycle", "shadow_copy2",
                                            "full_audit", NULL};
        while (length > 0) {
                const char *end = memchr(text, ' ', length);
                size_t word = end ? (size_t)(end - text) : length;
                if (!shape_is_one_of(text, word, words))
                        return false;
                if (!end)
                        return true;
                text += word + 1;
                length -= word + 1;
        }
        return false;
}

static bool is_mask(const char *text, size_t length)
{
        return length == 4 && text[0] == '0' && shape_only(text, length, "01234567");
}

/* Who those of the lists are that a domain has. */
static bool is_sids(const char *text, size_t length)
{
        while (length > 0) {
                const char *end = memmem(text, length, "; ", 2);
                char copy[SID_MAX];
                const size_t one = end ? (size_t)(end - text) : length;
                if (one >= sizeof(copy))
                        return false;
                memcpy(copy, text, one);
                copy[one] = '\0';
                if (!value_is(&value_named_sid, copy, one))
                        return false;
                if (!end)
                        return true;
                text += one + 2;
                length -= one + 2;
        }
        return false;
}

static bool is_gibibytes(const char *text, size_t length)
{
        return length > 1 && text[length - 1] == 'G' && setting_count(text, length - 1);
}

/* clang-format off */
static const struct setting table[] = {
        {"path", is_shared, NULL},
        {"comment", setting_text, NULL},
        {"available", NULL, setting_flag},
        {"read only", NULL, setting_flag},
        {"guest ok", NULL, setting_flag},
        {"guest only", NULL, setting_flag},
        {"browseable", NULL, setting_flag},
        {"valid users", setting_smb_names, NULL},
        {"read list", setting_smb_names, NULL},
        {"write list", setting_smb_names, NULL},
        {"hosts allow", setting_addresses, NULL},
        {"hosts deny", setting_addresses, NULL},
        {"max connections", setting_count, NULL},
        {"smb encrypt", NULL, LIST("default", "desired", "required")},
        {"case sensitive", NULL, LIST("auto", "yes", "no")},
        {"create mask", is_mask, NULL},
        {"directory mask", is_mask, NULL},
        {"inherit permissions", NULL, setting_flag},
        {"inherit acls", NULL, setting_flag},
        {"vfs objects", is_modules, NULL},
        {"recycle:repository", NULL, LIST(".recycle/%u")},
        {"recycle:keeptree", NULL, setting_flag},
        {"recycle:versions", NULL, setting_flag},
        {"recycle:touch_mtime", NULL, setting_flag},
        {"recycle:directory_mode", NULL, LIST("1777")},
        {"recycle:subdir_mode", NULL, LIST("0700")},
        {"bulkhead:sids", is_sids, NULL},
        {"bulkhead:recycle days", setting_count, NULL},
        {"bulkhead:recycle max", is_gibibytes, NULL},
        {"shadow:snapdir", is_snapshots, NULL},
        {"shadow:basedir", is_path, NULL},
        {"shadow:delimiter", NULL, LIST("_GMT")},
        {"shadow:format", NULL, LIST("_GMT-%Y.%m.%d-%H.%M.%S")},
        {"shadow:snapprefix", NULL, LIST("^[A-Za-z0-9_.-]*$")},
        {"shadow:sort", NULL, LIST("desc")},
        {"shadow:localtime", NULL, LIST("no")},
        {"fruit:time machine", NULL, setting_flag},
        {"fruit:time machine max size", is_gibibytes, NULL},
        {"fruit:metadata", NULL, LIST("stream")},
        {"fruit:encoding", NULL, LIST("native")},
        {"fruit:posix_rename", NULL, setting_flag},
        {"fruit:veto_appledouble", NULL, setting_flag},
        {"fruit:nfs_aces", NULL, setting_flag},
        {"fruit:wipe_intentionally_left_blank_rfork", NULL, setting_flag},
        {"fruit:delete_empty_adfiles", NULL, setting_flag},
        {"full_audit:prefix", NULL, LIST("%u|%I|%S")},
        {"full_audit:success", NULL, LIST("connect disconnect create_file mkdirat renameat unlinkat")},
        {"full_audit:failure", NULL, LIST("connect create_file mkdirat openat renameat unlinkat")},
        {"full_audit:facility", NULL, LIST("local5")},
        {"full_audit:priority", NULL, LIST("info")},
        {NULL, NULL, NULL},
};
/* clang-format on */

static bool check(const char *text, size_t length)
{
        return setting_is_one(text, length, table);
}

const struct value_type value_smb_setting = {
        .name = "smb_setting",
        .says = "one of the lines that Bulkhead writes about a share, \"key = value\"",
        .pattern = NULL,
        .example = "read only = no",
        .max_bytes = 4096,
        .check = check,
};
