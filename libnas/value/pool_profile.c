/* The type pool_profile: how btrfs lays data out over the disks of a pool.
 * Rights: every process; none needed. */
#include "value/shape.h"
#include "value/types.h"

static bool check(const char *text, size_t length)
{
        static const char *const words[] = {"single", "dup",   "raid1", "raid1c3", "raid1c4",
                                            "raid10", "raid5", "raid6", NULL};
        return shape_is_one_of(text, length, words);
}

const struct value_type value_pool_profile = {
        .name = "pool_profile",
        .says = "single, dup, raid1, raid1c3, raid1c4, raid10, raid5 or raid6",
        .pattern = "^(single|dup|raid1|raid1c3|raid1c4|raid10|raid5|raid6)$",
        .example = "raid1",
        .max_bytes = 8,
        .check = check,
};
