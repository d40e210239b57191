/* The type disk_unit: a disk whose identity can stand in the name of a unit.
 * Rights: every process; none needed. */
#include "value/shape.h"
#include "value/types.h"

static bool check(const char *text, size_t length)
{
        return shape_disk(text, length) && shape_only(text, length, SHAPE_LETTERS SHAPE_DIGITS "_.:-");
}

const struct value_type value_disk_unit = {
        .name = "disk_unit",
        .says = "a disk by its identity, without + = @ and #",
        .pattern = "^[A-Za-z0-9][A-Za-z0-9_.:-]{0,126}$",
        .example = "ata-EXAMPLE_DISK_S1234567",
        .max_bytes = 127,
        .check = check,
};
