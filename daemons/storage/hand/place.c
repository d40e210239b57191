/* The folder that a pool is mounted at. It is made immutable before anything is mounted there, so that nothing is ever
 * written to the system's disk while the pool is away.
 * Rights: the storage hand; makes and removes empty folders in /srv. */
#include "daemons/storage/hand/storage.h"

#include <linux/fs.h>
#include <sys/ioctl.h>

/* Is something mounted there? It is on another device then. */
static bool is_covered(const struct storage *storage, const struct stat *place)
{
        struct stat above;
        return fstat(storage->served, &above) != 0 || above.st_dev != place->st_dev;
}

/* The folder itself, not what is mounted on it. A descriptor or -errno. */
static int open_place(const struct storage *storage, const char *name)
{
        struct stat status;
        CLEANUP_FD int fd = openat(storage->served, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0 || fstat(fd, &status) != 0)
                return -errno;
        if (is_covered(storage, &status))
                return -EBUSY;
        return TAKE_FD(fd);
}

int folder_flag(int fd, int flag, bool set)
{
        int flags = 0;
        if (ioctl(fd, FS_IOC_GETFLAGS, &flags) != 0)
                return -errno;
        flags = set ? flags | flag : flags & ~flag;
        return ioctl(fd, FS_IOC_SETFLAGS, &flags) == 0 ? 0 : -errno;
}

/* A file system without this flag has modes: nobody but root can write there then. */
static void set_immutable(int fd, bool immutable)
{
        int result = folder_flag(fd, FS_IMMUTABLE_FL, immutable);
        if (result != 0 && result != -ENOTTY)
                log_warn("a mount point cannot be made immutable: %s", strerror(-result));
}

int place_is_free(struct act_context *context, struct failure *failure)
{
        const struct storage *storage = context->state;
        CLEANUP_FD int fd = open_place(storage, act_text(context, "pool"));
        if (fd == -ENOENT || (fd >= 0 && context->undoing))
                return 0;
        if (fd >= 0 && unlinkat(storage->served, act_text(context, "pool"), AT_REMOVEDIR) == 0)
                return 0; /* an empty one that was in the way is as good as none */
        return failure_set(failure, FAILURE_CONFLICT, "name", "Choose another name.", SERVED "/%s is there already",
                           act_text(context, "pool"));
}

int place_make(struct act_context *context, struct failure *failure)
{
        const struct storage *storage = context->state;
        if (mkdirat(storage->served, act_text(context, "pool"), 0500) != 0 && errno != EEXIST)
                return failure_system(failure, FAILURE_FAILED, SERVED, -errno);
        CLEANUP_FD int fd = open_place(storage, act_text(context, "pool"));
        if (fd == -EBUSY && context->undoing)
                return 0;
        if (failure_system(failure, FAILURE_FAILED, act_text(context, "pool"), fd) != 0)
                return -1;
        set_immutable(fd, true);
        return failure_system(failure, FAILURE_FAILED, SERVED, fsync(storage->served) == 0 ? 0 : -errno);
}

int place_remove(struct act_context *context, struct failure *failure)
{
        const struct storage *storage = context->state;
        CLEANUP_FD int fd = open_place(storage, act_text(context, "pool"));
        if (fd == -ENOENT)
                return 0;
        if (failure_system(failure, FAILURE_CONFLICT, act_text(context, "pool"), fd) != 0)
                return -1;
        set_immutable(fd, false);
        int result = unlinkat(storage->served, act_text(context, "pool"), AT_REMOVEDIR) == 0 ? 0 : -errno;
        if (result != 0)
                set_immutable(fd, true); /* somebody has put something into it: it stays, closed */
        return failure_system(failure, FAILURE_FAILED, act_text(context, "pool"), result);
}
