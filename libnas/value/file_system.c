/* The type file_system: what a pool is made of.
 * Rights: every process; none needed. */
#include "value/shape.h"
#include "value/types.h"

static bool check(const char *text, size_t length)
{
        static const char *const words[] = {"btrfs", "ext4", "xfs", "cephfs", "zfs", NULL};
        return shape_is_one_of(text, length, words);
}

const struct value_type value_file_system = {
        .name = "file_system",
        .says = "btrfs, ext4, xfs, cephfs or zfs",
        .pattern = "^(btrfs|ext4|xfs|cephfs|zfs)$",
        .example = "btrfs",
        .max_bytes = 6,
        .check = check,
};
