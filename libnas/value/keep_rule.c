/* The type keep_rule: how many of the last hours, days, weeks, months and years.
 * Rights: every process; none needed. */
#include "value/shape.h"
#include "value/types.h"

static bool check(const char *text, size_t length)
{
        size_t numbers = 0, start = 0;
        for (size_t i = 0; i <= length; i++)
                if (i == length || text[i] == ' ') {
                        if (i == start || i - start > 4 || !shape_only(text + start, i - start, SHAPE_DIGITS))
                                return false;
                        numbers++;
                        start = i + 1;
                }
        return numbers == 5;
}

const struct value_type value_keep_rule = {
        .name = "keep_rule",
        .says = "five numbers from 0 to 9999 with a blank between: hours, days, weeks, months, years",
        .pattern = "^[0-9]{1,4}( [0-9]{1,4}){4}$",
        .example = "24 7 4 12 2",
        .max_bytes = 24,
        .check = check,
};
