/* Scheduled snapshots: a standing order. A person has confirmed what is to be kept, when and how long; the order
 * lies in a file that only this hand writes. The clerk says that it is time; whether it can be, what is made and
 * what is dropped is decided here, by that file and by the snapshots that are there.
 * Rights: the storage hand; makes snapshots, and deletes those that an order made and no longer keeps. */
#include "value/schedule.h"
#include "base/clock.h"
#include "daemons/storage/hand/subvolume.h"
#include "policy/storage_operations.h"
#include "value/keep_rule.h"

#include <btrfsutil.h>
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <time.h>

enum { ORDER_MAX = 4096, SNAPSHOTS_MAX = 16384, DROPS_MAX = 256, AHEAD_S = 3600 };

struct order {
        const char *name, *pool, *dataset;
        int64_t period_s;
        struct keep keep;
};

struct made { /* a snapshot that the order made */
        char name[NAME_MAX + 1];
        int64_t at;
};

static int read_order(const struct act_context *context, struct order *ret_order, struct failure *failure)
{
        const struct storage *storage = context->state;
        const char *name = act_text(context, "schedule");
        struct schedule_order read;
        uint8_t *bytes = NULL;
        size_t length = 0;
        int result = file_read_below(storage->schedules, name, ORDER_MAX, &bytes, &length);
        if (result == -ENOENT)
                return failure_set(failure, FAILURE_NOT_FOUND, "schedule", "", "There is no schedule %s.", name);
        if (failure_system(failure, FAILURE_FAILED, name, result) != 0)
                return -1;
        char *rest = arena_text(context->arena, (const char *)bytes, length);
        free(bytes);
        if (!schedule_order_read(rest, &read) || !keep_read(read.keep, &ret_order->keep))
                return failure_set(failure, FAILURE_FAILED, "schedule", "Create it again.", "%s is damaged", name);
        ret_order->name = name;
        ret_order->pool = read.pool;
        ret_order->dataset = read.dataset;
        ret_order->period_s = schedule_period_s(read.every);
        return 0;
}

static int newest_first(const void *a, const void *b)
{
        const struct made *left = a, *right = b;
        return left->at > right->at ? -1 : left->at < right->at;
}

static size_t list_made(const struct order *order, int folder, struct made *made)
{
        size_t count = 0;
        CLEANUP(listing_closep) DIR *listing = file_list(folder);
        for (struct dirent *entry; listing && count < SNAPSHOTS_MAX && (entry = readdir(listing));)
                if ((made[count].at = schedule_moment(order->name, entry->d_name)) > 0)
                        snprintf(made[count++].name, sizeof(made->name), "%s", entry->d_name);
        if (count > 1)
                qsort(made, count, sizeof(*made), newest_first);
        return count;
}

/* Those of a future that did not come (the clock was set back) say nothing of when it was last done. */
static int64_t last_of(const struct made *made, size_t count, int64_t now)
{
        for (size_t i = 0; i < count; i++)
                if (made[i].at <= now + AHEAD_S)
                        return made[i].at;
        return 0;
}

/* What the other files work with: as if a plan's step had named the order's pool and dataset, and that snapshot. */
static struct act_context step_of(const struct act_context *context, const struct order *order, const char *snapshot)
{
        const char *const texts[] = {order->pool, order->dataset, snapshot, "1"};
        struct value *values = arena_array(context->arena, ARRAY_SIZE(texts), sizeof(*values));
        struct action *action = arena_alloc(context->arena, sizeof(*action));
        for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
                values[i] = (struct value){texts[i], (uint16_t)strlen(texts[i])};
        *action = (struct action){STORAGE_SNAPSHOT_DELETE, ARRAY_SIZE(texts), values};
        struct act_context step = *context;
        step.operation = &storage_operations.list[STORAGE_SNAPSHOT_DELETE];
        step.action = action;
        return step;
}

static const char *name_at(const struct act_context *context, const struct order *order, int64_t now)
{
        char text[32];
        struct tm parts;
        time_t seconds = (time_t)now;
        strftime(text, sizeof(text), SCHEDULE_FORMAT, gmtime_r(&seconds, &parts));
        return arena_printf(context->arena, "%s" SCHEDULE_MARK "%s", order->name, text);
}

static int make(const struct act_context *step, const struct place_in_pool *snapshot, struct failure *failure)
{
        PLACE dataset;
        if (dataset_place(step, &dataset, failure) != 0)
                return -1;
        CLEANUP_FD int source = file_open_below(dataset.folder, dataset.name, O_RDONLY | O_DIRECTORY, 0);
        if (source < 0)
                return failure_set(failure, FAILURE_NOT_FOUND, "dataset", "", "%s is not there any more", dataset.name);
        return failure_system(failure, FAILURE_FAILED, snapshot->name,
                              subvolume_copy(source, snapshot, BTRFS_UTIL_CREATE_SNAPSHOT_READ_ONLY));
}

/* A few at a time; the next run goes on. What is held stays. */
static uint32_t drop(const struct act_context *context, const struct order *order, int folder, struct made *made)
{
        size_t count = list_made(order, folder, made);
        int64_t *times = arena_array(context->arena, count + 1, sizeof(*times));
        bool *kept = arena_array(context->arena, count + 1, sizeof(*kept));
        uint32_t dropped = 0;
        for (size_t i = 0; i < count; i++)
                times[i] = made[i].at;
        keep_apply(&order->keep, times, count, kept);
        for (size_t i = count; i-- > 0 && dropped < DROPS_MAX;) {
                struct act_context step = step_of(context, order, made[i].name);
                if (!kept[i] && snapshot_is_let_go(&step, NULL) == 0)
                        dropped += btrfs_util_delete_subvolume_fd(folder, made[i].name, 0) == BTRFS_UTIL_OK;
        }
        return dropped;
}

int schedule_run(struct act_context *context, struct failure *failure)
{
        struct order order = {.name = "", .pool = "", .dataset = ""};
        PLACE place = {.folder = -1};
        const int64_t now = clock_real_s();
        struct made *made = arena_array(context->arena, SNAPSHOTS_MAX, sizeof(*made));
        if (read_order(context, &order, failure) != 0)
                return -1;
        struct act_context step = step_of(context, &order, name_at(context, &order, now));
        if (snapshot_place(&step, true, &place, failure) != 0)
                return -1;
        size_t count = list_made(&order, place.folder, made);
        if (now - last_of(made, count, now) < order.period_s / 2)
                return failure_set(failure, FAILURE_CONFLICT, "schedule", "", "It was done not long ago.");
        if (make(&step, &place, failure) != 0)
                return -1;
        writer_u32(context->answer, drop(context, &order, place.folder, made));
        return 0;
}
