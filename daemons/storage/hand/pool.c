/* Pools: the open top folder of one, what is wanted of it, and what a new one needs.
 * Rights: the storage hand; makes the folder of snapshots, and has btrfs count space. */
#include "daemons/storage/hand/subvolume.h"

#include <btrfsutil.h>
#include <linux/btrfs.h>
#include <linux/btrfs_tree.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/statfs.h>

enum { WANTED_MAX = 4096 };

int pool_open(const struct act_context *context, struct failure *failure)
{
        const struct storage *storage = context->state;
        const char *name = act_text(context, "pool");
        struct stat above, status;
        struct statfs system;
        uint64_t subvolume = 0;
        CLEANUP_FD int fd = openat(storage->served, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0 || fstat(fd, &status) != 0 || fstat(storage->served, &above) != 0 || fstatfs(fd, &system) != 0)
                return failure_system(failure, FAILURE_FAILED, name, -errno);
        if (status.st_dev == above.st_dev || system.f_type != BTRFS_SUPER_MAGIC ||
            status.st_ino != BTRFS_FIRST_FREE_OBJECTID || btrfs_util_subvolume_id_fd(fd, &subvolume) != BTRFS_UTIL_OK ||
            subvolume != BTRFS_FS_TREE_OBJECTID)
                return failure_set(failure, FAILURE_CONFLICT, "pool", "Look at the list of pools.", "%s is not mounted",
                                   name);
        return TAKE_FD(fd);
}

/* --- what is wanted --- */

static int forget(struct act_context *context, int folder, const char *name, struct failure *failure)
{
        uint8_t *bytes = NULL;
        size_t length = 0;
        int result = file_read_below(folder, name, WANTED_MAX, &bytes, &length);
        if (result == -ENOENT)
                return 0;
        if (failure_system(failure, FAILURE_FAILED, name, result) != 0)
                return -1;
        result = act_keep(context, bytes, length, failure);
        free(bytes);
        return result == 0 ? failure_system(failure, FAILURE_FAILED, name, file_remove(folder, name)) : -1;
}

static int remember(struct act_context *context, int folder, const char *name, struct failure *failure)
{
        uint8_t *kept;
        size_t length;
        int result = act_kept(context, &kept, &length);
        if (result != 0) /* nothing kept: nothing was changed */
                return result == -ENOENT ? 0 : failure_system(failure, FAILURE_FAILED, "journal", result);
        result = file_put(folder, name, kept, length, 0644);
        free(kept);
        return failure_system(failure, FAILURE_FAILED, name, result);
}

int pool_forget(struct act_context *context, struct failure *failure)
{
        return forget(context, ((const struct storage *)context->state)->pools, act_text(context, "pool"), failure);
}

int pool_remember(struct act_context *context, struct failure *failure)
{
        return remember(context, ((const struct storage *)context->state)->pools, act_text(context, "pool"), failure);
}

int schedule_forget(struct act_context *context, struct failure *failure)
{
        return forget(context, ((const struct storage *)context->state)->schedules, act_text(context, "schedule"),
                      failure);
}

int schedule_remember(struct act_context *context, struct failure *failure)
{
        return remember(context, ((const struct storage *)context->state)->schedules, act_text(context, "schedule"),
                        failure);
}

/* --- what a new one needs --- */

/* Space is counted for each subvolume, so that usage is exact and limits can be set. */
static int count_space(int fd)
{
        struct btrfs_ioctl_quota_ctl_args args = {.cmd = BTRFS_QUOTA_CTL_ENABLE};
        return ioctl(fd, BTRFS_IOC_QUOTA_CTL, &args) == 0 || errno == EEXIST ? 0 : -errno;
}

int pool_furnish(struct act_context *context, struct failure *failure)
{
        CLEANUP_FD int fd = pool_open(context, failure);
        if (fd < 0)
                return -1;
        int result = fchmod(fd, 0755) == 0 ? count_space(fd) : -errno;
        /* Whoever knows a dataset's folder in it may go there; the list of datasets is nobody's business. */
        if (result == 0)
                result = subvolume_make(fd, SNAPSHOTS, 0711);
        return failure_system(failure, FAILURE_FAILED, act_text(context, "pool"), result);
}
