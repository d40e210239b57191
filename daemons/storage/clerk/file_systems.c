/* What btrfs tells in /sys of each file system that it has open: its devices, their errors, its generation. And which
 * ext4 and XFS lie on disks.
 * Rights: the storage clerk; reads /sys/fs/btrfs. */
#include "base/log.h"
#include "base/mem.h"
#include "daemons/storage/clerk/machine.h"
#include "value/types.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEVICES_MAX = 1024, PATH_SIZE = 256 };
#define FOLDER "fs/btrfs"

/* "write_errs 0\nread_errs 2\n..." */
static int64_t count_of(const char *text, const char *key)
{
        const char *at = text ? strstr(text, key) : NULL;
        return at ? strtoll(at + strlen(key), NULL, 10) : 0;
}

static struct device_errors read_device(const struct machine_roots *roots, const char *uuid, const char *number,
                                        struct arena *arena)
{
        char path[PATH_SIZE];
        snprintf(path, sizeof(path), FOLDER "/%s/devinfo/%s/error_stats", uuid, number);
        const char *text = machine_text(roots->sys, path, arena);
        snprintf(path, sizeof(path), FOLDER "/%s/devinfo/%s/missing", uuid, number);
        return (struct device_errors){.number = strtoull(number, NULL, 10),
                                      .missing = machine_number(roots->sys, path) != 0,
                                      .write = count_of(text, "write_errs "),
                                      .read = count_of(text, "read_errs "),
                                      .flush = count_of(text, "flush_errs "),
                                      .corruption = count_of(text, "corruption_errs "),
                                      .generation = count_of(text, "generation_errs ")};
}

static bool is_called(const struct block *block, const char *name)
{
        return strcmp(block->opened ? block->opened : block->name, name) == 0;
}

/* The record of a block device that a disk is, or a part of one; NULL: no disk of ours. */
static const char *record_of(const struct machine *machine, const char *name)
{
        for (size_t i = 0; i < machine->array_count; i++)
                if (is_called(&machine->arrays[i].block, name))
                        return machine->arrays[i].block.record;
        for (size_t i = 0; i < machine->disk_count; i++) {
                const struct disk *disk = &machine->disks[i];
                if (is_called(&disk->block, name))
                        return disk->block.record;
                for (size_t n = 0; n < disk->partition_count; n++)
                        if (is_called(&disk->partitions[n], name))
                                return disk->partitions[n].record;
        }
        return NULL;
}

static const char *mounted_at(const struct machine *machine, const struct file_system *system)
{
        for (size_t i = 0; i < machine->mount_count; i++) {
                const struct mount *mount = &machine->mounts[i];
                if (strcmp(mount->type, "btrfs") != 0 || strcmp(mount->root, "/") != 0)
                        continue;
                for (size_t n = 0; n < system->name_count; n++)
                        if (machine_is_source(mount->source, system->names[n], record_of(machine, system->names[n])))
                                return mount->target;
        }
        return NULL;
}

/* The folder of each profile that its data has, beside files; the first, in the order of their names. */
static const char *profile_of(const struct machine_roots *roots, const char *uuid, struct arena *arena)
{
        static const char *const profiles[] = {"raid1c4", "raid1c3", "raid1",  "raid10", "raid5",
                                               "raid6",   "raid0",   "single", "dup"};
        const char *const *names;
        char path[PATH_SIZE];
        snprintf(path, sizeof(path), FOLDER "/%s/allocation/data", uuid);
        size_t count = machine_names(roots->sys, path, 64, arena, &names);
        for (size_t i = 0; i < ARRAY_SIZE(profiles); i++)
                for (size_t n = 0; n < count; n++)
                        if (strcmp(names[n], profiles[i]) == 0)
                                return profiles[i];
        return NULL;
}

static uint64_t allocated(const struct machine_roots *roots, const char *uuid, const char *what)
{
        char path[PATH_SIZE];
        snprintf(path, sizeof(path), FOLDER "/%s/allocation/%s", uuid, what);
        return machine_number(roots->sys, path);
}

/* Small ones may keep data and metadata together. */
static void read_figures(struct file_system *system, const struct machine_roots *roots)
{
        system->data_given = allocated(roots, system->uuid, "data/total_bytes") +
                             allocated(roots, system->uuid, "mixed/total_bytes");
        system->data_used =
                allocated(roots, system->uuid, "data/bytes_used") + allocated(roots, system->uuid, "mixed/bytes_used");
        system->metadata_used = allocated(roots, system->uuid, "metadata/bytes_used") +
                                allocated(roots, system->uuid, "system/bytes_used");
}

static struct file_system read_one(const struct machine *machine, const struct machine_roots *roots, const char *uuid)
{
        char path[PATH_SIZE];
        struct file_system system = {.type = "btrfs", .uuid = uuid};
        const char *const *numbers;
        snprintf(path, sizeof(path), FOLDER "/%s/label", uuid);
        const char *label = machine_text(roots->sys, path, machine->arena);
        system.label = label ? machine_printable(machine->arena, label, strlen(label)) : NULL;
        snprintf(path, sizeof(path), FOLDER "/%s/generation", uuid);
        system.age.generation = machine_number(roots->sys, path);
        snprintf(path, sizeof(path), FOLDER "/%s/qgroups", uuid);
        system.age.groups = machine_folders(roots->sys, path);
        snprintf(path, sizeof(path), FOLDER "/%s/devices", uuid);
        system.name_count = machine_names(roots->sys, path, DEVICES_MAX, machine->arena, &system.names);
        snprintf(path, sizeof(path), FOLDER "/%s/devinfo", uuid);
        system.device_count = machine_names(roots->sys, path, DEVICES_MAX, machine->arena, &numbers);
        struct device_errors *devices = arena_array(machine->arena, system.device_count + 1, sizeof(*devices));
        for (size_t i = 0; i < system.device_count; i++)
                devices[i] = read_device(roots, uuid, numbers[i], machine->arena);
        system.devices = devices;
        system.profile = profile_of(roots, uuid, machine->arena);
        snprintf(path, sizeof(path), FOLDER "/%s/exclusive_operation", uuid);
        system.busy = machine_text(roots->sys, path, machine->arena);
        if (system.busy && strcmp(system.busy, "none") == 0)
                system.busy = NULL;
        read_figures(&system, roots);
        system.mounted = mounted_at(machine, &system);
        return system;
}

/* --- those of other kinds: each on one device --- */

static bool is_other(const struct block *block)
{
        return block->holds && block->uuid && (strcmp(block->holds, "ext4") == 0 || strcmp(block->holds, "xfs") == 0) &&
               value_is(&value_uuid, block->uuid, strlen(block->uuid));
}

/* ext4 counts its errors, and says so while it is mounted. */
static void read_other(struct machine *machine, const struct machine_roots *roots, const struct block *block,
                       struct file_system *systems)
{
        if (!is_other(block) || machine->file_system_count == MACHINE_FILE_SYSTEMS_MAX)
                return;
        char path[PATH_SIZE];
        struct device_errors *device = arena_alloc(machine->arena, sizeof(*device));
        const char **name = arena_array(machine->arena, 1, sizeof(*name));
        const char *called = block->opened ? block->opened : block->name;
        snprintf(path, sizeof(path), "fs/ext4/%s/errors_count", called);
        *device = (struct device_errors){.number = 1, .corruption = (int64_t)machine_number(roots->sys, path)};
        *name = called;
        systems[machine->file_system_count++] = (struct file_system){.type = block->holds,
                                                                     .uuid = block->uuid,
                                                                     .label = block->label,
                                                                     .mounted = block->mounted,
                                                                     .device_count = 1,
                                                                     .devices = device,
                                                                     .name_count = 1,
                                                                     .names = name};
}

/* What Ceph's client has mounted as a pool calls itself by the pool's number; elsewhere below /srv people may mount what
 * they like, and call it what they like. */
static void read_ceph(struct machine *machine, const struct mount *mount, struct file_system *systems)
{
        if (strcmp(mount->type, "fuse.cephfs") != 0 || strncmp(mount->target, "/srv/", 5) != 0 ||
            strchr(mount->target + 5, '/') || !value_is(&value_uuid, mount->source, strlen(mount->source)) ||
            machine->file_system_count == MACHINE_FILE_SYSTEMS_MAX)
                return;
        systems[machine->file_system_count++] =
                (struct file_system){.type = "cephfs", .uuid = mount->source, .mounted = mount->target};
}

void machine_read_file_systems(struct machine *machine, const struct machine_roots *roots)
{
        ASSERT(machine && roots);
        const char *const *names;
        size_t count = machine_names(roots->sys, FOLDER, MACHINE_FILE_SYSTEMS_MAX, machine->arena, &names);
        struct file_system *systems = arena_array(machine->arena, MACHINE_FILE_SYSTEMS_MAX, sizeof(*systems));
        for (size_t i = 0; i < count; i++)
                if (value_is(&value_uuid, names[i], strlen(names[i])))
                        systems[machine->file_system_count++] = read_one(machine, roots, names[i]);
        for (size_t i = 0; i < machine->disk_count; i++) {
                const struct disk *disk = &machine->disks[i];
                read_other(machine, roots, &disk->block, systems);
                for (size_t n = 0; n < disk->partition_count; n++)
                        read_other(machine, roots, &disk->partitions[n], systems);
        }
        for (size_t i = 0; i < machine->array_count; i++)
                read_other(machine, roots, &machine->arrays[i].block, systems);
        for (size_t i = 0; i < machine->mount_count; i++)
                read_ceph(machine, &machine->mounts[i], systems);
        machine_read_zfs(machine, roots, systems);
        machine->file_systems = systems;
}
