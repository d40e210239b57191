/* What ZFS tells of a scrub, or of disks that are filled: a line that says what, and two more while it goes on.
 * Rights: the storage clerk; pure. */
#include "base/log.h"
#include "base/mem.h"
#include "daemons/storage/clerk/machine.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { S = 1000000, MINUTE = 60, ALL = 1000 };

/* "Sun Nov 22 20:11:11 2026"; 0: it is none. */
static int64_t moment_of(const char *text)
{
        struct tm broken = {.tm_isdst = 0};
        return strptime(text, "%a %b %e %H:%M:%S %Y", &broken) ? (int64_t)timegm(&broken) * S : 0;
}

/* The moment behind that word. */
static int64_t moment_behind(const char *line, const char *word)
{
        const char *at = strstr(line, word);
        return at ? moment_of(at + strlen(word)) : 0;
}

/* "00:01:07", or "2 days 00:01:07"; -1: it is none. */
static int64_t seconds_of(const char *text)
{
        char *end;
        int64_t seconds = 0;
        unsigned long long number = strtoull(text, &end, 10);
        if (end != text && strncmp(end, " days ", 6) == 0) {
                seconds = (int64_t)(number % 100000) * 24;
                number = strtoull(text = end + 6, &end, 10);
        }
        for (int part = 0; part < 3; part++) {
                if (end == text || number >= 100)
                        return -1;
                seconds = (part == 0 ? seconds : seconds * MINUTE) + (int64_t)number;
                if (part < 2 && *end++ != ':')
                        return -1;
                if (part < 2)
                        number = strtoull(text = end, &end, 10);
        }
        return seconds;
}

static bool begins(const char *line, const char *with)
{
        return strncmp(line, with, strlen(with)) == 0;
}

/* "scrub repaired 0B in 00:00:01 with 0 errors on ..." */
static void take_end(const char *line, struct zfs_scan *scan)
{
        const char *in = strstr(line, " in "), *with = strstr(line, " with ");
        const int64_t took_s = in ? seconds_of(in + 4) : -1;
        scan->ended_us = moment_behind(line, " on ");
        scan->lost = with ? strtoull(with + 6, NULL, 10) : 0;
        if (scan->ended_us > 0 && took_s >= 0)
                scan->started_us = scan->ended_us - took_s * S;
}

struct zfs_scan zfs_scan_read(const char *line)
{
        ASSERT(line);
        struct zfs_scan scan = {.kind = begins(line, "scrub") ? ZFS_SCRUB : ZFS_RESILVER, .permille = -1, .left_s = -1};
        if (begins(line, "scrub repaired ") || begins(line, "resilvered ")) {
                take_end(line, &scan);
        } else if (begins(line, "scrub canceled on ") || begins(line, "resilver canceled on ")) {
                scan.stopped = true;
                scan.ended_us = moment_behind(line, " on ");
        } else if (begins(line, "scrub in progress") || begins(line, "scrub paused") ||
                   begins(line, "resilver in progress")) {
                scan.runs = true;
                scan.started_us = moment_behind(line, " in progress since ");
        } else {
                scan.kind = ZFS_NO_SCAN;
        }
        return scan;
}

/* "0B repaired, 24.41% done, 00:00:31 to go", or "scrub started on ..." of one that is paused. */
void zfs_scan_more(const char *line, struct zfs_scan *scan)
{
        ASSERT(line && scan);
        const char *done = strstr(line, "% done"), *comma = strstr(line, ", ");
        if (!scan->runs)
                return;
        if (begins(line, "scrub started on "))
                scan->started_us = moment_behind(line, " on ");
        if (!done || !comma || comma > done)
                return;
        const double percent = strtod(comma + 2, NULL);
        scan->permille = percent >= 0 && percent <= 100 ? (int)(percent * ALL / 100) : -1;
        if (strstr(done, " to go") && begins(done, "% done, "))
                scan->left_s = seconds_of(done + 8);
}
