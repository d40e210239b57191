/* The type disk: a whole disk, by what udev calls it in /dev/disk/by-id.
 * Rights: every process; none needed. */
#include "value/shape.h"
#include "value/types.h"

static bool check(const char *text, size_t length)
{
        return shape_disk(text, length);
}

const struct value_type value_disk = {
        .name = "disk",
        .says = "a disk by its identity, as the list of disks has it",
        .pattern = "^[A-Za-z0-9][A-Za-z0-9_.:+=@#-]{0,126}$",
        .example = "ata-EXAMPLE_DISK_S1234567",
        .max_bytes = 127,
        .check = check,
};
