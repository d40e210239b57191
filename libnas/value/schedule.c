/* The type schedule: the name of a schedule, with which the names of its snapshots begin.
 * Rights: every process; none needed. */
#include "value/shape.h"
#include "value/types.h"
#include <string.h>

static bool check(const char *text, size_t length)
{
        return shape_only(text, length, SHAPE_LOWER SHAPE_DIGITS "-") && strchr(SHAPE_LOWER, text[0]) != NULL &&
               text[length - 1] != '-';
}

const struct value_type value_schedule = {
        .name = "schedule",
        .says = "1 to 20 small letters, digits and -, first a letter, last not -",
        .pattern = "^[a-z]([a-z0-9-]{0,18}[a-z0-9])?$",
        .example = "hourly",
        .max_bytes = 20,
        .check = check,
};
