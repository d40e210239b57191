/* Datasets: what is shown of them, making and deleting them.
 * Rights: the storage clerk; works on what is in memory, plans, its hand acts. */
#include "daemons/storage/clerk/storage.h"
#include "daemons/storage/clerk/zfs.h"

#include "base/log.h"
#include "base/mem.h"
#include "value/types.h"

#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 32 };

const char *dataset_name(const struct subvolume *subvolume)
{
        const char *path = subvolume->whole_path ? subvolume->path : NULL;
        bool named = path && value_is(&value_dataset, path, strlen(path));
        return named ? path : NULL;
}

const struct subvolume *dataset_with(const struct tree *tree, const char *name)
{
        for (size_t i = 0; i < tree->dataset_count; i++)
                if (strcmp(tree->datasets[i]->path, name) == 0)
                        return tree->datasets[i];
        return NULL;
}

const struct subvolume *dataset_numbered(const char *pool, int64_t number, struct failure *failure)
{
        const struct tree *tree = pool_find_sets(pool, failure);
        const struct subvolume *one = tree ? tree_find(tree, (uint64_t)number) : NULL;
        if (one && dataset_name(one))
                return one;
        if (tree)
                failure_set(failure, FAILURE_NOT_FOUND, "id", "Look at the list of datasets.",
                            "There is no dataset %lld in the pool %s.", (long long)number, pool);
        return NULL;
}

/* --- showing them --- */

static enum nas_storage_compression compression_of(const char *word)
{
        enum nas_storage_compression one = 0;
        if (word && strcmp(word, "lz4") == 0)
                return NAS_STORAGE_COMPRESSION_LZ4;
        while (one < NAS_STORAGE_COMPRESSION_INHERIT && (!word || strcmp(nas_storage_compression_word(one), word) != 0))
                one++;
        return one;
}

static enum nas_storage_access access_of(const char *preset)
{
        enum nas_storage_access one = 0;
        while (one < NAS_STORAGE_ACCESS_EVERYONE_READS &&
               (!preset || strcmp(nas_storage_access_word(one), preset) != 0))
                one++;
        return one;
}

static struct nas_storage_dataset describe(const char *pool, const struct subvolume *one, struct arena *arena)
{
        const char *name = one->path;
        return (struct nas_storage_dataset){.id = (int64_t)one->number,
                                            .pool = pool,
                                            .name = name,
                                            .path = arena_printf(arena, SERVED "/%s/%s", pool, name),
                                            .has_used = one->counted,
                                            .used = (int64_t)one->referenced,
                                            .has_exclusive = one->counted,
                                            .exclusive = (int64_t)one->exclusive,
                                            .has_quota = one->limit > 0,
                                            .quota = (int64_t)one->limit,
                                            .has_reservation = one->reserved > 0,
                                            .reservation = (int64_t)one->reserved,
                                            .owner = one->owner,
                                            .group = one->group,
                                            .mode = one->mode,
                                            .has_access = one->access != NULL,
                                            .access = access_of(one->access),
                                            .compression = compression_of(one->compression),
                                            .copy_on_write = !one->in_place,
                                            .snapshots = (int64_t)one->snapshots,
                                            .created_at = moment(arena, one->created_us)};
}

/* Those of one pool behind a number, until there are most. The last number; 0: all were taken. */
static uint64_t take(const char *pool, uint64_t after, size_t most, struct arena *arena,
                     struct nas_storage_list_datasets_out *reply, struct nas_storage_dataset *all)
{
        const struct tree *tree = look_tree(pool);
        for (size_t i = 0; tree && i < tree->dataset_count; i++) {
                const struct subvolume *one = tree->datasets[i];
                if (one->number <= after)
                        continue;
                if (reply->datasets_count == most)
                        return (uint64_t)all[most - 1].id;
                all[reply->datasets_count++] = describe(pool, one, arena);
        }
        return 0;
}

void datasets_write(struct json_out *out, struct call *call, void *context)
{
        (void)context;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct nas_storage_list_datasets_in in = {.pool = NULL};
        struct failure failure; /* it was read before, when it came */
        (void)nas_storage_list_datasets_in_read(call_parameters(call), arena, &in, &failure);
        const struct page_place place = page_read(in.cursor);
        size_t most = 1;
        for (size_t i = 0; i < wanted_count(); i++)
                most += look_tree(wanted_at(i)->name) ? look_tree(wanted_at(i)->name)->dataset_count : 0;
        most = in.has_limit && (size_t)in.limit < most ? (size_t)in.limit : most;
        struct nas_storage_dataset *all = arena_array(arena, most, sizeof(*all));
        struct nas_storage_list_datasets_out reply = {.datasets = all};
        bool begun = !place.set;
        for (size_t i = 0; i < wanted_count() && !reply.next; i++) {
                const struct wanted *pool = wanted_at(i);
                const bool here = place.set && (uint64_t)pool->id == place.first;
                begun = begun || here;
                if (!begun || (in.pool && strcmp(in.pool, pool->name) != 0))
                        continue;
                const size_t before = reply.datasets_count;
                uint64_t last = take(pool->name, here ? place.second : 0, most, arena, &reply, all);
                if (last > 0) /* of this pool, or of the one before when nothing of this fitted */
                        reply.next = page_text(arena, (uint64_t)pool->id, before == most ? 0 : last);
        }
        reply.datasets = all;
        nas_storage_list_datasets_out_write(out, &reply);
}

void nas_storage_list_datasets(struct call *call, const struct nas_storage_list_datasets_in *in)
{
        (void)in;
        topic_serve(topics.datasets, call);
}

/* --- making one --- */

struct made { /* in the change's arena */
        const char *pool, *name;
};

void dataset_answer(struct json_out *out, const struct reply *reply, void *context)
{
        (void)reply;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        const struct made *made = context;
        const struct tree *tree = look_tree(made->pool);
        const struct subvolume *one = tree ? dataset_with(tree, made->name) : NULL;
        if (one) {
                struct nas_storage_create_dataset_out answer = {.dataset = describe(made->pool, one, arena)};
                nas_storage_create_dataset_out_write(out, &answer);
                return;
        }
        json_out_object(out);
        json_out_object_end(out);
}

struct change *dataset_change(const char *pool, const char *name)
{
        ASSERT(pool && name);
        struct change *change = storage_change("dataset", "");
        struct made *made = arena_alloc(change->arena, sizeof(*made));
        *made = (struct made){arena_text(change->arena, pool, strlen(pool)),
                              arena_text(change->arena, name, strlen(name))};
        change->object = arena_printf(change->arena, "dataset %s/%s", pool, name);
        change->context = made;
        return change;
}

int dataset_name_is_free(const struct tree *tree, const char *name, struct failure *failure)
{
        if (!dataset_with(tree, name))
                return 0;
        return failure_set(failure, FAILURE_CONFLICT, "name", "Choose another name.", "There is a dataset %s already.",
                           name);
}

int dataset_has_parent(struct change *change, const struct tree *tree, const char *name, struct failure *failure)
{
        const char *slash = strrchr(name, '/');
        if (!slash || dataset_with(tree, arena_text(change->arena, name, (size_t)(slash - name))))
                return 0;
        return failure_set(failure, FAILURE_NOT_FOUND, "name", "Make that one first.",
                           "lies in a dataset that is not there");
}

int dataset_is_new(struct change *change, const struct tree *tree, const char *name, struct failure *failure)
{
        return dataset_name_is_free(tree, name, failure) == 0 ? dataset_has_parent(change, tree, name, failure) : -1;
}

int dataset_lacks_lz4(struct failure *failure)
{
        return failure_set(failure, FAILURE_INVALID, "compression", "Choose zstd, lzo, zlib, none or inherit.",
                           "is known to ZFS alone");
}

static int plan_create(struct change *change, const struct nas_storage_create_dataset_in *in, struct failure *failure)
{
        const struct tree *tree = pool_find_sets(in->pool, failure);
        if (!tree || dataset_is_new(change, tree, in->name, failure) != 0)
                return -1;
        if (tree->zfs)
                return plan_zfs_set_create(change, in, failure);
        const bool in_place = in->has_copy_on_write && !in->copy_on_write,
                   compresses = in->has_compression && in->compression != NAS_STORAGE_COMPRESSION_INHERIT;
        if (compresses && in->compression == NAS_STORAGE_COMPRESSION_LZ4)
                return dataset_lacks_lz4(failure);
        if (in_place && compresses)
                return failure_set(failure, FAILURE_INVALID, "compression", "Choose one of them.",
                                   "needs copy on write: what is written over what is there cannot be compressed");
        return plan_step(change->plan, failure, STORAGE_DATASET_MAKE, in->pool, in->name,
                         compresses ? nas_storage_compression_word(in->compression) : "", in_place ? "no" : "yes",
                         NULL);
}

void nas_storage_create_dataset(struct call *call, const struct nas_storage_create_dataset_in *in)
{
        struct failure failure = {0};
        struct change *change = dataset_change(in->pool, in->name);
        change->who = "nobody yet";
        change->answer = dataset_answer;
        storage_run(call, change, plan_create(change, in, &failure), &failure);
}

/* --- deleting one --- */

/* By their numbers: one whose name cannot be shown lies there too. What is too deep to tell is taken to do so. */
bool subvolume_lies_in(const struct tree *tree, const struct subvolume *inner, uint64_t outer)
{
        unsigned depth = 0;
        while (inner && inner->parent != outer && depth++ < DEPTH_MAX)
                inner = tree_find(tree, inner->parent);
        return inner != NULL;
}

/* The deepest first. */
static int by_depth(const void *a, const void *b)
{
        const struct subvolume *const *left = a, *const *right = b;
        return -strcmp((*left)->path, (*right)->path);
}

/* Asked before anything is planned: that it fails half-way is what nobody wants. */
static int all_are_datasets(const struct subvolume *const *all, size_t count, struct failure *failure)
{
        for (size_t i = 0; i < count; i++)
                if (!dataset_name(all[i]))
                        return failure_set(failure, FAILURE_CONFLICT, "id", "Remove it by hand first.",
                                           "A subvolume lies in it that is no dataset: %s (number %llu)",
                                           all[i]->path ? all[i]->path : "its name cannot be shown",
                                           (unsigned long long)all[i]->number);
        return 0;
}

static int plan_delete_one(struct change *change, const char *pool, const struct tree *tree,
                           const struct subvolume *one, struct failure *failure)
{
        const char *name = dataset_name(one);
        if (plan_delete_snapshots(change, pool, tree, name, failure) != 0)
                return -1;
        return plan_step(change->plan, failure, STORAGE_DATASET_DELETE, pool, name,
                         arena_printf(change->arena, "%llu", (unsigned long long)one->number), NULL);
}

static int plan_delete(struct change *change, const struct nas_storage_delete_dataset_in *in, const struct tree *tree,
                       const struct subvolume *one, struct failure *failure)
{
        const struct subvolume **all = arena_array(change->arena, tree->subvolume_count + 1, sizeof(*all));
        size_t inner = 0;
        for (size_t i = 0; i < tree->subvolume_count; i++)
                if (subvolume_lies_in(tree, &tree->subvolumes[i], one->number))
                        all[inner++] = &tree->subvolumes[i];
        int64_t snapshots = (int64_t)one->snapshots;
        if ((inner > 0 || snapshots > 0) && !(in->has_recursive && in->recursive))
                return failure_set(failure, FAILURE_CONFLICT, "recursive",
                                   "Ask for it with recursive to delete them too.",
                                   "%zu datasets lie in it, and it has %lld snapshots", inner, (long long)snapshots);
        if (all_are_datasets(all, inner, failure) != 0)
                return -1;
        if (tree->zfs)
                return plan_zfs_delete(change, in->pool, tree, one, failure);
        qsort(all, inner, sizeof(*all), by_depth);
        for (size_t i = 0; i < inner; i++)
                if (plan_delete_one(change, in->pool, tree, all[i], failure) != 0)
                        return -1;
        return plan_delete_one(change, in->pool, tree, one, failure);
}

void nas_storage_delete_dataset(struct call *call, const struct nas_storage_delete_dataset_in *in)
{
        struct failure failure = {0};
        const struct subvolume *one = dataset_numbered(in->pool, in->id, &failure);
        if (!one) {
                storage_refuse(call, &failure);
                return;
        }
        struct change *change = dataset_change(in->pool, dataset_name(one));
        change->who = "all who use what is in it; it is lost";
        storage_run(call, change, plan_delete(change, in, look_tree(in->pool), one, &failure), &failure);
}
