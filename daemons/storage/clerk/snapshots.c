/* Snapshots: what is shown of them, making and deleting them.
 * Rights: the storage clerk; works on what is in memory, plans, its hand acts. */
#include "daemons/storage/clerk/storage.h"
#include "daemons/storage/clerk/zfs.h"

#include "base/mem.h"
#include "value/types.h"

#include <string.h>

bool snapshot_read(const struct subvolume *subvolume, struct arena *arena, const char **ret_dataset,
                   const char **ret_name)
{
        const size_t folder = sizeof(SNAPSHOTS); /* with the slash */
        const char *path = subvolume->whole_path ? subvolume->path : NULL;
        if (!path || strncmp(path, SNAPSHOTS "/", folder) != 0)
                return false;
        const char *name = strchr(path + folder, '/');
        if (!name || !value_is(&value_snapshot, name + 1, strlen(name + 1)))
                return false;
        char *dataset = arena_text(arena, path + folder, (size_t)(name - path) - folder);
        for (char *at = dataset; *at; at++)
                if (*at == ':')
                        *at = '/';
        *ret_dataset = dataset;
        *ret_name = name + 1;
        return value_is(&value_dataset, dataset, strlen(dataset));
}

const struct subvolume *snapshot_of_call(struct call *call, const char *pool, int64_t number, const char **ret_dataset,
                                         const char **ret_name)
{
        struct failure failure = {0};
        const struct tree *tree = pool_find_sets(pool, &failure);
        const struct subvolume *one = tree ? tree_find(tree, (uint64_t)number) : NULL;
        if (one && snapshot_read(one, call_arena(call), ret_dataset, ret_name))
                return one;
        if (tree)
                failure_set(&failure, FAILURE_NOT_FOUND, "id", "Look at the list of snapshots.",
                            "There is no snapshot %lld in the pool %s.", (long long)number, pool);
        storage_refuse(call, &failure);
        return NULL;
}

struct nas_storage_snapshot snapshot_describe(const char *pool, const struct tree_snapshot *one, struct arena *arena)
{
        return (struct nas_storage_snapshot){.id = (int64_t)one->subvolume->number,
                                             .pool = pool,
                                             .dataset = one->dataset,
                                             .name = one->name,
                                             .held = one->subvolume->held,
                                             .has_exclusive = one->subvolume->counted,
                                             .exclusive = (int64_t)one->subvolume->exclusive,
                                             .created_at = moment(arena, one->subvolume->created_us)};
}

struct source { /* what is left of one pool */
        const char *pool;
        const struct tree_snapshot *next, *end;
};

/* Those behind the place where the last page ended. */
static const struct tree_snapshot *behind(const struct tree *tree, const struct page_place *place)
{
        size_t low = 0, high = place->set ? tree->snapshot_count : 0;
        while (low < high) {
                size_t middle = low + (high - low) / 2;
                const struct subvolume *one = tree->snapshots[middle].subvolume;
                uint64_t at = (uint64_t)one->created_us;
                if (at > place->first || (at == place->first && one->number >= place->second))
                        low = middle + 1;
                else
                        high = middle;
        }
        return tree->snapshots + low;
}

static size_t open_sources(const struct nas_storage_list_snapshots_in *in, const struct page_place *place,
                           struct source *sources)
{
        size_t count = 0;
        for (size_t i = 0; i < wanted_count(); i++) {
                const char *pool = wanted_at(i)->name;
                const struct tree *tree = !in->pool || strcmp(in->pool, pool) == 0 ? look_tree(pool) : NULL;
                if (tree && tree->snapshot_count > 0)
                        sources[count++] = (struct source){.pool = pool,
                                                           .next = behind(tree, place),
                                                           .end = tree->snapshots + tree->snapshot_count};
        }
        return count;
}

/* The pool whose next one is the newest of all; NULL: there is none left. */
static struct source *newest(struct source *sources, size_t count)
{
        struct source *found = NULL;
        for (size_t i = 0; i < count; i++) {
                const struct tree_snapshot *one = sources[i].next;
                if (one == sources[i].end)
                        continue;
                if (!found || one->subvolume->created_us > found->next->subvolume->created_us ||
                    (one->subvolume->created_us == found->next->subvolume->created_us &&
                     one->subvolume->number > found->next->subvolume->number))
                        found = &sources[i];
        }
        return found;
}

void snapshots_write(struct json_out *out, struct call *call, void *context)
{
        (void)context;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct nas_storage_list_snapshots_in in = {.pool = NULL};
        struct failure failure; /* it was read before, when it came */
        (void)nas_storage_list_snapshots_in_read(call_parameters(call), arena, &in, &failure);
        const struct page_place place = page_read(in.cursor);
        struct source *sources = arena_array(arena, wanted_count() + 1, sizeof(*sources)), *from;
        const size_t source_count = open_sources(&in, &place, sources);
        size_t room = 1, count = 0;
        for (size_t i = 0; i < source_count; i++)
                room += (size_t)(sources[i].end - sources[i].next);
        const size_t most = in.has_limit && (size_t)in.limit < room ? (size_t)in.limit : room;
        struct nas_storage_snapshot *all = arena_array(arena, most, sizeof(*all));
        const struct tree_snapshot *last = NULL;
        while (count < most && (from = newest(sources, source_count))) {
                const struct tree_snapshot *one = from->next++;
                if (in.dataset && strcmp(in.dataset, one->dataset) != 0)
                        continue;
                all[count++] = snapshot_describe(from->pool, one, arena);
                last = one;
        }
        struct nas_storage_list_snapshots_out reply = {.snapshots = all, .snapshots_count = count};
        if (last && count == most && newest(sources, source_count))
                reply.next = page_text(arena, (uint64_t)last->subvolume->created_us, last->subvolume->number);
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

const struct tree_snapshot *snapshot_named(const struct tree *tree, const char *dataset, const char *name)
{
        for (size_t i = 0; i < tree->snapshot_count; i++)
                if (strcmp(tree->snapshots[i].dataset, dataset) == 0 && strcmp(tree->snapshots[i].name, name) == 0)
                        return &tree->snapshots[i];
        return NULL;
}

static void answer_snapshot(struct json_out *out, const struct reply *reply, void *context)
{
        (void)reply;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        const struct made *made = context;
        const struct tree *tree = look_tree(made->pool);
        const struct tree_snapshot *one = tree ? snapshot_named(tree, made->dataset, made->name) : NULL;
        if (one) {
                const struct nas_storage_create_snapshot_out answer = {
                        .snapshot = snapshot_describe(made->pool, one, arena)};
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
        const struct tree *tree = pool_find_sets(in->pool, failure);
        const struct subvolume *dataset = tree ? dataset_with(tree, in->dataset) : NULL;
        if (!tree)
                return -1;
        if (!dataset)
                return failure_set(failure, FAILURE_NOT_FOUND, "dataset", "Look at the list of datasets.",
                                   "There is no dataset %s in the pool %s.", in->dataset, in->pool);
        if (snapshot_named(tree, in->dataset, in->name))
                return failure_set(failure, FAILURE_CONFLICT, "name", "Choose another name.",
                                   "There is a snapshot %s of it already.", in->name);
        if (tree->zfs)
                return plan_zfs_snapshot(change, STORAGE_ZFS_SNAPSHOT_MAKE, in->pool, in->dataset, in->name, failure);
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
        const struct tree *tree = look_tree(pool);
        if (tree->zfs)
                return plan_zfs_snapshot_delete(change, pool, tree, &(struct tree_snapshot){one, dataset, name},
                                                failure);
        return plan_step(change->plan, failure, STORAGE_SNAPSHOT_DELETE, pool, dataset, name,
                         arena_printf(change->arena, "%llu", (unsigned long long)one->number), NULL);
}

int plan_delete_snapshots(struct change *change, const char *pool, const struct tree *tree, const char *dataset,
                          struct failure *failure)
{
        for (size_t i = 0; i < tree->snapshot_count; i++) {
                const struct tree_snapshot *one = &tree->snapshots[i];
                if (strcmp(one->dataset, dataset) != 0)
                        continue;
                if (one->subvolume->held)
                        return failure_set(failure, FAILURE_CONFLICT, "recursive", "Release it first.",
                                           "The snapshot %s of %s is held.", one->name, dataset);
                if (plan_delete(change, pool, dataset, one->name, one->subvolume, failure) != 0)
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
