/* Which snapshots a schedule keeps: of each of the last so many hours, days, weeks, months and years (as the
 * world counts them, UTC) that have any, the newest.
 * Rights: the storage hand; pure. */
#include "daemons/storage/hand/keep.h"

#include "base/log.h"

#include <stdlib.h>
#include <time.h>

enum { HOUR = 3600, DAY = 24 * HOUR, MOST = 9999, FIRST_MONDAY = 4 /* days after 1970-01-01, a Thursday */ };

bool keep_read(const char *text, struct keep *ret_keep)
{
        ASSERT(text && ret_keep);
        for (int i = 0; i < KEEP_LEVELS; i++) {
                char *end;
                unsigned long count = strtoul(text, &end, 10);
                if (*text < '0' || *text > '9' || count > MOST || *end != (i + 1 < KEEP_LEVELS ? ' ' : '\0'))
                        return false;
                ret_keep->counts[i] = (unsigned)count;
                text = end + 1;
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
