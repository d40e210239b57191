/* bulkhead-homes: makes the folder that each account has of its own in each share for such, when there is none. Who may
 * not use the share gets none, and what is called so already is left as it is, whatever it is.
 *
 * Rights: CAP_SETUID and CAP_SETGID, to make each folder as the account whose it is, so that it is theirs from its
 * first moment; CAP_DAC_OVERRIDE, since they may not write to the folder that all are in. Run by PID 1 for a moment.
 * What it does comes from the shares hand's typed lines, and it reaches folders of pools alone, through no link. */
#include "base/mem.h"
#include "sys/account.h"
#include "sys/file.h"
#include "value/setting.h"
#include "value/types.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

#define SHARES "/etc/bulkhead/smb"
enum { FILE_MAX = 64 * 1024, HOME_MODE = 0700 };

struct share {
        const char *path;  /* "/srv/tank/homes" */
        const char *users; /* "alice, @band"; "": all */
};

/* False: it is no share in which each has a folder. */
static bool read_share(struct arena *arena, const char *text, struct share *ret_share)
{
        size_t length = 0, users = 0;
        const char *path = setting_find(text, "path", &length), *for_whom = setting_find(text, "valid users", &users);
        const size_t folder = path ? setting_folder_length(path, length) : 0;
        if (!path || folder == length)
                return false;
        *ret_share = (struct share){.path = arena_text(arena, path, folder),
                                    .users = for_whom ? arena_text(arena, for_whom, users) : ""};
        return value_is(&value_served_path, ret_share->path, folder);
}

static bool is_for(struct arena *arena, const struct share *share, const struct accounts *accounts,
                   const struct account *account)
{
        char *rest = arena_text(arena, share->users, strlen(share->users));
        if (!account_is_bulkheads(account) || !account_enabled(accounts, account->name))
                return false;
        for (char *name; *share->users && (name = strsep(&rest, ", "));) {
                const struct account_group *group = name[0] == '@' ? accounts_group(accounts, name + 1) : NULL;
                if (strcmp(name, account->name) == 0 ||
                    (group && (group->gid == account->gid || accounts_has_member(group, account->name))))
                        return true;
        }
        return *share->users == '\0';
}

/* As that account for the file system, but for what it may not write to. */
static int make_as(const struct account *account, int folder)
{
        const uid_t own = geteuid();
        const gid_t group = getegid();
        setfsgid(account->gid);
        setfsuid(account->uid);
        const bool is_so = (uid_t)setfsuid((uid_t)-1) == account->uid && (gid_t)setfsgid((gid_t)-1) == account->gid;
        const int result = !is_so ? -EPERM : mkdirat(folder, account->name, HOME_MODE) != 0 ? -errno : 0;
        setfsuid(own);
        setfsgid(group);
        return result;
}

static bool make_one(int folder, const struct share *share, const struct account *account)
{
        struct stat status;
        int result = fstatat(folder, account->name, &status, AT_SYMLINK_NOFOLLOW) == 0 ? -EEXIST : -errno;
        if (result == -ENOENT)
                result = make_as(account, folder);
        if (result == 0)
                printf("%s/%s: made\n", share->path, account->name);
        else if (result != -EEXIST)
                fprintf(stderr, "%s/%s: %s\n", share->path, account->name, strerror(-result));
        else if (!S_ISDIR(status.st_mode) || status.st_uid != account->uid)
                fprintf(stderr, "%s/%s is not of that account, and stays as it is\n", share->path, account->name);
        return result == 0 || result == -EEXIST;
}

static bool make_all(struct arena *arena, int served, const struct share *share, const struct accounts *accounts)
{
        bool good = true;
        CLEANUP_FD int folder = file_open_below(served, share->path + strlen("/srv/"), O_RDONLY | O_DIRECTORY, 0);
        for (size_t i = 0; folder >= 0 && i < accounts->count; i++) /* else its pool is away */
                if (is_for(arena, share, accounts, &accounts->list[i]))
                        good = make_one(folder, share, &accounts->list[i]) && good;
        return good;
}

int main(void)
{
        struct accounts accounts;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        CLEANUP_FD int served = file_directory("/srv");
        CLEANUP_FD int shares = file_directory(SHARES);
        CLEANUP(listing_closep) DIR *listing = shares >= 0 ? file_list(shares) : NULL;
        bool good = true;
        if (served < 0 || !listing || accounts_read(arena, &accounts) != 0) {
                fprintf(stderr, "the shares or the accounts cannot be read\n");
                return EXIT_FAILURE;
        }
        umask(0077);
        for (struct dirent *entry; (entry = readdir(listing));) {
                uint8_t *bytes = NULL;
                size_t length = 0;
                struct share share;
                if (entry->d_name[0] != '.' && file_read_below(shares, entry->d_name, FILE_MAX, &bytes, &length) == 0 &&
                    read_share(arena, (const char *)bytes, &share))
                        good = make_all(arena, served, &share, &accounts) && good;
                free(bytes);
        }
        return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
