/* Pools that are read whole by themselves: the hand keeps the order, PID 1 has the clock and begins it. Here it is said
 * when that is, and whether it was.
 * Rights: the storage clerk; reads the hand's files of orders; plans, its hand acts. */
#include "daemons/storage/clerk/arrays.h"
#include "daemons/storage/clerk/schedules.h"
#include "daemons/storage/clerk/storage.h"

#include "base/clock.h"
#include "base/log.h"
#include "value/types.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#define FOLDER "/etc/bulkhead/scrubs"
enum { LATE_S = 15 * 60 };

static int folder = -1;

int scrubs_prepare(void)
{
        folder = open(FOLDER, O_PATH | O_DIRECTORY | O_CLOEXEC);
        return folder >= 0 ? 0 : -errno;
}

static bool is(const struct value_type *type, const char *text)
{
        return value_is(type, text, strlen(text));
}

bool scrub_ordered(const char *pool)
{
        struct stat status;
        return fstatat(folder, pool, &status, AT_SYMLINK_NOFOLLOW) == 0;
}

/* "month 02:30", and "array" or "zfs" behind it. Since when it is known nobody says but the file. */
bool scrub_schedule(const struct wanted *pool, struct arena *arena, struct nas_storage_scrub_schedule *ret_schedule)
{
        ASSERT(pool && arena && ret_schedule);
        struct stat status;
        struct nas_storage_past_work last;
        const int64_t now = clock_real_s();
        char *every = (char *)machine_text(folder, pool->name, arena), *at = every ? strchr(every, ' ') : NULL;
        if (!at || fstatat(folder, pool->name, &status, AT_SYMLINK_NOFOLLOW) != 0)
                return false;
        *at++ = '\0';
        at[strcspn(at, " ")] = '\0';
        if (!is(&value_period, every) || !is(&value_clock_time, at))
                return false;
        const int64_t begin = schedule_begin(every, at, now);
        struct nas_storage_work work;
        const bool runs = work_now(pool, arena, &work) && work.kind == NAS_STORAGE_WORK_KIND_SCRUB,
                   was = work_past(pool, true, arena, &last) && last.started &&
                         strcmp(last.started, moment(arena, begin * 1000000)) >= 0;
        *ret_schedule = (struct nas_storage_scrub_schedule){.every = every,
                                                            .at = at,
                                                            .late = !runs && !was && begin > status.st_mtim.tv_sec &&
                                                                    now - begin > LATE_S};
        return true;
}

/* --- changing it --- */

int plan_scrub_order(struct change *change, const struct wanted *pool, const char *name, const char *every,
                     const char *at, struct failure *failure)
{
        ASSERT(change && pool && name && every && at);
        const uint16_t order = pool_is_zfs(pool)     ? STORAGE_ZFS_SCRUB_ORDER
                               : pool_on_array(pool) ? STORAGE_ARRAY_CHECK_ORDER
                                                     : STORAGE_SCRUB_ORDER;
        return plan_step(change->plan, failure, order, name, every, at, NULL);
}

/* What is to be done is read again on both sides of the step that changes it, so that it is right also when all of this
 * is undone. */
static int plan_order(struct change *change, const struct wanted *pool, const struct nas_storage_schedule_scrub_in *in,
                      struct failure *failure)
{
        const bool mounted = pool_is_mounted(pool);
        if ((mounted && scrub_ordered(pool->name) &&
             plan_step(change->plan, failure, STORAGE_SCRUB_TIMER_STOP, pool->name, NULL) != 0) ||
            plan_step(change->plan, failure, STORAGE_UNITS_RELOAD, NULL) != 0)
                return -1;
        if ((in ? plan_scrub_order(change, pool, pool->name, nas_storage_period_word(in->every),
                                   in->at ? in->at : "00:00", failure)
                : plan_step(change->plan, failure, STORAGE_SCRUB_ORDER_FORGET, pool->name, NULL)) != 0 ||
            plan_step(change->plan, failure, STORAGE_UNITS_RELOAD, NULL) != 0)
                return -1;
        return in && mounted ? plan_step(change->plan, failure, STORAGE_SCRUB_TIMER_START, pool->name, NULL) : 0;
}

static void run(struct call *call, const char *name, const struct nas_storage_schedule_scrub_in *in)
{
        struct failure failure = {0};
        const struct wanted *pool = pool_find(name, &failure);
        struct change *change = pool_change(name);
        int result =
                pool && (pool_on_array(pool) || pool_is_zfs(pool) || pool_must_be_btrfs(pool, &failure) == 0) ? 0 : -1;
        if (result == 0 && !in && !scrub_ordered(name))
                result = failure_set(&failure, FAILURE_NOT_FOUND, "name", "", "%s is not read by itself.", name);
        if (result == 0)
                result = plan_order(change, pool, in, &failure);
        change->who = "nobody; the disks are busier meanwhile";
        change->answer = pool_answer;
        storage_run(call, change, result, &failure);
}

void nas_storage_schedule_scrub(struct call *call, const struct nas_storage_schedule_scrub_in *in)
{
        run(call, in->name, in);
}

void nas_storage_unschedule_scrub(struct call *call, const struct nas_storage_unschedule_scrub_in *in)
{
        run(call, in->name, NULL);
}
