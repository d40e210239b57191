/* The type clock_time: a time of the day.
 * Rights: every process; none needed. */
#include "value/shape.h"
#include "value/types.h"

static bool check(const char *text, size_t length)
{
        return length == 5 && text[2] == ':' && shape_only(text, 2, SHAPE_DIGITS) &&
               shape_only(text + 3, 2, SHAPE_DIGITS) && (text[0] < '2' || (text[0] == '2' && text[1] < '4')) &&
               text[3] < '6';
}

const struct value_type value_clock_time = {
        .name = "clock_time",
        .says = "a time of the day such as 02:30",
        .pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$",
        .example = "02:30",
        .max_bytes = 5,
        .check = check,
};
