/* File systems that lie on disks here and are no pool yet.
 * Rights: the storage clerk; works on what is in memory. */
#include "daemons/storage/clerk/storage.h"

#include "base/mem.h"

#include <string.h>

static bool is_candidate(const struct disk *disk)
{
        return disk->id && !disk->twin && disk->block.uuid && disk->block.holds &&
               strcmp(disk->block.holds, "btrfs") == 0 && !disk->block.mounted && !wanted_with(disk->block.uuid);
}

static struct nas_storage_importable *find(struct nas_storage_importable *all, size_t count, const char *uuid)
{
        for (size_t i = 0; i < count; i++)
                if (strcmp(all[i].uuid, uuid) == 0)
                        return &all[i];
        return NULL;
}

void importable_write(struct json_out *out, struct call *call, void *context)
{
        (void)call;
        (void)context;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        const struct machine *machine = machine_now();
        struct nas_storage_importable *all = arena_array(arena, machine->disk_count + 1, sizeof(*all));
        size_t count = 0;
        for (size_t i = 0; i < machine->disk_count; i++) {
                const struct disk *disk = &machine->disks[i];
                if (!is_candidate(disk))
                        continue;
                struct nas_storage_importable *one = find(all, count, disk->block.uuid);
                if (!one) {
                        one = &all[count++];
                        *one = (struct nas_storage_importable){
                                .uuid = disk->block.uuid, .label = disk->block.label, .type = disk->block.holds};
                        one->disks = arena_array(arena, machine->disk_count, sizeof(*one->disks));
                }
                memcpy((void *)(uintptr_t)&one->disks[one->disks_count++], &disk->id, sizeof(disk->id));
        }
        struct nas_storage_list_importable_out reply = {.file_systems = all, .file_systems_count = count};
        nas_storage_list_importable_out_write(out, &reply);
}

void nas_storage_list_importable(struct call *call, const struct nas_storage_list_importable_in *in)
{
        (void)in;
        topic_serve(topics.importable, call);
}
