/* Datasets and snapshots in pools of ZFS: what each wish comes down to. ZFS's own tool does it, which PID 1 has carry
 * out an order of the hand's.
 * Rights: the storage clerk; plans, its hand writes orders and has PID 1 act. */
#include "base/log.h"
#include "base/mem.h"
#include "daemons/storage/clerk/storage.h"
#include "daemons/storage/clerk/zfs.h"
#include "value/types.h"

#include <string.h>

/* As ZFS itself knows it. */
static const char *zfs_number(struct arena *arena, const struct subvolume *one)
{
        return plan_number(arena, one->number - ZFS_NUMBERS);
}

/* --- why it could not be done --- */

static const struct zfs_set_fault {
        const char *word, *message, *next;
} faults[] = {
        {"resource busy", "Somebody uses what is in it: a share, a program or a person in that folder.",
         "End that first: shares that are open, exports, sessions."},
        {"is busy", "Somebody uses it, or it is held.", "End that first; or release the snapshot."},
        {"dependent clones", "Datasets were made of snapshots of it, and live on those.", "Delete these first."},
        {"being held", "A snapshot of it is held.", "Release it first."},
        {"out of space", "The pool has no room for that.", "Delete something first."},
        {"greater than available", "The pool has no room for that.", "Keep less for it, or delete something first."},
        {"no longer what", "It is no longer what the plan was made for.", "Look at the list again."},
        {"not long ago", "It was done not long ago.", ""},
        {"does not exist", "It is not there any more.", "Look at the list again."},
        {"already exists", "ZFS has something of that name already.", "Choose another name."},
        {"less than current", "That is less than what is in it.", "Delete something first, or allow more."},
        {"too long", "The name is too long for ZFS.", "Choose a shorter one."},
};

static void explain_by(struct failure *failure, const char *said)
{
        for (size_t i = 0; i < ARRAY_SIZE(faults); i++)
                if (strstr(said, faults[i].word)) {
                        failure_set(failure, FAILURE_CONFLICT, "", faults[i].next, "%s", faults[i].message);
                        return;
                }
}

static void zfs_set_explain(struct failure *failure, void *context)
{
        ASSERT(failure);
        const char *pool = *(const char *const *)context; /* what changes of datasets and of snapshots begin with */
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        if (strstr(failure->message, "bulkhead-zfs-set@"))
                explain_by(failure, live_zfs(arena_printf(arena, "%s.set", pool), arena));
}

void zfs_schedule_explain(struct failure *failure, const char *schedule)
{
        ASSERT(failure && schedule);
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        if (strstr(failure->message, "bulkhead-zfs-schedule@"))
                explain_by(failure, live_zfs(arena_printf(arena, "%s.schedule", schedule), arena));
}

/* Behind each order. */
static int plan_do(struct change *change, const char *pool, struct failure *failure)
{
        change->explain = change->context ? zfs_set_explain : NULL;
        return plan_step(change->plan, failure, STORAGE_ZFS_SET_DO, pool, NULL);
}

/* --- datasets --- */

/* The word for it, "" when nothing was said; NULL: ZFS has no such, and the field is named. */
static const char *compression_word(bool has, enum nas_storage_compression how, struct failure *failure)
{
        const char *word = has ? nas_storage_compression_word(how) : "";
        if (*word == '\0' || value_is(&value_zfs_compression, word, strlen(word)))
                return word;
        failure_set(failure, FAILURE_INVALID, "compression", "Choose zstd, lz4, none or inherit.",
                    "is not what ZFS compresses with here");
        return NULL;
}

int plan_zfs_set_create(struct change *change, const struct nas_storage_create_dataset_in *in, struct failure *failure)
{
        ASSERT(change && in);
        const char *compression = compression_word(in->has_compression, in->compression, failure);
        if (!compression)
                return -1;
        if (in->has_copy_on_write && !in->copy_on_write)
                return failure_set(failure, FAILURE_INVALID, "copy_on_write", "Leave it out.",
                                   "cannot be switched off: ZFS never writes over what is there");
        return plan_step(change->plan, failure, STORAGE_ZFS_SET_MAKE, in->pool, in->name,
                         strcmp(compression, "inherit") == 0 ? "" : compression, NULL) == 0
                       ? plan_do(change, in->pool, failure)
                       : -1;
}

/* "": it was not said, and stays as it is. */
static const char *size_text(struct arena *arena, bool has, int64_t bytes)
{
        return has ? plan_number(arena, (uint64_t)bytes) : "";
}

int plan_zfs_settings(struct change *change, const struct nas_storage_update_dataset_in *in,
                      const struct subvolume *one, struct failure *failure)
{
        ASSERT(change && in && one);
        const char *compression = compression_word(in->has_compression, in->compression, failure);
        const uint64_t limit = in->has_quota ? (uint64_t)in->quota : one->limit,
                       reserved = in->has_reservation ? (uint64_t)in->reservation : one->reserved;
        if (!compression)
                return -1;
        if (limit > 0 && reserved > limit)
                return failure_set(failure, FAILURE_INVALID, in->has_reservation ? "reservation" : "quota",
                                   "Keep less for it, or let it hold more.",
                                   "%llu bytes would be kept for it, of which it may hold %llu",
                                   (unsigned long long)reserved, (unsigned long long)limit);
        return plan_step(change->plan, failure, STORAGE_ZFS_SET_SET, in->pool, dataset_name(one),
                         zfs_number(change->arena, one), size_text(change->arena, in->has_quota, in->quota),
                         size_text(change->arena, in->has_reservation, in->reservation), compression, NULL) == 0
                       ? plan_do(change, in->pool, failure)
                       : -1;
}

int plan_zfs_rename(struct change *change, const char *pool, const struct subvolume *one, const char *to,
                    struct failure *failure)
{
        ASSERT(change && one && to);
        return plan_step(change->plan, failure, STORAGE_ZFS_SET_RENAME, pool, dataset_name(one),
                         zfs_number(change->arena, one), to, NULL) == 0
                       ? plan_do(change, pool, failure)
                       : -1;
}

/* Is that dataset, or what lies in it, what "DATASET@..." is a snapshot of? */
static bool is_of(const char *origin, const char *pool, const char *name)
{
        const size_t before = strlen(pool), length = strlen(name);
        return strncmp(origin, pool, before) == 0 && origin[before] == '/' &&
               strncmp(origin + before + 1, name, length) == 0 &&
               (origin[before + 1 + length] == '@' || origin[before + 1 + length] == '/');
}

/* A dataset elsewhere that was made of a snapshot of it; NULL. */
static const char *clone_of(const struct tree *tree, const char *pool, const struct subvolume *one)
{
        for (size_t i = 0; i < tree->subvolume_count; i++) {
                const struct subvolume *other = &tree->subvolumes[i];
                if (other->clone && is_of(other->clone, pool, one->path) && other != one &&
                    !subvolume_lies_in(tree, other, one->number))
                        return other->path;
        }
        return NULL;
}

static const char *held_in(const struct tree *tree, const struct subvolume *one)
{
        const size_t length = strlen(one->path);
        for (size_t i = 0; i < tree->snapshot_count; i++) {
                const struct tree_snapshot *snapshot = &tree->snapshots[i];
                if (snapshot->subvolume->held && strncmp(snapshot->dataset, one->path, length) == 0 &&
                    (snapshot->dataset[length] == '\0' || snapshot->dataset[length] == '/'))
                        return arena_printf(tree->arena, "%s of %s", snapshot->name, snapshot->dataset);
        }
        return NULL;
}

int plan_zfs_delete(struct change *change, const char *pool, const struct tree *tree, const struct subvolume *one,
                    struct failure *failure)
{
        ASSERT(change && tree && one);
        const char *clone = clone_of(tree, pool, one), *held = held_in(tree, one);
        bool more = one->snapshots > 0;
        if (held)
                return failure_set(failure, FAILURE_CONFLICT, "recursive", "Release it first.",
                                   "The snapshot %s is held.", held);
        if (clone)
                return failure_set(failure, FAILURE_CONFLICT, "id", "Delete that one first.",
                                   "The dataset %s was made of a snapshot of it, and lives on that.", clone);
        for (size_t i = 0; !more && i < tree->subvolume_count; i++)
                more = subvolume_lies_in(tree, &tree->subvolumes[i], one->number);
        return plan_step(change->plan, failure, STORAGE_ZFS_SET_DELETE, pool, dataset_name(one),
                         zfs_number(change->arena, one), more ? "yes" : "no", NULL) == 0
                       ? plan_do(change, pool, failure)
                       : -1;
}

/* --- snapshots --- */

int plan_zfs_snapshot(struct change *change, unsigned operation, const char *pool, const char *dataset,
                      const char *name, struct failure *failure)
{
        ASSERT(change && pool && dataset && name);
        return plan_step(change->plan, failure, operation, pool, dataset, name, NULL) == 0
                       ? plan_do(change, pool, failure)
                       : -1;
}

/* ZFS makes all of them at once, or none. */
int plan_zfs_snapshots(struct change *change, const char *pool, const char *name, const char *const *datasets,
                       size_t count, struct failure *failure)
{
        ASSERT(change && datasets && count > 0);
        if (count == 1)
                return plan_zfs_snapshot(change, STORAGE_ZFS_SNAPSHOT_MAKE, pool, datasets[0], name, failure);
        const char **values = arena_array(change->arena, count + 2, sizeof(*values));
        values[0] = pool;
        values[1] = datasets[0];
        values[2] = name;
        memcpy(values + 3, datasets + 1, (count - 1) * sizeof(*values));
        return plan_step_values(change->plan, failure, STORAGE_ZFS_SNAPSHOTS_MAKE, values, count + 2) == 0
                       ? plan_do(change, pool, failure)
                       : -1;
}

int plan_zfs_snapshot_delete(struct change *change, const char *pool, const struct tree *tree,
                             const struct tree_snapshot *snapshot, struct failure *failure)
{
        ASSERT(change && tree && snapshot);
        const char *whole = arena_printf(change->arena, "%s/%s@%s", pool, snapshot->dataset, snapshot->name);
        for (size_t i = 0; i < tree->subvolume_count; i++)
                if (tree->subvolumes[i].clone && strcmp(tree->subvolumes[i].clone, whole) == 0)
                        return failure_set(failure, FAILURE_CONFLICT, "id", "Delete that one first.",
                                           "The dataset %s was made of it, and lives on it.", tree->subvolumes[i].path);
        return plan_step(change->plan, failure, STORAGE_ZFS_SNAPSHOT_DELETE, pool, snapshot->dataset, snapshot->name,
                         zfs_number(change->arena, snapshot->subvolume), NULL) == 0
                       ? plan_do(change, pool, failure)
                       : -1;
}

int plan_zfs_clone(struct change *change, const char *pool, const struct tree_snapshot *snapshot, const char *to,
                   struct failure *failure)
{
        ASSERT(change && snapshot && to);
        return plan_step(change->plan, failure, STORAGE_ZFS_SNAPSHOT_CLONE, pool, snapshot->dataset, snapshot->name, to,
                         NULL) == 0
                       ? plan_do(change, pool, failure)
                       : -1;
}

/* What is replaced becomes a dataset of its own, since ZFS keeps no snapshot beyond the one it goes back to. Called
 * after its number, which it keeps: always the same for the same request. */
int plan_zfs_rollback(struct change *change, const char *pool, const struct subvolume *one,
                      const struct tree_snapshot *snapshot, struct failure *failure)
{
        ASSERT(change && one && snapshot);
        const char *number = zfs_number(change->arena, one),
                   *kept = arena_printf(change->arena, "%s-replaced-%s", snapshot->dataset, number);
        if (!value_is(&value_dataset, kept, strlen(kept)))
                return failure_set(failure, FAILURE_CONFLICT, "id", "Give the dataset a shorter name first.",
                                   "The name of %s is too long to keep what is in it now under a longer one.",
                                   snapshot->dataset);
        change->who = arena_printf(change->arena,
                                   "all who use what is in it, whom it must be free of; what is in it now is the "
                                   "dataset %s then",
                                   kept);
        return plan_step(change->plan, failure, STORAGE_ZFS_SNAPSHOT_ROLLBACK, pool, snapshot->dataset, number,
                         snapshot->name, kept, NULL) == 0
                       ? plan_do(change, pool, failure)
                       : -1;
}
