/* The type zfs_compression: how what is written to a dataset of ZFS's is compressed.
 * Rights: every process; none needed. */
#include "value/shape.h"
#include "value/types.h"

static bool check(const char *text, size_t length)
{
        static const char *const words[] = {"zstd", "lz4", "none", "inherit", NULL};
        return shape_is_one_of(text, length, words);
}

const struct value_type value_zfs_compression = {
        .name = "zfs_compression",
        .says = "zstd, lz4, none, or inherit: as what it lies in",
        .pattern = "^(zstd|lz4|none|inherit)$",
        .example = "lz4",
        .max_bytes = 7,
        .check = check,
};
