/* The type disk_kind: by which commands a disk is spoken to.
 * Rights: every process; none needed. */
#include "value/shape.h"
#include "value/types.h"

static bool check(const char *text, size_t length)
{
        return shape_is_one_of(text, length, (const char *const[]){"ata", "scsi", "nvme", NULL});
}

const struct value_type value_disk_kind = {
        .name = "disk_kind",
        .says = "ata, scsi or nvme",
        .pattern = "^(ata|scsi|nvme)$",
        .example = "ata",
        .max_bytes = 4,
        .check = check,
};
