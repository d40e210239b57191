/* Replication: what is shown of it, and what people ask for.
 * Rights: the storage clerk; works on what is in memory, plans, its hand acts. */
#include "base/mem.h"
#include "daemons/storage/clerk/replications.h"

#include <string.h>

static enum nas_storage_work_outcome outcome_of(const struct work_log *log)
{
        if (log->ended_us == 0)
                return NAS_STORAGE_WORK_OUTCOME_INTERRUPTED;
        if (log->finished)
                return NAS_STORAGE_WORK_OUTCOME_FINISHED;
        return strcmp(log->result, "signal") == 0 ? NAS_STORAGE_WORK_OUTCOME_STOPPED : NAS_STORAGE_WORK_OUTCOME_FAILED;
}

static struct nas_storage_past_replication past(const struct replication *one, struct arena *arena)
{
        struct nas_storage_past_replication past = {.snapshot = one->log.words[0],
                                                    .outcome = outcome_of(&one->log),
                                                    .started = moment(arena, one->log.started_us),
                                                    .ended = one->log.ended_us ? moment(arena, one->log.ended_us)
                                                                               : NULL};
        if (past.outcome == NAS_STORAGE_WORK_OUTCOME_FAILED)
                past.message = one->log.message;
        return past;
}

static struct nas_storage_replication_run now(const struct replication *one, struct arena *arena)
{
        struct nas_storage_replication_run run = {.snapshot = one->log.words[0],
                                                  .since = one->log.words[0] ? one->log.words[1] : NULL,
                                                  .started = moment(arena, one->log.started_us)};
        run.bytes = (int64_t)replication_bytes(one, &run.compares);
        return run;
}

static struct nas_storage_drill describe_drill(const struct replication *drill, struct arena *arena)
{
        struct nas_storage_drill shown = {.every = drill->every,
                                          .at = drill->at,
                                          .has_run = replication_runs(drill),
                                          .late = replication_is_late(drill)};
        shown.has_last = drill->has_log && !shown.has_run;
        if (shown.has_run)
                shown.run = now(drill, arena);
        if (shown.has_last)
                shown.last = past(drill, arena);
        return shown;
}

static struct nas_storage_replication describe(const struct replication *one, struct arena *arena)
{
        struct replication_next next = replication_find(look_tree(one->pool), replication_there(one), one, arena);
        struct nas_storage_replication shown = {.name = one->name,
                                                .pool = one->pool,
                                                .dataset = replication_dataset(one->folder, arena),
                                                .to_pool = one->to_pool,
                                                .to_dataset =
                                                        one->to ? NULL : replication_dataset(one->to_folder, arena),
                                                .to = one->to,
                                                .has_rate = one->rate > 0,
                                                .rate = one->rate,
                                                .every = one->every,
                                                .at = one->at,
                                                .newest_there = next.newest_there,
                                                .up_to_date = next.newest_there && !next.snapshot,
                                                .has_run = replication_runs(one),
                                                .late = replication_is_late(one),
                                                .message = next.why_not};
        const struct replication *drill = replication_drill(one);
        shown.has_drill = drill != NULL;
        if (drill)
                shown.drill = describe_drill(drill, arena);
        shown.has_last = one->has_log && !shown.has_run;
        if (shown.has_run)
                shown.run = now(one, arena);
        if (shown.has_last)
                shown.last = past(one, arena);
        return shown;
}

static void replications_write(struct json_out *out, struct call *call, void *context)
{
        (void)call;
        (void)context;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        size_t count = 0;
        struct nas_storage_replication *list = arena_array(arena, replication_count() + 1, sizeof(*list));
        for (size_t i = 0; i < replication_count(); i++)
                if (!replication_at(i)->drill)
                        list[count++] = describe(replication_at(i), arena);
        struct nas_storage_list_replications_out reply = {.replications = list, .replications_count = count};
        nas_storage_list_replications_out_write(out, &reply);
}

struct topic *replications_topic(void)
{
        return topic_new("replications", replications_write, NULL);
}

void nas_storage_list_replications(struct call *call, const struct nas_storage_list_replications_in *in)
{
        (void)in;
        topic_serve(topics.replications, call);
}

/* --- changing them --- */

static void answer(struct json_out *out, const struct reply *reply, void *context)
{
        (void)reply;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        const struct replication *one = replication_named(context);
        if (one) {
                struct nas_storage_create_replication_out made = {.replication = describe(one, arena)};
                nas_storage_create_replication_out_write(out, &made);
                return;
        }
        json_out_object(out);
        json_out_object_end(out);
}

static struct change *replication_change(const char *name)
{
        struct change *change = storage_change("replication", name);
        change->context = arena_text(change->arena, name, strlen(name));
        return change;
}

/* Into a pool of this machine. */
static int plan_near(struct change *change, const struct nas_storage_create_replication_in *in, const char *rate,
                     struct failure *failure)
{
        const char *to = in->to_dataset ? in->to_dataset : in->dataset, *at = in->at ? in->at : "00:00";
        if (!pool_find_tree(in->to_pool, failure))
                return -1;
        if (strcmp(in->pool, in->to_pool) == 0 && strcmp(in->dataset, to) == 0)
                return failure_set(failure, FAILURE_INVALID, "to_dataset", "Choose another pool or another name.",
                                   "is what would be sent");
        const char *to_folder = replication_folder(to, change->arena);
        if (in->has_drill && plan_step(change->plan, failure, STORAGE_DRILL_WANT, in->name, in->pool, in->to_pool,
                                       to_folder, rate, nas_storage_period_word(in->drill), at, NULL) != 0)
                return -1;
        return plan_step(change->plan, failure, STORAGE_REPLICATION_WANT, in->name, in->pool,
                         replication_folder(in->dataset, change->arena), in->to_pool, to_folder, rate,
                         nas_storage_period_word(in->every), at, NULL);
}

static int plan_far(struct change *change, const struct nas_storage_create_replication_in *in, const char *rate,
                    struct failure *failure)
{
        const char *name = arena_text(change->arena, in->to, strcspn(in->to, ":"));
        const struct remote *remote = remote_named(name);
        if (in->has_drill || in->to_dataset)
                return failure_set(failure, FAILURE_INVALID, in->has_drill ? "drill" : "to_dataset", "Leave it out.",
                                   "is only for a pool of this machine");
        if (!remote)
                return failure_set(failure, FAILURE_NOT_FOUND, "to", "Add it: bulkhead remotes add.",
                                   "There is no other machine %s.", name);
        if (!remote->trusted)
                return failure_set(failure, FAILURE_CONFLICT, "to", "Confirm it: bulkhead remotes trust.",
                                   "The host key of %s is not confirmed.", name);
        return plan_step(change->plan, failure, STORAGE_FAR_WANT, in->name, in->pool,
                         replication_folder(in->dataset, change->arena), in->to, rate,
                         nas_storage_period_word(in->every), in->at ? in->at : "00:00", NULL);
}

static int plan_create(struct change *change, const struct nas_storage_create_replication_in *in,
                       struct failure *failure)
{
        const struct tree *tree = pool_find_tree(in->pool, failure);
        if (!tree)
                return -1;
        if (replication_named(in->name))
                return failure_set(failure, FAILURE_CONFLICT, "name", "Delete it first.",
                                   "There is a replication %s already.", in->name);
        if (!dataset_with(tree, in->dataset))
                return failure_set(failure, FAILURE_NOT_FOUND, "dataset", "Look at the list of datasets.",
                                   "There is no dataset %s in the pool %s.", in->dataset, in->pool);
        if (!in->to_pool == !in->to)
                return failure_set(failure, FAILURE_INVALID, "to", "Give to_pool or to.",
                                   "is another machine, or it is sent to a pool of this one: one of both");
        const char *rate = in->has_rate ? arena_printf(change->arena, "%lld", (long long)in->rate) : "";
        return in->to ? plan_far(change, in, rate, failure) : plan_near(change, in, rate, failure);
}

void nas_storage_create_replication(struct call *call, const struct nas_storage_create_replication_in *in)
{
        struct failure failure = {0};
        struct change *change = replication_change(in->name);
        change->who = in->to ? "all who may read it on the other machine: they may read what is sent"
                             : "all who may read the other pool: they may read what is sent";
        change->answer = answer;
        storage_run(call, change, plan_create(change, in, &failure), &failure);
}

/* NULL: the call was refused. */
static const struct replication *of_call(struct call *call, const char *name)
{
        struct failure failure = {0};
        const struct replication *one = replication_named(name);
        if (one)
                return one;
        failure_set(&failure, FAILURE_NOT_FOUND, "name", "Look at the list of replications.",
                    "There is no replication %s.", name);
        storage_refuse(call, &failure);
        return NULL;
}

static int plan_run(struct change *change, const struct replication *one, struct failure *failure)
{
        struct replication_next next =
                replication_find(look_tree(one->pool), replication_there(one), one, change->arena);
        if (replication_runs(one))
                return failure_set(failure, FAILURE_CONFLICT, "name", "Wait until it is over, or stop it.",
                                   "It is under way.");
        if (next.why_not)
                return failure_set(failure, FAILURE_CONFLICT, "name", "Look at the list of snapshots.", "%s",
                                   next.why_not);
        if (!next.snapshot)
                return failure_set(failure, FAILURE_CONFLICT, "name", "Make a snapshot first.",
                                   "The newest snapshot, %s, is there.", next.newest_there);
        int result = next.parent
                             ? plan_step(change->plan, failure, STORAGE_REPLICATION_SINCE, one->name, next.name,
                                         one->pool, one->folder, next.parent_name, NULL)
                             : plan_step(change->plan, failure, STORAGE_REPLICATION_WHOLE, one->name, next.name, NULL);
        const uint16_t begin = one->remote ? STORAGE_FAR_BEGIN : STORAGE_REPLICATION_BEGIN;
        return result == 0 ? plan_step(change->plan, failure, begin, one->name, NULL) : result;
}

/* Now, and not when it is due. */
static void run_now(struct call *call, const char *name,
                    int (*plan)(struct change *change, const struct replication *one, struct failure *failure))
{
        struct failure failure = {0};
        const struct replication *one = of_call(call, name);
        if (!one)
                return;
        struct change *change = replication_change(name);
        change->who = "nobody; both pools are slower meanwhile";
        change->answer = answer;
        storage_run(call, change, plan(change, one, &failure), &failure);
}

void nas_storage_run_replication(struct call *call, const struct nas_storage_run_replication_in *in)
{
        run_now(call, in->name, plan_run);
}

static uint16_t stop_of(const struct replication *one)
{
        return one->remote ? STORAGE_FAR_STOP : STORAGE_REPLICATION_STOP;
}

void nas_storage_stop_replication(struct call *call, const struct nas_storage_stop_replication_in *in)
{
        struct failure failure = {0};
        const struct replication *one = of_call(call, in->name);
        if (!one)
                return;
        struct change *change = replication_change(in->name);
        change->who = "nobody; what was half received goes";
        change->answer = answer;
        storage_run(call, change, plan_step(change->plan, &failure, stop_of(one), in->name, NULL), &failure);
}

void nas_storage_delete_replication(struct call *call, const struct nas_storage_delete_replication_in *in)
{
        struct failure failure = {0};
        const struct replication *one = of_call(call, in->name);
        if (!one)
                return;
        struct change *change = replication_change(in->name);
        change->who = "nobody; what was sent stays";
        const uint16_t steps[] = {STORAGE_DRILL_STOP, STORAGE_DRILL_FORGET, stop_of(one), STORAGE_REPLICATION_FORGET};
        int result = 0;
        for (size_t i = replication_drill(one) ? 0 : 2; result == 0 && i < ARRAY_SIZE(steps); i++)
                result = plan_step(change->plan, &failure, steps[i], in->name, NULL);
        storage_run(call, change, result, &failure);
}

static int plan_drill(struct change *change, const struct replication *one, struct failure *failure)
{
        const struct replication *drill = replication_drill(one);
        if (!drill)
                return failure_set(failure, FAILURE_CONFLICT, "name", "Create it again with one.",
                                   "The replication %s has no drill.", one->name);
        struct replication_next next = replication_find_drill(look_tree(drill->pool), look_tree(drill->to_pool), drill);
        if (replication_runs(drill))
                return failure_set(failure, FAILURE_CONFLICT, "name", "Wait until it is over.", "It is under way.");
        if (next.why_not)
                return failure_set(failure, FAILURE_CONFLICT, "name", "Look at the list.", "%s", next.why_not);
        int result = plan_step(change->plan, failure, STORAGE_DRILL_NEXT, one->name, next.name, NULL);
        return result == 0 ? plan_step(change->plan, failure, STORAGE_DRILL_BEGIN, one->name, NULL) : result;
}

void nas_storage_run_drill(struct call *call, const struct nas_storage_run_drill_in *in)
{
        run_now(call, in->name, plan_drill);
}
