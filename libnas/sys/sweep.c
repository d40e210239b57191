/* What file_replace leaves when it is killed: a file under a temporary name, which may hold a secret and which nothing
 * reads. Only that name's pattern, only regular files, only in folders that are this process's own, and only after a
 * while: whoever writes it may be another process of the same service.
 * Rights: every process, in its own folders. */
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
               S_ISREG(status.st_mode) && status.st_mtime + (time_t)older_s < time(NULL);
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
