/* Schedules: standing orders for snapshots. When one is due its hand is told so; what then happens is the hand's
 * to decide, by the order that a person has confirmed.
 * Rights: the storage clerk; reads the hand's files of orders, asks its hand. */
#include "daemons/storage/clerk/schedules.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "daemons/storage/clerk/storage.h"
#include "daemons/storage/clerk/zfs.h"
#include "value/schedule.h"
#include "value/types.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define FOLDER "/etc/bulkhead/schedules"
enum { SCHEDULES_MAX = 256, AGAIN_S = 60, LATE_S = 15 * 60, AHEAD_S = 3600 };

struct run { /* what is known of one beside its file */
        char name[32];
        bool asking, late, done; /* done: what it did is not seen yet */
        size_t there, before;    /* how many of its snapshots there are, and were */
        int64_t quiet_until_s;
        char why[384];
        unsigned looked;       /* with which look into pools the last run was found */
        int64_t last, since_s; /* since when it is known here */
};

static struct {
        int folder;
        struct arena *arena;
        struct schedule list[SCHEDULES_MAX];
        size_t count;
        struct run runs[SCHEDULES_MAX];
        size_t run_count;
        struct topic *topic;
} all = {.folder = -1};

int schedules_prepare(void)
{
        tzset(); /* its file is out of reach later */
        all.folder = open(FOLDER, O_PATH | O_DIRECTORY | O_CLOEXEC);
        return all.folder >= 0 ? 0 : -errno;
}

static struct run *run_of(const char *name)
{
        for (size_t i = 0; i < all.run_count; i++)
                if (strcmp(all.runs[i].name, name) == 0)
                        return &all.runs[i];
        if (all.run_count == SCHEDULES_MAX)
                all.run_count = 0; /* of many that are gone */
        struct run *run = &all.runs[all.run_count++];
        *run = (struct run){.since_s = clock_real_s()};
        snprintf(run->name, sizeof(run->name), "%s", name);
        return run;
}

/* --- reading them --- */

static bool read_one(const char *name, struct schedule *ret_schedule)
{
        struct schedule_order order;
        const char *bytes = *name && value_is(&value_schedule, name, strlen(name))
                                    ? machine_text(all.folder, name, all.arena)
                                    : NULL;
        if (!bytes || !schedule_order_read(arena_text(all.arena, bytes, strlen(bytes)), &order))
                return false;
        *ret_schedule = (struct schedule){
                .name = name, .pool = order.pool, .dataset = order.dataset, .every = order.every, .at = order.at};
        return keep_read(order.keep, &ret_schedule->keep);
}

void schedules_read(void)
{
        const char *const *names;
        arena_free(all.arena);
        all.arena = arena_new();
        all.count = 0;
        size_t count = machine_names(all.folder, ".", SCHEDULES_MAX, all.arena, &names);
        for (size_t i = 0; i < count; i++)
                all.count += read_one(names[i], &all.list[all.count]);
        topic_changed(all.topic);
}

const struct schedule *schedule_named(const char *name)
{
        for (size_t i = 0; i < all.count; i++)
                if (strcmp(all.list[i].name, name) == 0)
                        return &all.list[i];
        return NULL;
}

size_t schedule_count(void)
{
        return all.count;
}

const struct schedule *schedule_at(size_t index)
{
        ASSERT(index < all.count);
        return &all.list[index];
}

/* --- when --- */

/* Its newest snapshot; those of a future that did not come (the clock was set back) say nothing. And how many. */
static int64_t find_last(const struct schedule *schedule, int64_t now, size_t *ret_count)
{
        const struct tree *tree = look_tree(schedule->pool);
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        int64_t last = 0;
        *ret_count = 0;
        for (size_t i = 0; tree && i < tree->subvolume_count; i++) {
                const char *dataset, *name;
                if (!snapshot_read(&tree->subvolumes[i], arena, &dataset, &name) ||
                    strcmp(dataset, schedule->dataset) != 0)
                        continue;
                int64_t made = schedule_moment(schedule->name, name);
                *ret_count += made > 0;
                if (made > last && made <= now + AHEAD_S)
                        last = made;
        }
        return last;
}

/* Found once for each look into the pools: there may be many snapshots. */
static int64_t last_run(const struct schedule *schedule, int64_t now)
{
        struct run *run = run_of(schedule->name);
        if (run->looked != look_count()) {
                run->last = find_last(schedule, now, &run->there);
                run->looked = look_count();
        }
        return run->last;
}

/* --- doing them --- */

static void note_event(const struct schedule *schedule, const char *outcome, uint32_t dropped)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct change_event event = {.method = "nas.storage.RunSchedule",
                                     .object = arena_printf(arena, "schedule %s", schedule->name),
                                     .outcome = outcome,
                                     .detail = arena_printf(arena, "{\"dropped\":%u}", dropped),
                                     .actor_name = "storage-clerk",
                                     .source = "by itself",
                                     .request = "",
                                     .actor = UINT32_MAX};
        changes_event(clerk.changes, &event, NULL, NULL, NULL);
}

/* What it made is seen: it is due no more. Those that are gone then, it dropped. */
static void read_again(void *context)
{
        struct run *run = context;
        const struct schedule *schedule = schedule_named(run->name);
        run->asking = false;
        const bool done = run->done;
        run->done = false;
        if (done && schedule && look_tree(schedule->pool)) {
                (void)last_run(schedule, clock_real_s());
                note_event(schedule, "success",
                           (uint32_t)(run->before + 1 > run->there ? run->before + 1 - run->there : 0));
        }
        topic_changed(topics.snapshots);
        topic_changed(topics.datasets);
        topic_changed(all.topic);
}

static void note_failure(struct run *run, const struct reply *reply)
{
        struct failure failure = {0};
        if (reply) {
                failure = reply->failure;
                zfs_schedule_explain(&failure, run->name);
        }
        run->quiet_until_s = clock_real_s() + AGAIN_S;
        snprintf(run->why, sizeof(run->why), "%s", reply ? failure.message : "The hand went away.");
        log_warn("schedule %s: %s", run->name, run->why);
}

static void on_done(const struct reply *reply, const char *output, size_t output_length, void *context)
{
        struct run *run = context;
        const struct schedule *schedule = schedule_named(run->name);
        const bool good = reply && reply->outcome == OUTCOME_SUCCESS;
        (void)output;
        (void)output_length;
        run->why[0] = '\0';
        run->done = good;
        if (!good)
                note_failure(run, reply);
        if (schedule)
                look_into_pool(schedule->pool, false, read_again, run);
        else
                look_into_pools(true, read_again, run);
}

static void ask(const struct schedule *schedule, struct run *run)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct value value = {.text = schedule->name, .length = (uint16_t)strlen(schedule->name)};
        const struct tree *tree = look_tree(schedule->pool);
        const uint16_t operation = tree && tree->zfs ? STORAGE_ZFS_SCHEDULE_RUN : STORAGE_SCHEDULE_RUN;
        struct action action = {.operation = operation, .count = 1, .values = &value};
        struct request request = {.kind = RECORD_ASK, .ticket = "", .warrant = ""};
        request.plan = action_encode(&action, arena, &request.plan_length);
        crypto_random(request.id, sizeof(request.id));
        run->asking = true;
        run->before = run->there;
        hand_send(clerk.hand, &request, NULL, on_done, run);
}

/* A schedule that did not run is itself something to be told. */
static void note_late(const struct schedule *schedule, struct run *run, bool late)
{
        if (late == run->late)
                return;
        run->late = late;
        if (late)
                note_event(schedule, "failed", 0);
        topic_changed(all.topic);
}

void schedules_look(void)
{
        const int64_t now = clock_real_s();
        for (size_t i = 0; i < all.count; i++) {
                const struct schedule *schedule = &all.list[i];
                struct run *run = run_of(schedule->name);
                const bool here = look_tree(schedule->pool) != NULL;
                int64_t begin = schedule_begin(schedule->every, schedule->at, now);
                bool due = !here || last_run(schedule, now) < begin;
                note_late(schedule, run, due && now - (begin > run->since_s ? begin : run->since_s) > LATE_S);
                if (due && here && !run->asking && now >= run->quiet_until_s)
                        ask(schedule, run);
        }
}

/* --- showing and changing them --- */

static struct nas_storage_schedule describe(const struct schedule *schedule, struct arena *arena)
{
        const int64_t now = clock_real_s(), last = last_run(schedule, now);
        const struct run *run = run_of(schedule->name);
        return (struct nas_storage_schedule){.name = schedule->name,
                                             .pool = schedule->pool,
                                             .dataset = schedule->dataset,
                                             .every = schedule->every,
                                             .at = schedule->at,
                                             .hours = schedule->keep.counts[KEEP_HOURS],
                                             .days = schedule->keep.counts[KEEP_DAYS],
                                             .weeks = schedule->keep.counts[KEEP_WEEKS],
                                             .months = schedule->keep.counts[KEEP_MONTHS],
                                             .years = schedule->keep.counts[KEEP_YEARS],
                                             .last_run = last > 0 ? moment(arena, last * 1000000) : NULL,
                                             .late = run->late,
                                             .message = !look_tree(schedule->pool) ? "Its pool is away."
                                                        : run->why[0]              ? run->why
                                                                                   : NULL};
}

static void schedules_write(struct json_out *out, struct call *call, void *context)
{
        (void)call;
        (void)context;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct nas_storage_schedule *list = arena_array(arena, all.count + 1, sizeof(*list));
        for (size_t i = 0; i < all.count; i++)
                list[i] = describe(&all.list[i], arena);
        struct nas_storage_list_schedules_out reply = {.schedules = list, .schedules_count = all.count};
        nas_storage_list_schedules_out_write(out, &reply);
}

struct topic *schedules_topic(void)
{
        all.topic = topic_new("schedules", schedules_write, NULL);
        return all.topic;
}

void nas_storage_list_schedules(struct call *call, const struct nas_storage_list_schedules_in *in)
{
        (void)in;
        topic_serve(all.topic, call);
}

static void answer(struct json_out *out, const struct reply *reply, void *context)
{
        (void)reply;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        const struct schedule *schedule = schedule_named(context);
        if (schedule) {
                struct nas_storage_create_schedule_out made = {.schedule = describe(schedule, arena)};
                nas_storage_create_schedule_out_write(out, &made);
                return;
        }
        json_out_object(out);
        json_out_object_end(out);
}

static int latest_first(const void *a, const void *b)
{
        const int64_t *left = a, *right = b;
        return *left > *right ? -1 : *left < *right;
}

/* What the first run will delete of what an earlier schedule of that name made, for the person who confirms it. */
static void say_what_goes(struct change *change, const struct nas_storage_create_schedule_in *in,
                          const struct tree *tree, const char *rule)
{
        struct keep keep;
        int64_t *times = arena_array(change->arena, tree->snapshot_count + 1, sizeof(*times));
        bool *kept = arena_array(change->arena, tree->snapshot_count + 1, sizeof(*kept));
        size_t count = 1, goes = 0;
        times[0] = clock_real_s(); /* the one that it will make */
        for (size_t i = 0; i < tree->snapshot_count; i++) {
                const struct tree_snapshot *one = &tree->snapshots[i];
                const int64_t at = strcmp(one->dataset, in->dataset) == 0 && !one->subvolume->held
                                           ? schedule_moment(in->name, one->name)
                                           : 0;
                if (at > 0)
                        times[count++] = at;
        }
        if (!keep_read(rule, &keep))
                return;
        qsort(times, count, sizeof(*times), latest_first);
        keep_apply(&keep, times, count, kept);
        for (size_t i = 0; i < count; i++)
                goes += !kept[i];
        if (goes > 0)
                change->who = arena_printf(change->arena, "%s: %zu of those that are there now", change->who, goes);
}

static int plan_create(struct change *change, const struct nas_storage_create_schedule_in *in, struct failure *failure)
{
        const struct tree *tree = pool_find_sets(in->pool, failure);
        const int64_t keep[] = {in->hours, in->days, in->weeks, in->months, in->years};
        const bool has[] = {in->has_hours, in->has_days, in->has_weeks, in->has_months, in->has_years};
        const char *rule = "";
        if (!tree)
                return -1;
        if (schedule_named(in->name))
                return failure_set(failure, FAILURE_CONFLICT, "name", "Delete it first.",
                                   "There is a schedule %s already.", in->name);
        if (!dataset_with(tree, in->dataset))
                return failure_set(failure, FAILURE_NOT_FOUND, "dataset", "Look at the list of datasets.",
                                   "There is no dataset %s in the pool %s.", in->dataset, in->pool);
        int64_t any = 0;
        for (size_t i = 0; i < ARRAY_SIZE(keep); i++) {
                rule = arena_printf(change->arena, "%s%s%lld", rule, i > 0 ? " " : "",
                                    (long long)(has[i] ? keep[i] : 0));
                any += has[i] ? keep[i] : 0;
        }
        if (any == 0)
                return failure_set(failure, FAILURE_INVALID, "days",
                                   "Say for how long snapshots are kept: hours, days, weeks, months "
                                   "or years.",
                                   "is missing, and so is every other");
        say_what_goes(change, in, tree, rule);
        return plan_step(change->plan, failure, STORAGE_SCHEDULE_WANT, in->name, in->pool, in->dataset,
                         nas_storage_period_word(in->every), in->at ? in->at : "00:00", rule, NULL);
}

void nas_storage_create_schedule(struct call *call, const struct nas_storage_create_schedule_in *in)
{
        struct failure failure = {0};
        struct change *change = storage_change("schedule", in->name);
        change->who = "nobody; what it keeps takes room, and what it no longer keeps is deleted";
        change->context = arena_text(change->arena, in->name, strlen(in->name));
        change->answer = answer;
        storage_run(call, change, plan_create(change, in, &failure), &failure);
}

void nas_storage_delete_schedule(struct call *call, const struct nas_storage_delete_schedule_in *in)
{
        struct failure failure = {0};
        if (!schedule_named(in->name)) {
                failure_set(&failure, FAILURE_NOT_FOUND, "name", "Look at the list of schedules.",
                            "There is no schedule %s.", in->name);
                storage_refuse(call, &failure);
                return;
        }
        struct change *change = storage_change("schedule", in->name);
        change->who = "nobody; what it kept stays";
        storage_run(call, change, plan_step(change->plan, &failure, STORAGE_SCHEDULE_FORGET, in->name, NULL), &failure);
}
