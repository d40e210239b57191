/* A mounted file system is told to take all the room there is. It asks the kernel, and reads nothing of any disk.
 * Rights: CAP_SYS_ADMIN for btrfs and XFS, CAP_SYS_RESOURCE for ext4. */
#include "base/arena.h"
#include "base/log.h"
#include "base/mem.h"
#include "sys/file.h"
#include "systemd/pool-work/work.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/btrfs.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

/* As the kernel has them for everybody; its headers for programs have not. */
#define EXT4_RESIZE _IOW('f', 16, uint64_t)
#define XFS_MAGIC   0x58465342
struct xfs_geometry {
        uint32_t block_size, extent_size, group_blocks, groups, log_blocks, sector_size, inode_size, inode_percent;
        uint64_t blocks, realtime_blocks, realtime_extents, log_begin;
        uint8_t uuid[16];
        uint32_t stripe_unit, stripe_width;
        int32_t version;
        uint32_t flags, log_sector_size, realtime_sector_size, folder_block_size;
};
struct xfs_growth {
        uint64_t blocks;
        uint32_t inode_percent;
};
#define XFS_LOOK _IOR('X', 100, struct xfs_geometry)
#define XFS_GROW _IOW('X', 110, struct xfs_growth)
enum { SECTOR = 512, NUMBER_MAX = 32 };

/* In bytes; 0: not known. */
static uint64_t size_below(int folder)
{
        struct stat status;
        if (fstat(folder, &status) != 0)
                return 0;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        CLEANUP_FD int device =
                open(arena_printf(arena, "/sys/dev/block/%u:%u", major(status.st_dev), minor(status.st_dev)),
                     O_PATH | O_DIRECTORY | O_CLOEXEC);
        const char *sectors = device >= 0 ? file_text_below(device, "size", NUMBER_MAX, arena) : NULL;
        return sectors ? strtoull(sectors, NULL, 10) * SECTOR : 0;
}

static int grow_ext4(int folder, uint64_t block_size)
{
        uint64_t blocks = size_below(folder) / block_size;
        if (blocks == 0)
                return -ENODEV;
        return ioctl(folder, EXT4_RESIZE, &blocks) == 0 ? 0 : -errno;
}

static int grow_xfs(int folder)
{
        struct xfs_geometry now;
        if (ioctl(folder, XFS_LOOK, &now) != 0)
                return -errno;
        const uint64_t size = size_below(folder);
        struct xfs_growth growth = {.blocks = size / now.block_size, .inode_percent = now.inode_percent};
        if (size == 0)
                return -ENODEV;
        if (growth.blocks <= now.blocks)
                return 0;
        return ioctl(folder, XFS_GROW, &growth) == 0 ? 0 : -errno;
}

/* On each of its disks; one that is missing stays as it is. */
static int grow_btrfs(int folder)
{
        struct btrfs_ioctl_fs_info_args all;
        int result = ioctl(folder, BTRFS_IOC_FS_INFO, &all) == 0 ? 0 : -errno;
        for (uint64_t number = 1; result == 0 && number <= all.max_id; number++) {
                struct btrfs_ioctl_dev_info_args one = {.devid = number};
                struct btrfs_ioctl_vol_args growth = {.fd = 0};
                if (ioctl(folder, BTRFS_IOC_DEV_INFO, &one) != 0 || one.path[0] == '\0')
                        continue;
                snprintf(growth.name, sizeof(growth.name), "%llu:max", (unsigned long long)number);
                result = ioctl(folder, BTRFS_IOC_RESIZE, &growth) == 0 ? 0 : -errno;
        }
        return result;
}

int system_grow(int folder)
{
        struct statfs status;
        ASSERT(folder >= 0);
        if (fstatfs(folder, &status) != 0)
                return -errno;
        switch ((unsigned)status.f_type) {
        case BTRFS_SUPER_MAGIC:
                return grow_btrfs(folder);
        case EXT4_SUPER_MAGIC:
                return grow_ext4(folder, (uint64_t)status.f_bsize);
        case XFS_MAGIC:
                return grow_xfs(folder);
        default:
                return -ENOTSUP;
        }
}
