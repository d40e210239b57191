/* Pools on arrays of disks: what arrays.c and array_plans.c share with the other files of the clerk. */
#ifndef BULKHEAD_STORAGE_CLERK_ARRAYS_H
#define BULKHEAD_STORAGE_CLERK_ARRAYS_H

#include "daemons/storage/clerk/storage.h"

/* Can this machine have arrays? 0, or -1 with Conflict. */
int arrays_possible(struct failure *failure);
/* Adds what can change without anybody telling to a text, in the arena. */
const char *arrays_look(const struct machine *machine, int sys, const char *text, struct arena *arena);
/* The one that the pool lies on, put together; NULL: it lies on none, or that is not there. */
const struct array *pool_array(const struct wanted *pool);
/* Does it lie on an array, as far as that can be told from what is here? */
bool pool_on_array(const struct wanted *pool);
/* Was that array made for the pool? Then its disks are known also when it is not put together. */
bool array_is_ours(const struct array *array, const struct wanted *pool);
/* The array that has the disk; NULL. */
const struct array *disk_array(const struct disk *disk);
/* A disk of the pool's array, whatever is on it. */
bool disk_in_array_of(const struct disk *disk, const struct wanted *pool);
/* Its disks and its empty places; *ret_count of them. */
const struct nas_storage_pool_device *array_describe(const struct array *array, struct arena *arena, size_t *ret_count);
/* The profile of a pool on it, as the contract calls it. */
const char *array_profile(const struct array *array, struct arena *arena);
/* What is wrong with it, in the pool's words. */
void array_judge(const struct array *array, struct nas_storage_pool *pool, struct arena *arena);
/* What md is doing to it; false: nothing. */
bool array_work(const struct array *array, struct arena *arena, struct nas_storage_work *ret_work);

/* How an array is called below /dev/disk/by-id: by its number. */
const char *array_name(struct arena *arena, const char *uuid);
/* Makes one of erased disks; its number is the pool's. */
int plan_array(struct change *change, const struct wanted *pool, const char *level, const struct disk *const *disks,
               size_t count, struct failure *failure);
/* Lets go of the disks of the pool's array, when it has one. */
int plan_array_stop(struct change *change, const struct wanted *pool, struct failure *failure);
/* What is done to it while it is in use. */
int plan_array_add(struct change *change, const struct wanted *pool, const struct nas_storage_add_disk_in *in,
                   struct failure *failure);
int plan_array_replace(struct change *change, const struct wanted *pool, const struct nas_storage_replace_disk_in *in,
                       struct failure *failure);
int plan_array_remove(struct change *change, const struct wanted *pool, const struct nas_storage_remove_disk_in *in,
                      struct failure *failure);
/* Has it use as much of each of its disks as the smallest has, when that is more than now. */
int plan_array_stretch(struct change *change, const struct wanted *pool, struct failure *failure);
int plan_array_check(struct change *change, const struct wanted *pool, bool begin, struct failure *failure);
/* Has the system put the array of that number together again. */
int plan_array_find(struct change *change, const char *uuid, struct failure *failure);

#endif
