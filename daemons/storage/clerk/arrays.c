/* Pools on arrays of disks (md): whether this machine can have them, which disks are theirs, and how they are.
 * Rights: the storage clerk; works on what is in memory, and reads /sys. */
#include "daemons/storage/clerk/arrays.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "daemons/storage/clerk/storage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int arrays_possible(struct failure *failure)
{
        const struct ability *lacks = unable_to("arrays");
        return !lacks ? 0
                      : failure_set(failure, FAILURE_CONFLICT, "profile",
                                    lacks->next ? lacks->next : "Choose a profile of btrfs' own.",
                                    "This machine cannot have arrays of disks. %s", lacks->reason);
}

/* --- which one --- */

static bool same(const char *one, const char *other)
{
        return one && other && strcmp(one, other) == 0;
}

const struct array *pool_array(const struct wanted *pool)
{
        ASSERT(pool);
        const struct machine *machine = machine_now();
        for (size_t i = 0; i < machine->array_count; i++)
                if (same(machine->arrays[i].block.uuid, pool->uuid) || array_is_ours(&machine->arrays[i], pool))
                        return &machine->arrays[i];
        return NULL;
}

bool array_is_ours(const struct array *array, const struct wanted *pool)
{
        ASSERT(array && pool);
        return same(array->uuid, pool->uuid);
}

bool pool_on_array(const struct wanted *pool)
{
        ASSERT(pool);
        const struct machine *machine = machine_now();
        for (size_t i = 0; i < machine->disk_count; i++)
                if (disk_in_array_of(&machine->disks[i], pool))
                        return true;
        return pool_array(pool) != NULL;
}

/* By the whole disk, or a part of it. */
static bool has_disk(const struct array *array, const struct disk *disk)
{
        for (size_t i = 0; i < array->member_count; i++)
                if (disk_named(array->members[i].name) == disk)
                        return true;
        return false;
}

const struct array *disk_array(const struct disk *disk)
{
        ASSERT(disk);
        const struct machine *machine = machine_now();
        for (size_t i = 0; i < machine->array_count; i++)
                if (has_disk(&machine->arrays[i], disk))
                        return &machine->arrays[i];
        return NULL;
}

/* That of its own that is not put together is known by the number on its disks. */
bool disk_in_array_of(const struct disk *disk, const struct wanted *pool)
{
        ASSERT(disk && pool);
        const struct array *array = disk_array(disk);
        if (array)
                return array == pool_array(pool);
        return same(disk->block.holds, "linux_raid_member") && same(disk->block.uuid, pool->uuid);
}

/* --- what it is like --- */

const char *array_profile(const struct array *array, struct arena *arena)
{
        ASSERT(array && arena);
        return arena_printf(arena, "md%s", array->level + strlen("raid"));
}

static struct nas_storage_pool_device describe_member(const struct array *array, const struct array_member *member,
                                                      uint64_t number)
{
        const struct disk *disk = disk_named(member->name);
        return (struct nas_storage_pool_device){.number = (int64_t)number,
                                                .disk = disk ? disk->id : NULL,
                                                .name = member->name,
                                                .size = (int64_t)array->member_size,
                                                .used = (int64_t)array->member_size,
                                                .read_errors = member->errors,
                                                .has_state = true,
                                                .state = member->faulty      ? NAS_STORAGE_DEVICE_STATE_FAULTY
                                                         : member->in_sync   ? NAS_STORAGE_DEVICE_STATE_IN_SYNC
                                                         : member->slot >= 0 ? NAS_STORAGE_DEVICE_STATE_REBUILDING
                                                                             : NAS_STORAGE_DEVICE_STATE_SPARE};
}

/* While one is replaced there are two in one place: the one that is in use. */
static const struct array_member *member_at(const struct array *array, uint64_t slot)
{
        const struct array_member *found = NULL;
        for (size_t i = 0; i < array->member_count; i++) {
                const struct array_member *member = &array->members[i];
                if (member->slot >= 0 && (uint64_t)member->slot == slot && !member->faulty &&
                    (!found || member->in_sync))
                        found = member;
        }
        return found;
}

/* A number for each place, from 1 on, whether there is a disk in it or not; behind them, those that have none. */
const struct nas_storage_pool_device *array_describe(const struct array *array, struct arena *arena, size_t *ret_count)
{
        ASSERT(array && arena && ret_count);
        struct nas_storage_pool_device *devices =
                arena_array(arena, array->slots + array->member_count + 1, sizeof(*devices));
        size_t count = 0;
        for (uint64_t slot = 0; slot < array->slots; slot++) {
                const struct array_member *member = member_at(array, slot);
                devices[count++] = member ? describe_member(array, member, slot + 1)
                                          : (struct nas_storage_pool_device){.number = (int64_t)slot + 1,
                                                                             .missing = true,
                                                                             .has_state = true,
                                                                             .state = NAS_STORAGE_DEVICE_STATE_GONE};
        }
        for (size_t i = 0; i < array->member_count; i++) {
                const struct array_member *member = &array->members[i];
                if (member->slot < 0 || member_at(array, (uint64_t)member->slot) != member) {
                        devices[count] = describe_member(array, member, count + 1);
                        count++;
                }
        }
        *ret_count = count;
        return devices;
}

/* What the kernel found, or what was written down of it before the machine was started anew. */
static uint64_t differences_of(const struct array *array, const struct nas_storage_pool *pool)
{
        return array->checked || !pool->has_last_scrub ? array->differences : (uint64_t)pool->last_scrub.found;
}

void array_judge(const struct array *array, struct nas_storage_pool *pool, struct arena *arena)
{
        ASSERT(array && pool && arena);
        const uint64_t differences = differences_of(array, pool);
        if (array->degraded > 0) {
                const bool rebuilds = array->action && strcmp(array->action, "recover") == 0;
                pool->health_status = NAS_STORAGE_POOL_HEALTH_DEGRADED;
                pool->message =
                        rebuilds ? "What belongs on one of its disks is being written. Until that is over, another "
                                   "that fails may be one too many."
                                 : arena_printf(arena,
                                                "%llu of its %llu disks %s missing. Replace it before another fails.",
                                                (unsigned long long)array->degraded, (unsigned long long)array->slots,
                                                array->degraded == 1 ? "is" : "are");
        } else if (differences > 0) {
                pool->health_status = NAS_STORAGE_POOL_HEALTH_DAMAGED;
                pool->message = arena_printf(arena,
                                             "Its last check found %llu sectors in which its disks differ. Look at the "
                                             "disks' health, and compare what matters with a backup.",
                                             (unsigned long long)differences);
        } else if (!pool->message && array->action && strcmp(array->action, "resync") == 0) {
                pool->message = "Its disks are being brought in line with each other. It can be used meanwhile.";
        }
}

/* --- what is done to it --- */

bool array_work(const struct array *array, struct arena *arena, struct nas_storage_work *ret_work)
{
        ASSERT(array && arena && ret_work);
        int64_t left_s;
        if (!array->action)
                return false;
        const int permille = live_array_permille(array->block.name, &left_s);
        *ret_work = (struct nas_storage_work){
                .kind = strcmp(array->action, "check") == 0     ? NAS_STORAGE_WORK_KIND_SCRUB
                        : strcmp(array->action, "recover") == 0 ? NAS_STORAGE_WORK_KIND_REPLACE
                        : strcmp(array->action, "reshape") == 0 ? NAS_STORAGE_WORK_KIND_GROW
                                                                : NAS_STORAGE_WORK_KIND_OTHER,
                .has_percent = permille >= 0,
                .percent = permille >= 0 ? permille / 10 : 0};
        if (left_s >= 0)
                ret_work->estimate = moment(arena, (clock_real_s() + left_s) * 1000000);
        return true;
}

/* --- watching them --- */

const char *arrays_look(const struct machine *machine, int sys, const char *text, struct arena *arena)
{
        static const char *const told[] = {"array_state", "degraded", "sync_action", "raid_disks"};
        for (size_t i = 0; machine && i < machine->array_count; i++) {
                const struct array *array = &machine->arrays[i];
                const char *folder = arena_printf(arena, "block/%s/md", array->block.name), *said;
                for (size_t n = 0; n < ARRAY_SIZE(told); n++) {
                        said = machine_text(sys, arena_printf(arena, "%s/%s", folder, told[n]), arena);
                        text = arena_printf(arena, "%s %s", text, said ? said : "gone");
                }
                for (size_t n = 0; n < array->member_count; n++) {
                        said = machine_text(sys, arena_printf(arena, "%s/dev-%s/state", folder, array->members[n].name),
                                            arena);
                        text = arena_printf(arena, "%s %s", text, said ? said : "gone");
                }
        }
        return text;
}
