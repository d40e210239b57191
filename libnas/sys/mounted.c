/* What is mounted on a folder, told from the folder itself, and how the kernel writes where.
 * Rights: none of its own. */
#include "base/log.h"
#include "base/mem.h"
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/vfs.h>

int file_mounted(const char *place, const char *name, int flags)
{
        ASSERT(place && name);
        struct stat above, inside;
        CLEANUP_FD int folder = file_directory(place);
        if (folder < 0)
                return folder;
        /* By itself: openat2() is not there for one who may make nothing set-user-ID. */
        CLEANUP_FD int found = openat(folder, name, flags | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (found < 0 || fstat(folder, &above) != 0 || fstat(found, &inside) != 0)
                return -errno;
        return above.st_dev == inside.st_dev ? -ENODEV : TAKE_FD(found);
}

char *file_mount_text(char *text)
{
        ASSERT(text);
        char *to = text;
        for (const char *from = text; *from;) {
                bool octal = from[0] == '\\' && from[1] >= '0' && from[1] <= '3' && from[2] >= '0' && from[2] <= '7' &&
                             from[3] >= '0' && from[3] <= '7';
                *to++ = octal ? (char)((from[1] - '0') * 64 + (from[2] - '0') * 8 + (from[3] - '0')) : *from;
                from += octal ? 4 : 1;
        }
        *to = '\0';
        return text;
}

bool file_is_zfs_top(int fd)
{
        enum { ZFS = 0x2fc12fc1, TOP = 34 }; /* what it calls itself, and the number of that folder in each */
        struct statfs system;
        struct stat status;
        return fstatfs(fd, &system) == 0 && system.f_type == ZFS && fstat(fd, &status) == 0 && status.st_ino == TOP;
}
