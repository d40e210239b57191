/* Pools: what is shown of them.
 * Rights: the storage clerk; works on what is in memory, and asks how much room is left in those that are mounted. */
#include "daemons/storage/clerk/arrays.h"
#include "daemons/storage/clerk/ceph.h"
#include "daemons/storage/clerk/encryption.h"

#include "base/log.h"
#include "base/mem.h"
#include "daemons/storage/clerk/capacity.h"
#include "daemons/storage/clerk/zfs.h"

#include <string.h>

const struct file_system *pool_system(const struct wanted *pool)
{
        const struct machine *machine = machine_now();
        for (size_t i = 0; i < machine->file_system_count; i++)
                if (strcmp(machine->file_systems[i].uuid, pool->uuid) == 0 &&
                    (strcmp(machine->file_systems[i].type, "cephfs") == 0) == pool_is_ceph(pool))
                        return &machine->file_systems[i];
        return NULL;
}

const struct wanted *pool_find(const char *name, struct failure *failure)
{
        const struct wanted *pool = wanted_named(name);
        if (!pool)
                failure_set(failure, FAILURE_NOT_FOUND, "pool", "Look at the list of pools.", "There is no pool %s.",
                            name);
        return pool;
}

bool pool_wants(const struct wanted *pool, const char *option)
{
        ASSERT(pool && option);
        for (size_t i = 0; i < pool->option_count; i++)
                if (strcmp(pool->options[i], option) == 0)
                        return true;
        return false;
}

bool pool_is_btrfs(const struct wanted *pool)
{
        return strcmp(pool->type, "btrfs") == 0;
}

int pool_must_be_btrfs(const struct wanted *pool, struct failure *failure)
{
        if (pool_is_btrfs(pool))
                return 0;
        if (pool_is_zfs(pool))
                return failure_set(failure, FAILURE_CONFLICT, "pool",
                                   "Use zpool and zfs on the machine itself for that.",
                                   "The pool %s is zfs, to which that is not done here.", pool->name);
        return failure_set(failure, FAILURE_CONFLICT, "pool", "Use its folders as they are, or make a pool of btrfs.",
                           "The pool %s is %s, which has no datasets, no snapshots, no copies and no checksums.",
                           pool->name, pool->type);
}

const struct tree *pool_find_tree(const char *name, struct failure *failure)
{
        const struct wanted *pool = pool_find(name, failure);
        return pool && pool_must_be_btrfs(pool, failure) == 0 ? pool_find_sets(name, failure) : NULL;
}

const struct tree *pool_find_sets(const char *name, struct failure *failure)
{
        const struct wanted *pool = pool_find(name, failure);
        if (!pool || (!pool_is_zfs(pool) && pool_must_be_btrfs(pool, failure) != 0))
                return NULL;
        const struct tree *tree = look_tree(name);
        if (!tree)
                failure_set(failure, FAILURE_CONFLICT, "pool", "Look at the pool: it says why.",
                            "The pool %s is not mounted.", name);
        return tree;
}

/* --- devices --- */

static const struct member *member_with(const struct tree *tree, uint64_t number)
{
        for (size_t i = 0; tree && i < tree->member_count; i++)
                if (tree->members[i].number == number)
                        return &tree->members[i];
        return NULL;
}

/* udev read each device's own number when it was plugged in. */
const struct disk *pool_disk(const struct wanted *pool, const struct member *member)
{
        ASSERT(pool);
        const struct machine *machine = machine_now();
        for (size_t i = 0; member && i < machine->disk_count; i++) {
                const struct block *block = &machine->disks[i].block;
                if (block->uuid && block->uuid_sub && strcmp(block->uuid, pool->uuid) == 0 &&
                    strcmp(block->uuid_sub, member->uuid) == 0)
                        return &machine->disks[i];
        }
        return NULL;
}

static struct nas_storage_pool_device describe_device(const struct device_errors *errors, const struct tree *tree,
                                                      const struct wanted *pool)
{
        const struct member *member = member_with(tree, errors->number);
        const struct file_system *system = pool_is_btrfs(pool) ? NULL : pool_system(pool);
        const struct disk *disk = system            ? disk_named(system->names[0])
                                  : errors->missing ? NULL
                                                    : pool_disk(pool, member);
        return (struct nas_storage_pool_device){.number = (int64_t)errors->number,
                                                .disk = disk ? disk->id : NULL,
                                                .name = disk ? disk->block.name : NULL,
                                                .missing = errors->missing,
                                                .size = member           ? (int64_t)member->size
                                                        : system && disk ? (int64_t)disk->block.size
                                                                         : 0,
                                                .used = member ? (int64_t)member->used : 0,
                                                .write_errors = errors->write,
                                                .read_errors = errors->read,
                                                .flush_errors = errors->flush,
                                                .corruption_errors = errors->corruption,
                                                .generation_errors = errors->generation};
}

bool pool_has_errors(const struct device_errors *errors)
{
        return errors->write > 0 || errors->read > 0 || errors->flush > 0 || errors->corruption > 0 ||
               errors->generation > 0;
}

/* --- the whole --- */

/* One of another kind is there with its disk. */
static size_t disks_here(const char *uuid)
{
        const struct machine *machine = machine_now();
        size_t count = 0;
        for (size_t i = 0; i < machine->file_system_count; i++)
                if (strcmp(machine->file_systems[i].uuid, uuid) == 0 &&
                    strcmp(machine->file_systems[i].type, "btrfs") != 0)
                        return 1;
        for (size_t i = 0; i < machine->disk_count; i++)
                count += (wanted_with(uuid) && disk_in_array_of(&machine->disks[i], wanted_with(uuid))) ||
                         (machine->disks[i].block.uuid && strcmp(machine->disks[i].block.uuid, uuid) == 0) ||
                         (pool_with_luks(machine->disks[i].block.luks) && !machine->disks[i].block.opened &&
                          strcmp(pool_with_luks(machine->disks[i].block.luks)->uuid, uuid) == 0);
        return count;
}

/* After the next start the copy may be what is mounted. */
static void judge_copies(struct nas_storage_pool *pool, struct arena *arena)
{
        const char *one, *other;
        if (pool->health_status != NAS_STORAGE_POOL_HEALTH_HEALTHY || !disks_copied(pool->uuid, &one, &other))
                return;
        pool->health_status = NAS_STORAGE_POOL_HEALTH_UNKNOWN;
        pool->message =
                arena_printf(arena, "%s and %s say that they are the same disk of it. Unplug the copy.", one, other);
}

/* Why, and what to do. A server that gives nothing away is asked again by PID 1, until somebody locks the pool. */
static const char *locked_words(const struct wanted *wanted, struct arena *arena)
{
        if (wanted->kept)
                return "It is locked. Mount it: this machine keeps its key.";
        if (wanted->tang)
                return arena_printf(arena,
                                    "It is locked. The Tang server %s has not opened it: after a start it is asked "
                                    "again and again until it answers. Mount it to have it asked now, or unlock it "
                                    "with its passphrase.",
                                    wanted->tang);
        return "It is locked. Unlock it with its passphrase.";
}

static void judge(const struct file_system *system, const struct wanted *wanted, struct nas_storage_pool *pool,
                  struct arena *arena)
{
        size_t missing = 0, faulty = 0;
        pool->health_status = NAS_STORAGE_POOL_HEALTH_AWAY;
        if (!system || !pool->mounted) {
                size_t here = disks_here(wanted->uuid);
                pool->message = here == 0                ? "None of its disks is here. Plug them in."
                                : pool_is_locked(wanted) ? locked_words(wanted, arena)
                                : pool_array(wanted)     ? "It is not mounted; its array is here."
                                : pool_on_array(wanted)
                                        ? arena_printf(arena,
                                                       "Too few of its disks are here (%zu) to put its array together. "
                                                       "Plug in the others.",
                                                       here)
                                : !pool_is_btrfs(wanted)
                                        ? "It is not mounted; its disk is here."
                                        : arena_printf(arena,
                                                       "It is not mounted; %zu of its disks %s here. If another is "
                                                       "lost, mount it degraded.",
                                                       here, here == 1 ? "is" : "are");
                return;
        }
        for (size_t i = 0; i < system->device_count; i++) {
                missing += system->devices[i].missing;
                faulty += pool_has_errors(&system->devices[i]);
        }
        pool->health_status = missing > 0                 ? NAS_STORAGE_POOL_HEALTH_DEGRADED
                              : faulty > 0                ? NAS_STORAGE_POOL_HEALTH_DAMAGED
                              : system->device_count == 0 ? NAS_STORAGE_POOL_HEALTH_UNKNOWN
                                                          : NAS_STORAGE_POOL_HEALTH_HEALTHY;
        if (missing > 0)
                pool->message = arena_printf(arena, "%zu of its %zu disks %s missing. Replace it before another fails.",
                                             missing, system->device_count, missing == 1 ? "is" : "are");
        else if (faulty > 0 && (!pool_is_btrfs(wanted) || pool_array(wanted)))
                pool->message =
                        "Its file system has found errors in itself. Unmount it, and have its own tool check it.";
        else if (faulty > 0)
                pool->message = arena_printf(arena,
                                             "%zu of its disks gave wrong data or failed to write. Scrub it, and look "
                                             "at those disks.",
                                             faulty);
        else if (wanted->degraded)
                pool->message = "All of its disks are here. Balance it in its own profile, then mount it again without "
                                "degraded.";
        judge_copies(pool, arena);
}

/* What is in use, and what more fits: what is left of the room that data was given, and what the disks still have, as
 * their profile takes it. The kernel's own figures do not know what parity takes. */
static void measure(const struct file_system *system, const struct tree *tree, struct nas_storage_pool *pool,
                    struct arena *arena)
{
        const size_t most = tree ? tree->member_count : 0;
        uint64_t *sizes = arena_array(arena, most + 1, sizeof(*sizes)), used, available;
        size_t count = 0;
        for (size_t i = 0; i < most; i++)
                for (size_t n = 0; n < system->device_count; n++)
                        if (system->devices[n].number == tree->members[i].number && !system->devices[n].missing)
                                sizes[count++] = tree->members[i].size - tree->members[i].used;
        const struct layout *layout = system->profile ? layout_of(system->profile, count) : NULL;
        if (tree && layout) {
                used = system->data_used + system->metadata_used;
                available = system->data_given - system->data_used + room_left(layout, sizes, count);
        } else if (!live_room(pool->mount_point, &used, &available)) {
                return;
        }
        pool->size = (int64_t)(used + available);
        pool->available = (int64_t)available;
        pool->used = (int64_t)used;
}

struct nas_storage_pool pool_describe(const struct wanted *wanted, struct arena *arena)
{
        ASSERT(wanted && arena);
        const struct file_system *system = pool_system(wanted);
        const struct tree *tree = look_tree(wanted->name);
        const struct array *array = pool_array(wanted);
        struct nas_storage_pool pool = {
                .id = wanted->id, .name = wanted->name, .uuid = wanted->uuid, .file_system = wanted->type};
        pool.mount_point = arena_printf(arena, SERVED "/%s", wanted->name);
        pool.mounted = system && system->mounted && strcmp(system->mounted, pool.mount_point) == 0;
        pool.created_at = tree && tree->created_us > 0 ? moment(arena, tree->created_us) : NULL;
        pool.degraded = wanted->degraded;
        pool.has_encryption = wanted->encrypted;
        if (wanted->encrypted)
                pool.encryption = encryption_describe(wanted, arena);
        if (pool.mounted && !pool_is_ceph(wanted) && !pool_is_zfs(wanted))
                measure(system, tree, &pool, arena);
        pool.has_work = work_now(wanted, arena, &pool.work);
        pool.has_last_scrub = work_past(wanted, true, arena, &pool.last_scrub);
        pool.has_scrub_schedule = scrub_schedule(wanted, arena, &pool.scrub_schedule);
        pool.has_last_work = work_past(wanted, false, arena, &pool.last_work);
        if (array) {
                pool.devices = array_describe(array, arena, &pool.devices_count);
                pool.pool_type = array_profile(array, arena);
        } else if (system && !system->zfs) {
                struct nas_storage_pool_device *devices =
                        arena_array(arena, system->device_count + 1, sizeof(*devices));
                for (size_t i = 0; i < system->device_count; i++)
                        devices[i] = describe_device(&system->devices[i], tree, wanted);
                pool.devices = devices;
                pool.devices_count = system->device_count;
                pool.pool_type = system->profile;
        }
        if (pool_is_ceph(wanted))
                ceph_judge(wanted, &pool, arena);
        else if (pool_is_zfs(wanted))
                zfs_judge(wanted, system, &pool, arena);
        else
                judge(system, wanted, &pool, arena);
        if (array && pool.mounted)
                array_judge(array, &pool, arena);
        return pool;
}

void pools_write(struct json_out *out, struct call *call, void *context)
{
        (void)call;
        (void)context;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct nas_storage_pool *pools = arena_array(arena, wanted_count() + 1, sizeof(*pools));
        for (size_t i = 0; i < wanted_count(); i++)
                pools[i] = pool_describe(wanted_at(i), arena);
        struct nas_storage_list_pools_out reply = {.pools = pools, .pools_count = wanted_count()};
        nas_storage_list_pools_out_write(out, &reply);
}

void nas_storage_list_pools(struct call *call, const struct nas_storage_list_pools_in *in)
{
        (void)in;
        topic_serve(topics.pools, call);
}

/* For each call its own: which one it asks for is in its parameters. */
void pool_write(struct json_out *out, struct call *call, void *context)
{
        (void)context;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct nas_storage_get_pool_in in;
        struct failure failure;
        const struct wanted *wanted = NULL;
        if (nas_storage_get_pool_in_read(call_parameters(call), arena, &in, &failure) == 0)
                wanted = wanted_named(in.name);
        if (wanted) {
                struct nas_storage_get_pool_out reply = {.pool = pool_describe(wanted, arena)};
                nas_storage_get_pool_out_write(out, &reply);
                return;
        }
        json_out_object(out); /* it was forgotten while somebody watched it */
        json_out_object_end(out);
}

void nas_storage_get_pool(struct call *call, const struct nas_storage_get_pool_in *in)
{
        struct failure failure = {0};
        if (pool_find(in->name, &failure))
                topic_serve(topics.pool, call);
        else
                call_fail(call, &failure);
}

/* --- what one would hold --- */

void nas_storage_get_capacity(struct call *call, const struct nas_storage_get_capacity_in *in)
{
        struct failure failure = {0};
        struct arena *arena = call_arena(call);
        const char *profile = nas_storage_profile_word(in->profile);
        const bool zfs = profile_is_zfs(in->profile, in->has_file_system, in->file_system);
        const struct layout *layout =
                zfs ? zfs_layout_of(profile, in->disks_count) : layout_of(profile, in->disks_count);
        uint64_t *sizes = arena_array(arena, in->disks_count + 1, sizeof(*sizes)), unused = 0;
        int result = zfs ? zfs_layout_fits(profile, in->disks_count, &failure)
                         : layout_fits(layout, profile, in->disks_count, &failure);
        for (size_t i = 0; result == 0 && i < in->disks_count; i++) {
                const struct disk *disk = disk_with(in->disks[i]);
                if (disk)
                        sizes[i] = disk->block.size;
                else
                        result = failure_set(&failure, FAILURE_NOT_FOUND, "disks", "Look at the list of disks.",
                                             "There is no disk %s.", in->disks[i]);
        }
        if (result != 0) {
                call_fail(call, &failure);
                return;
        }
        struct nas_storage_get_capacity_out reply = {
                .size = (int64_t)(zfs ? zfs_capacity_of(layout, sizes, in->disks_count, &unused)
                                      : capacity_of(layout, sizes, in->disks_count, &unused)),
                .unused = (int64_t)unused,
                .survives = layout->survives,
                .advice = layout->advice};
        nas_storage_get_capacity_reply(call, &reply);
}
