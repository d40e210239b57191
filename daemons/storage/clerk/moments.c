/* Snapshots of several datasets of a pool, all of one and the same moment. btrfs is asked by a program of its own
 * (systemd/moment), ZFS by one command.
 * Rights: the storage clerk; works on what is in memory, plans, its hand acts. */
#include "daemons/storage/clerk/storage.h"
#include "daemons/storage/clerk/zfs.h"

#include "base/log.h"
#include "base/mem.h"

#include <string.h>

enum { DATASETS_MAX = 64 };

struct moment { /* in the change's arena */
        const char *pool, *name;
        const char *datasets[DATASETS_MAX];
        size_t count;
};

/* --- which --- */

static int add(struct moment *moment, const struct tree *tree, const char *dataset, struct failure *failure)
{
        for (size_t i = 0; i < moment->count; i++)
                if (strcmp(moment->datasets[i], dataset) == 0)
                        return 0; /* said twice */
        if (!dataset_with(tree, dataset))
                return failure_set(failure, FAILURE_NOT_FOUND, "datasets", "Look at the list of datasets.",
                                   "There is no dataset %s in the pool %s.", dataset, moment->pool);
        if (snapshot_named(tree, dataset, moment->name))
                return failure_set(failure, FAILURE_CONFLICT, "name", "Choose another name.",
                                   "There is a snapshot %s of %s already.", moment->name, dataset);
        if (moment->count == DATASETS_MAX)
                return failure_set(failure, FAILURE_INVALID, "datasets", "Name fewer of them.",
                                   "must be %d datasets at most", DATASETS_MAX);
        moment->datasets[moment->count++] = dataset;
        return 0;
}

static int choose(struct moment *moment, const struct tree *tree, const struct nas_storage_create_snapshots_in *in,
                  struct arena *arena, struct failure *failure)
{
        for (size_t i = 0; i < in->datasets_count; i++)
                if (add(moment, tree, arena_text(arena, in->datasets[i], strlen(in->datasets[i])), failure) != 0)
                        return -1;
        for (size_t i = 0; in->datasets_count == 0 && i < tree->dataset_count; i++) {
                const char *path = tree->datasets[i]->path;
                if (add(moment, tree, arena_text(arena, path, strlen(path)), failure) != 0)
                        return -1;
        }
        return moment->count > 0 ? 0
                                 : failure_set(failure, FAILURE_NOT_FOUND, "datasets", "Make one first.",
                                               "There is no dataset in the pool %s.", moment->pool);
}

/* --- the plan --- */

/* The unit has said why; what that is in words is for this. */
static void explain(struct failure *failure, void *context)
{
        const struct moment *moment = context;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        if (!strstr(failure->message, "bulkhead-moment@"))
                return;
        const char *said = work_said(moment->pool, "moment", arena);
        if (strstr(said, "no moment"))
                failure_set(failure, FAILURE_CONFLICT, "", "Try again later, or name fewer datasets.",
                            "So much is written to the pool that no moment could be caught.");
        else if (strstr(said, "of that name"))
                failure_set(failure, FAILURE_CONFLICT, "name", "Choose another name.",
                            "One of them has a snapshot of that name.");
        else if (strstr(said, "not there"))
                failure_set(failure, FAILURE_CONFLICT, "datasets", "Look at the list of datasets.",
                            "One of them is not there any more.");
}

static int plan_moment(struct change *change, const struct moment *moment, const struct tree *tree,
                       struct failure *failure)
{
        const char *values[2 + DATASETS_MAX] = {moment->pool, moment->name};
        if (tree->zfs)
                return plan_zfs_snapshots(change, moment->pool, moment->name, moment->datasets, moment->count, failure);
        memcpy(values + 2, moment->datasets, moment->count * sizeof(*values));
        change->explain = explain;
        if (plan_step_values(change->plan, failure, STORAGE_MOMENT_ORDER, values, 2 + moment->count) != 0)
                return -1;
        return plan_step(change->plan, failure, STORAGE_MOMENT_TAKE, moment->pool, NULL);
}

static void answer(struct json_out *out, const struct reply *reply, void *context)
{
        (void)reply;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        const struct moment *moment = context;
        const struct tree *tree = look_tree(moment->pool);
        struct nas_storage_snapshot *all = arena_array(arena, moment->count, sizeof(*all));
        struct nas_storage_create_snapshots_out made = {.snapshots = all};
        for (size_t i = 0; tree && i < moment->count; i++) {
                const struct tree_snapshot *one = snapshot_named(tree, moment->datasets[i], moment->name);
                if (one)
                        all[made.snapshots_count++] = snapshot_describe(moment->pool, one, arena);
        }
        nas_storage_create_snapshots_out_write(out, &made);
}

void nas_storage_create_snapshots(struct call *call, const struct nas_storage_create_snapshots_in *in)
{
        ASSERT(call && in);
        struct failure failure = {0};
        const struct tree *tree = pool_find_sets(in->pool, &failure);
        struct change *change = storage_change("snapshot", "");
        struct moment *moment = arena_alloc(change->arena, sizeof(*moment));
        *moment = (struct moment){.pool = arena_text(change->arena, in->pool, strlen(in->pool)),
                                  .name = arena_text(change->arena, in->name, strlen(in->name))};
        change->object = arena_printf(change->arena, "snapshots %s@%s", in->pool, in->name);
        change->who = "nobody";
        change->context = moment;
        change->answer = answer;
        int result = tree ? choose(moment, tree, in, change->arena, &failure) : -1;
        storage_run(call, change, result == 0 ? plan_moment(change, moment, tree, &failure) : -1, &failure);
}
