/* Pools: the open top folder of one, and what a new one needs.
 * Rights: the storage hand; makes the folder of snapshots, and has btrfs count space. */
#include "daemons/storage/hand/subvolume.h"

#include <btrfsutil.h>
#include <linux/btrfs.h>
#include <linux/btrfs_tree.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/statfs.h>

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
        if (status.st_dev == above.st_dev ||
            (!file_is_zfs_top(fd) &&
             (system.f_type != BTRFS_SUPER_MAGIC || status.st_ino != BTRFS_FIRST_FREE_OBJECTID ||
              btrfs_util_subvolume_id_fd(fd, &subvolume) != BTRFS_UTIL_OK || subvolume != BTRFS_FS_TREE_OBJECTID)))
                return failure_set(failure, FAILURE_CONFLICT, "pool", "Look at the list of pools.", "%s is not mounted",
                                   name);
        return TAKE_FD(fd);
}

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
