/* When a schedule is due: when the hour, day, week or month began that now lies in.
 * Rights: the storage clerk; pure but for the time zone. */
#include "daemons/storage/clerk/schedules.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

int64_t schedule_begin(const char *every, const char *at, int64_t now)
{
        struct tm parts;
        time_t seconds = (time_t)now;
        if (!localtime_r(&seconds, &parts))
                return 0;
        parts.tm_sec = 0;
        parts.tm_min = (int)strtol(at + 3, NULL, 10);
        parts.tm_isdst = -1;
        bool hours = strcmp(every, "hour") == 0;
        if (!hours)
                parts.tm_hour = (int)strtol(at, NULL, 10);
        if (strcmp(every, "week") == 0)
                parts.tm_mday -= (parts.tm_wday + 6) % 7; /* Monday */
        if (strcmp(every, "month") == 0)
                parts.tm_mday = 1;
        struct tm before = parts;
        int64_t begin = (int64_t)mktime(&parts);
        if (begin <= now)
                return begin;
        before.tm_hour -= hours;
        before.tm_mday -= strcmp(every, "day") == 0 ? 1 : strcmp(every, "week") == 0 ? 7 : 0;
        before.tm_mon -= strcmp(every, "month") == 0;
        return (int64_t)mktime(&before);
}
