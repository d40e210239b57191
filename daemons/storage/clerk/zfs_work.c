/* What ZFS does to a pool, which it goes on with by itself, and what came of it.
 * Rights: the storage clerk; works on what is in memory. */
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "daemons/storage/clerk/zfs.h"

#include <string.h>

enum { S = 1000000, NEAR_US = 5 * S, ALL = 1000, LEAST_FOR_ESTIMATE = 10 };

static const struct zfs_scan *scan_of(const struct wanted *pool)
{
        static const struct zfs_scan none = {.kind = ZFS_NO_SCAN};
        const struct file_system *system = pool_is_zfs(pool) ? pool_system(pool) : NULL;
        return system && system->zfs ? &system->zfs->scan : &none;
}

const char *zfs_does(const struct wanted *pool)
{
        ASSERT(pool);
        const struct zfs_scan *scan = scan_of(pool);
        if (!scan->runs)
                return NULL;
        return scan->kind == ZFS_SCRUB ? "scrub" : "replace";
}

void zfs_work(const struct wanted *pool, struct arena *arena, struct nas_storage_work *work)
{
        ASSERT(pool && arena && work);
        const struct zfs_scan *scan = scan_of(pool);
        const int64_t now_us = clock_real_us(), gone_us = now_us - scan->started_us;
        if (!scan->runs)
                return;
        work->has_percent = scan->permille >= 0;
        work->percent = scan->permille / 10;
        work->started = scan->started_us > 0 ? moment(arena, scan->started_us) : NULL;
        if (scan->left_s >= 0)
                work->estimate = moment(arena, now_us + scan->left_s * S);
        else if (scan->permille >= LEAST_FOR_ESTIMATE && scan->started_us > 0 && gone_us > 0)
                work->estimate = moment(arena, scan->started_us + gone_us / scan->permille * ALL / S * S);
}

/* --- the last scrub --- */

/* One that the unit did not see end, or that somebody began in another way. */
static bool is_newer(const struct zfs_scan *scan, const struct work_log *log)
{
        return scan->kind == ZFS_SCRUB && !scan->runs && scan->ended_us > 0 &&
               (!log || log->cut || log->ended_us == 0 || scan->ended_us > log->ended_us + NEAR_US);
}

static enum nas_storage_work_outcome outcome_of(const struct work_log *log)
{
        if (log->ended_us == 0 || log->cut)
                return NAS_STORAGE_WORK_OUTCOME_INTERRUPTED;
        if (log->stopped)
                return NAS_STORAGE_WORK_OUTCOME_STOPPED;
        return log->finished ? NAS_STORAGE_WORK_OUTCOME_FINISHED : NAS_STORAGE_WORK_OUTCOME_FAILED;
}

bool zfs_scrubbed(const struct wanted *pool, const struct work_log *log, struct arena *arena,
                  struct nas_storage_past_work *ret_past)
{
        ASSERT(pool && arena && ret_past);
        const struct zfs_scan *scan = scan_of(pool);
        if (is_newer(scan, log)) {
                *ret_past = (struct nas_storage_past_work){
                        .kind = NAS_STORAGE_WORK_KIND_SCRUB,
                        .outcome = scan->stopped ? NAS_STORAGE_WORK_OUTCOME_STOPPED : NAS_STORAGE_WORK_OUTCOME_FINISHED,
                        .started = scan->started_us > 0 ? moment(arena, scan->started_us) : NULL,
                        .ended = moment(arena, scan->ended_us),
                        .has_lost = !scan->stopped,
                        .lost = (int64_t)scan->lost};
                return true;
        }
        if (!log || pool_is_busy(pool))
                return false;
        *ret_past = (struct nas_storage_past_work){.kind = NAS_STORAGE_WORK_KIND_SCRUB,
                                                   .outcome = outcome_of(log),
                                                   .started = moment(arena, log->started_us),
                                                   .ended = log->ended_us && !log->cut ? moment(arena, log->ended_us)
                                                                                       : NULL,
                                                   .has_found = true,
                                                   .found = (int64_t)log->found,
                                                   .has_repaired = log->finished,
                                                   .repaired = (int64_t)log->repaired,
                                                   .has_lost = log->finished,
                                                   .lost = (int64_t)log->lost};
        if (ret_past->outcome == NAS_STORAGE_WORK_OUTCOME_FAILED && log->message)
                ret_past->message = arena_text(arena, log->message, strlen(log->message));
        return true;
}
