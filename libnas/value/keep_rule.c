/* The type keep_rule: how many of the last hours, days, weeks, months and years (as the world counts them, UTC) that
 * have any snapshots, of each the newest.
 * Rights: every process; none needed. */
#include "value/keep_rule.h"
#include "base/log.h"
#include "value/shape.h"
#include "value/types.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { HOUR = 3600, DAY = 24 * HOUR, FIRST_MONDAY = 4 /* days after 1970-01-01, a Thursday */ };

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

bool keep_read(const char *text, struct keep *ret_keep)
{
        ASSERT(text && ret_keep);
        if (strlen(text) > value_keep_rule.max_bytes || !check(text, strlen(text)))
                return false;
        for (int i = 0; i < KEEP_LEVELS; i++) {
                char *end;
                ret_keep->counts[i] = (unsigned)strtoul(text, &end, 10);
                text = end;
        }
        return true;
}

/* The number of the hour, day ... that a moment lies in. */
static int64_t bucket(enum keep_level level, int64_t at)
{
        struct tm parts;
        time_t seconds = (time_t)at;
        if (level == KEEP_HOURS)
                return at / HOUR;
        if (level == KEEP_DAYS)
                return at / DAY;
        if (level == KEEP_WEEKS)
                return (at / DAY + 7 - FIRST_MONDAY) / 7;
        if (!gmtime_r(&seconds, &parts))
                return 0;
        return level == KEEP_YEARS ? parts.tm_year : parts.tm_year * 12 + parts.tm_mon;
}

void keep_apply(const struct keep *keep, const int64_t *times, size_t count, bool *ret_kept)
{
        ASSERT(keep && ret_kept);
        for (size_t i = 0; i < count; i++)
                ret_kept[i] = i == 0;
        for (enum keep_level level = 0; level < KEEP_LEVELS; level++) {
                unsigned left = keep->counts[level];
                int64_t last = INT64_MIN;
                for (size_t i = 0; i < count && left > 0; i++) {
                        int64_t now = bucket(level, times[i]);
                        if (now == last)
                                continue;
                        last = now;
                        left--;
                        ret_kept[i] = true;
                }
        }
}
