/* What the parts of bulkhead's pool-work share: main.c says what it is. */
#ifndef BULKHEAD_POOL_WORK_H
#define BULKHEAD_POOL_WORK_H

#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

/* Somebody asked for an end. */
extern volatile sig_atomic_t work_stops;

/* --- array.c: what md tells and is told in its folder of /sys --- */

/* Has md compare the disks of an array, and waits for the end; when work_stops is set, it ends that first. sys: a
 * folder like /sys/class/block/md127/md. tick: waits a moment. 0 with *ret_differences (sectors), or -errno: -ECANCELED:
 * it was stopped; -ENODEV: a disk went meanwhile, so not all was compared. */
int array_check(int sys, void (*tick)(void), uint64_t *ret_differences);
/* Waits until md has spread what is on the array over all its disks; 0, or -ECANCELED: told to stop, and md goes on. */
int array_settle(int sys, void (*tick)(void));

/* --- grow.c --- */

/* Makes the file system that is mounted there as large as what it lies on. 0 or -errno. */
int system_grow(int folder);

/* --- mount.c --- */

/* What the last mount on that folder is of, "/dev/md127"; false: there is none, or its name is longer. table: as
 * /proc/self/mountinfo. */
bool mount_source(const char *table, const char *folder, char ret_source[PATH_MAX]);

#endif
