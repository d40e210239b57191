/* Pools of ZFS (zfs.c). What ZFS tells of them is read by zfs_status.c. */
#ifndef BULKHEAD_STORAGE_CLERK_ZFS_H
#define BULKHEAD_STORAGE_CLERK_ZFS_H

#include "daemons/storage/clerk/storage.h"

/* Can this machine have one, and may it be called so? 0, or -1. */
int zfs_possible(const char *name, struct failure *failure);
/* Its health, its room and its disks. */
void zfs_judge(const struct wanted *wanted, const struct file_system *system, struct nas_storage_pool *pool,
               struct arena *arena);
/* Says why it could not be taken up; context: the pool's name. */
void zfs_explain(struct failure *failure, void *context);
/* Lets go of its disks, once it is unmounted; of other pools nothing. */
int plan_zfs_end(struct change *change, const struct wanted *pool, struct failure *failure);

#endif
