/* Pools of ZFS (zfs.c). What ZFS tells of them is read by zfs_status.c. */
#ifndef BULKHEAD_STORAGE_CLERK_ZFS_H
#define BULKHEAD_STORAGE_CLERK_ZFS_H

#include "daemons/storage/clerk/capacity.h"
#include "daemons/storage/clerk/storage.h"
#include "daemons/storage/clerk/work_log.h"

/* Can this machine have one, and may it be called so? 0, or -1. */
int zfs_possible(const char *name, struct failure *failure);
/* Has ZFS stopped it? Who asks about what is in it waits then, as long as that is so. */
bool zfs_waits(const struct file_system *system);
/* Its health, its room and its disks. */
void zfs_judge(const struct wanted *wanted, const struct file_system *system, struct nas_storage_pool *pool,
               struct arena *arena);
/* Says why it could not be taken up; context: the pool's name. */
void zfs_explain(struct failure *failure, void *context);
/* Lets go of its disks, once it is unmounted; of other pools nothing. */
int plan_zfs_end(struct change *change, const struct wanted *pool, struct failure *failure);

/* --- zfs_capacity.c: which one is asked for, and what it would hold --- */

/* Is it to be of ZFS, by what was asked for? */
bool profile_is_zfs(enum nas_storage_profile profile, bool has_system, enum nas_storage_file_system system);
bool zfs_is_asked(const struct nas_storage_create_pool_in *in);
/* By the contract's word. NULL: ZFS has no such profile. Good until the next one is asked for. */
const struct layout *zfs_layout_of(const char *profile, size_t disks);
int zfs_layout_fits(const char *profile, size_t disks, struct failure *failure);
/* sizes are put in order. */
uint64_t zfs_capacity_of(const struct layout *layout, uint64_t *sizes, size_t count, uint64_t *ret_unused);

/* --- zfs_plans.c: making one, and changing it --- */

int plan_zfs_create(struct change *change, const struct nas_storage_create_pool_in *in, const char *uuid,
                    struct failure *failure);
/* Is all that is on that disk the pool's? */
bool zfs_has_whole(const struct disk *disk, const struct wanted *pool);
/* May its disks be erased? 0, or -1. */
int zfs_may_be_erased(const struct wanted *pool, struct failure *failure);
/* A disk that is no more what a pool that is in use is made of. */
bool zfs_was_member(const struct disk *disk);
int plan_zfs_scrub(struct change *change, const struct wanted *pool, struct failure *failure);
int plan_zfs_stop(struct change *change, const struct wanted *pool, enum nas_storage_work_kind kind,
                  struct failure *failure);
int plan_zfs_clear(struct change *change, const struct wanted *pool, struct failure *failure);
int plan_zfs_add(struct change *change, const struct wanted *pool, const struct nas_storage_add_disk_in *in,
                 struct failure *failure);
int plan_zfs_replace(struct change *change, const struct wanted *pool, const struct nas_storage_replace_disk_in *in,
                     struct failure *failure);
int plan_zfs_remove(struct change *change, const struct wanted *pool, const struct nas_storage_remove_disk_in *in,
                    struct failure *failure);

/* --- zfs_work.c: what is being done to one, and what was --- */

/* As others call it; NULL: ZFS does nothing. */
const char *zfs_does(const struct wanted *pool);
/* How far it is. */
void zfs_work(const struct wanted *pool, struct arena *arena, struct nas_storage_work *work);
/* The last scrub, as the unit wrote it down (NULL: it did not) or as ZFS says. */
bool zfs_scrubbed(const struct wanted *pool, const struct work_log *log, struct arena *arena,
                  struct nas_storage_past_work *ret_past);

/* --- zfs_sets_read.c: what is in it --- */

/* Numbers of ZFS's own begin with small ones; ours do not. And everybody must be able to write them. */
enum { ZFS_NUMBERS = 256 };
#define ZFS_NUMBER_MAX ((UINT64_C(1) << 52) - 1)
/* NULL: that is not what "zfs list" says of the pool. Free its arena. Pure; fuzzed. */
struct tree *zfs_sets_read(const char *pool, const char *text);
/* Are they to be listed again: is the pool another than it was when they were? all: also what they take. */
bool zfs_is_other(struct file_system_age was, struct file_system_age is, bool all);

/* --- zfs_sets.c: what is done to that --- */

/* Why a schedule could not be done, when the unit said. */
void zfs_schedule_explain(struct failure *failure, const char *schedule);
int plan_zfs_set_create(struct change *change, const struct nas_storage_create_dataset_in *in, struct failure *failure);
int plan_zfs_settings(struct change *change, const struct nas_storage_update_dataset_in *in,
                      const struct subvolume *one, struct failure *failure);
int plan_zfs_rename(struct change *change, const char *pool, const struct subvolume *one, const char *to,
                    struct failure *failure);
int plan_zfs_delete(struct change *change, const char *pool, const struct tree *tree, const struct subvolume *one,
                    struct failure *failure);
/* Makes, holds or releases one. */
int plan_zfs_snapshots(struct change *change, const char *pool, const char *name, const char *const *datasets,
                       size_t count, struct failure *failure);
int plan_zfs_snapshot(struct change *change, unsigned operation, const char *pool, const char *dataset,
                      const char *name, struct failure *failure);
int plan_zfs_snapshot_delete(struct change *change, const char *pool, const struct tree *tree,
                             const struct tree_snapshot *snapshot, struct failure *failure);
int plan_zfs_clone(struct change *change, const char *pool, const struct tree_snapshot *snapshot, const char *to,
                   struct failure *failure);
int plan_zfs_rollback(struct change *change, const char *pool, const struct subvolume *one,
                      const struct tree_snapshot *snapshot, struct failure *failure);

#endif
