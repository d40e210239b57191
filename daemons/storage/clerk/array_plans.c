/* Making arrays of disks (md), and letting go of them: what each comes down to.
 * Rights: the storage clerk; plans, its hand acts. */
#include "base/log.h"
#include "base/mem.h"
#include "daemons/storage/clerk/arrays.h"
#include "daemons/storage/clerk/encryption.h"
#include "daemons/storage/clerk/storage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER_SIZE = 36, KIND = MACHINE_UUID_KIND - 2 /* lines before it */ };
enum { LEAST_ROOM = 4 << 20 }; /* md leaves some at the end */

/* Of the array for that file system, as mdadm writes it: four times eight digits. */
static const char *number_of(struct arena *arena, const char *uuid)
{
        char number[NUMBER_SIZE] = "";
        size_t length = 0;
        for (size_t digits = 0; *uuid && length < sizeof(number) - 1; uuid++) {
                if (*uuid == '-')
                        continue;
                if (digits > 0 && digits % 8 == 0)
                        number[length++] = ':';
                number[length++] = (char)(digits == KIND ? '8' : *uuid);
                digits++;
        }
        return arena_text(arena, number, length);
}

const char *array_name(struct arena *arena, const char *uuid)
{
        return arena_printf(arena, "md-uuid-%s", number_of(arena, uuid));
}

int plan_array(struct change *change, const struct wanted *pool, const char *level, const struct disk *const *disks,
               size_t count, struct failure *failure)
{
        ASSERT(change && pool && level && count <= POOL_DISKS_MAX);
        const char *number = number_of(change->arena, pool->uuid);
        const char *values[6 + POOL_DISKS_MAX] = {pool->name,
                                                  number,
                                                  level,
                                                  arena_printf(change->arena, "%zu", count),
                                                  arena_printf(change->arena, "%lu", strtoul(pool->uuid, NULL, 16)),
                                                  pool->type};
        for (size_t i = 0; i < count; i++)
                values[6 + i] = arena_printf(change->arena, "/dev/disk/by-id/%s", disks[i]->id);
        if (plan_step_values(change->plan, failure, STORAGE_ARRAY_MAKE, values, 6 + count) != 0)
                return -1;
        return plan_step(change->plan, failure, STORAGE_ARRAY_START, pool->name, number, NULL);
}

int plan_array_stop(struct change *change, const struct wanted *pool, struct failure *failure)
{
        ASSERT(change && pool);
        const struct array *array = pool_array(pool);
        if (!array || !array->number)
                return 0;
        return plan_step(change->plan, failure, STORAGE_ARRAY_STOP, pool->name, array->number, NULL);
}

/* udev looks at each anew, and gives it to mdadm. */
int plan_array_find(struct change *change, const char *uuid, struct failure *failure)
{
        ASSERT(change && uuid);
        const struct machine *machine = machine_now();
        for (size_t i = 0; i < machine->disk_count; i++) {
                const struct disk *disk = &machine->disks[i];
                if (disk->id && !disk->twin && !disk->block.held && disk->block.uuid && disk->block.holds &&
                    strcmp(disk->block.holds, "linux_raid_member") == 0 && strcmp(disk->block.uuid, uuid) == 0 &&
                    plan_step(change->plan, failure, STORAGE_DISK_ANNOUNCE, disk->id, NULL) != 0)
                        return -1;
        }
        return 0;
}

/* --- what is done to one while it is in use --- */

/* The array's number; NULL with Conflict: it is not put together, or something is done to it. */
static const char *find_idle(const struct wanted *pool, struct failure *failure)
{
        const struct array *array = pool_array(pool);
        if (array && array->number && !array->action)
                return array->number;
        failure_set(failure, FAILURE_CONFLICT, "name", "Wait until that is over.",
                    "Something is being done to the array of the pool %s already.", pool->name);
        return NULL;
}

/* Of its disks and empty places the one with that number; false with NotFound. */
static bool find_device(const struct change *change, const struct wanted *pool, int64_t number,
                        struct nas_storage_pool_device *ret_device, struct failure *failure)
{
        size_t count = 0;
        const struct nas_storage_pool_device *devices = array_describe(pool_array(pool), change->arena, &count);
        for (size_t i = 0; i < count; i++)
                if (devices[i].number == number) {
                        *ret_device = devices[i];
                        return true;
                }
        failure_set(failure, FAILURE_NOT_FOUND, "number", "Look at the pool's disks.", "The pool has no disk %llu.",
                    (unsigned long long)number);
        return false;
}

static int fits(const struct wanted *pool, const struct disk *disk, struct failure *failure)
{
        const uint64_t least = pool_array(pool)->member_size;
        if (disk->block.size >= least)
                return 0;
        return failure_set(failure, FAILURE_CONFLICT, "disk", "Choose a larger one.",
                           "is smaller than the disk whose place it is to take (%llu bytes)",
                           (unsigned long long)least);
}

static int plan_give(struct change *change, const struct wanted *pool, const char *number, const struct disk *disk,
                     struct failure *failure)
{
        if (fits(pool, disk, failure) != 0 || plan_erase(change, disk, failure) != 0 ||
            plan_step(change->plan, failure, STORAGE_ARRAY_ADD, pool->name, number, disk->id, disk_serial(disk),
                      disk_place(disk), NULL) != 0)
                return -1;
        return plan_step(change->plan, failure, STORAGE_ARRAY_WORK, pool->name, NULL);
}

/* --- becoming larger --- */

static bool has_level(const struct array *array, const char *const *levels)
{
        for (; *levels; levels++)
                if (strcmp(array->level, *levels) == 0)
                        return true;
        return false;
}

static int may_widen(const struct wanted *pool, struct failure *failure)
{
        static const char *const levels[] = {"raid5", "raid6", NULL};
        const struct array *array = pool_array(pool);
        if (!has_level(array, levels))
                return failure_set(failure, FAILURE_CONFLICT, "grow",
                                   "Replace its disks by larger ones, one after the other, and grow the pool then.",
                                   "An array of that kind does not become larger by another disk.");
        if (array->degraded > 0)
                return failure_set(failure, FAILURE_CONFLICT, "grow", "Fill the empty place first.",
                                   "The array of the pool %s lacks a disk.", pool->name);
        return 0;
}

/* md does not let a disk be a part of more without being a spare first; that is not taken back. */
static void explain_widen(struct failure *failure, void *context)
{
        const struct wanted *pool = wanted_named(context);
        const struct array *array = pool ? pool_array(pool) : NULL;
        for (size_t i = 0; array && i < array->member_count; i++)
                if (array->members[i].slot < 0 && !array->members[i].faulty)
                        snprintf(
                                failure->next, sizeof(failure->next),
                                "The new disk is a spare of the array now. Take it out (pools remove), and try again.");
}

/* The new disk has become a spare; what is on the array is spread over it too, and then the file system grows. */
static int plan_widen(struct change *change, const struct wanted *pool, const char *number, struct failure *failure)
{
        const unsigned long long count = pool_array(pool)->slots + 1;
        change->explain = explain_widen;
        change->who = "nobody; the pool is slower until all of it is written anew, which takes hours or days. A power "
                      "cut does no harm, but a disk that fails meanwhile is missed as always: have a backup";
        if (plan_step(change->plan, failure, STORAGE_ARRAY_WIDEN, pool->name, number,
                      arena_printf(change->arena, "%llu", count), NULL) != 0 ||
            plan_step(change->plan, failure, STORAGE_ARRAY_WORK, pool->name, NULL) != 0)
                return -1;
        return plan_grow(change, pool->name, failure);
}

/* How much more of each disk it could use; 0: some of them is used whole, or not known. */
static uint64_t room_in(const struct array *array)
{
        uint64_t least = UINT64_MAX;
        for (size_t i = 0; i < array->member_count; i++) {
                const struct array_member *member = &array->members[i];
                const struct disk *disk = disk_named(member->name);
                const uint64_t used = member->before + array->member_size, size = disk ? disk->block.size : 0;
                if (member->slot >= 0 && least > (size > used ? size - used : 0))
                        least = size > used ? size - used : 0;
        }
        return least == UINT64_MAX ? 0 : least;
}

int plan_array_stretch(struct change *change, const struct wanted *pool, struct failure *failure)
{
        ASSERT(change && pool);
        static const char *const levels[] = {"raid1", "raid5", "raid6", NULL};
        const struct array *array = pool_array(pool);
        const char *number = find_idle(pool, failure);
        if (!number)
                return -1;
        if (!has_level(array, levels) || array->degraded > 0 || room_in(array) < LEAST_ROOM)
                return 0;
        if (plan_step(change->plan, failure, STORAGE_ARRAY_STRETCH, pool->name, number, NULL) != 0)
                return -1;
        return plan_step(change->plan, failure, STORAGE_ARRAY_WORK, pool->name, NULL);
}

int plan_array_add(struct change *change, const struct wanted *pool, const struct nas_storage_add_disk_in *in,
                   struct failure *failure)
{
        ASSERT(change && pool && in);
        const char *number = find_idle(pool, failure);
        const bool grows = in->has_grow && in->grow;
        if (!number || (grows && may_widen(pool, failure) != 0))
                return -1;
        const struct disk *disk = disk_take(in->disk, in->has_erase && in->erase, failure);
        if (!disk || plan_give(change, pool, number, disk, failure) != 0)
                return -1;
        return grows ? plan_widen(change, pool, number, failure) : 0;
}

/* A healthy one stays in use until the new one has all that is on it. */
static int plan_exchange(struct change *change, const struct wanted *pool, const char *number,
                         const struct nas_storage_pool_device *old, const struct disk *disk, struct failure *failure)
{
        const struct disk *old_disk = disk_named(old->name);
        if (pool_array(pool)->degraded > 0 || !old_disk || !old_disk->id)
                return failure_set(failure, FAILURE_CONFLICT, "number", "Fill the empty place first.",
                                   "Its array lacks a disk: a new one takes that place.");
        if (fits(pool, disk, failure) != 0 || plan_erase(change, disk, failure) != 0 ||
            plan_step(change->plan, failure, STORAGE_ARRAY_REPLACE, pool->name, number, old_disk->id, disk->id,
                      disk_serial(old_disk), disk_place(old_disk), disk_serial(disk), disk_place(disk), NULL) != 0)
                return -1;
        return plan_step(change->plan, failure, STORAGE_ARRAY_WORK, pool->name, NULL);
}

int plan_array_replace(struct change *change, const struct wanted *pool, const struct nas_storage_replace_disk_in *in,
                       struct failure *failure)
{
        ASSERT(change && pool && in);
        struct nas_storage_pool_device old;
        const char *number = find_idle(pool, failure);
        if (!number || !find_device(change, pool, in->number, &old, failure))
                return -1;
        const bool healthy = old.state == NAS_STORAGE_DEVICE_STATE_IN_SYNC && old.read_errors == 0;
        if (old.state == NAS_STORAGE_DEVICE_STATE_SPARE)
                return failure_set(failure, FAILURE_CONFLICT, "number", "Remove it, and add another.",
                                   "Disk %llu is a spare.", (unsigned long long)in->number);
        if (healthy && !(in->has_healthy_too && in->healthy_too))
                return failure_set(failure, FAILURE_CONFLICT, "number",
                                   "Ask for it with healthy_too when it is to be replaced all the same.",
                                   "Nothing is known to be wrong with disk %llu.", (unsigned long long)in->number);
        const struct disk *disk = disk_take(in->disk, in->has_erase && in->erase, failure);
        if (!disk)
                return -1;
        return old.state == NAS_STORAGE_DEVICE_STATE_IN_SYNC ? plan_exchange(change, pool, number, &old, disk, failure)
                                                             : plan_give(change, pool, number, disk, failure);
}

/* Only one that nothing depends on. */
int plan_array_remove(struct change *change, const struct wanted *pool, const struct nas_storage_remove_disk_in *in,
                      struct failure *failure)
{
        ASSERT(change && pool && in);
        struct nas_storage_pool_device old;
        const char *number = find_idle(pool, failure);
        if (!number || !find_device(change, pool, in->number, &old, failure))
                return -1;
        const struct disk *disk = disk_with(old.disk);
        if (!disk || (old.state != NAS_STORAGE_DEVICE_STATE_SPARE && old.state != NAS_STORAGE_DEVICE_STATE_FAULTY))
                return failure_set(failure, FAILURE_CONFLICT, "number", "Replace it.",
                                   "The array of the pool %s does without none of its disks.", pool->name);
        if (plan_step(change->plan, failure, STORAGE_ARRAY_DROP, pool->name, number, disk->id, disk_serial(disk),
                      disk_place(disk), NULL) != 0)
                return -1;
        return plan_step(change->plan, failure, STORAGE_ARRAY_WORK, pool->name, NULL);
}

int plan_array_check(struct change *change, const struct wanted *pool, bool begin, struct failure *failure)
{
        ASSERT(change && pool);
        const struct array *array = pool_array(pool);
        const bool checks = pool_is_busy(pool) || (array->action && strcmp(array->action, "check") == 0);
        if (begin && (!find_idle(pool, failure) || work_refuse(pool->name, failure) != 0))
                return -1;
        if (!begin && !checks)
                return failure_set(failure, FAILURE_CONFLICT, "name", "Look at the pool.",
                                   "Nothing is being done to the pool %s that could be stopped.", pool->name);
        if (begin && !pool_is_mounted(pool))
                return failure_set(failure, FAILURE_CONFLICT, "name", "Mount it first.", "It is not mounted.");
        if (begin || pool_is_busy(pool))
                return plan_step(change->plan, failure, begin ? STORAGE_ARRAY_CHECK_START : STORAGE_ARRAY_CHECK_STOP,
                                 pool->name, NULL);
        /* what somebody began in another way */
        if (plan_step(change->plan, failure, STORAGE_ARRAY_IDLE, pool->name, array->number, NULL) != 0)
                return -1;
        return plan_step(change->plan, failure, STORAGE_ARRAY_WORK, pool->name, NULL);
}
