/* File systems that lie on disks here and are no pool yet.
 * Rights: the storage clerk; works on what is in memory. */
#include "daemons/storage/clerk/arrays.h"
#include "daemons/storage/clerk/storage.h"
#include "value/types.h"

#include "base/log.h"
#include "base/mem.h"

#include <string.h>

/* Of one that lies on disks: whatever else a pool can be made of, a disk that says that it is that is none. */
static bool lies_on_disks(const char *type)
{
        return value_is(&value_file_system, type, strlen(type)) && strcmp(type, "cephfs") != 0 &&
               strcmp(type, "zfs") != 0;
}

/* An array of ours that is not put together: its name ends with what is on it, and its number is that one's. NULL: not.
 */
static const char *type_in_array(const struct block *block)
{
        const char *point = block->label ? strrchr(block->label, '.') : NULL;
        if (!point || !block->holds || strcmp(block->holds, "linux_raid_member") != 0 ||
            strncmp(block->label, "any:p", 5) != 0)
                return NULL;
        return lies_on_disks(point + 1) ? point + 1 : NULL;
}

/* Nothing of the system's own disk, and no disk that cannot be told from another. */
static bool is_candidate(const struct disk *disk, const struct block *block)
{
        const bool whole = block == &disk->block;
        if (block->luks) /* the number of what is in it stands in its header */
                return disk->id && !disk->twin && whole && block->luks_pool && !block->mounted &&
                       !wanted_with(block->luks_pool);
        if (!disk->id || disk->twin || !block->uuid || !block->holds || block->mounted || block->held ||
            wanted_with(block->uuid))
                return false;
        if (strcmp(block->holds, "btrfs") == 0 || type_in_array(block))
                return whole;
        if (strcmp(block->holds, "zfs_member") == 0) /* it parts the disks that it is given */
                return true;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        return (strcmp(block->holds, "ext4") == 0 || strcmp(block->holds, "xfs") == 0) &&
               disk_describe(disk, arena).in_use != NAS_STORAGE_DISK_USE_SYSTEM;
}

static bool array_is_candidate(const struct array *array)
{
        const struct block *block = &array->block;
        return block->uuid && block->holds && !block->mounted && !block->held && !wanted_with(block->uuid) &&
               lies_on_disks(block->holds);
}

static const char *uuid_of(const struct block *block)
{
        return block->luks ? block->luks_pool : block->uuid;
}

static const char *type_of(const struct block *block)
{
        const char *type = type_in_array(block);
        if (block->luks)
                return "btrfs";
        return type ? type : strcmp(block->holds, "zfs_member") == 0 ? "zfs" : block->holds;
}

const char *importable_type(const char *uuid)
{
        ASSERT(uuid);
        const struct machine *machine = machine_now();
        for (size_t i = 0; i < machine->disk_count; i++) {
                const struct disk *disk = &machine->disks[i];
                for (size_t n = 0; n <= disk->partition_count; n++) {
                        const struct block *block = n == 0 ? &disk->block : &disk->partitions[n - 1];
                        if (is_candidate(disk, block) && strcmp(uuid_of(block), uuid) == 0)
                                return type_of(block);
                }
        }
        for (size_t i = 0; i < machine->array_count; i++)
                if (array_is_candidate(&machine->arrays[i]) && strcmp(machine->arrays[i].block.uuid, uuid) == 0)
                        return machine->arrays[i].block.holds;
        return NULL;
}

static struct nas_storage_importable *find(struct nas_storage_importable *all, size_t count, const char *uuid)
{
        for (size_t i = 0; i < count; i++)
                if (strcmp(all[i].uuid, uuid) == 0)
                        return &all[i];
        return NULL;
}

static void add(struct nas_storage_list_importable_out *reply, struct nas_storage_importable *all,
                const struct disk *disk, const struct block *block, struct arena *arena)
{
        struct nas_storage_importable *one = find(all, reply->file_systems_count, uuid_of(block));
        if (!one && reply->file_systems_count == MACHINE_FILE_SYSTEMS_MAX)
                return;
        if (!one) {
                one = &all[reply->file_systems_count++];
                *one = (struct nas_storage_importable){.uuid = uuid_of(block),
                                                       .label = type_in_array(block) ? NULL : block->label,
                                                       .type = type_of(block),
                                                       .has_encrypted = true,
                                                       .encrypted = block->luks != NULL};
                one->disks = arena_array(arena, machine_now()->disk_count, sizeof(*one->disks));
        }
        if (one->disks_count > 0 && one->disks[one->disks_count - 1] == disk->id) /* two parts of one disk */
                return;
        memcpy((void *)(uintptr_t)&one->disks[one->disks_count++], &disk->id, sizeof(disk->id));
}

void importable_write(struct json_out *out, struct call *call, void *context)
{
        (void)call;
        (void)context;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        const struct machine *machine = machine_now();
        struct nas_storage_importable *all = arena_array(arena, MACHINE_FILE_SYSTEMS_MAX, sizeof(*all));
        struct nas_storage_list_importable_out reply = {.file_systems = all};
        for (size_t i = 0; i < machine->disk_count; i++) {
                const struct disk *disk = &machine->disks[i];
                for (size_t n = 0; n <= disk->partition_count; n++) {
                        const struct block *block = n == 0 ? &disk->block : &disk->partitions[n - 1];
                        if (is_candidate(disk, block))
                                add(&reply, all, disk, block, arena);
                }
                const struct array *array = disk_array(disk);
                if (array && disk->id && array_is_candidate(array))
                        add(&reply, all, disk, &array->block, arena);
        }
        nas_storage_list_importable_out_write(out, &reply);
}

void nas_storage_list_importable(struct call *call, const struct nas_storage_list_importable_in *in)
{
        (void)in;
        topic_serve(topics.importable, call);
}
