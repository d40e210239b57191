/* What takes long and is done to pools: what it comes down to to begin and to stop it, and whether it can work out.
 * Rights: the storage clerk; plans, its hand acts. */
#include "base/log.h"
#include "base/mem.h"
#include "daemons/storage/clerk/arrays.h"
#include "daemons/storage/clerk/capacity.h"
#include "daemons/storage/clerk/ceph.h"
#include "daemons/storage/clerk/encryption.h"
#include "daemons/storage/clerk/storage.h"
#include "daemons/storage/clerk/zfs.h"

#include <stdio.h>
#include <string.h>

static void run(struct call *call, struct change *change, int result, const struct failure *failure)
{
        if (!change->who || !*change->who)
                change->who = "nobody; the pool is slower meanwhile";
        change->answer = pool_answer;
        storage_run(call, change, result, failure);
}

/* The tree of a pool that nothing else is done to. NULL with *failure. */
static const struct tree *find_idle(const char *name, struct failure *failure)
{
        const struct tree *tree = pool_find_tree(name, failure);
        return tree && work_refuse(name, failure) == 0 ? tree : NULL;
}

/* One whose disks are its own, and not an array's. */
static const struct tree *find_own(const char *name, struct failure *failure)
{
        const struct tree *tree = find_idle(name, failure);
        if (!tree || !pool_on_array(wanted_named(name)))
                return tree;
        failure_set(failure, FAILURE_CONFLICT, "name", "", "The pool %s lies on an array.", name);
        return NULL;
}

/* One whose array is put together; NULL. */
static const struct wanted *find_on_array(const char *name)
{
        const struct wanted *pool = wanted_named(name);
        return pool && pool_array(pool) ? pool : NULL;
}

/* NULL: it is no pool of ZFS's. */
static const struct wanted *find_zfs(const char *name)
{
        const struct wanted *pool = wanted_named(name);
        return pool && pool_is_zfs(pool) ? pool : NULL;
}

/* --- scrub --- */

void nas_storage_start_scrub(struct call *call, const struct nas_storage_start_scrub_in *in)
{
        struct failure failure = {0};
        struct change *change = pool_change(in->name);
        const struct wanted *on = find_on_array(in->name), *zfs = find_zfs(in->name);
        int result = zfs  ? plan_zfs_scrub(change, zfs, &failure)
                     : on ? plan_array_check(change, on, true, &failure)
                     : find_idle(in->name, &failure)
                             ? plan_step(change->plan, &failure, STORAGE_SCRUB_START, in->name, NULL)
                             : -1;
        run(call, change, result, &failure);
}

/* What is being done, when that is known how to stop. */
static int plan_stop(struct change *change, const char *name, bool scrub, struct failure *failure)
{
        static const uint16_t stops[] = {[NAS_STORAGE_WORK_KIND_SCRUB] = STORAGE_SCRUB_STOP,
                                         [NAS_STORAGE_WORK_KIND_BALANCE] = STORAGE_BALANCE_STOP,
                                         [NAS_STORAGE_WORK_KIND_REPLACE] = STORAGE_REPLACE_STOP,
                                         [NAS_STORAGE_WORK_KIND_REMOVE] = STORAGE_REMOVE_STOP};
        const struct wanted *pool = pool_find(name, failure);
        struct nas_storage_work work;
        if (!pool)
                return -1;
        if (!work_now(pool, change->arena, &work) || work.kind == NAS_STORAGE_WORK_KIND_OTHER ||
            (scrub && work.kind != NAS_STORAGE_WORK_KIND_SCRUB))
                return failure_set(failure, FAILURE_CONFLICT, "name", "Look at the pool.",
                                   "Nothing is being done to the pool %s that could be stopped.", name);
        if (work.kind == NAS_STORAGE_WORK_KIND_GROW)
                return failure_set(failure, FAILURE_CONFLICT, "name", "Wait until that is over.",
                                   "A pool that grows is not stopped.");
        if (pool_is_zfs(pool))
                return plan_zfs_stop(change, pool, work.kind, failure);
        if (pool_array(pool) && (!pool_is_busy(pool) || work.kind == NAS_STORAGE_WORK_KIND_SCRUB))
                return plan_array_check(change, pool, false, failure);
        return plan_step(change->plan, failure, stops[work.kind], name, NULL);
}

void nas_storage_stop_scrub(struct call *call, const struct nas_storage_stop_scrub_in *in)
{
        struct failure failure = {0};
        struct change *change = pool_change(in->name);
        run(call, change, plan_stop(change, in->name, true, &failure), &failure);
}

void nas_storage_stop_work(struct call *call, const struct nas_storage_stop_work_in *in)
{
        struct failure failure = {0};
        struct change *change = pool_change(in->name);
        run(call, change, plan_stop(change, in->name, false, &failure), &failure);
}

/* --- becoming larger --- */

int plan_grow(struct change *change, const char *pool, struct failure *failure)
{
        ASSERT(change && pool);
        if (plan_step(change->plan, failure, STORAGE_GROW_ORDER, pool, NULL) != 0)
                return -1;
        return plan_step(change->plan, failure, STORAGE_GROW_START, pool, NULL);
}

static int plan_grow_pool(struct change *change, const char *name, struct failure *failure)
{
        const struct wanted *pool = pool_find(name, failure);
        if (!pool || work_refuse(name, failure) != 0)
                return -1;
        if (!pool_is_mounted(pool))
                return failure_set(failure, FAILURE_CONFLICT, "name", "Mount it first.", "It is not mounted.");
        if (pool_is_ceph(pool))
                return failure_set(failure, FAILURE_CONFLICT, "name",
                                   "Grow the cluster; the pool has its room at once.",
                                   "The pool %s is cephfs, which has no disks here.", name);
        if (pool_is_zfs(pool))
                return pool_must_be_btrfs(pool, failure);
        if (pool_on_array(pool) && plan_array_stretch(change, pool, failure) != 0)
                return -1;
        return plan_grow(change, name, failure);
}

void nas_storage_grow_pool(struct call *call, const struct nas_storage_grow_pool_in *in)
{
        struct failure failure = {0};
        struct change *change = pool_change(in->name);
        run(call, change, plan_grow_pool(change, in->name, &failure), &failure);
}

/* --- does it fit? --- */

static const struct device_errors *device_with(const struct file_system *system, uint64_t number)
{
        for (size_t i = 0; system && i < system->device_count; i++)
                if (system->devices[i].number == number)
                        return &system->devices[i];
        return NULL;
}

/* May what is on the pool lie so on its disks, but for that one and those that are missing? profile NULL: as it is. */
static int fits(const struct wanted *pool, const struct tree *tree, const char *profile, uint64_t without,
                struct failure *failure)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        const struct file_system *system = pool_system(pool);
        uint64_t *sizes = arena_array(arena, tree->member_count + 1, sizeof(*sizes)), unused = 0;
        size_t count = 0;
        for (size_t i = 0; i < tree->member_count; i++) {
                const struct device_errors *device = device_with(system, tree->members[i].number);
                if (tree->members[i].number != without && device && !device->missing)
                        sizes[count++] = tree->members[i].size;
        }
        const char *word = profile ? profile : system && system->profile ? system->profile : "single";
        const struct layout *layout = layout_of(word, count);
        if (!layout)
                layout = layout_of("single", count);
        if (layout_fits(layout, word, count, failure) != 0)
                return -1;
        uint64_t room = capacity_of(layout, sizes, count, &unused);
        uint64_t used = system ? system->data_used + system->metadata_used : 0;
        if (used <= room)
                return 0;
        return failure_set(failure, FAILURE_CONFLICT, "name", "Delete something or add a disk.",
                           "What is on the pool does not fit: %llu bytes, and there would be room for %llu.",
                           (unsigned long long)used, (unsigned long long)room);
}

/* --- disks in and out --- */

enum { LUKS_HEADER = 16 << 20 }; /* what it takes of a disk, as cryptsetup makes it */

/* What a disk that is away, or has none, is told to have: a word would be English in every language. */
#define UNTOLD "\u2014"

const char *disk_serial(const struct disk *disk)
{
        return disk && disk->serial ? disk->serial : UNTOLD;
}

const char *disk_place(const struct disk *disk)
{
        if (!disk)
                return UNTOLD;
        return disk->path ? disk->path : disk->block.name;
}

static int plan_add(struct change *change, const struct nas_storage_add_disk_in *in, struct failure *failure)
{
        const struct wanted *on = find_on_array(in->name), *zfs = find_zfs(in->name);
        if (zfs)
                return plan_zfs_add(change, zfs, in, failure);
        if (in->others_count > 0 && wanted_named(in->name))
                return failure_set(failure, FAILURE_CONFLICT, "others", "Add one after the other.",
                                   "The pool %s is none of ZFS.", in->name);
        if (on)
                return plan_array_add(change, on, in, failure);
        if (in->has_grow && in->grow)
                return failure_set(failure, FAILURE_CONFLICT, "grow", "Leave it out: what is added is room at once.",
                                   "The pool %s lies on no array.", in->name);
        const struct disk *disk =
                find_own(in->name, failure) ? disk_take(in->disk, in->has_erase && in->erase, failure) : NULL;
        const char *name;
        if (!disk || plan_take(change, wanted_named(in->name), disk, in->passphrase, &name, failure) != 0)
                return -1;
        if (plan_step(change->plan, failure, STORAGE_DEVICE_ADD, in->name, name, NULL) != 0)
                return -1;
        return plan_step(change->plan, failure, STORAGE_DISK_ANNOUNCE, name, NULL);
}

void nas_storage_add_disk(struct call *call, const struct nas_storage_add_disk_in *in)
{
        struct failure failure = {0};
        struct change *change = pool_change(in->name);
        run(call, change, plan_add(change, in, &failure), &failure);
}

/* A device of the pool. NULL with NotFound. */
static const struct member *find_member(const struct tree *tree, uint64_t number, struct failure *failure)
{
        for (size_t i = 0; i < tree->member_count; i++)
                if (tree->members[i].number == number)
                        return &tree->members[i];
        failure_set(failure, FAILURE_NOT_FOUND, "number", "Look at the pool's disks.", "The pool has no disk %llu.",
                    (unsigned long long)number);
        return NULL;
}

static int plan_remove(struct change *change, const struct nas_storage_remove_disk_in *in, struct failure *failure)
{
        const struct wanted *on = find_on_array(in->name), *zfs = find_zfs(in->name);
        if (on)
                return plan_array_remove(change, on, in, failure);
        if (zfs)
                return plan_zfs_remove(change, zfs, in, failure);
        const struct tree *tree = find_own(in->name, failure);
        const struct member *member = tree ? find_member(tree, (uint64_t)in->number, failure) : NULL;
        const struct wanted *pool = wanted_named(in->name);
        if (!member || fits(pool, tree, NULL, member->number, failure) != 0)
                return -1;
        const struct disk *disk = pool_disk(pool, member);
        /* btrfs lets no disk go while anything is to lie on two: of the pool itself, not of its files, that is so. */
        const uint16_t order = tree->member_count == 2 ? STORAGE_WORK_REMOVE_TO_ONE : STORAGE_WORK_REMOVE;
        if (plan_step(change->plan, failure, order, in->name, plan_number(change->arena, member->number),
                      disk_serial(disk), disk_place(disk), plan_number(change->arena, member->used ? member->used : 1),
                      NULL) != 0)
                return -1;
        return plan_step(change->plan, failure, STORAGE_WORK_START, in->name, NULL);
}

void nas_storage_remove_disk(struct call *call, const struct nas_storage_remove_disk_in *in)
{
        struct failure failure = {0};
        struct change *change = pool_change(in->name);
        run(call, change, plan_remove(change, in, &failure), &failure);
}

static int may_be_replaced(const struct nas_storage_replace_disk_in *in, const struct member *member,
                           const struct disk *by, struct failure *failure)
{
        const struct device_errors *device = device_with(pool_system(wanted_named(in->name)), member->number);
        if (device && !device->missing && !pool_has_errors(device) && !(in->has_healthy_too && in->healthy_too))
                return failure_set(failure, FAILURE_CONFLICT, "number",
                                   "Ask for it with healthy_too when it is to be replaced all the same.",
                                   "Nothing is known to be wrong with disk %llu.", (unsigned long long)member->number);
        const uint64_t header = wanted_named(in->name)->encrypted ? LUKS_HEADER : 0;
        if (by->block.size >= member->size + header)
                return 0;
        return failure_set(failure, FAILURE_CONFLICT, "disk", "Choose a larger one.",
                           "is smaller than the disk whose place it is to take (%llu bytes)",
                           (unsigned long long)member->size);
}

static int plan_replace(struct change *change, const struct nas_storage_replace_disk_in *in, struct failure *failure)
{
        const struct wanted *on = find_on_array(in->name), *zfs = find_zfs(in->name);
        if (on)
                return plan_array_replace(change, on, in, failure);
        if (zfs)
                return plan_zfs_replace(change, zfs, in, failure);
        const struct tree *tree = find_own(in->name, failure);
        const struct member *member = tree ? find_member(tree, (uint64_t)in->number, failure) : NULL;
        const struct disk *by = member ? disk_take(in->disk, in->has_erase && in->erase, failure) : NULL;
        const char *name;
        if (!by || may_be_replaced(in, member, by, failure) != 0 ||
            plan_take(change, wanted_named(in->name), by, in->passphrase, &name, failure) != 0)
                return -1;
        const struct disk *old = pool_disk(wanted_named(in->name), member);
        if (plan_step(change->plan, failure, STORAGE_WORK_REPLACE, in->name, plan_number(change->arena, member->number),
                      name, disk_serial(old), disk_place(old), disk_serial(by), disk_place(by), NULL) != 0)
                return -1;
        return plan_step(change->plan, failure, STORAGE_WORK_START, in->name, NULL);
}

void nas_storage_replace_disk(struct call *call, const struct nas_storage_replace_disk_in *in)
{
        struct failure failure = {0};
        struct change *change = pool_change(in->name);
        run(call, change, plan_replace(change, in, &failure), &failure);
}

/* --- balance --- */

static int plan_balance(struct change *change, const struct nas_storage_balance_pool_in *in, struct failure *failure)
{
        const struct tree *tree = find_idle(in->name, failure);
        const char *profile = in->has_profile ? nas_storage_balance_profile_word(in->profile) : NULL;
        if (!tree || fits(wanted_named(in->name), tree, profile, 0, failure) != 0)
                return -1;
        const struct layout *layout = profile ? layout_of(profile, tree->member_count) : NULL;
        int result = layout ? plan_step(change->plan, failure, STORAGE_WORK_CONVERT, in->name, layout->data,
                                        layout->metadata, NULL)
                            : plan_step(change->plan, failure, STORAGE_WORK_BALANCE, in->name, NULL);
        return result == 0 ? plan_step(change->plan, failure, STORAGE_WORK_START, in->name, NULL) : -1;
}

void nas_storage_balance_pool(struct call *call, const struct nas_storage_balance_pool_in *in)
{
        struct failure failure = {0};
        struct change *change = pool_change(in->name);
        run(call, change, plan_balance(change, in, &failure), &failure);
}
