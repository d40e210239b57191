/* The type disk_path: a whole disk as a path in /dev/disk/by-id, for tools.
 * Rights: every process; none needed. */
#include "value/shape.h"
#include "value/types.h"

#define BY_ID "/dev/disk/by-id/"

static bool check(const char *text, size_t length)
{
        const size_t folder = sizeof(BY_ID) - 1;
        return shape_begins(text, length, BY_ID) && shape_disk(text + folder, length - folder);
}

const struct value_type value_disk_path = {
        .name = "disk_path",
        .says = "a path in /dev/disk/by-id",
        .pattern = "^/dev/disk/by-id/[A-Za-z0-9][A-Za-z0-9_.:+=@#-]{0,126}$",
        .example = "/dev/disk/by-id/ata-EXAMPLE_DISK_S1234567",
        .max_bytes = 143,
        .check = check,
};
