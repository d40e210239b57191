/* The type period: how often.
 * Rights: every process; none needed. */
#include "value/shape.h"
#include "value/types.h"

static bool check(const char *text, size_t length)
{
        static const char *const words[] = {"hour", "day", "week", "month", NULL};
        return shape_is_one_of(text, length, words);
}

const struct value_type value_period = {
        .name = "period",
        .says = "hour, day, week or month",
        .pattern = "^(hour|day|week|month)$",
        .example = "day",
        .max_bytes = 5,
        .check = check,
};
