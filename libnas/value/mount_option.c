/* The type mount_option: how a pool is mounted.
 * Rights: every process; none needed. */
#include "value/shape.h"
#include "value/types.h"

static bool check(const char *text, size_t length)
{
        static const char *const words[] = {"degraded", "noatime", "compress=zstd", "compress=lzo", "usrquota",
                                            "grpquota", NULL};
        return shape_is_one_of(text, length, words);
}

const struct value_type value_mount_option = {
        .name = "mount_option",
        .says = "degraded, noatime, compress=zstd, compress=lzo, usrquota or grpquota",
        .pattern = "^(degraded|noatime|compress=zstd|compress=lzo|usrquota|grpquota)$",
        .example = "noatime",
        .max_bytes = 13,
        .check = check,
};
