/* Making pools of ZFS's, and changing them while they are in use: what each comes down to. PID 1 has ZFS's own tool do it
 * (bulkhead-zfs-make@.service, bulkhead-zfs-work@.service).
 * Rights: the storage clerk; plans, its hand acts. */
#include "base/log.h"
#include "base/mem.h"
#include "daemons/storage/clerk/zfs.h"

#include <string.h>

enum { BESIDE_MAX = 64 << 20 /* of the partition that ZFS leaves at the end of a disk, and more */ };

/* --- making one --- */

/* Pairs are made of those of one size. Always in the same order, so that what was confirmed is what is done. */
static void largest_first(const struct disk **disks, size_t count)
{
        for (size_t i = 1; i < count; i++)
                for (size_t n = i; n > 0 && disks[n]->block.size > disks[n - 1]->block.size; n--) {
                        const struct disk *other = disks[n];
                        disks[n] = disks[n - 1];
                        disks[n - 1] = other;
                }
}

static const char *path_of(const struct change *change, const struct disk *disk)
{
        return arena_printf(change->arena, "/dev/disk/by-id/%s", disk->id);
}

static int plan_announce(struct change *change, const struct disk *const *disks, size_t count, struct failure *failure)
{
        for (size_t i = 0; i < count; i++)
                if (plan_step(change->plan, failure, STORAGE_DISK_ANNOUNCE, disks[i]->id, NULL) != 0)
                        return -1;
        return 0;
}

/* What is to be mounted is read again on both sides, so that it is right also when all of this is undone. */
static int plan_make(struct change *change, const struct wanted *pool, const char *layout,
                     const struct disk *const *disks, size_t count, struct failure *failure)
{
        const char *values[3 + POOL_DISKS_MAX] = {pool->name, pool->uuid, layout};
        for (size_t i = 0; i < count; i++)
                values[3 + i] = path_of(change, disks[i]);
        if (plan_step(change->plan, failure, STORAGE_UNITS_RELOAD, NULL) != 0 ||
            plan_want(change->plan, pool, failure) != 0 ||
            plan_step_values(change->plan, failure, STORAGE_ZFS_MAKE_ORDER, values, 3 + count) != 0 ||
            plan_step(change->plan, failure, STORAGE_ZFS_MAKE, pool->name, NULL) != 0 ||
            plan_step(change->plan, failure, STORAGE_UNITS_RELOAD, NULL) != 0 ||
            plan_step(change->plan, failure, STORAGE_ZFS_MOUNT, pool->name, NULL) != 0)
                return -1;
        return plan_announce(change, disks, count, failure);
}

int plan_zfs_create(struct change *change, const struct nas_storage_create_pool_in *in, const char *uuid,
                    struct failure *failure)
{
        ASSERT(change && in && uuid);
        const struct disk *disks[POOL_DISKS_MAX];
        const char *profile = nas_storage_profile_word(in->profile);
        const struct wanted pool = {
                .name = in->name, .uuid = uuid, .type = "zfs", .options = {"noatime"}, .option_count = 1};
        if (in->has_encrypt || in->passphrase)
                return failure_set(failure, FAILURE_INVALID, "encrypt",
                                   "Choose btrfs and one of its own profiles, or leave it out.",
                                   "is for pools of btrfs that lies on its disks itself");
        if (zfs_layout_fits(profile, in->disks_count, failure) != 0 || zfs_possible(in->name, failure) != 0 ||
            disks_take("disks", in->disks, in->disks_count, in->has_erase && in->erase, disks, failure) != 0 ||
            plan_step(change->plan, failure, STORAGE_PLACE_MAKE, in->name, NULL) != 0)
                return -1;
        largest_first(disks, in->disks_count);
        for (size_t i = 0; i < in->disks_count; i++)
                if (plan_erase(change, disks[i], failure) != 0)
                        return -1;
        return plan_make(change, &pool, profile, disks, in->disks_count, failure);
}

/* --- its disks --- */

static bool is_of(const struct block *block, const char *uuid)
{
        return block->uuid && strcmp(block->uuid, uuid) == 0;
}

/* The part of it that ZFS leaves behind its own has nothing in it. */
bool zfs_has_whole(const struct disk *disk, const struct wanted *pool)
{
        ASSERT(disk && pool);
        bool any = false;
        if (!pool_is_zfs(pool))
                return false;
        for (size_t i = 0; i < disk->partition_count; i++) {
                const struct block *part = &disk->partitions[i];
                const bool beside =
                        !part->holds && part->size <= BESIDE_MAX && !part->mounted && !part->swap && !part->held;
                if (!is_of(part, pool->uuid) && !beside)
                        return false;
                any = any || is_of(part, pool->uuid);
        }
        return any;
}

int zfs_may_be_erased(const struct wanted *pool, struct failure *failure)
{
        ASSERT(pool);
        const struct machine *machine = machine_now();
        for (size_t i = 0; i < machine->disk_count; i++) {
                const struct disk *disk = &machine->disks[i];
                for (size_t n = 0; n < disk->partition_count; n++)
                        if (is_of(&disk->partitions[n], pool->uuid) && !zfs_has_whole(disk, pool))
                                return failure_set(failure, FAILURE_CONFLICT, "name", "Export it.",
                                                   "It was made elsewhere: of its disk %s it has only a part.",
                                                   disk->block.name);
        }
        return 0;
}

bool zfs_was_member(const struct disk *disk)
{
        ASSERT(disk);
        for (size_t i = 0; i < disk->partition_count; i++) {
                const struct wanted *pool = wanted_with(disk->partitions[i].uuid);
                if (!pool || !pool_is_zfs(pool) || !pool_is_mounted(pool) || !zfs_has_whole(disk, pool))
                        continue;
                const struct file_system *system = pool_system(pool);
                for (size_t n = 0; n < system->name_count; n++)
                        if (disk_named(system->names[n]) == disk)
                                return false;
                return true;
        }
        return false;
}

/* --- what is done to one --- */

/* A pool that is in use, and that nothing else is done to. NULL with *failure. */
static const struct zfs *find_idle(const struct wanted *pool, struct failure *failure)
{
        const struct file_system *system = pool_is_mounted(pool) ? pool_system(pool) : NULL;
        if (!system || !system->zfs) {
                failure_set(failure, FAILURE_CONFLICT, "name", "Mount it first.", "It is not mounted.");
                return NULL;
        }
        return work_refuse(pool->name, failure) == 0 ? system->zfs : NULL;
}

/* The last step of each: ZFS is told what is ordered. */
static int plan_work(struct change *change, const struct wanted *pool, int ordered, struct failure *failure)
{
        change->explain = zfs_explain;
        return ordered == 0 ? plan_step(change->plan, failure, STORAGE_ZFS_WORK, pool->name, NULL) : -1;
}

int plan_zfs_scrub(struct change *change, const struct wanted *pool, struct failure *failure)
{
        ASSERT(change && pool);
        return find_idle(pool, failure) ? plan_step(change->plan, failure, STORAGE_ZFS_SCRUB_START, pool->name, NULL)
                                        : -1;
}

int plan_zfs_clear(struct change *change, const struct wanted *pool, struct failure *failure)
{
        ASSERT(change && pool);
        if (!pool_is_mounted(pool))
                return failure_set(failure, FAILURE_CONFLICT, "name", "Mount it first.", "It is not mounted.");
        return plan_work(change, pool, plan_step(change->plan, failure, STORAGE_ZFS_CLEAR, pool->name, NULL), failure);
}

int plan_zfs_stop(struct change *change, const struct wanted *pool, enum nas_storage_work_kind kind,
                  struct failure *failure)
{
        ASSERT(change && pool);
        const struct file_system *system = pool_system(pool);
        if (kind == NAS_STORAGE_WORK_KIND_SCRUB)
                return plan_work(change, pool,
                                 plan_step(change->plan, failure, STORAGE_ZFS_SCRUB_STOP, pool->name, NULL), failure);
        for (size_t i = 0; system && system->zfs && i < system->device_count; i++) {
                const struct zfs_device *device = &system->zfs->devices[i];
                if (device->role == ZFS_NEW && device->number)
                        return plan_work(change, pool,
                                         plan_step(change->plan, failure, STORAGE_ZFS_REPLACE_STOP, pool->name,
                                                   device->number, disk_place(disk_named(system->names[i])), NULL),
                                         failure);
        }
        return failure_set(failure, FAILURE_CONFLICT, "name", "Wait until that is over.",
                           "What belongs on a disk of it is being written.");
}

/* --- becoming larger, or safer --- */

/* The smallest of the disks of a part that are here. */
static uint64_t smallest_in(const struct file_system *system, size_t part)
{
        uint64_t least = UINT64_MAX;
        for (size_t i = 0; i < system->device_count; i++) {
                const struct zfs_device *device = &system->zfs->devices[i];
                const struct disk *disk =
                        device->role != ZFS_ASIDE && device->part == part ? disk_named(system->names[i]) : NULL;
                if (disk && disk->block.size < least)
                        least = disk->block.size;
        }
        return least == UINT64_MAX ? 0 : least;
}

static int is_large_enough(const struct file_system *system, size_t part, const struct disk *by,
                           struct failure *failure)
{
        const uint64_t least = smallest_in(system, part);
        if (by->block.size >= least)
                return 0;
        return failure_set(failure, FAILURE_CONFLICT, "disk", "Choose a larger one.",
                           "is smaller than the disk whose place it is to take (%llu bytes)",
                           (unsigned long long)least);
}

/* A copy more of what is on one disk, or on the disks of one mirror. */
static int plan_attach(struct change *change, const struct wanted *pool, const struct disk *disk,
                       struct failure *failure)
{
        const struct file_system *system = pool_system(pool);
        for (size_t i = 0; i < system->device_count; i++) {
                const struct zfs_device *beside = &system->zfs->devices[i];
                if (beside->role != ZFS_MEMBER || system->devices[i].missing || !beside->number)
                        continue;
                if (is_large_enough(system, beside->part, disk, failure) != 0 ||
                    plan_erase(change, disk, failure) != 0 ||
                    plan_work(change, pool,
                              plan_step(change->plan, failure, STORAGE_ZFS_ATTACH, pool->name, beside->number,
                                        disk_place(disk_named(system->names[i])), disk->id, disk_serial(disk),
                                        disk_place(disk), NULL),
                              failure) != 0)
                        return -1;
                return plan_announce(change, &disk, 1, failure);
        }
        return failure_set(failure, FAILURE_CONFLICT, "name", "Look again in a moment.",
                           "Its disks are not known yet.");
}

/* A part like those that are there. */
static int plan_part(struct change *change, const struct wanted *pool, const struct zfs_part *part,
                     const struct disk *const *disks, size_t count, struct failure *failure)
{
        const char *values[2 + POOL_DISKS_MAX] = {pool->name, ""};
        if (part->kind != ZFS_PLAIN)
                values[1] = part->kind == ZFS_MIRROR ? "mirror" : arena_printf(change->arena, "raidz%u", part->parity);
        for (size_t i = 0; i < count; i++) {
                values[2 + i] = path_of(change, disks[i]);
                if (plan_erase(change, disks[i], failure) != 0)
                        return -1;
        }
        if (plan_work(change, pool, plan_step_values(change->plan, failure, STORAGE_ZFS_ADD, values, 2 + count),
                      failure) != 0)
                return -1;
        return plan_announce(change, disks, count, failure);
}

static int refuse_others(const struct zfs_part *part, struct failure *failure)
{
        if (part->width == 1)
                return failure_set(failure, FAILURE_INVALID, "others", "Add one after the other.",
                                   "must be none: the pool has its disks each for itself");
        return failure_set(failure, FAILURE_INVALID, "others", "Add as many at once as a part of the pool has.",
                           "must be %zu disks beside the first, as each part of the pool has", part->width - 1);
}

static int take(const struct nas_storage_add_disk_in *in, const struct disk **ret_disks, struct failure *failure)
{
        const bool erase = in->has_erase && in->erase;
        ASSERT(in->others_count < POOL_DISKS_MAX); /* as the contract says */
        ret_disks[0] = disk_take(in->disk, erase, failure);
        if (!ret_disks[0] || disks_take("others", in->others, in->others_count, erase, ret_disks + 1, failure) != 0)
                return -1;
        for (size_t i = 1; i <= in->others_count; i++)
                if (ret_disks[i] == ret_disks[0])
                        return failure_set(failure, FAILURE_INVALID, "others", "", "is named twice");
        return 0;
}

int plan_zfs_add(struct change *change, const struct wanted *pool, const struct nas_storage_add_disk_in *in,
                 struct failure *failure)
{
        ASSERT(change && pool && in);
        const struct zfs *zfs = find_idle(pool, failure);
        const struct zfs_part *part = zfs && zfs->part_count > 0 ? &zfs->parts[0] : NULL;
        const char *profile = zfs ? pool_system(pool)->profile : NULL;
        const struct disk *disks[POOL_DISKS_MAX];
        if (!zfs)
                return -1;
        if (!part || !profile || strcmp(profile, "mixed") == 0)
                return failure_set(failure, FAILURE_CONFLICT, "name",
                                   "Use zpool and zfs on the machine itself for that.",
                                   "The pool %s is made of parts of more than one kind.", pool->name);
        if (!(in->has_grow && in->grow)) {
                if (zfs->part_count > 1 || part->kind == ZFS_RAIDZ)
                        return failure_set(failure, FAILURE_CONFLICT, "grow",
                                           "Ask for it with grow, and for a pool of mirrors or raidz name the others.",
                                           "One disk more makes the pool %s no safer: it can only become larger.",
                                           pool->name);
                if (in->others_count > 0)
                        return failure_set(failure, FAILURE_INVALID, "others", "Add one after the other.",
                                           "must be none: each disk becomes another copy");
                return take(in, disks, failure) == 0 ? plan_attach(change, pool, disks[0], failure) : -1;
        }
        if (in->others_count + 1 != part->width)
                return refuse_others(part, failure);
        return take(in, disks, failure) == 0 ? plan_part(change, pool, part, disks, part->width, failure) : -1;
}

/* --- a disk for another, or out --- */

/* The device that is known by that number, as a place in the list of a pool that nothing else is done to; SIZE_MAX with
 * *failure. */
static size_t find_device(const struct wanted *pool, int64_t number, struct failure *failure)
{
        if (!find_idle(pool, failure))
                return SIZE_MAX;
        const struct file_system *system = pool_system(pool);
        for (size_t i = 0; i < system->device_count; i++) {
                if (system->devices[i].number != (uint64_t)number)
                        continue;
                if (system->zfs->devices[i].role == ZFS_MEMBER && system->zfs->devices[i].number)
                        return i;
                failure_set(failure, FAILURE_CONFLICT, "number", "Wait until that is over, or look again in a moment.",
                            "Something is being done to disk %llu.", (unsigned long long)number);
                return SIZE_MAX;
        }
        failure_set(failure, FAILURE_NOT_FOUND, "number", "Look at the pool's disks.", "The pool has no disk %llu.",
                    (unsigned long long)number);
        return SIZE_MAX;
}

int plan_zfs_replace(struct change *change, const struct wanted *pool, const struct nas_storage_replace_disk_in *in,
                     struct failure *failure)
{
        ASSERT(change && pool && in);
        const size_t at = find_device(pool, in->number, failure);
        if (at == SIZE_MAX)
                return -1;
        const struct file_system *system = pool_system(pool);
        const struct zfs *zfs = system->zfs;
        const struct device_errors *errors = &system->devices[at];
        if (!errors->missing && !pool_has_errors(errors) && strcmp(zfs->devices[at].state, "ONLINE") == 0 &&
            !(in->has_healthy_too && in->healthy_too))
                return failure_set(failure, FAILURE_CONFLICT, "number",
                                   "Ask for it with healthy_too when it is to be replaced all the same.",
                                   "Nothing is known to be wrong with disk %llu.", (unsigned long long)in->number);
        const struct disk *by = disk_take(in->disk, in->has_erase && in->erase, failure);
        const struct disk *old = errors->missing ? NULL : disk_named(system->names[at]);
        if (!by || is_large_enough(system, zfs->devices[at].part, by, failure) != 0 ||
            plan_erase(change, by, failure) != 0 ||
            plan_work(change, pool,
                      plan_step(change->plan, failure, STORAGE_ZFS_REPLACE, pool->name,
                                plan_number(change->arena, (uint64_t)in->number), zfs->devices[at].number, by->id,
                                disk_serial(old), disk_place(old), disk_serial(by), disk_place(by), NULL),
                      failure) != 0)
                return -1;
        return plan_announce(change, &by, 1, failure);
}

/* How many disks of that part have all that belongs on them, but for that one. */
static size_t whole_beside(const struct file_system *system, size_t at)
{
        size_t count = 0;
        for (size_t i = 0; i < system->device_count; i++)
                count += i != at && system->zfs->devices[i].role == ZFS_MEMBER && !system->devices[i].missing &&
                         system->zfs->devices[i].part == system->zfs->devices[at].part;
        return count;
}

/* A copy that is one more than two. */
int plan_zfs_remove(struct change *change, const struct wanted *pool, const struct nas_storage_remove_disk_in *in,
                    struct failure *failure)
{
        ASSERT(change && pool && in);
        const size_t at = find_device(pool, in->number, failure);
        if (at == SIZE_MAX)
                return -1;
        const struct file_system *system = pool_system(pool);
        const struct zfs *zfs = system->zfs;
        const struct disk *disk = system->devices[at].missing ? NULL : disk_named(system->names[at]);
        if (zfs->parts[zfs->devices[at].part].kind != ZFS_MIRROR || whole_beside(system, at) < 2)
                return failure_set(failure, FAILURE_CONFLICT, "number", "Replace it.",
                                   "The pool %s does without none of its disks.", pool->name);
        return plan_work(change, pool,
                         plan_step(change->plan, failure, STORAGE_ZFS_DROP, pool->name,
                                   plan_number(change->arena, (uint64_t)in->number), zfs->devices[at].number,
                                   disk_serial(disk), disk_place(disk), NULL),
                         failure);
}
