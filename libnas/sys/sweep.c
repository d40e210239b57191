/* What somebody was cut off from. file_replace leaves a file under a temporary name, which may hold a secret and which
 * nothing reads: only that pattern goes, only regular files, only in folders of this process's own, and only after a
 * while, since whoever writes it may be another process of the same service.
 * Rights: every process, in its own folders; file_unmake, a hand where a tool of its makes folders. */
#include "sys/file.h"

#include "base/log.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { SUFFIX = 16 };

/* ".NAME.0123456789abcdef" */
static bool is_temporary(const char *name)
{
        size_t length = strlen(name);
        if (name[0] != '.' || length < SUFFIX + 3 || name[length - SUFFIX - 1] != '.')
                return false;
        return strspn(name + length - SUFFIX, "0123456789abcdef") == SUFFIX;
}

static bool is_left(int dir_fd, const char *name, unsigned older_s)
{
        struct stat status;
        return is_temporary(name) && fstatat(dir_fd, name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
               S_ISREG(status.st_mode) && status.st_mtime + (time_t)older_s <= time(NULL);
}

int file_sweep(int dir_fd, unsigned older_s)
{
        struct stat status;
        int swept = 0;
        if (fstat(dir_fd, &status) != 0)
                return -errno;
        if (status.st_uid != geteuid())
                return 0;
        CLEANUP(listing_closep) DIR *directory = file_list(dir_fd);
        if (!directory)
                return -errno;
        for (const struct dirent *entry; (entry = readdir(directory)) != NULL;)
                if (is_left(dir_fd, entry->d_name, older_s) && unlinkat(dir_fd, entry->d_name, 0) == 0)
                        swept++;
        return swept;
}

static bool is_of(const struct stat *status, uid_t owner)
{
        return status->st_uid == owner || status->st_uid == 0;
}

static bool is_copy(int copy, int original, const char *name, uid_t owner)
{
        struct stat here, there;
        return fstatat(copy, name, &here, AT_SYMLINK_NOFOLLOW) == 0 &&
               fstatat(original, name, &there, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(here.st_mode) &&
               S_ISREG(there.st_mode) && here.st_nlink == 1 && here.st_size <= there.st_size && is_of(&here, owner);
}

static bool is_dots(const char *name)
{
        return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

int file_unmake(const char *place, const char *name, const char *like, uid_t owner)
{
        ASSERT(place && name && like);
        CLEANUP_FD int folder = file_directory(place), original = file_directory(like);
        CLEANUP_FD int copy = file_open_below(folder, name, O_RDONLY | O_DIRECTORY, 0);
        struct stat status;
        if (copy < 0)
                return copy == -ENOENT ? 0 : copy;
        CLEANUP(listing_closep) DIR *listing = file_list(copy);
        if (!listing || fstat(copy, &status) != 0)
                return -errno;
        if (!is_of(&status, owner))
                return -ENOTEMPTY;
        for (const struct dirent *entry; (entry = readdir(listing)) != NULL;)
                if (!is_dots(entry->d_name) && !is_copy(copy, original, entry->d_name, owner))
                        return -ENOTEMPTY;
        rewinddir(listing);
        for (const struct dirent *entry; (entry = readdir(listing)) != NULL;)
                if (!is_dots(entry->d_name))
                        (void)unlinkat(copy, entry->d_name, 0);
        return unlinkat(folder, name, AT_REMOVEDIR) == 0 ? 0 : -errno;
}
