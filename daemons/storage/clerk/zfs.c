/* Pools of ZFS: taken up and let go of, and what is shown of them. PID 1 has ZFS's own tools act, and what they tell is
 * written down by bulkhead-zfs-look@.service: this clerk asks none of them.
 *
 * Rights: the storage clerk; plans, its hand has PID 1 act. */
#include "daemons/storage/clerk/zfs.h"

#include "base/log.h"
#include "base/mem.h"

#include <string.h>

#define TOOL   "/usr/sbin/zpool"
#define MODULE "/sys/module/zfs"

bool pool_is_zfs(const struct wanted *pool)
{
        ASSERT(pool);
        return strcmp(pool->type, "zfs") == 0;
}

/* What ZFS calls parts of pools begins so, and no pool may. */
static bool is_reserved(const char *name)
{
        static const char *const words[] = {"mirror", "raidz", "draid", "spare"};
        for (size_t i = 0; i < ARRAY_SIZE(words); i++)
                if (strncmp(name, words[i], strlen(words[i])) == 0)
                        return true;
        return strcmp(name, "log") == 0 || (name[0] == 'c' && name[1] >= '0' && name[1] <= '9');
}

int zfs_possible(const char *name, struct failure *failure)
{
        ASSERT(name);
        if (!live_installed(TOOL))
                return failure_set(failure, FAILURE_CONFLICT, "",
                                   "apt install zfsutils-linux zfs-dkms (Debian's contrib)",
                                   "The tools of ZFS are not installed.");
        if (!live_installed(MODULE))
                return failure_set(failure, FAILURE_CONFLICT, "", "apt install zfs-dkms, then modprobe zfs",
                                   "The kernel that runs does not know ZFS.");
        if (is_reserved(name))
                return failure_set(failure, FAILURE_INVALID, "name", "Choose another name.",
                                   "ZFS keeps such names for itself");
        return 0;
}

int plan_zfs_end(struct change *change, const struct wanted *pool, struct failure *failure)
{
        ASSERT(change && pool);
        return pool_is_zfs(pool) ? plan_step(change->plan, failure, STORAGE_ZFS_END, pool->name, NULL) : 0;
}

/* --- in words --- */

static const struct zfs_fault {
        const char *word, *message, *next;
} faults[] = {
        {"is too small", "One of the disks is too small for it.", "Choose larger ones."},
        {"is busy", "Something has one of the disks open.", "Look at the list of disks."},
        {"has a higher alignment requirement", "The disks of the pool have smaller sectors than the new one.",
         "Choose one with smaller sectors."},
        {"cannot mount", "What it has in it cannot be mounted.",
         "Look into the journal of bulkhead-zfs-mount@NAME.service."},
        {"key is not loaded", "It is encrypted by ZFS itself, which is not done here.",
         "Copy it to a pool that is not."},
        {"unsupported feature", "It uses what the ZFS of this machine does not know.", "Install a newer ZFS."},
        {"newer version", "It uses what the ZFS of this machine does not know.", "Install a newer ZFS."},
        {"no such pool", "None of its disks is here, or ZFS uses them already.",
         "Plug them in; or have zpool export it."},
        {"currently imported", "Another machine uses it right now.", "Export it there first."},
        {"pool already exists", "ZFS has a pool of that name in use already.",
         "Export that one with zpool, or choose another name."},
        {"unavailable", "Too many of its disks are missing.", "Plug them in."},
        {"missing", "Too many of its disks are missing.", "Plug them in."},
        {"corrupt", "What says what the pool is made of is damaged.",
         "zpool import -F on the machine itself may go back to an older state."},
};

static const struct zfs_fault *fault_in(const char *text)
{
        for (size_t i = 0; i < ARRAY_SIZE(faults); i++)
                if (strstr(text, faults[i].word))
                        return &faults[i];
        return NULL;
}

static const struct zfs_fault *why(const char *pool, struct arena *arena)
{
        return fault_in(live_zfs(arena_printf(arena, "%s.why", pool), arena));
}

void zfs_explain(struct failure *failure, void *context)
{
        ASSERT(failure && context);
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        const bool ours = strstr(failure->message, "bulkhead-mount@") || strstr(failure->message, "bulkhead-zfs-");
        const struct zfs_fault *fault = ours ? why(context, arena) : NULL;
        if (fault)
                failure_set(failure, FAILURE_CONFLICT, "name", fault->next, "%s", fault->message);
}

/* --- what is shown --- */

bool zfs_waits(const struct file_system *system)
{
        ASSERT(system);
        return system->zfs && strcmp(system->zfs->state, "SUSPENDED") == 0;
}

static enum nas_storage_device_state state_of(const struct zfs_device *device)
{
        const char *word = device->state;
        if (device->rebuilds)
                return NAS_STORAGE_DEVICE_STATE_REBUILDING;
        if (strcmp(word, "ONLINE") == 0)
                return NAS_STORAGE_DEVICE_STATE_IN_SYNC;
        if (strcmp(word, "AVAIL") == 0 || strcmp(word, "INUSE") == 0)
                return NAS_STORAGE_DEVICE_STATE_SPARE;
        return strcmp(word, "FAULTED") == 0 || strcmp(word, "DEGRADED") == 0 ? NAS_STORAGE_DEVICE_STATE_FAULTY
                                                                             : NAS_STORAGE_DEVICE_STATE_GONE;
}

static void describe_devices(const struct file_system *system, struct nas_storage_pool *pool, struct arena *arena)
{
        struct nas_storage_pool_device *devices = arena_array(arena, system->device_count + 1, sizeof(*devices));
        for (size_t i = 0; i < system->device_count; i++) {
                const struct device_errors *errors = &system->devices[i];
                const struct disk *disk = errors->missing ? NULL : disk_named(system->names[i]);
                devices[i] = (struct nas_storage_pool_device){.number = (int64_t)errors->number,
                                                              .disk = disk ? disk->id : NULL,
                                                              .name = disk ? disk->block.name : NULL,
                                                              .missing = errors->missing,
                                                              .size = disk ? (int64_t)disk->block.size : 0,
                                                              .write_errors = errors->write,
                                                              .read_errors = errors->read,
                                                              .corruption_errors = errors->corruption,
                                                              .has_state = true,
                                                              .state = state_of(&system->zfs->devices[i])};
        }
        pool->devices = devices;
        pool->devices_count = system->device_count;
        pool->pool_type = system->profile;
}

static void judge_mounted(const struct file_system *system, struct nas_storage_pool *pool, struct arena *arena)
{
        const struct zfs *zfs = system->zfs;
        size_t missing = 0, faulty = 0;
        for (size_t i = 0; i < system->device_count; i++) {
                missing += system->devices[i].missing;
                faulty += pool_has_errors(&system->devices[i]);
        }
        pool->health_status = NAS_STORAGE_POOL_HEALTH_HEALTHY;
        if (strcmp(zfs->state, "SUSPENDED") == 0 || strcmp(zfs->state, "UNAVAIL") == 0) {
                pool->health_status = NAS_STORAGE_POOL_HEALTH_DAMAGED;
                pool->message = "Too many of its disks are missing, and ZFS has stopped it. Plug them in, and start "
                                "the machine anew.";
        } else if (missing > 0 && zfs->scan.kind == ZFS_RESILVER && zfs->scan.runs) {
                pool->health_status = NAS_STORAGE_POOL_HEALTH_DEGRADED;
                pool->message = "What belongs on one of its disks is being written. Until that is over, another "
                                "that fails may be one too many.";
        } else if (missing > 0) {
                pool->health_status = NAS_STORAGE_POOL_HEALTH_DEGRADED;
                pool->message = arena_printf(arena, "%zu of its %zu disks %s missing. Replace it before another fails.",
                                             missing, system->device_count, missing == 1 ? "is" : "are");
        } else if (zfs->damaged) {
                pool->health_status = NAS_STORAGE_POOL_HEALTH_DAMAGED;
                pool->message = arena_printf(
                        arena, "Files in it are damaged beyond repair: zpool status -v %s names them.", pool->name);
        } else if (faulty > 0) {
                pool->health_status = NAS_STORAGE_POOL_HEALTH_DAMAGED;
                pool->message = arena_printf(arena,
                                             "%zu of its disks gave wrong data or failed to write. Scrub it, and look "
                                             "at those disks.",
                                             faulty);
        } else if (strcmp(zfs->state, "ONLINE") != 0) {
                pool->health_status = NAS_STORAGE_POOL_HEALTH_DEGRADED;
                pool->message = arena_printf(arena, "ZFS calls it %s.", zfs->state);
        }
}

void zfs_judge(const struct wanted *wanted, const struct file_system *system, struct nas_storage_pool *pool,
               struct arena *arena)
{
        ASSERT(wanted && pool && arena);
        if (!system || !pool->mounted) {
                const struct zfs_fault *fault = why(wanted->name, arena);
                pool->health_status = NAS_STORAGE_POOL_HEALTH_AWAY;
                pool->message = fault ? arena_printf(arena, "It is not mounted. %s %s", fault->message, fault->next)
                                      : "It is not mounted.";
                return;
        }
        describe_devices(system, pool, arena);
        judge_mounted(system, pool, arena);
        pool->used = (int64_t)system->zfs->used;
        pool->available = (int64_t)system->zfs->available;
        pool->size = pool->used + pool->available;
}
