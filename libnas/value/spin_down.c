/* The type spin_down: after how long without use a disk stops, as ATA has it: 0 never, 1 to 240 in steps of five
 * seconds, 241 to 251 in steps of half an hour.
 * Rights: every process; none needed. */
#include "value/shape.h"
#include "value/types.h"

static bool check(const char *text, size_t length)
{
        return shape_number(text, length, 0, 251);
}

const struct value_type value_spin_down = {
        .name = "spin_down",
        .says = "0 to 251",
        .pattern = "^(0|[1-9][0-9]?|1[0-9]{2}|2[0-4][0-9]|25[01])$",
        .example = "240",
        .max_bytes = 3,
        .check = check,
};
