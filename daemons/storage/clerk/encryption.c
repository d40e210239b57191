/* Pools of encrypted disks: whether this machine can have them, which disks are theirs, and whether they are open.
 * Rights: the storage clerk; works on what is in memory. */
#include "daemons/storage/clerk/encryption.h"
#include "daemons/storage/clerk/storage.h"

#include "base/log.h"
#include "base/mem.h"

#include <stdio.h>
#include <string.h>

int encryption_possible(struct failure *failure)
{
        const struct ability *lacks = unable_to("encryption");
        return !lacks ? 0
                      : failure_set(failure, FAILURE_CONFLICT, "encrypt",
                                    lacks->next ? lacks->next : "Make it without encryption.",
                                    "This machine cannot have encrypted pools. %s", lacks->reason);
}

const struct wanted *pool_with_luks(const char *luks)
{
        for (size_t i = 0; luks && i < wanted_count(); i++)
                for (size_t n = 0; n < wanted_at(i)->luks_count; n++)
                        if (strcmp(wanted_at(i)->luks[n], luks) == 0)
                                return wanted_at(i);
        return NULL;
}

const struct disk *disk_with_luks(const char *luks)
{
        const struct machine *machine = machine_now();
        for (size_t i = 0; luks && i < machine->disk_count; i++)
                if (machine->disks[i].block.luks && strcmp(machine->disks[i].block.luks, luks) == 0)
                        return &machine->disks[i];
        return NULL;
}

bool disk_is_left(const struct disk *disk)
{
        ASSERT(disk);
        const struct block *block = &disk->block;
        const struct wanted *pool = pool_with_luks(block->luks);
        return pool && block->opened && pool_is_mounted(pool) && !block->held && !block->mounted && !block->swap &&
               (!block->uuid || strcmp(block->uuid, pool->uuid) != 0);
}

bool pool_is_locked(const struct wanted *pool)
{
        ASSERT(pool);
        for (size_t i = 0; i < pool->luks_count; i++) {
                const struct disk *disk = disk_with_luks(pool->luks[i]);
                if (disk && disk->block.opened)
                        return false;
        }
        return pool->encrypted;
}

size_t luks_of(const char *uuid, const char **ret_luks, size_t max)
{
        ASSERT(uuid && ret_luks);
        const struct machine *machine = machine_now();
        size_t count = 0;
        for (size_t i = 0; i < machine->disk_count && count < max; i++) {
                const struct block *block = &machine->disks[i].block;
                if (block->luks && block->luks_pool && strcmp(block->luks_pool, uuid) == 0)
                        ret_luks[count++] = block->luks;
        }
        return count;
}

struct nas_storage_encryption encryption_describe(const struct wanted *pool, struct arena *arena)
{
        ASSERT(pool && arena);
        enum nas_storage_unlock_way *ways = arena_array(arena, 3, sizeof(*ways));
        size_t count = 0;
        if (pool->kept)
                ways[count++] = NAS_STORAGE_UNLOCK_WAY_KEY;
        if (pool->given)
                ways[count++] = NAS_STORAGE_UNLOCK_WAY_PASSPHRASE;
        if (pool->tang)
                ways[count++] = NAS_STORAGE_UNLOCK_WAY_TANG;
        return (struct nas_storage_encryption){.locked = pool_is_locked(pool),
                                               .ways = ways,
                                               .ways_count = count,
                                               .has_tang = pool->tang != NULL,
                                               .tang = {.url = pool->tang, .thumbprint = pool->thumbprint}};
}
