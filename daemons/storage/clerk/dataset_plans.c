/* Changing datasets: whose they are and how much they may hold, their names, and back to a snapshot.
 * Rights: the storage clerk; plans, its hand acts. */
#include "base/log.h"
#include "base/mem.h"
#include "daemons/storage/clerk/storage.h"
#include "daemons/storage/clerk/zfs.h"
#include "value/types.h"

#include <stdlib.h>
#include <string.h>

static const char *number_text(struct arena *arena, uint64_t number)
{
        return number > 0 ? arena_printf(arena, "%llu", (unsigned long long)number) : "";
}

/* --- whose, and how much --- */

static int plan_compress(struct change *change, const struct nas_storage_update_dataset_in *in,
                         const struct subvolume *one, struct failure *failure)
{
        const char *how =
                in->compression == NAS_STORAGE_COMPRESSION_INHERIT ? "" : nas_storage_compression_word(in->compression);
        if (one->in_place)
                return failure_set(failure, FAILURE_CONFLICT, "compression", "Make another dataset, and move it there.",
                                   "What is in it is written without copy on write, which cannot be compressed.");
        return plan_step(change->plan, failure, STORAGE_DATASET_COMPRESS, in->pool, dataset_name(one),
                         number_text(change->arena, one->number), how, one->compression ? one->compression : "", NULL);
}

static int plan_update(struct change *change, const struct nas_storage_update_dataset_in *in,
                       const char *const given[PEOPLE], const struct subvolume *one, struct failure *failure)
{
        const char *name = dataset_name(one), *number = number_text(change->arena, one->number);
        const char *owner = given[0], *group = given[1], *mode = in->mode ? in->mode : "",
                   *preset = in->has_access ? nas_storage_access_word(in->access) : "";
        const bool access = *owner || *group || *mode || *preset;
        const bool zfs = look_tree(in->pool)->zfs,
                   settings = in->has_quota || in->has_reservation || in->has_compression;
        if (!access && !settings)
                return failure_set(
                        failure, FAILURE_INVALID, "quota",
                        "Give at least one of quota, reservation, owner, group, mode, access and compression.",
                        "says nothing, and nothing else does");
        if (*mode && *preset)
                return failure_set(failure, FAILURE_INVALID, "access", "Give one of them.", "is in place of a mode");
        if (in->has_quota && in->quota > 0 && one->counted && (uint64_t)in->quota < one->referenced)
                return failure_set(failure, FAILURE_CONFLICT, "quota", "Delete something first, or allow more.",
                                   "is less than the %llu bytes that are in it", (unsigned long long)one->referenced);
        if (in->has_reservation && !zfs)
                return failure_set(failure, FAILURE_CONFLICT, "reservation",
                                   "Limit what the others may hold (quota), so that enough is left for this one.",
                                   "cannot be given: btrfs keeps no room for a dataset, only ZFS does");
        if (access && plan_step(change->plan, failure, STORAGE_DATASET_ACCESS, in->pool, name, number, owner, group,
                                mode, preset, NULL) != 0)
                return -1;
        if (zfs)
                return settings ? plan_zfs_settings(change, in, one, failure) : 0;
        if (in->has_compression && in->compression == NAS_STORAGE_COMPRESSION_LZ4)
                return dataset_lacks_lz4(failure);
        if (in->has_compression && plan_compress(change, in, one, failure) != 0)
                return -1;
        if (!in->has_quota)
                return 0;
        return plan_step(change->plan, failure, STORAGE_DATASET_LIMIT, in->pool, name, number,
                         number_text(change->arena, (uint64_t)in->quota), number_text(change->arena, one->limit), NULL);
}

struct updating {
        struct call *call;
        struct nas_storage_update_dataset_in in; /* what it points to is the call's */
};

static void update(const char *const given[PEOPLE], const struct failure *wrong, void *context)
{
        struct updating *updating = context;
        const struct nas_storage_update_dataset_in *in = &updating->in;
        struct failure failure = {0};
        const struct subvolume *one = wrong ? NULL : dataset_numbered(in->pool, in->id, &failure);
        if (one) {
                struct change *change = dataset_change(in->pool, dataset_name(one));
                change->who = "all who use what is in it";
                change->answer = dataset_answer;
                storage_run(updating->call, change, plan_update(change, in, given, one, &failure), &failure);
        } else {
                storage_refuse(updating->call, wrong ? wrong : &failure);
        }
        free(updating);
}

void nas_storage_update_dataset(struct call *call, const struct nas_storage_update_dataset_in *in)
{
        struct failure failure = {0};
        if (!dataset_numbered(in->pool, in->id, &failure)) {
                storage_refuse(call, &failure);
                return;
        }
        struct updating *updating = mem_new(1, sizeof(*updating));
        *updating = (struct updating){.call = call, .in = *in};
        static const char *const fields[PEOPLE] = {"owner", "group"};
        people_find(fields, (const char *const[PEOPLE]){in->owner, in->group}, update, updating);
}

/* --- its name --- */

/* Its own snapshots, and those of all that lies in it, are found by name: they go along. */
static int plan_snapshots(struct change *change, const char *pool, const struct tree *tree, const char *from,
                          const char *to, struct failure *failure)
{
        const size_t length = strlen(from);
        if (plan_step(change->plan, failure, STORAGE_SNAPSHOTS_RENAME, pool, from, to, NULL) != 0)
                return -1;
        for (size_t i = 0; i < tree->subvolume_count; i++) {
                const char *inner = dataset_name(&tree->subvolumes[i]);
                if (!inner || strncmp(inner, from, length) != 0 || inner[length] != '/')
                        continue;
                const char *moved = arena_printf(change->arena, "%s%s", to, inner + length);
                if (plan_step(change->plan, failure, STORAGE_SNAPSHOTS_RENAME, pool, inner, moved, NULL) != 0)
                        return -1;
        }
        return 0;
}

static int plan_rename(struct change *change, const struct nas_storage_rename_dataset_in *in,
                       const struct subvolume *one, struct failure *failure)
{
        const struct tree *tree = look_tree(in->pool);
        const char *name = dataset_name(one);
        size_t length = strlen(name);
        if (strcmp(name, in->name) == 0)
                return 0;
        if (dataset_name_is_free(tree, in->name, failure) != 0)
                return -1;
        if (strncmp(in->name, name, length) == 0 && in->name[length] == '/')
                return failure_set(failure, FAILURE_INVALID, "name", "", "would lie in itself");
        if (dataset_has_parent(change, tree, in->name, failure) != 0)
                return -1;
        if (tree->zfs)
                return plan_zfs_rename(change, in->pool, one, in->name, failure);
        if (plan_step(change->plan, failure, STORAGE_DATASET_RENAME, in->pool, name,
                      number_text(change->arena, one->number), in->name, NULL) != 0)
                return -1;
        return plan_snapshots(change, in->pool, tree, name, in->name, failure);
}

void nas_storage_rename_dataset(struct call *call, const struct nas_storage_rename_dataset_in *in)
{
        struct failure failure = {0};
        const struct subvolume *one = dataset_numbered(in->pool, in->id, &failure);
        if (!one) {
                storage_refuse(call, &failure);
                return;
        }
        struct change *change = dataset_change(in->pool, in->name);
        change->who = "all who use what is in it: it has another path then";
        change->answer = dataset_answer;
        storage_run(call, change, plan_rename(change, in, one, &failure), &failure);
}

/* --- back to a snapshot --- */

static bool has_inner(const struct tree *tree, uint64_t number)
{
        for (size_t i = 0; i < tree->subvolume_count; i++)
                if (subvolume_lies_in(tree, &tree->subvolumes[i], number))
                        return true;
        return false;
}

/* The name under which what is replaced is kept: always the same for the same request, so that what was confirmed is
 * what is done. */
static const char *kept_name(struct arena *arena, const struct subvolume *dataset, const char *snapshot)
{
        const char *name = arena_printf(arena, "replaced-%llu-by-%s", (unsigned long long)dataset->number, snapshot);
        return strlen(name) <= value_snapshot.max_bytes ? name : arena_text(arena, name, value_snapshot.max_bytes);
}

static int plan_rollback(struct change *change, const char *pool, const struct subvolume *snapshot,
                         struct failure *failure)
{
        const struct tree *tree = look_tree(pool);
        const char *name, *dataset;
        struct arena *arena = change->arena;
        bool is_one = snapshot_read(snapshot, arena, &dataset, &name);
        ASSERT(is_one); /* it was found as one */
        const struct subvolume *one = dataset_with(tree, dataset);
        if (!one)
                return failure_set(failure, FAILURE_CONFLICT, "id", "Clone the snapshot instead.",
                                   "There is no dataset %s any more.", dataset);
        if (has_inner(tree, one->number))
                return failure_set(failure, FAILURE_CONFLICT, "id", "Move them out of it first.",
                                   "Other datasets lie in %s, of which its snapshots hold nothing.", dataset);
        if (tree->zfs)
                return plan_zfs_rollback(change, pool, one, &(struct tree_snapshot){snapshot, dataset, name}, failure);
        return plan_step(change->plan, failure, STORAGE_DATASET_ROLLBACK, pool, dataset,
                         number_text(arena, one->number), name, number_text(arena, snapshot->number),
                         kept_name(arena, one, name), number_text(arena, one->limit), NULL);
}

void nas_storage_rollback_snapshot(struct call *call, const struct nas_storage_rollback_snapshot_in *in)
{
        struct failure failure = {0};
        const char *dataset, *name;
        const struct subvolume *snapshot = snapshot_of_call(call, in->pool, in->id, &dataset, &name);
        if (!snapshot)
                return;
        struct change *change = dataset_change(in->pool, dataset);
        /* Of ZFS's they are others, and said with the plan. */
        change->who = "all who use what is in it; files that are open now stay those that are replaced";
        change->answer = dataset_answer;
        storage_run(call, change, plan_rollback(change, in->pool, snapshot, &failure), &failure);
}

void nas_storage_clone_snapshot(struct call *call, const struct nas_storage_clone_snapshot_in *in)
{
        struct failure failure = {0};
        const char *dataset, *name;
        const struct subvolume *snapshot = snapshot_of_call(call, in->pool, in->id, &dataset, &name);
        if (!snapshot)
                return;
        struct change *change = dataset_change(in->pool, in->name);
        int result = dataset_is_new(change, look_tree(in->pool), in->name, &failure);
        if (result == 0 && look_tree(in->pool)->zfs)
                result = plan_zfs_clone(change, in->pool, &(struct tree_snapshot){snapshot, dataset, name}, in->name,
                                        &failure);
        else if (result == 0)
                result = plan_step(change->plan, &failure, STORAGE_SNAPSHOT_CLONE, in->pool, dataset, name,
                                   number_text(change->arena, snapshot->number), in->name, NULL);
        change->who = "nobody yet";
        change->answer = dataset_answer;
        storage_run(call, change, result, &failure);
}

/* --- holds --- */

static void change_hold(struct call *call, const char *pool, int64_t id, unsigned operation)
{
        struct failure failure = {0};
        const char *dataset, *name;
        if (!snapshot_of_call(call, pool, id, &dataset, &name))
                return;
        struct change *change =
                storage_change("snapshot", arena_printf(call_arena(call), "%s/%s@%s", pool, dataset, name));
        change->who = "nobody";
        const bool zfs = look_tree(pool)->zfs;
        if (zfs)
                operation =
                        operation == STORAGE_SNAPSHOT_HOLD ? STORAGE_ZFS_SNAPSHOT_HOLD : STORAGE_ZFS_SNAPSHOT_RELEASE;
        int result = zfs ? plan_zfs_snapshot(change, operation, pool, dataset, name, &failure)
                         : plan_step(change->plan, &failure, operation, pool, dataset, name, NULL);
        storage_run(call, change, result, &failure);
}

void nas_storage_hold_snapshot(struct call *call, const struct nas_storage_hold_snapshot_in *in)
{
        change_hold(call, in->pool, in->id, STORAGE_SNAPSHOT_HOLD);
}

void nas_storage_release_snapshot(struct call *call, const struct nas_storage_release_snapshot_in *in)
{
        change_hold(call, in->pool, in->id, STORAGE_SNAPSHOT_RELEASE);
}
