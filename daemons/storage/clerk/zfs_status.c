/* What ZFS tells of the pools that are taken up here, as bulkhead-zfs-look@.service writes it down: a line of the pool,
 * a line of all that is in it, and what "zpool status" says. Pools come from anywhere, and so may the names in them.
 * Rights: the storage clerk; reads /run/bulkhead/zfs. */
#include "base/log.h"
#include "base/mem.h"
#include "daemons/storage/clerk/machine.h"
#include "value/types.h"
#include "value/zfs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEVICES_MAX = 256, WORDS_MAX = 5 };

const char *machine_zfs_uuid(const char *number, struct arena *arena)
{
        ASSERT(number && arena);
        char uuid[ZFS_UUID_SIZE];
        return zfs_uuid(number, uuid) ? arena_text(arena, uuid, strlen(uuid)) : NULL;
}

/* The first words of a line, at most max, which are parted by any of these; the others are NULL. Gives what is behind
 * them; NULL: nothing. */
static char *split(char *line, const char *by, size_t max, const char **ret_words)
{
        size_t count = 0;
        memset(ret_words, 0, max * sizeof(*ret_words));
        while (line && count < max) {
                char *word = strsep(&line, by);
                if (*word)
                        ret_words[count++] = word;
        }
        return line;
}

/* --- the state of the pool, and of each disk --- */

struct reading {
        struct arena *arena;
        struct zfs *zfs;
        struct device_errors devices[DEVICES_MAX];
        struct zfs_device more[DEVICES_MAX];
        struct zfs_part parts[DEVICES_MAX];
        const char *names[DEVICES_MAX];
        size_t count, part_count;
        size_t rows[DEVICES_MAX];          /* of each device, when all lines of the pool's tree are counted */
        size_t row_count, numbered, times; /* times: how often it was told */
        size_t replacing; /* how deep what is in the place of a disk lies, while it is read; 0: none is */
        size_t in_place;
        bool anew;  /* what is there is replaced by what it lies beside, and no spare */
        bool aside; /* behind "logs", "cache" or "spares": no data of files there */
        bool scans; /* the line before was about a scan */
};

static bool is_disk_name(const char *name)
{
        return *name == '/' || strspn(name, "0123456789") == strlen(name);
}

static bool begins(const char *line, const char *with)
{
        return strncmp(line, with, strlen(with)) == 0;
}

/* Of a disk that is being replaced, and its spares, are told below such a line. */
static bool is_in_place(const char *name)
{
        return begins(name, "replacing-") || begins(name, "spare-");
}

/* A part of the pool that data is spread over. */
static void add_part(struct reading *reading, const char *name)
{
        if (reading->part_count == DEVICES_MAX)
                return;
        struct zfs_part *part = &reading->parts[reading->part_count++];
        *part = (struct zfs_part){.kind = ZFS_OTHER};
        if (begins(name, "mirror-")) {
                part->kind = ZFS_MIRROR;
        } else if (begins(name, "raidz") && name[5] >= '1' && name[5] <= '3') {
                part->kind = ZFS_RAIDZ;
                part->parity = (unsigned)(name[5] - '0');
        } else if (is_disk_name(name) || is_in_place(name)) {
                *part = (struct zfs_part){.kind = ZFS_PLAIN, .width = 1};
        }
}

/* The disk of the line that was counted last. */
static void add_device(struct reading *reading, const char *const *words, const char *rest)
{
        enum { NAME, STATE, READ, WRITE, CHECKSUM };
        if (reading->count == DEVICES_MAX || !words[STATE])
                return;
        const bool there = strcmp(words[STATE], "ONLINE") == 0 || strcmp(words[STATE], "DEGRADED") == 0 ||
                           strcmp(words[STATE], "AVAIL") == 0 || strcmp(words[STATE], "INUSE") == 0;
        const char *name = begins(words[NAME], "/dev/") ? words[NAME] + 5 : words[NAME];
        reading->devices[reading->count] =
                (struct device_errors){.number = reading->count + 1,
                                       .missing = !there,
                                       .read = words[READ] ? strtoll(words[READ], NULL, 10) : 0,
                                       .write = words[WRITE] ? strtoll(words[WRITE], NULL, 10) : 0,
                                       .corruption = words[CHECKSUM] ? strtoll(words[CHECKSUM], NULL, 10) : 0};
        reading->more[reading->count] =
                (struct zfs_device){.state = machine_printable(reading->arena, words[STATE], strlen(words[STATE])),
                                    .part = reading->part_count > 0 ? reading->part_count - 1 : 0,
                                    .role = reading->aside || reading->part_count == 0 ? ZFS_ASIDE
                                            : reading->replacing == 0                  ? ZFS_MEMBER
                                            : reading->in_place++ == 0                 ? ZFS_OLD
                                                                                       : ZFS_NEW,
                                    .rebuilds = rest && strstr(rest, "(resilvering)")};
        if (reading->more[reading->count].role == ZFS_NEW && reading->anew)
                reading->more[reading->count].rebuilds = true; /* also before the first of it is written */
        reading->rows[reading->count] = reading->row_count - 1;
        reading->names[reading->count++] = machine_printable(reading->arena, name, strlen(name));
}

/* The same line with numbers in the place of names. */
static void add_number(struct reading *reading, const char *word)
{
        const bool good = *word && strspn(word, "0123456789") == strlen(word);
        for (size_t i = 0; good && i < reading->count; i++)
                if (reading->rows[i] == reading->numbered)
                        reading->more[i].number = arena_text(reading->arena, word, strlen(word));
        reading->numbered++;
}

/* "\t    /dev/sdb1  ONLINE  0  0  0": behind a tab, two blanks for each thing that it is a part of. */
static void read_config_line(struct reading *reading, char *line)
{
        const char *words[WORDS_MAX];
        const size_t depth = strspn(line, " ");
        const char *rest = split(line + depth, " \t", WORDS_MAX, words);
        if (!words[0] || strcmp(words[0], "NAME") == 0)
                return;
        if (depth == 0) { /* the pool itself, or what follows is something else */
                reading->aside = strcmp(words[0], "logs") == 0 || strcmp(words[0], "cache") == 0 ||
                                 strcmp(words[0], "spares") == 0;
                return;
        }
        if (reading->times > 1) {
                add_number(reading, words[0]);
                return;
        }
        reading->row_count++;
        if (depth == 2 && !reading->aside)
                add_part(reading, words[0]);
        if (depth == 4 && !reading->aside && reading->part_count > 0 && reading->replacing != 2)
                reading->parts[reading->part_count - 1].width++;
        if (depth <= reading->replacing)
                reading->replacing = 0;
        if (is_in_place(words[0])) {
                reading->replacing = depth;
                reading->in_place = 0;
                reading->anew = begins(words[0], "replacing-");
        }
        if (is_disk_name(words[0]))
                add_device(reading, words, rest);
}

/* All parts of one kind, and of raidz of one parity. */
static const char *profile_of(const struct reading *reading)
{
        static const char *const raidz[] = {"raidz1", "raidz2", "raidz3"};
        const struct zfs_part *first = &reading->parts[0];
        if (reading->part_count == 0)
                return NULL;
        for (size_t i = 0; i < reading->part_count; i++)
                if (reading->parts[i].kind != first->kind || reading->parts[i].parity != first->parity ||
                    first->kind == ZFS_OTHER)
                        return "mixed";
        if (first->kind == ZFS_RAIDZ)
                return raidz[first->parity - 1];
        if (first->kind == ZFS_MIRROR)
                return reading->part_count == 1 ? "raid1" : "raid10";
        return reading->part_count == 1 ? "single" : "raid0";
}

static void read_line(struct reading *reading, char *line)
{
        static const char errors[] = "errors: ", state[] = " state: ", scan[] = "  scan: ", sets[] = "sets: ";
        const bool scans = reading->scans && *line == '\t';
        reading->scans = scans;
        if (begins(line, "  pool: "))
                reading->times++;
        else if (scans && reading->times < 2)
                zfs_scan_more(line + 1, &reading->zfs->scan);
        else if (*line == '\t' && !scans)
                read_config_line(reading, line + 1);
        else if (begins(line, sets))
                reading->zfs->sets = strtoull(line + strlen(sets), NULL, 16);
        else if (reading->times > 1)
                reading->scans = begins(line, scan);
        else if (begins(line, state))
                reading->zfs->state =
                        machine_printable(reading->arena, line + strlen(state), strlen(line + strlen(state)));
        else if ((reading->scans = begins(line, scan)))
                reading->zfs->scan = zfs_scan_read(line + strlen(scan));
        else if (begins(line, errors))
                reading->zfs->damaged = strcmp(line + strlen(errors), "No known data errors") != 0,
                reading->zfs->whole = true;
}

/* --- the whole --- */

/* "NUMBER SIZE FREE" of the pool, with what its disks give up for each other; "USED AVAILABLE" of what is in it. */
static bool read_figures(struct reading *reading, char **text, struct file_system *ret_system)
{
        enum { NUMBER, SIZE, FREE, FIELDS };
        const char *pool[FIELDS], *room[FIELDS];
        char *first = strsep(text, "\n"), *second = strsep(text, "\n");
        (void)split(first, "\t", FIELDS, pool);
        (void)split(second, "\t", FIELDS, room);
        if (!pool[FREE] || !room[1] || !*text)
                return false;
        reading->zfs->used = strtoull(room[0], NULL, 10);
        reading->zfs->available = strtoull(room[1], NULL, 10);
        ret_system->uuid = machine_zfs_uuid(pool[NUMBER], reading->arena);
        return ret_system->uuid && reading->zfs->used <= INT64_MAX / 2 && reading->zfs->available <= INT64_MAX / 2;
}

static void take(struct reading *reading, struct file_system *system)
{
        struct device_errors *devices = arena_array(reading->arena, reading->count + 1, sizeof(*devices));
        struct zfs_device *more = arena_array(reading->arena, reading->count + 1, sizeof(*more));
        struct zfs_part *parts = arena_array(reading->arena, reading->part_count + 1, sizeof(*parts));
        const char **names = arena_array(reading->arena, reading->count + 1, sizeof(*names));
        memcpy(devices, reading->devices, reading->count * sizeof(*devices));
        memcpy(names, reading->names, reading->count * sizeof(*names));
        memcpy(more, reading->more, reading->count * sizeof(*more));
        memcpy(parts, reading->parts, reading->part_count * sizeof(*parts));
        for (size_t i = 0; i < reading->count; i++) /* it was changed between the two times that it was told */
                more[i].number = reading->numbered == reading->row_count ? more[i].number : NULL;
        reading->zfs->devices = more;
        reading->zfs->parts = parts;
        reading->zfs->part_count = reading->part_count;
        system->device_count = system->name_count = reading->count;
        system->devices = devices;
        system->names = names;
        system->profile = profile_of(reading);
        system->zfs = reading->zfs;
        system->age = (struct file_system_age){.generation = reading->zfs->sets, .groups = reading->zfs->used};
}

bool zfs_read(const char *text, struct arena *arena, struct file_system *ret_system)
{
        ASSERT(text && arena && ret_system);
        struct reading *reading = arena_alloc(arena, sizeof(*reading));
        *reading = (struct reading){.arena = arena, .zfs = arena_alloc(arena, sizeof(*reading->zfs))};
        *reading->zfs = (struct zfs){.state = ""};
        *ret_system = (struct file_system){.type = "zfs"};
        char *rest = arena_text(arena, text, strlen(text));
        if (!read_figures(reading, &rest, ret_system))
                return false;
        for (char *line; (line = strsep(&rest, "\n"));)
                read_line(reading, line);
        take(reading, ret_system);
        return reading->zfs->whole && *reading->zfs->state;
}

/* A pool is called as its folder is: it was taken up so. */
static const char *mounted_at(const struct machine *machine, const char *pool)
{
        for (size_t i = 0; i < machine->mount_count; i++) {
                const struct mount *mount = &machine->mounts[i];
                if (strcmp(mount->type, "zfs") == 0 && strcmp(mount->source, pool) == 0 &&
                    strncmp(mount->target, "/srv/", 5) == 0 && strcmp(mount->target + 5, pool) == 0)
                        return mount->target;
        }
        return NULL;
}

void machine_read_zfs(struct machine *machine, const struct machine_roots *roots, struct file_system *systems)
{
        ASSERT(machine && roots && systems);
        const char *const *names;
        size_t count = machine_names(roots->zfs, ".", MACHINE_FILE_SYSTEMS_MAX, machine->arena, &names);
        for (size_t i = 0; i < count && machine->file_system_count < MACHINE_FILE_SYSTEMS_MAX; i++) {
                struct file_system *system = &systems[machine->file_system_count];
                const char *text = value_is(&value_pool_name, names[i], strlen(names[i]))
                                           ? machine_text(roots->zfs, names[i], machine->arena)
                                           : NULL;
                if (!text || !zfs_read(text, machine->arena, system))
                        continue;
                system->label = names[i];
                system->mounted = mounted_at(machine, names[i]);
                machine->file_system_count++;
        }
}
