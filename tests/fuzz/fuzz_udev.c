/* What udev knows of two disks and a partition, what is mounted and what is swapped to, and what ZFS told of a pool, in
 * folders in place of the machine's: the parts of the input, with a NUL between.
 * Rights: none; files under /dev/shm. */
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "daemons/storage/clerk/machine.h"
#include "value/types.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static const char *const fixed[][2] = {
        {"sys/block/sda/size", "8192"},      {"sys/block/sda/dev", "8:0"},          {"sys/block/sdb/size", "8192"},
        {"sys/block/sdb/dev", "8:16"},       {"sys/block/sda/sda1/partition", "1"}, {"sys/block/sda/sda1/dev", "8:1"},
        {"sys/block/sda/sda1/size", "4096"},
};
static const char *const parts[] = {"udev/b8:0",           "udev/b8:16", "udev/b8:1",
                                    "proc/self/mountinfo", "proc/swaps", "zfs/tank"};
static const char *const folders[] = {
        "proc/self", "proc", "udev", "sys/block/sda/sda1", "sys/block/sda", "sys/block/sdb", "sys/block", "sys", "zfs"};
static char folder[] = "/dev/shm/bh-fuzz-XXXXXX"; /* in memory */
static int top = -1;

static void put(const char *path, const void *bytes, size_t length)
{
        int fd = openat(top, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        ASSERT(fd >= 0 && write(fd, bytes, length) == (ssize_t)length);
        close(fd);
}

static void drop(void)
{
        for (size_t i = 0; i < ARRAY_SIZE(fixed); i++)
                unlinkat(top, fixed[i][0], 0);
        for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
                unlinkat(top, parts[i], 0);
        for (size_t i = 0; i < ARRAY_SIZE(folders); i++)
                unlinkat(top, folders[i], AT_REMOVEDIR);
        rmdir(folder);
}

static struct machine_roots begin(void)
{
        static struct machine_roots roots;
        if (top >= 0)
                return roots;
        ASSERT(mkdtemp(folder));
        top = open(folder, O_DIRECTORY | O_CLOEXEC);
        for (size_t i = ARRAY_SIZE(folders); i-- > 0;)
                ASSERT(mkdirat(top, folders[i], 0700) == 0);
        for (size_t i = 0; i < ARRAY_SIZE(fixed); i++)
                put(fixed[i][0], fixed[i][1], strlen(fixed[i][1]));
        roots = (struct machine_roots){.sys = openat(top, "sys", O_PATH | O_CLOEXEC),
                                       .udev = openat(top, "udev", O_PATH | O_CLOEXEC),
                                       .proc = openat(top, "proc", O_PATH | O_CLOEXEC),
                                       .zfs = openat(top, "zfs", O_PATH | O_CLOEXEC)};
        atexit(drop);
        return roots;
}

static void is_shown_well(const char *text, size_t max)
{
        ASSERT(!text || (*text && strlen(text) <= max && text_printable(text, strlen(text))));
}

static void look_at(const struct block *block)
{
        is_shown_well(block->holds, 64);
        is_shown_well(block->label, 64);
        is_shown_well(block->uuid_sub, 64);
        ASSERT(!block->uuid || value_is(&value_uuid, block->uuid, strlen(block->uuid)));
}

/* Names and states come from whoever made the pool. */
static void look_at_zfs(const struct file_system *system)
{
        const char *state = system->zfs->state;
        ASSERT(!state || text_printable(state, strlen(state)));
        for (size_t i = 0; i < system->device_count; i++)
                ASSERT(text_printable(system->names[i], strlen(system->names[i])) &&
                       text_printable(system->zfs->devices[i].state, strlen(system->zfs->devices[i].state)));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
        struct machine_roots roots = begin();
        const uint8_t *at = bytes, *end = bytes + length;
        for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
                const uint8_t *nul = at < end ? memchr(at, '\0', (size_t)(end - at)) : NULL;
                size_t part = (size_t)((nul ? nul : end) - at);
                put(parts[i], at, part);
                at += part + (nul != NULL);
        }
        struct machine *machine = machine_read(&roots);
        ASSERT(machine->disk_count == 2 && machine->disks[0].partition_count == 1);
        for (size_t i = 0; i < 2; i++) {
                const struct disk *disk = &machine->disks[i];
                look_at(&disk->block);
                ASSERT(!disk->id || value_is(&value_disk, disk->id, strlen(disk->id)));
                ASSERT(!disk->serial || value_is(&value_label, disk->serial, strlen(disk->serial)));
                is_shown_well(disk->model, 128);
                is_shown_well(disk->wwn, 64);
                is_shown_well(disk->path, 128);
                is_shown_well(disk->bus, 16);
                ASSERT((machine->disks[0].twin == NULL) == (machine->disks[1].twin == NULL));
        }
        look_at(&machine->disks[0].partitions[0]);
        for (size_t i = 0; i < machine->mount_count; i++) {
                const char *target = machine->mounts[i].target;
                ASSERT(text_printable(target, strlen(target)));
        }
        for (size_t i = 0; i < machine->file_system_count; i++)
                if (machine->file_systems[i].zfs)
                        look_at_zfs(&machine->file_systems[i]);
        arena_free(machine->arena);
        return 0;
}
