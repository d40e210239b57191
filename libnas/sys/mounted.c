/* What is mounted on a folder, told from the folder itself.
 * Rights: none of its own. */
#include "base/log.h"
#include "base/mem.h"
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

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
