/* The devices of a mounted pool: how far is what is done to them, and is a disk one of them?
 * Rights: the storage hand; asks btrfs, and writes what it says into the clerk's pipe without looking at it. */
#include "daemons/storage/hand/storage.h"

#include <linux/btrfs.h>
#include <linux/btrfs_tree.h>
#include <stddef.h>
#include <sys/ioctl.h>

/* The greatest number that a device of it has; there are gaps, and 0 is the one that another is being replaced by. */
static uint64_t last_number(int pool)
{
        struct btrfs_ioctl_fs_info_args info = {.max_id = 0};
        return ioctl(pool, BTRFS_IOC_FS_INFO, &info) == 0 ? info.max_id : 0;
}

/* One more item, framed as those of trees are: its kind is the number of the call that gave it. */
static int put(int output, uint32_t kind, uint64_t device, const void *bytes, uint32_t length)
{
        struct btrfs_ioctl_search_header head = {.type = kind, .offset = device, .len = length};
        int result = file_write_all(output, &head, sizeof(head));
        return result == 0 ? file_write_all(output, bytes, length) : result;
}

static int put_device(int pool, int output, uint64_t number)
{
        struct btrfs_ioctl_dev_info_args info = {.devid = number};
        struct btrfs_ioctl_scrub_args scrub = {.devid = number};
        if (ioctl(pool, BTRFS_IOC_DEV_INFO, &info) != 0)
                return 0;
        int result = put(output, _IOC_NR(BTRFS_IOC_DEV_INFO), number, &info, offsetof(typeof(info), unused));
        if (result != 0 || ioctl(pool, BTRFS_IOC_SCRUB_PROGRESS, &scrub) != 0)
                return result;
        return put(output, _IOC_NR(BTRFS_IOC_SCRUB_PROGRESS), number, &scrub.progress, sizeof(scrub.progress));
}

int work_look(struct act_context *context, struct failure *failure)
{
        CLEANUP_FD int pool = pool_open(context, failure);
        struct btrfs_ioctl_balance_args balance = {.flags = 0};
        struct btrfs_ioctl_dev_replace_args replace = {.cmd = BTRFS_IOCTL_DEV_REPLACE_CMD_STATUS};
        int result = 0;
        if (pool < 0)
                return -1;
        const uint64_t last = last_number(pool);
        for (uint64_t number = 0; result == 0 && number <= last; number++)
                result = put_device(pool, context->output_fd, number);
        if (result == 0 && ioctl(pool, BTRFS_IOC_BALANCE_PROGRESS, &balance) == 0)
                result = put(context->output_fd, _IOC_NR(BTRFS_IOC_BALANCE_PROGRESS), 0, &balance.stat,
                             sizeof(balance.stat));
        if (result == 0 && ioctl(pool, BTRFS_IOC_DEV_REPLACE, &replace) == 0)
                result = put(context->output_fd, _IOC_NR(BTRFS_IOC_DEV_REPLACE), 0, &replace.status,
                             sizeof(replace.status));
        return failure_system(failure, FAILURE_FAILED, act_text(context, "pool"), result);
}

/* Tools are given the folder of a pool: what is there must be that pool, and not the system's own disk. */
int pool_is_there(struct act_context *context, struct failure *failure)
{
        CLEANUP_FD int pool = pool_open(context, failure);
        return pool < 0 ? -1 : 0;
}

/* Empty and in nobody's use; or, after a crash, in this pool already. */
int disk_may_join(struct act_context *context, struct failure *failure)
{
        CLEANUP_FD int pool = pool_open(context, failure);
        const char *path = arena_printf(context->arena, BY_ID "%s", act_text(context, "disk"));
        struct stat disk, device;
        uint64_t size;
        if (pool < 0 || failure_system(failure, FAILURE_NOT_FOUND, path, stat(path, &disk) == 0 ? 0 : -errno) != 0)
                return -1;
        const uint64_t last = last_number(pool);
        for (uint64_t number = 1; number <= last; number++) {
                struct btrfs_ioctl_dev_info_args info = {.devid = number};
                if (ioctl(pool, BTRFS_IOC_DEV_INFO, &info) == 0 && stat((const char *)info.path, &device) == 0 &&
                    device.st_rdev == disk.st_rdev)
                        return ACT_SKIP;
        }
        return disk_look_at(path, 30, &size, failure);
}
