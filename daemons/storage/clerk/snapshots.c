/* Snapshots: what is shown of them, making and deleting them.
 * Rights: the storage clerk; works on what is in memory, plans, its hand acts. */
#include "daemons/storage/clerk/storage.h"

#include "base/mem.h"
#include "value/types.h"

#include <stdlib.h>
#include <string.h>

bool snapshot_read(const struct subvolume *subvolume, struct arena *arena, const char **ret_dataset,
                   const char **ret_name)
{
        const size_t folder = sizeof(SNAPSHOTS); /* with the slash */
        const char *path = subvolume->whole_path ? subvolume->path : NULL;
        if (!path || strncmp(path, SNAPSHOTS "/", folder) != 0)
                return false;
        const char *name = strchr(path + folder, '/');
        if (!name || !value_snapshot.check(name + 1, strlen(name + 1)))
                return false;
        char *dataset = arena_text(arena, path + folder, (size_t)(name - path) - folder);
        for (char *at = dataset; *at; at++)
                if (*at == ':')
                        *at = '/';
        *ret_dataset = dataset;
        *ret_name = name + 1;
        return strlen(dataset) <= value_dataset.max_bytes && value_dataset.check(dataset, strlen(dataset));
}

const struct subvolume *snapshot_of_call(struct call *call, const char *pool, int64_t number, const char **ret_dataset,
                                         const char **ret_name)
{
        struct failure failure = {0};
        const struct tree *tree = pool_find_tree(pool, &failure);
        const struct subvolume *one = tree ? tree_find(tree, (uint64_t)number) : NULL;
        if (one && snapshot_read(one, call_arena(call), ret_dataset, ret_name))
                return one;
        if (tree)
                failure_set(&failure, FAILURE_NOT_FOUND, "id", "Look at the list of snapshots.",
                            "There is no snapshot %lld in the pool %s.", (long long)number, pool);
        storage_refuse(call, &failure);
        return NULL;
}

static bool describe(const char *pool, const struct subvolume *one, struct arena *arena,
                     struct nas_storage_snapshot *ret_snapshot)
{
        const char *dataset, *name;
        if (!snapshot_read(one, arena, &dataset, &name))
                return false;
        *ret_snapshot = (struct nas_storage_snapshot){.id = (int64_t)one->number,
                                                      .pool = pool,
                                                      .dataset = dataset,
                                                      .name = name,
                                                      .held = one->held,
                                                      .has_exclusive = one->counted,
                                                      .exclusive = (int64_t)one->exclusive,
                                                      .created_at = moment(arena, one->created_us)};
        return true;
}

/* Numbers are given out in order. */
static int newest_first(const void *a, const void *b)
{
        const struct nas_storage_snapshot *left = a, *right = b;
        int order = strcmp(right->created_at, left->created_at);
        return order != 0 ? order : right->id < left->id ? -1 : right->id > left->id;
}

void snapshots_write(struct json_out *out, struct call *call, void *context)
{
        (void)context;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct nas_storage_list_snapshots_in in = {.pool = NULL};
        struct failure failure; /* it was read before, when it came */
        (void)nas_storage_list_snapshots_in_read(call_parameters(call), arena, &in, &failure);
        size_t count = 0, room = 1;
        for (size_t i = 0; i < wanted_count(); i++)
                room += look_tree(wanted_at(i)->name) ? look_tree(wanted_at(i)->name)->subvolume_count : 0;
        struct nas_storage_snapshot *all = arena_array(arena, room, sizeof(*all));
        for (size_t i = 0; i < wanted_count(); i++) {
                const char *pool = wanted_at(i)->name;
                const struct tree *tree = !in.pool || strcmp(in.pool, pool) == 0 ? look_tree(pool) : NULL;
                for (size_t n = 0; tree && n < tree->subvolume_count; n++)
                        if (describe(pool, &tree->subvolumes[n], arena, &all[count]) &&
                            (!in.dataset || strcmp(in.dataset, all[count].dataset) == 0))
                                count++;
        }
        qsort(all, count, sizeof(*all), newest_first);
        struct nas_storage_list_snapshots_out reply = {.snapshots = all, .snapshots_count = count};
        nas_storage_list_snapshots_out_write(out, &reply);
}

void nas_storage_list_snapshots(struct call *call, const struct nas_storage_list_snapshots_in *in)
{
        (void)in;
        topic_serve(topics.snapshots, call);
}

/* --- making one --- */

struct made { /* in the change's arena */
        const char *pool, *dataset, *name;
};

static const struct subvolume *find(const struct tree *tree, const char *dataset, const char *name)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        for (size_t i = 0; i < tree->subvolume_count; i++) {
                const char *of, *called;
                if (snapshot_read(&tree->subvolumes[i], arena, &of, &called) && strcmp(of, dataset) == 0 &&
                    strcmp(called, name) == 0)
                        return &tree->subvolumes[i];
        }
        return NULL;
}

static void answer_snapshot(struct json_out *out, const struct reply *reply, void *context)
{
        (void)reply;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        const struct made *made = context;
        const struct tree *tree = look_tree(made->pool);
        const struct subvolume *one = tree ? find(tree, made->dataset, made->name) : NULL;
        struct nas_storage_create_snapshot_out answer;
        if (one && describe(made->pool, one, arena, &answer.snapshot)) {
                nas_storage_create_snapshot_out_write(out, &answer);
                return;
        }
        json_out_object(out);
        json_out_object_end(out);
}

static struct change *snapshot_change(const char *pool, const char *dataset, const char *name)
{
        struct change *change = storage_change("snapshot", "");
        struct made *made = arena_alloc(change->arena, sizeof(*made));
        *made = (struct made){arena_text(change->arena, pool, strlen(pool)),
                              arena_text(change->arena, dataset, strlen(dataset)),
                              arena_text(change->arena, name, strlen(name))};
        change->object = arena_printf(change->arena, "snapshot %s/%s@%s", pool, dataset, name);
        change->context = made;
        return change;
}

static int plan_create(struct change *change, const struct nas_storage_create_snapshot_in *in, struct failure *failure)
{
        const struct tree *tree = pool_find_tree(in->pool, failure);
        const struct subvolume *dataset = tree ? dataset_with(tree, in->dataset) : NULL;
        if (!tree)
                return -1;
        if (!dataset)
                return failure_set(failure, FAILURE_NOT_FOUND, "dataset", "Look at the list of datasets.",
                                   "There is no dataset %s in the pool %s.", in->dataset, in->pool);
        if (find(tree, in->dataset, in->name))
                return failure_set(failure, FAILURE_CONFLICT, "name", "Choose another name.",
                                   "There is a snapshot %s of it already.", in->name);
        return plan_step(change->plan, failure, STORAGE_SNAPSHOT_MAKE, in->pool, in->dataset,
                         arena_printf(change->arena, "%llu", (unsigned long long)dataset->number), in->name, NULL);
}

void nas_storage_create_snapshot(struct call *call, const struct nas_storage_create_snapshot_in *in)
{
        struct failure failure = {0};
        struct change *change = snapshot_change(in->pool, in->dataset, in->name);
        change->who = "nobody";
        change->answer = answer_snapshot;
        storage_run(call, change, plan_create(change, in, &failure), &failure);
}

/* --- deleting some --- */

static int plan_delete(struct change *change, const char *pool, const char *dataset, const char *name,
                       const struct subvolume *one, struct failure *failure)
{
        return plan_step(change->plan, failure, STORAGE_SNAPSHOT_DELETE, pool, dataset, name,
                         arena_printf(change->arena, "%llu", (unsigned long long)one->number), NULL);
}

int plan_delete_snapshots(struct change *change, const char *pool, const struct tree *tree, const char *dataset,
                          struct failure *failure)
{
        for (size_t i = 0; i < tree->subvolume_count; i++) {
                const char *of, *name;
                if (!snapshot_read(&tree->subvolumes[i], change->arena, &of, &name) || strcmp(of, dataset) != 0)
                        continue;
                if (tree->subvolumes[i].held)
                        return failure_set(failure, FAILURE_CONFLICT, "recursive", "Release it first.",
                                           "The snapshot %s of %s is held.", name, dataset);
                if (plan_delete(change, pool, dataset, name, &tree->subvolumes[i], failure) != 0)
                        return -1;
        }
        return 0;
}

void nas_storage_delete_snapshot(struct call *call, const struct nas_storage_delete_snapshot_in *in)
{
        struct failure failure = {0};
        const char *dataset, *name;
        const struct subvolume *one = snapshot_of_call(call, in->pool, in->id, &dataset, &name);
        if (!one)
                return;
        struct change *change = snapshot_change(in->pool, dataset, name);
        int result = one->held ? failure_set(&failure, FAILURE_CONFLICT, "id", "Release it first.", "%s is held.", name)
                               : plan_delete(change, in->pool, dataset, name, one, &failure);
        change->who = "nobody; what is in it alone is lost";
        storage_run(call, change, result, &failure);
}
