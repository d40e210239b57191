/* What the unit that has ZFS read a pool leaves: what "zpool status" said before and after.
 * Rights: the storage clerk; pure. */
#include "base/log.h"
#include "base/mem.h"
#include "daemons/storage/clerk/machine.h"
#include "daemons/storage/clerk/work_log.h"

#include <stdlib.h>
#include <string.h>

enum { NEAR_US = 5 * 1000000 };

/* The errors that a line counts, when it is one of a disk: "\t    /dev/sdb1  ONLINE  0  0  7". */
static uint64_t errors_in(const char *line)
{
        uint64_t sum = 0;
        const size_t indent = *line == '\t' ? strspn(line + 1, " ") : 0;
        const char *at = line + 1 + indent;
        if (indent == 0 || (*at != '/' && (*at < '0' || *at > '9')))
                return 0;
        for (int word = 0; word < 2; word++) {
                at += strcspn(at, " \n");
                at += strspn(at, " ");
        }
        for (int count = 0; count < 3; count++) {
                char *end;
                sum += strtoull(at, &end, 10);
                at = end;
        }
        return sum;
}

void zfs_log_take(const char *text, struct work_log *log)
{
        ASSERT(text && log);
        static const char told[] = "  scan: ";
        uint64_t before = 0, after = 0;
        unsigned times = 0;
        struct zfs_scan scan = {.kind = ZFS_NO_SCAN};
        for (const char *line = text; line; line = strchr(line, '\n'), line = line ? line + 1 : NULL) {
                if (strncmp(line, "  pool: ", 8) == 0) {
                        times++;
                        after = 0;
                } else if (times > 0 && strncmp(line, told, strlen(told)) == 0) {
                        scan = zfs_scan_read(line + strlen(told));
                } else if (times == 1) {
                        before += errors_in(line);
                } else if (times > 1) {
                        after += errors_in(line);
                }
        }
        log->zfs = times > 0;
        if (!log->zfs)
                return;
        const bool this = scan.kind == ZFS_SCRUB && scan.ended_us >= log->started_us - NEAR_US && times > 1;
        log->finished = log->ended_us > 0 && this && !scan.runs && !scan.stopped;
        log->stopped = log->ended_us > 0 && this && scan.stopped;
        log->cut = log->ended_us > 0 && scan.kind == ZFS_SCRUB && scan.runs;
        log->found = after > before ? after - before : 0;
        log->lost = log->finished ? scan.lost : 0;
        log->repaired = log->found > log->lost ? log->found - log->lost : 0;
}
