/* What disks do by themselves: test themselves at times, and stop when nobody uses them. The hand keeps the orders,
 * PID 1 has the clock and tells a disk whenever it comes. Here it is said what was ordered.
 * Rights: the storage clerk; reads the hand's files of orders; plans, its hand acts. */
#include "daemons/storage/clerk/storage.h"

#include "base/log.h"
#include "base/mem.h"
#include "value/types.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { FIVE_SECONDS_TO = 240, MINUTES_TO = 20, HALF_HOUR = 30 };

static int tests = -1, stops = -1;

int disk_orders_prepare(void)
{
        const int flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
        tests = open("/etc/bulkhead/self-tests", flags);
        stops = open("/etc/bulkhead/spin-down", flags);
        return tests >= 0 && stops >= 0 ? 0 : -errno;
}

static bool ordered(int folder, const char *id)
{
        struct stat status;
        return fstatat(folder, id, &status, AT_SYMLINK_NOFOLLOW) == 0;
}

/* The value of a line "KEY=VALUE" that is of that type; NULL. *text goes on behind it. */
static const char *line(char **text, const char *key, const struct value_type *type)
{
        char *one = strsep(text, "\n"), *value = one ? strchr(one, '=') : NULL;
        if (!value || strncmp(one, key, (size_t)(value - one)) != 0 || key[value - one] != '\0')
                return NULL;
        return value_is(type, value + 1, strlen(value + 1)) ? value + 1 : NULL;
}

bool disk_test_schedule(const char *id, struct arena *arena, struct nas_storage_test_schedule *ret_schedule)
{
        ASSERT(arena && ret_schedule);
        char *text = id ? (char *)machine_text(tests, id, arena) : NULL;
        const char *test = line(&text, "TEST", &value_self_test), *every = line(&text, "EVERY", &value_period),
                   *at = line(&text, "AT", &value_clock_time);
        if (!test || !every || !at)
                return false;
        *ret_schedule = (struct nas_storage_test_schedule){
                .test = strcmp(test, "long") == 0 ? NAS_STORAGE_SELF_TEST_LONG : NAS_STORAGE_SELF_TEST_SHORT,
                .every = every,
                .at = at};
        return true;
}

/* As ATA counts: steps of five seconds, and then of half an hour. */
static int64_t timer_of(int64_t minutes)
{
        return minutes <= MINUTES_TO ? minutes * 60 / 5 : FIVE_SECONDS_TO + minutes / HALF_HOUR;
}

static int64_t minutes_of(int64_t timer)
{
        return timer <= FIVE_SECONDS_TO ? timer * 5 / 60 : (timer - FIVE_SECONDS_TO) * HALF_HOUR;
}

bool disk_spin_down(const char *id, int64_t *ret_minutes)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        char *text = id ? (char *)machine_text(stops, id, arena) : NULL;
        const char *timer = line(&text, "TIMER", &value_spin_down);
        if (timer)
                *ret_minutes = minutes_of(strtol(timer, NULL, 10));
        return timer != NULL;
}

/* --- changing it --- */

static void answer(struct json_out *out, const struct reply *reply, void *context)
{
        (void)reply;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        const struct disk *disk = disk_with(context);
        if (disk) {
                struct nas_storage_schedule_self_test_out now = {.disk = disk_describe(disk, arena)};
                nas_storage_schedule_self_test_out_write(out, &now);
                return;
        }
        json_out_object(out);
        json_out_object_end(out);
}

static struct change *order_change(const char *id, const char *who)
{
        struct change *change = storage_change("disk", id);
        change->who = who;
        change->answer = answer;
        change->context = arena_text(change->arena, id, strlen(id));
        return change;
}

/* Can PID 1 be told of it, too? 0 or -1. */
static int can_be_named(const char *id, struct failure *failure)
{
        return value_is(&value_disk_unit, id, strlen(id))
                       ? 0
                       : failure_set(failure, FAILURE_CONFLICT, "id", "",
                                     "The system manager cannot be told of %s, which has signs in its identity that no "
                                     "unit may.",
                                     id);
}

/* What is to be done is read again on both sides of the step that changes it, so that it is right also when all of this
 * is undone. */
static int plan_tests(struct change *change, const char *id, const struct nas_storage_schedule_self_test_in *in,
                      struct failure *failure)
{
        struct plan *plan = change->plan;
        if ((ordered(tests, id) && plan_step(plan, failure, STORAGE_TEST_TIMER_STOP, id, NULL) != 0) ||
            plan_step(plan, failure, STORAGE_UNITS_RELOAD, NULL) != 0)
                return -1;
        if ((in ? plan_step(plan, failure, STORAGE_TEST_ORDER, id, nas_storage_self_test_word(in->test),
                            nas_storage_period_word(in->every), in->at ? in->at : "00:00", NULL)
                : plan_step(plan, failure, STORAGE_TEST_ORDER_FORGET, id, NULL)) != 0 ||
            plan_step(plan, failure, STORAGE_UNITS_RELOAD, NULL) != 0)
                return -1;
        return in ? plan_step(plan, failure, STORAGE_TEST_TIMER_START, id, NULL) : 0;
}

void nas_storage_schedule_self_test(struct call *call, const struct nas_storage_schedule_self_test_in *in)
{
        struct failure failure = {0};
        const struct disk *disk;
        struct change *change = order_change(in->id, "nobody; the disk may be slower while it tests itself");
        int result = disk_can_test(in->id, &disk, &failure);
        if (result == 0)
                result = can_be_named(in->id, &failure);
        if (result == 0)
                result = plan_tests(change, in->id, in, &failure);
        storage_run(call, change, result, &failure);
}

/* Also of a disk that is gone for good. */
void nas_storage_unschedule_self_test(struct call *call, const struct nas_storage_unschedule_self_test_in *in)
{
        struct failure failure = {0};
        struct change *change = order_change(in->id, "nobody");
        int result = ordered(tests, in->id) ? plan_tests(change, in->id, NULL, &failure)
                                            : failure_set(&failure, FAILURE_NOT_FOUND, "id", "",
                                                          "%s does not test itself by itself.", in->id);
        storage_run(call, change, result, &failure);
}

static int plan_stop(struct change *change, const struct nas_storage_set_spin_down_in *in, struct failure *failure)
{
        const char *timer = arena_printf(change->arena, "%lld", (long long)timer_of(in->minutes));
        if (in->minutes > MINUTES_TO && in->minutes % HALF_HOUR != 0)
                return failure_set(failure, FAILURE_INVALID, "minutes",
                                   "Say 1 to 20, or 30 to 330 in steps of 30; 0 for never.",
                                   "is nothing that disks can count to");
        if ((ordered(stops, in->id) && plan_step(change->plan, failure, STORAGE_SPIN_DOWN_APPLY, in->id, NULL) != 0) ||
            plan_step(change->plan, failure, STORAGE_SPIN_DOWN_ORDER, in->id, timer, NULL) != 0)
                return -1;
        return plan_step(change->plan, failure, STORAGE_SPIN_DOWN_APPLY, in->id, NULL);
}

void nas_storage_set_spin_down(struct call *call, const struct nas_storage_set_spin_down_in *in)
{
        struct failure failure = {0};
        const struct disk *disk = disk_alone(in->id, &failure);
        struct change *change =
                order_change(in->id, "whoever comes to a disk that has stopped, and waits some seconds");
        int result = disk ? can_be_named(in->id, &failure) : -1;
        if (result == 0 && (disk_kind(disk) != SMART_KIND_ATA || !disk->rotational))
                result = failure_set(&failure, FAILURE_CONFLICT, "id", "",
                                     "%s is no disk that turns and takes ATA's commands.", in->id);
        if (result == 0)
                result = plan_stop(change, in, &failure);
        storage_run(call, change, result, &failure);
}

/* --- finding it --- */

void nas_storage_identify_disk(struct call *call, const struct nas_storage_identify_disk_in *in)
{
        struct failure failure = {0};
        const struct disk *disk = disk_alone(in->id, &failure);
        struct change *change = order_change(in->id, "nobody");
        const uint16_t operation = in->light == NAS_STORAGE_LIGHT_ON ? STORAGE_LIGHT_ON : STORAGE_LIGHT_OFF;
        int result = disk ? can_be_named(in->id, &failure) : -1;
        if (result == 0 && !disk->has_light)
                result = failure_set(&failure, FAILURE_CONFLICT, "id",
                                     "Look for the serial number that is printed on it.",
                                     "There is no lamp at the place of %s: no enclosure says that it has one.", in->id);
        if (result == 0)
                result = plan_step(change->plan, &failure, operation, in->id, NULL);
        storage_run(call, change, result, &failure);
}
