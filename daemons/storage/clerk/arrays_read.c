/* Arrays of disks (md), as the kernel tells of them in /sys/block/md*: their disks, what state those are in, and what is
 * being done to them. None of it wakes a disk.
 * Rights: the storage clerk; reads /sys and udev's records. */
#include "base/log.h"
#include "base/mem.h"
#include "daemons/storage/clerk/machine.h"
#include "value/types.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ARRAYS_MAX = 128, MEMBERS_MAX = 512, PATH_SIZE = 256, UUID_SIZE = 37, ALL = 1000, SECTOR = 512 };

static const char *text_of(const struct machine_roots *roots, const char *array, const char *what, struct arena *arena)
{
        char path[PATH_SIZE];
        snprintf(path, sizeof(path), "block/%s/md/%s", array, what);
        return machine_text(roots->sys, path, arena);
}

static uint64_t number_of(const struct machine_roots *roots, const char *array, const char *what)
{
        char path[PATH_SIZE];
        snprintf(path, sizeof(path), "block/%s/md/%s", array, what);
        return machine_number(roots->sys, path);
}

/* One of the words between commas. */
static bool has_word(const char *words, const char *word)
{
        const size_t length = strlen(word);
        for (const char *at = words; at; at = strchr(at, ',')) {
                at += *at == ',';
                if (strncmp(at, word, length) == 0 && (at[length] == ',' || at[length] == '\0'))
                        return true;
        }
        return false;
}

/* folder: "dev-sda". */
static struct array_member read_member(const struct machine_roots *roots, const char *array, const char *folder,
                                       struct arena *arena)
{
        const char *state = text_of(roots, array, arena_printf(arena, "%s/state", folder), arena),
                   *slot = text_of(roots, array, arena_printf(arena, "%s/slot", folder), arena);
        return (struct array_member){
                .name = folder + strlen("dev-"),
                .slot = slot && *slot >= '0' && *slot <= '9' ? strtoll(slot, NULL, 10) : -1,
                .in_sync = state && has_word(state, "in_sync"),
                .faulty = state && has_word(state, "faulty"),
                .errors = (int64_t)number_of(roots, array, arena_printf(arena, "%s/errors", folder)),
                .before = number_of(roots, array, arena_printf(arena, "%s/offset", folder)) * SECTOR};
}

static void read_members(struct array *array, const struct machine_roots *roots, struct arena *arena)
{
        const char *const *names;
        char path[PATH_SIZE];
        snprintf(path, sizeof(path), "block/%s/md", array->block.name);
        size_t count = machine_names(roots->sys, path, MEMBERS_MAX, arena, &names);
        struct array_member *members = arena_array(arena, count + 1, sizeof(*members));
        for (size_t i = 0; i < count; i++)
                if (strncmp(names[i], "dev-", strlen("dev-")) == 0)
                        members[array->member_count++] = read_member(roots, array->block.name, names[i], arena);
        array->members = members;
}

const char *machine_uuid_in_array(const char *uuid, struct arena *arena)
{
        ASSERT(uuid && arena);
        char *inner = arena_text(arena, uuid, strlen(uuid));
        if (strlen(inner) > MACHINE_UUID_KIND && inner[MACHINE_UUID_KIND] == '8')
                inner[MACHINE_UUID_KIND] = '4';
        return inner;
}

/* mdadm writes four times eight digits; on the disks udev reads the same digits as any other UUID. */
static const char *uuid_of(const char *text, struct arena *arena)
{
        char uuid[UUID_SIZE] = "";
        size_t length = 0, digits = 0;
        for (; text && *text && length < sizeof(uuid) - 1; text++) {
                if (*text == ':')
                        continue;
                if (digits == 8 || digits == 12 || digits == 16 || digits == 20)
                        uuid[length++] = '-';
                if (length < sizeof(uuid) - 1)
                        uuid[length++] = *text;
                digits++;
        }
        return value_is(&value_uuid, uuid, length) ? machine_uuid_in_array(uuid, arena) : NULL;
}

/* False: there is none of that name, or none that has been put together. */
static bool read_array(struct array *array, const struct machine *machine, const struct machine_roots *roots,
                       const char *name, const char *swaps)
{
        struct arena *arena = machine->arena;
        const char *state = text_of(roots, name, "array_state", arena), *level = text_of(roots, name, "level", arena);
        if (!state || !level || strncmp(level, "raid", 4) != 0 || strcmp(state, "clear") == 0 ||
            strcmp(state, "inactive") == 0)
                return false;
        *array = (struct array){.block = machine_block(machine, roots, name, swaps),
                                .level = level,
                                .slots = number_of(roots, name, "raid_disks"),
                                .degraded = number_of(roots, name, "degraded"),
                                .member_size = number_of(roots, name, "component_size") * 1024,
                                .action = text_of(roots, name, "sync_action", arena)};
        if (array->action && (strcmp(array->action, "idle") == 0 || strcmp(array->action, "frozen") == 0))
                array->action = NULL;
        array->slots = array->slots < MEMBERS_MAX ? array->slots : MEMBERS_MAX;
        array->number = machine_record_value(array->block.record, "MD_UUID", 64, arena);
        const char *last = text_of(roots, name, "last_sync_action", arena);
        array->checked = !array->action && last && strcmp(last, "check") == 0;
        if (array->checked) /* what is new differs all over */
                array->differences = number_of(roots, name, "mismatch_cnt");
        array->uuid = uuid_of(array->number, arena);
        read_members(array, roots, arena);
        return true;
}

void machine_read_arrays(struct machine *machine, const struct machine_roots *roots)
{
        ASSERT(machine && roots);
        const char *const *names, *swaps = machine_text(roots->proc, "swaps", machine->arena);
        size_t count = machine_names(roots->sys, "block", MACHINE_DISKS_MAX, machine->arena, &names);
        struct array *arrays = arena_array(machine->arena, ARRAYS_MAX, sizeof(*arrays));
        for (size_t i = 0; i < count && machine->array_count < ARRAYS_MAX; i++)
                if (strncmp(names[i], "md", 2) == 0)
                        machine->array_count +=
                                read_array(&arrays[machine->array_count], machine, roots, names[i], swaps);
        machine->arrays = arrays;
}

/* "2048 / 2095104", in sectors; kilobytes a second. */
int machine_array_permille(const struct machine_roots *roots, const char *name, int64_t *ret_left_s)
{
        ASSERT(roots && name && ret_left_s);
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        const char *text = text_of(roots, name, "sync_completed", arena), *slash = text ? strchr(text, '/') : NULL;
        const uint64_t done = slash ? strtoull(text, NULL, 10) : 0, all = slash ? strtoull(slash + 1, NULL, 10) : 0,
                       speed = number_of(roots, name, "sync_speed");
        *ret_left_s = -1;
        if (all == 0 || done > all || all > UINT64_MAX / ALL)
                return -1;
        if (speed > 0)
                *ret_left_s = (int64_t)((all - done) / 2 / speed);
        return (int)(done * ALL / all);
}
