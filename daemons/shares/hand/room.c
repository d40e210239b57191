/* What may keep everybody from writing to a dataset, whatever its folders say: it is read-only, its file system is
 * full, or its quota is used up.
 *
 * Rights: the shares hand; looks at folders below /srv and at what the kernel says of their file systems. */
#include "daemons/shares/hand/shares.h"

#include <inttypes.h>
#include <linux/btrfs.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/statvfs.h>

#define SYSTEMS "/sys/fs/btrfs"
enum { PATH_SIZE = 128, DIGITS_MAX = 32 };

/* 0: it is not known, or there is none. */
static uint64_t number_in(int quotas, const char *group, const char *name)
{
        char path[PATH_SIZE];
        uint8_t *bytes = NULL;
        size_t length = 0;
        snprintf(path, sizeof(path), "%s/%s", group, name);
        uint64_t value = file_read_below(quotas, path, DIGITS_MAX, &bytes, &length) == 0
                                 ? strtoull((const char *)bytes, NULL, 10)
                                 : 0;
        free(bytes);
        return value;
}

/* The folder in which the kernel says what a file system's datasets take; -1: it does not count that. */
static int quotas_of(int folder)
{
        struct btrfs_ioctl_fs_info_args info = {0};
        char digits[2 * BTRFS_FSID_SIZE + 1], path[PATH_SIZE];
        if (ioctl(folder, BTRFS_IOC_FS_INFO, &info) != 0)
                return -1;
        text_hex(info.fsid, BTRFS_FSID_SIZE, digits);
        snprintf(path, sizeof(path), SYSTEMS "/%.8s-%.4s-%.4s-%.4s-%s/qgroups", digits, digits + 8, digits + 12,
                 digits + 16, digits + 20);
        return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

uint64_t dataset_number(int folder)
{
        struct btrfs_ioctl_ino_lookup_args lookup = {.objectid = DATASET_INODE};
        return ioctl(folder, BTRFS_IOC_INO_LOOKUP, &lookup) == 0 ? lookup.treeid : 0;
}

/* Is it read-only; free bytes; bytes that it takes, and may take (0: any number). */
int room_look(struct act_context *context, struct failure *failure)
{
        struct statvfs system = {0};
        uint64_t flags = 0;
        char group[PATH_SIZE];
        CLEANUP_FD int folder = folder_open(context, act_text(context, "path"), O_RDONLY);
        if (failure_system(failure, FAILURE_CONFLICT, "path", folder < 0 ? folder : 0) != 0 ||
            failure_system(failure, FAILURE_CONFLICT, "path", fstatvfs(folder, &system) != 0 ? -errno : 0) != 0)
                return -1;
        const uint64_t number = dataset_number(folder);
        CLEANUP_FD int quotas = number > 0 ? quotas_of(folder) : -1;
        snprintf(group, sizeof(group), "0_%" PRIu64, number);
        writer_u8(context->answer,
                  ioctl(folder, BTRFS_IOC_SUBVOL_GETFLAGS, &flags) == 0 && (flags & BTRFS_SUBVOL_RDONLY) != 0);
        writer_u64(context->answer, (uint64_t)system.f_bavail * system.f_frsize);
        writer_u64(context->answer, quotas >= 0 ? number_in(quotas, group, "referenced") : 0);
        writer_u64(context->answer, quotas >= 0 ? number_in(quotas, group, "max_referenced") : 0);
        return 0;
}
