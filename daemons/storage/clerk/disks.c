/* Disks: what is shown of them, and whether they may become part of a pool.
 * Rights: the storage clerk; works on what is in memory. */
#include "daemons/storage/clerk/arrays.h"
#include "daemons/storage/clerk/encryption.h"
#include "daemons/storage/clerk/zfs.h"

#include "base/log.h"
#include "base/mem.h"

#include <stdio.h>
#include <string.h>

const struct disk *disk_with(const char *id)
{
        const struct machine *machine = machine_now();
        for (size_t i = 0; id && i < machine->disk_count; i++)
                if (machine->disks[i].id && strcmp(machine->disks[i].id, id) == 0)
                        return &machine->disks[i];
        return NULL;
}

static bool is_called(const struct block *block, const char *name)
{
        return strcmp(block->name, name) == 0 || (block->opened && strcmp(block->opened, name) == 0);
}

const struct disk *disk_named(const char *name)
{
        const struct machine *machine = machine_now();
        for (size_t i = 0; i < machine->disk_count; i++) {
                const struct disk *disk = &machine->disks[i];
                if (is_called(&disk->block, name))
                        return disk;
                for (size_t n = 0; n < disk->partition_count; n++)
                        if (is_called(&disk->partitions[n], name))
                                return disk;
        }
        return NULL;
}

static bool same_part(const struct block *one, const struct block *other)
{
        return one->uuid_sub && other->uuid_sub ? strcmp(one->uuid_sub, other->uuid_sub) == 0
                                                : !one->uuid_sub && !other->uuid_sub;
}

/* The next block with that file system, whole disks and parts; *at counts them all. NULL: there is none. */
static const struct block *next_part(const char *uuid, size_t *at)
{
        const struct machine *machine = machine_now();
        size_t number = 0;
        for (size_t i = 0; i < machine->disk_count; i++)
                for (size_t n = 0; n <= machine->disks[i].partition_count; n++) {
                        const struct disk *disk = &machine->disks[i];
                        const struct block *block = n == 0 ? &disk->block : &disk->partitions[n - 1];
                        if (number++ < *at || !block->uuid || strcmp(block->uuid, uuid) != 0)
                                continue;
                        *at = number;
                        return block;
                }
        return NULL;
}

bool disks_copied(const char *uuid, const char **ret_one, const char **ret_other)
{
        ASSERT(uuid && ret_one && ret_other);
        const struct block *one, *other;
        for (size_t at = 0; (one = next_part(uuid, &at));)
                for (size_t then = at; (other = next_part(uuid, &then));) {
                        *ret_one = one->name;
                        *ret_other = other->name;
                        if (same_part(one, other))
                                return true;
                }
        return false;
}

/* --- who uses it --- */

struct finding {
        enum nas_storage_disk_use use;
        const char *by;      /* in words; NULL */
        const char *why_not; /* it cannot be taken; NULL: it can, with what it holds */
        const struct wanted *pool;
};

static bool is_system(const char *target)
{
        static const char *const places[] = {"/", "/boot", "/boot/efi", "/usr", "/var", "/etc", "/home"};
        for (size_t i = 0; target && i < ARRAY_SIZE(places); i++)
                if (strcmp(target, places[i]) == 0)
                        return true;
        return false;
}

static struct finding block_use(const struct block *block, struct arena *arena)
{
        if (is_system(block->mounted))
                return (struct finding){.use = NAS_STORAGE_DISK_USE_SYSTEM,
                                        .by = arena_printf(arena, "this system (%s)", block->mounted),
                                        .why_not = "This system runs from it."};
        if (block->mounted)
                return (struct finding){.use = NAS_STORAGE_DISK_USE_USED,
                                        .by = arena_printf(arena, "mounted at %s", block->mounted),
                                        .why_not = "It is mounted. Unmount it first."};
        if (block->swap)
                return (struct finding){.use = NAS_STORAGE_DISK_USE_USED,
                                        .by = "this system, to swap",
                                        .why_not = "This system swaps to it."};
        if (block->held)
                return (struct finding){.use = NAS_STORAGE_DISK_USE_USED,
                                        .by = "an array, a volume group or an opened container",
                                        .why_not = "It is part of something larger. Take it out of that first."};
        return (struct finding){.use = NAS_STORAGE_DISK_USE_FREE};
}

/* Part of a file system that the kernel has open, mounted or not. */
static struct finding file_system_use(const struct disk *disk, struct arena *arena)
{
        const struct machine *machine = machine_now();
        for (size_t i = 0; i < machine->file_system_count; i++) {
                const struct file_system *system = &machine->file_systems[i];
                for (size_t n = 0; n < system->name_count; n++) {
                        if (disk_named(system->names[n]) != disk)
                                continue;
                        const struct wanted *pool = wanted_with(system->uuid);
                        if (!pool && strcmp(system->type, "btrfs") != 0)
                                continue; /* in use only when it is mounted, which was asked before */
                        if (pool)
                                return (struct finding){.use = NAS_STORAGE_DISK_USE_POOL,
                                                        .by = arena_printf(arena, "the pool %s", pool->name),
                                                        .why_not = "It is part of a pool.",
                                                        .pool = pool};
                        return (struct finding){.use = is_system(system->mounted) ? NAS_STORAGE_DISK_USE_SYSTEM
                                                                                  : NAS_STORAGE_DISK_USE_USED,
                                                .by = arena_printf(arena, "a file system mounted at %s",
                                                                   system->mounted ? system->mounted : "some place"),
                                                .why_not = "It is part of a file system that is in use."};
                }
        }
        return (struct finding){.use = NAS_STORAGE_DISK_USE_FREE};
}

/* Serial numbers that makers of cheap adapters give to all of theirs tell nothing. */
static bool is_bogus(const char *serial)
{
        size_t length = serial ? strlen(serial) : 0;
        return length > 0 && (strspn(serial, "0") == length || strspn(serial, "F") == length ||
                              strncmp(serial, "0123456789", 10) == 0 || strncmp(serial, "123456789", 9) == 0);
}

static const char *identity_fault(const struct disk *disk, struct arena *arena)
{
        if (!disk->id)
                return "It has no identity by which it could be told from others: udev knows no serial number of it.";
        if (disk->twin)
                return arena_printf(arena, "It says that it is the same disk as %s. Unplug one of them.", disk->twin);
        if (is_bogus(disk->serial) && !disk->wwn)
                return "Its serial number is one that many adapters give to all disks. Attach it in another way.";
        if (disk->read_only)
                return "It cannot be written to.";
        return NULL;
}

static struct finding looked_at(const struct disk *disk)
{
        switch (look_verdict(disk)) {
        case VERDICT_FREE:
                return (struct finding){.use = disk->block.holds ? NAS_STORAGE_DISK_USE_FOREIGN
                                                                 : NAS_STORAGE_DISK_USE_FREE};
        case VERDICT_USED:
                return (struct finding){.use = NAS_STORAGE_DISK_USE_USED,
                                        .by = "something that has it open",
                                        .why_not = "Something has it open for itself alone."};
        case VERDICT_AWAY:
                return (struct finding){.use = NAS_STORAGE_DISK_USE_UNKNOWN,
                                        .why_not = "The kernel lists it, but it cannot be reached from here."};
        default:
                return (struct finding){.use = NAS_STORAGE_DISK_USE_UNKNOWN,
                                        .why_not = "It was not looked at yet. Look again in a moment."};
        }
}

/* Of the array below a pool that goes on without it: its disk was taken out, or came back too late. */
static bool was_member(const struct disk *disk)
{
        const char *holds = disk->block.holds;
        const struct wanted *pool = wanted_with(disk->block.uuid);
        if (zfs_was_member(disk))
                return true;
        return pool && pool_is_mounted(pool) && !disk_array(disk) && holds && strcmp(holds, "linux_raid_member") == 0;
}

static struct finding pool_use(const struct wanted *pool, struct arena *arena)
{
        return (struct finding){.use = NAS_STORAGE_DISK_USE_POOL,
                                .by = arena_printf(arena, "the %spool %s%s", pool->encrypted ? "encrypted " : "",
                                                   pool->name, pool_is_mounted(pool) ? "" : ", which is away"),
                                .why_not = "It is part of a pool.",
                                .pool = pool};
}

/* The pool whose file system is on it or on one of its partitions; NULL. */
static const struct wanted *pool_on(const struct disk *disk)
{
        const struct wanted *pool = wanted_with(disk->block.uuid);
        for (size_t i = 0; !pool && i < disk->partition_count; i++)
                pool = wanted_with(disk->partitions[i].uuid);
        return pool;
}

bool disk_says_its_pool(const struct disk *disk)
{
        ASSERT(disk);
        return pool_on(disk) || pool_with_luks(disk->block.luks);
}

static struct finding find_use(const struct disk *disk, struct arena *arena)
{
        struct finding found = block_use(&disk->block, arena);
        for (size_t i = 0; found.use == NAS_STORAGE_DISK_USE_FREE && i < disk->partition_count; i++)
                found = block_use(&disk->partitions[i], arena);
        struct finding shared = file_system_use(disk, arena);
        if (shared.use != NAS_STORAGE_DISK_USE_FREE && found.use != NAS_STORAGE_DISK_USE_SYSTEM)
                found = shared;
        const struct array *array = disk_array(disk);
        const struct wanted *on_array = array ? wanted_with(array->block.uuid) : NULL;
        if (on_array && found.use != NAS_STORAGE_DISK_USE_SYSTEM)
                return pool_use(on_array, arena);
        const struct wanted *pool = pool_on(disk);
        const bool out = was_member(disk);
        if (found.use == NAS_STORAGE_DISK_USE_FREE && pool && !out)
                found = pool_use(pool, arena);
        const struct wanted *encrypted = pool_with_luks(disk->block.luks);
        if (found.use == NAS_STORAGE_DISK_USE_FREE && encrypted && !disk_is_left(disk))
                found = pool_use(encrypted, arena);
        if (found.use != NAS_STORAGE_DISK_USE_FREE)
                return found;
        const char *fault = identity_fault(disk, arena);
        if (!fault && (out || disk_is_left(disk)))
                return (struct finding){.use = NAS_STORAGE_DISK_USE_FOREIGN};
        if (!fault)
                return looked_at(disk);
        return (struct finding){.use = disk->block.holds ? NAS_STORAGE_DISK_USE_FOREIGN : NAS_STORAGE_DISK_USE_UNKNOWN,
                                .why_not = fault};
}

/* --- showing them --- */

static enum nas_storage_transport transport_of(const struct disk *disk)
{
        const char *bus = disk->bus ? disk->bus : "", *name = disk->block.name;
        if (strncmp(name, "nvme", 4) == 0)
                return NAS_STORAGE_TRANSPORT_NVME;
        if (strncmp(name, "vd", 2) == 0)
                return NAS_STORAGE_TRANSPORT_VIRTIO;
        if (strncmp(name, "mmcblk", 6) == 0)
                return NAS_STORAGE_TRANSPORT_MMC;
        if (strcmp(bus, "usb") == 0)
                return NAS_STORAGE_TRANSPORT_USB;
        if (strcmp(bus, "ata") == 0)
                return NAS_STORAGE_TRANSPORT_SATA;
        return strcmp(bus, "scsi") == 0 ? NAS_STORAGE_TRANSPORT_SAS : NAS_STORAGE_TRANSPORT_OTHER;
}

static const struct nas_storage_partition *describe_partitions(const struct disk *disk, struct arena *arena)
{
        struct nas_storage_partition *partitions = arena_array(arena, disk->partition_count + 1, sizeof(*partitions));
        for (size_t i = 0; i < disk->partition_count; i++) {
                const struct block *block = &disk->partitions[i];
                partitions[i] = (struct nas_storage_partition){.name = block->name,
                                                               .size = (int64_t)block->size,
                                                               .holds = block->holds,
                                                               .mounted = block->mounted};
        }
        return partitions;
}

struct nas_storage_disk disk_describe(const struct disk *disk, struct arena *arena)
{
        ASSERT(disk && arena);
        struct finding found = find_use(disk, arena);
        int64_t asked_us;
        const struct smart *smart = health_of(disk, &asked_us);
        struct nas_storage_test_schedule tests = {.every = NULL};
        int64_t spin_down = 0;
        const bool tested = disk_test_schedule(disk->id, arena, &tests), stops = disk_spin_down(disk->id, &spin_down);
        return (struct nas_storage_disk){.id = disk->id,
                                         .name = disk->block.name,
                                         .model = disk->model,
                                         .serial = disk->serial,
                                         .wwn = disk->wwn,
                                         .path = disk->path,
                                         .locate = disk->has_light && disk->id ? disk->light
                                                                                         ? NAS_STORAGE_DISK_LIGHT_ON
                                                                                         : NAS_STORAGE_DISK_LIGHT_OFF
                                                                               : NAS_STORAGE_DISK_LIGHT_NONE,
                                         .size = (int64_t)disk->block.size,
                                         .rotational = disk->rotational,
                                         .removable = disk->removable,
                                         .transport = transport_of(disk),
                                         .has_test_schedule = tested,
                                         .test_schedule = tests,
                                         .has_spin_down = stops,
                                         .spin_down = spin_down,
                                         .in_use = found.use,
                                         .used_by = found.by,
                                         .pool = found.pool ? found.pool->name : NULL,
                                         .holds = disk->block.holds,
                                         .partitions = describe_partitions(disk, arena),
                                         .partitions_count = disk->partition_count,
                                         .smart = health_verdict(disk),
                                         .has_temperature = smart && smart->has_temperature,
                                         .temperature = smart ? smart->temperature : 0,
                                         .takable = found.why_not == NULL,
                                         .why_not = found.why_not};
}

void disks_write(struct json_out *out, struct call *call, void *context)
{
        (void)call;
        (void)context;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        const struct machine *machine = machine_now();
        struct nas_storage_disk *disks = arena_array(arena, machine->disk_count + 1, sizeof(*disks));
        for (size_t i = 0; i < machine->disk_count; i++)
                disks[i] = disk_describe(&machine->disks[i], arena);
        struct nas_storage_list_disks_out reply = {.disks = disks, .disks_count = machine->disk_count};
        nas_storage_list_disks_out_write(out, &reply);
}

void nas_storage_list_disks(struct call *call, const struct nas_storage_list_disks_in *in)
{
        (void)in;
        topic_serve(topics.disks, call);
}

/* --- taking them --- */

static int take_one(const char *id, bool erase, const struct disk **ret_disk, const char *field,
                    struct failure *failure)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        const struct disk *disk = disk_with(id);
        *ret_disk = disk;
        if (!disk)
                return failure_set(failure, FAILURE_NOT_FOUND, field, "Look at the list of disks.",
                                   "There is no disk %s.", id);
        struct finding found = find_use(disk, arena);
        if (found.why_not)
                return failure_set(failure, FAILURE_CONFLICT, field, "", "%s cannot be taken%s%s. %s", id,
                                   found.by ? ": used by " : "", found.by ? found.by : "", found.why_not);
        if (found.use == NAS_STORAGE_DISK_USE_FOREIGN && !erase)
                return failure_set(failure, FAILURE_CONFLICT, field,
                                   "Ask for it with erase when all on it may be lost.", "%s holds something (%s)", id,
                                   disk->block.holds);
        return 0;
}

int disks_take(const char *field, const char *const *ids, size_t count, bool erase, const struct disk **ret_disks,
               struct failure *failure)
{
        ASSERT(field && ret_disks);
        char one[64];
        for (size_t i = 0; i < count; i++) {
                snprintf(one, sizeof(one), "%s[%zu]", field, i);
                if (take_one(ids[i], erase, &ret_disks[i], one, failure) != 0)
                        return -1;
                for (size_t n = 0; n < i; n++)
                        if (ret_disks[n] == ret_disks[i])
                                return failure_set(failure, FAILURE_INVALID, one, "", "is named twice");
        }
        return 0;
}

const struct disk *disk_take(const char *id, bool erase, struct failure *failure)
{
        const struct disk *disk = NULL;
        return take_one(id, erase, &disk, "disk", failure) == 0 ? disk : NULL;
}

int plan_erase(struct change *change, const struct disk *disk, struct failure *failure)
{
        ASSERT(change && disk && disk->id);
        if (disk_is_left(disk) && plan_let_go(change, disk, failure) != 0)
                return -1;
        return plan_step(change->plan, failure, STORAGE_DISK_ERASE, disk->id, disk->serial ? disk->serial : "none",
                         arena_printf(change->arena, "%llu", (unsigned long long)disk->block.size), NULL);
}
