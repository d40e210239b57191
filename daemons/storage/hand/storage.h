/* The storage hand: its state, and what its policy names. */
#ifndef BULKHEAD_STORAGE_HAND_STORAGE_H
#define BULKHEAD_STORAGE_HAND_STORAGE_H

#include "act/hand.h"

#include <sys/stat.h>
#include <unistd.h>

#define STATE_DIRECTORY     "/var/lib/bulkhead-storage-hand"
#define RUN_DIRECTORY       "/run/bulkhead-storage-hand"
#define SCHEDULES_DIRECTORY "/etc/bulkhead/schedules" /* standing orders */
#define SERVED              "/srv"
#define SNAPSHOTS           ".snapshots"
#define WORK_DIRECTORY      STATE_DIRECTORY "/work"  /* what bulkhead-work@.service does to a pool */
#define CARRY_DIRECTORY     STATE_DIRECTORY "/carry" /* what bulkhead-send@.service sends next */
#define BY_ID               "/dev/disk/by-id/"

struct storage {
        int served, schedules; /* directories */
};

/* What the policy names: guards and deeds, each an act_function (act/hand.h). main.c binds them. */
/* clang-format off */
#define STORAGE_FUNCTIONS(X) \
        X(survey) \
        X(disk_look) X(disk_is_that) X(disks_are_empty) X(smart_ata) X(smart_scsi) X(smart_nvme) \
        X(self_test) X(self_test_stop) \
        X(work_look) X(pool_is_there) X(disk_may_join) \
        X(place_is_free) X(place_make) X(place_remove) X(pool_furnish) \
        X(dataset_is_free) X(dataset_make) X(dataset_unmake) X(dataset_delete) \
        X(dataset_access) X(dataset_access_restore) X(dataset_limit) X(dataset_compress) X(dataset_rename) X(snapshots_rename) \
        X(snapshot_is_free) X(snapshot_make) X(snapshot_unmake) X(snapshot_delete) \
        X(dataset_rollback) X(dataset_rollback_undo) X(snapshot_clone) X(clone_unmake) \
        X(schedule_run) \
        X(folder_look) X(files_restore) \
        X(snapshot_hold) X(snapshot_release) X(snapshot_is_let_go)
/* clang-format on */
#define STORAGE_DECLARE(function) act_function function;
STORAGE_FUNCTIONS(STORAGE_DECLARE)

/* --- disk.c --- */
/* Opens a whole disk for reading, with these flags beside. A descriptor, or -errno: -ENOTBLK when it is none. */
int disk_open(const char *path, int flags);
/* Is there a whole disk at this path, and in nobody's use, within so many tenths of a second? *ret_size is in bytes. 0 or -1. */
int disk_look_at(const char *path, int waits, uint64_t *ret_size, struct failure *failure);

/* --- place.c --- */
/* Sets or takes away a flag of a folder's (chattr). 0 or -errno. */
int folder_flag(int fd, int flag, bool set);

/* --- pool.c --- */
/* The top folder of the pool that the action names: btrfs, and mounted where it belongs. A descriptor, or -1 with
 * *failure. */
int pool_open(const struct act_context *context, struct failure *failure);

#endif
