/* The machine's disks, from /sys/block and udev's records of each.
 * Rights: the storage clerk; reads /sys and udev's records. */
#include "base/log.h"
#include "base/mem.h"
#include "daemons/storage/clerk/machine.h"
#include "value/types.h"

#include <stdio.h>
#include <string.h>

enum { SECTOR = 512, PATH_SIZE = 192, DEVICE_NAMES_MAX = 128 };
#define BY_ID "disk/by-id/"

/* --- udev's record of one block device: lines "E:KEY=VALUE" and "S:LINK" --- */

struct record {
        struct arena *arena;
        const char *text; /* "" when there is none */
};

static struct record record_read(const struct machine_roots *roots, const char *folder, struct arena *arena)
{
        char path[PATH_SIZE];
        snprintf(path, sizeof(path), "block/%s/dev", folder);
        const char *number = machine_text(roots->sys, path, arena), *text = NULL;
        if (number && roots->udev >= 0) {
                snprintf(path, sizeof(path), "b%s", number);
                text = machine_text(roots->udev, path, arena);
        }
        return (struct record){.arena = arena, .text = text ? text : ""};
}

/* Disks say what they like. NULL: nothing is left of it. */
static const char *printable(struct arena *arena, const char *text, size_t length)
{
        char *clean = machine_printable(arena, text, length);
        while (length > 0 && clean[length - 1] == ' ')
                clean[--length] = '\0';
        while (*clean == ' ')
                clean++;
        return *clean ? clean : NULL;
}

static const char *record_value(const struct record *record, const char *key, size_t max)
{
        size_t key_length = strlen(key);
        for (const char *line = record->text; line; line = strchr(line, '\n')) {
                line += *line == '\n';
                if (strncmp(line, "E:", 2) != 0 || strncmp(line + 2, key, key_length) != 0 ||
                    line[2 + key_length] != '=')
                        continue;
                const char *value = line + key_length + 3;
                size_t length = strcspn(value, "\n");
                return printable(record->arena, value, length < max ? length : max);
        }
        return NULL;
}

const char *machine_record_value(const char *record, const char *key, size_t max, struct arena *arena)
{
        ASSERT(record && key && arena);
        return record_value(&(struct record){.arena = arena, .text = record}, key, max);
}

/* Names that say what it is are better than numbers, and numbers better than nothing. */
static unsigned rank(const char *id)
{
        static const char *const first[] = {"ata-", "scsi-", "nvme-", "usb-", "mmc-", "virtio-"};
        if (strncmp(id, "nvme-eui.", 9) == 0 || strncmp(id, "wwn-", 4) == 0)
                return 2;
        for (size_t i = 0; i < ARRAY_SIZE(first); i++)
                if (strncmp(id, first[i], strlen(first[i])) == 0)
                        return 1;
        return 3;
}

/* Of the links below disk/by-id the one that is taken for the disk's identity: always the same one. */
static const char *record_id(const struct record *record)
{
        const char *best = NULL;
        for (const char *line = record->text; line; line = strchr(line, '\n')) {
                line += *line == '\n';
                if (strncmp(line, "S:" BY_ID, strlen("S:" BY_ID)) != 0)
                        continue;
                const char *id = line + strlen("S:" BY_ID);
                size_t length = strcspn(id, "\n");
                const char *copy = arena_text(record->arena, id, length);
                if (value_is(&value_disk, copy, length) &&
                    (!best || rank(copy) < rank(best) || (rank(copy) == rank(best) && strcmp(copy, best) < 0)))
                        best = copy;
        }
        return best;
}

/* --- blocks --- */

static struct block read_block(const struct machine *machine, const struct machine_roots *roots, const char *folder,
                               const struct record *record, const char *swaps);

/* One that is encrypted: when it is open, it is what it hides; else it is nothing but encrypted. */
static void see_through(const struct machine *machine, const struct machine_roots *roots, struct block *block,
                        const char *holder, const char *swaps)
{
        char path[PATH_SIZE];
        block->luks = TAKE(block->uuid);
        const char *label = TAKE(block->label);
        block->luks_pool = label && value_is(&value_uuid, label, strlen(label)) ? label : NULL;
        snprintf(path, sizeof(path), "block/%s/dm/uuid", holder ? holder : "");
        const char *kind = holder ? machine_text(roots->sys, path, machine->arena) : NULL;
        if (!kind || strncmp(kind, "CRYPT-", strlen("CRYPT-")) != 0)
                return;
        struct record record = record_read(roots, holder, machine->arena);
        struct block inner = read_block(machine, roots, holder, &record, swaps);
        inner.opened = inner.name;
        inner.name = block->name;
        inner.size = block->size;
        inner.luks = block->luks;
        inner.luks_pool = block->luks_pool;
        *block = inner;
}

/* folder: "sda" or "sda/sda1". */
static struct block read_block(const struct machine *machine, const struct machine_roots *roots, const char *folder,
                               const struct record *record, const char *swaps)
{
        char path[PATH_SIZE];
        const char *slash = strrchr(folder, '/'), *const * holders;
        struct block block = {.name = slash ? slash + 1 : folder};
        snprintf(path, sizeof(path), "block/%s/size", folder);
        block.size = machine_number(roots->sys, path) * SECTOR;
        snprintf(path, sizeof(path), "block/%s/holders", folder);
        block.held = machine_names(roots->sys, path, 1, machine->arena, &holders) > 0;
        block.holds = record_value(record, "ID_FS_TYPE", 64);
        if (!block.holds && !slash && record_value(record, "ID_PART_TABLE_TYPE", 64))
                block.holds = "partitions";
        const char *uuid = record_value(record, "ID_FS_UUID", 64);
        block.uuid = uuid && value_is(&value_uuid, uuid, strlen(uuid)) ? uuid : NULL;
        if (uuid && block.holds && strcmp(block.holds, "zfs_member") == 0)
                block.uuid = machine_zfs_uuid(uuid, machine->arena);
        if (block.uuid && block.holds && strcmp(block.holds, "linux_raid_member") == 0)
                block.uuid = machine_uuid_in_array(block.uuid, machine->arena);
        block.uuid_sub = record_value(record, "ID_FS_UUID_SUB", 64);
        block.label = record_value(record, "ID_FS_LABEL", 64);
        block.record = record->text;
        block.mounted = machine_mounted(machine, block.name, block.record);
        block.swap = swaps && machine_swaps_to(swaps, block.name);
        if (block.holds && strcmp(block.holds, "crypto_LUKS") == 0)
                see_through(machine, roots, &block, block.held ? holders[0] : NULL, swaps);
        return block;
}

struct block machine_block(const struct machine *machine, const struct machine_roots *roots, const char *name,
                           const char *swaps)
{
        ASSERT(machine && roots && name);
        struct record record = record_read(roots, name, machine->arena);
        return read_block(machine, roots, name, &record, swaps);
}

static void read_partitions(const struct machine *machine, const struct machine_roots *roots, struct disk *disk,
                            const char *swaps)
{
        char path[PATH_SIZE];
        const char *const *names;
        size_t count = machine_names(roots->sys, arena_printf(machine->arena, "block/%s", disk->block.name),
                                     MACHINE_PARTITIONS_MAX, machine->arena, &names);
        struct block *partitions = arena_array(machine->arena, count + 1, sizeof(*partitions));
        for (size_t i = 0; i < count; i++) {
                snprintf(path, sizeof(path), "block/%s/%s/partition", disk->block.name, names[i]);
                if (machine_number(roots->sys, path) == 0)
                        continue;
                const char *folder = arena_printf(machine->arena, "%s/%s", disk->block.name, names[i]);
                struct record record = record_read(roots, folder, machine->arena);
                partitions[disk->partition_count++] = read_block(machine, roots, folder, &record, swaps);
        }
        disk->partitions = partitions;
}

static uint64_t number_at(const struct machine_roots *roots, const char *disk, const char *what)
{
        char path[PATH_SIZE];
        snprintf(path, sizeof(path), "block/%s/%s", disk, what);
        return machine_number(roots->sys, path);
}

/* The lamp at its place in an enclosure: the kernel's ses links it to the disk. */
static void read_light(const struct machine *machine, const struct machine_roots *roots, struct disk *disk)
{
        static const char link[] = "enclosure_device:";
        const char *const *names, *folder = arena_printf(machine->arena, "block/%s/device", disk->block.name);
        const size_t count = machine_names(roots->sys, folder, DEVICE_NAMES_MAX, machine->arena, &names);
        for (size_t i = 0; i < count && !disk->has_light; i++) {
                if (strncmp(names[i], link, strlen(link)) != 0)
                        continue;
                const char *text = machine_text(
                        roots->sys, arena_printf(machine->arena, "%s/%s/locate", folder, names[i]), machine->arena);
                disk->has_light = text && (*text == '0' || *text == '1');
                disk->light = disk->has_light && *text == '1';
        }
}

static struct disk read_disk(const struct machine *machine, const struct machine_roots *roots, const char *name,
                             const char *swaps)
{
        struct record record = record_read(roots, name, machine->arena);
        struct disk disk = {.block = read_block(machine, roots, name, &record, swaps),
                            .id = record_id(&record),
                            .model = record_value(&record, "ID_MODEL", 128),
                            .serial = record_value(&record, "ID_SERIAL_SHORT", 64),
                            .wwn = record_value(&record, "ID_WWN", 64),
                            .path = record_value(&record, "ID_PATH", 128),
                            .bus = record_value(&record, "ID_BUS", 16),
                            .instance = number_at(roots, name, "diskseq"),
                            .rotational = number_at(roots, name, "queue/rotational") != 0,
                            .removable = number_at(roots, name, "removable") != 0,
                            .read_only = number_at(roots, name, "ro") != 0,
                            .ata = record_value(&record, "ID_ATA", 4) != NULL};
        if (!disk.serial && !disk.model) /* virtual ones are known by nothing but their number */
                disk.serial = record_value(&record, "ID_SERIAL", 64);
        if (disk.serial && !value_is(&value_label, disk.serial, strlen(disk.serial)))
                disk.serial = NULL;
        read_partitions(machine, roots, &disk, swaps);
        read_light(machine, roots, &disk);
        return disk;
}

/* What the kernel makes of other block devices, or of memory, is no disk; nor is what has no medium in it. A loop
 * device counts only where udev was told to give it an identity. */
static bool is_disk(const struct disk *disk)
{
        static const char *const made[] = {"ram", "zram", "dm-", "md", "sr", "fd", "nbd", "drbd", "bcache", "loop"};
        if (disk->block.size == 0)
                return false;
        for (size_t i = 0; i < ARRAY_SIZE(made); i++)
                if (strncmp(disk->block.name, made[i], strlen(made[i])) == 0)
                        return strcmp(made[i], "loop") == 0 && disk->id;
        return true;
}

static bool same(const char *one, const char *other)
{
        return one && other && strcmp(one, other) == 0;
}

/* The world wide name decides where both have one: the name spaces of one NVMe disk have the same serial number. */
static bool are_twins(const struct disk *one, const struct disk *other)
{
        if (same(one->id, other->id))
                return true;
        if (one->wwn && other->wwn)
                return strcmp(one->wwn, other->wwn) == 0;
        return same(one->serial, other->serial) && same(one->model, other->model);
}

static void find_twins(struct disk *disks, size_t count)
{
        for (size_t i = 0; i < count; i++)
                for (size_t n = 0; n < count; n++)
                        if (n != i && disks[i].id && disks[n].id && are_twins(&disks[i], &disks[n]))
                                disks[i].twin = disks[n].block.name;
}

void machine_read_disks(struct machine *machine, const struct machine_roots *roots)
{
        ASSERT(machine && roots);
        const char *const *names, *swaps = machine_text(roots->proc, "swaps", machine->arena);
        size_t count = machine_names(roots->sys, "block", MACHINE_DISKS_MAX, machine->arena, &names);
        struct disk *disks = arena_array(machine->arena, count + 1, sizeof(*disks));
        for (size_t i = 0; i < count; i++) {
                disks[machine->disk_count] = read_disk(machine, roots, names[i], swaps);
                machine->disk_count += is_disk(&disks[machine->disk_count]);
        }
        find_twins(disks, machine->disk_count);
        machine->disks = disks;
}
