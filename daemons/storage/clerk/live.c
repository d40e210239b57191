/* The machine as it is now: read at start, and again when udev, the kernel or the hand has changed something.
 * Rights: the storage clerk; reads /sys, /proc, udev's records and the hand's files, and watches what can be watched.
 * Nothing of this wakes a disk. */
#include "daemons/storage/clerk/arrays.h"
#include "daemons/storage/clerk/replications.h"
#include "daemons/storage/clerk/schedules.h"
#include "daemons/storage/clerk/storage.h"

#include "base/log.h"
#include "base/mem.h"
#include "sys/file.h"
#include "sys/folders.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

enum { AGAIN_MS = 100, LATER_MS = 35 * 1000, SAID_BYTES_MAX = 64 * 1024, SETS_BYTES_MAX = 32 * 1024 * 1024 };

static struct {
        struct machine_roots roots;
        int ceph; /* the folder in which units write of clusters */
        int zfs_sets;
        struct machine *now;
        struct folders folders;
        struct loop_watch *later;
        char *seen; /* what is cheap to look at each second, as it was */
} live;

static int watch(const char *path)
{
        return folders_add(&live.folders, path, IN_MOVED_TO | IN_CLOSE_WRITE | IN_DELETE | IN_ONLYDIR);
}

int live_prepare(void)
{
        const int flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
        live.roots = (struct machine_roots){
                .sys = open("/sys", flags), .proc = open("/proc", flags), .udev = open("/run/udev/data", flags)};
        live.ceph = open(CEPH_FOLDER, flags);
        live.roots.zfs = open(ZFS_FOLDER, flags);
        live.zfs_sets = open(ZFS_SETS_FOLDER, flags);
        if (live.roots.sys < 0 || live.roots.proc < 0 || live.ceph < 0 || live.roots.zfs < 0 || live.zfs_sets < 0)
                return -errno;
        int error = folders_open(&live.folders);
        if (error != 0)
                return error;
        if (live.roots.udev < 0)
                log_warn("there is no udev: no disk has an identity");
        error = watch("/run/udev/data");
        if (error == 0)
                error = watch("/etc/bulkhead/schedules");
        if (error == 0)
                error = watch("/etc/bulkhead/replications");
        if (error == 0)
                error = watch("/etc/bulkhead/remotes");
        if (error == 0)
                error = watch("/etc/bulkhead/senders");
        if (error == 0)
                error = watch("/var/lib/bulkhead/remotes");
        if (error == 0)
                error = watch("/etc/bulkhead/scrubs");
        if (error == 0)
                error = watch("/etc/bulkhead/self-tests");
        if (error == 0)
                error = watch("/etc/bulkhead/spin-down");
        if (error == 0)
                error = watch("/etc/bulkhead/pools");
        if (error == 0)
                error = watch("/etc/bulkhead/encryption");
        if (error == 0)
                error = watch("/etc/bulkhead/ceph");
        if (error == 0)
                error = watch(CEPH_FOLDER);
        if (error == 0)
                error = watch(ZFS_FOLDER);
        return error != 0 ? error : watch(WORK_FOLDER);
}

const struct machine *machine_now(void)
{
        ASSERT(live.now);
        return live.now;
}

/* What is swapped to. How much of it is used changes all the time on a machine that swaps, and is nobody's business
 * here. */
static const char *swaps(struct arena *arena)
{
        const char *text = machine_text(live.roots.proc, "swaps", arena), *names = "";
        while (text && *text) {
                names = arena_printf(arena, "%s %.*s", names, (int)strcspn(text, " \t\n"), text);
                text += strcspn(text, "\n");
                text += *text == '\n';
        }
        return names;
}

/* Of which nobody tells: disks without udev, mounts, and what btrfs counts. Texts, one after the other. */
static char *fingerprint(void)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        const char *const *names, *text = machine_text(live.roots.proc, "self/mountinfo", arena);
        char *all = arena_printf(arena, "%s\n%s", text ? text : "", swaps(arena));
        size_t count = machine_names(live.roots.sys, "block", MACHINE_DISKS_MAX, arena, &names);
        for (size_t i = 0; i < count; i++)
                all = arena_printf(arena, "%s %s", all, names[i]);
        count = machine_names(live.roots.zfs, ".", MACHINE_FILE_SYSTEMS_MAX, arena, &names);
        for (size_t i = 0; i < count; i++)
                all = arena_printf(arena, "%s %s %s", all, names[i], live_zfs(names[i], arena));
        for (size_t i = 0; live.now && i < live.now->file_system_count; i++) {
                const struct file_system *system = &live.now->file_systems[i];
                char path[256];
                if (strcmp(system->type, "cephfs") == 0) {
                        all = arena_printf(arena, "%s %s", all, live_ceph(strrchr(system->mounted, '/') + 1, arena));
                        continue;
                }
                if (system->zfs)
                        continue;
                if (strcmp(system->type, "btrfs") != 0) {
                        snprintf(path, sizeof(path), "fs/ext4/%s/errors_count", system->names[0]);
                        text = machine_text(live.roots.sys, path, arena);
                        all = arena_printf(arena, "%s %s", all, text ? text : "");
                        continue;
                }
                static const char *const told[] = {"generation", "exclusive_operation"};
                for (size_t n = 0; n < ARRAY_SIZE(told); n++) {
                        snprintf(path, sizeof(path), "fs/btrfs/%s/%s", system->uuid, told[n]);
                        text = machine_text(live.roots.sys, path, arena);
                        all = arena_printf(arena, "%s %s", all, text ? text : "gone");
                }
                snprintf(path, sizeof(path), "fs/btrfs/%s/qgroups", system->uuid);
                all = arena_printf(arena, "%s %llu", all, (unsigned long long)machine_folders(live.roots.sys, path));
                for (size_t n = 0; n < system->device_count; n++) {
                        snprintf(path, sizeof(path), "fs/btrfs/%s/devinfo/%llu/error_stats", system->uuid,
                                 (unsigned long long)system->devices[n].number);
                        text = machine_text(live.roots.sys, path, arena);
                        all = arena_printf(arena, "%s %s", all, text ? text : "gone");
                }
        }
        return mem_copy_text(arrays_look(live.now, live.roots.sys, all, arena));
}

int live_array_permille(const char *name, int64_t *ret_left_s)
{
        return machine_array_permille(&live.roots, name, ret_left_s);
}

void live_tell(void *context)
{
        (void)context;
        struct topic *const told[] = {topics.disks,      topics.disk,       topics.pools,     topics.pool,
                                      topics.importable, topics.datasets,   topics.snapshots, topics.replications,
                                      topics.drift,      topics.suggestions};
        for (size_t i = 0; i < ARRAY_SIZE(told); i++)
                topic_changed(told[i]);
}

static void look_later(void *context)
{
        (void)context;
        loop_unwatch(TAKE(live.later));
        look_into_pools(true, live_tell, NULL);
}

/* A file system's generation is that of the transaction under way, which goes on for up to half a minute: what else is
 * changed in it (how much is used, what was renamed) shows in no other number, so it is looked at once more when it is
 * over. */
void live_reload(void)
{
        if (!live.later)
                live.later = loop_timer(clerk.loop, LATER_MS, look_later, NULL);
        free(live.seen);
        live.seen = fingerprint(); /* before all is read: what changes meanwhile is seen at the next look */
        struct machine *fresh = machine_read(&live.roots);
        if (live.now)
                arena_free(live.now->arena);
        live.now = fresh;
        wanted_read();
        schedules_read();
        replications_read();
        work_read();
}

static void reload(void *context)
{
        (void)context;
        live_reload();
        look_at_disks(live.now);
        look_into_pools(false, live_tell, NULL);
        live_tell(NULL);
}

void live_watch(void)
{
        folders_watch(&live.folders, clerk.loop, AGAIN_MS, reload, NULL); /* many records change in one go */
        reload(NULL);
}

void live_tick(void)
{
        char *seen = fingerprint();
        bool same = live.seen && strcmp(seen, live.seen) == 0;
        free(seen);
        if (!same)
                reload(NULL);
        health_tick();
        work_tick();
}

/* --- after a change --- */

struct waiting {
        loop_tick *done;
        void *context;
};

static void all_read(void *context)
{
        struct waiting *waiting = context;
        live_tell(NULL);
        waiting->done(waiting->context);
        free(waiting);
}

/* A plan about datasets and snapshots changes one pool from inside, and nothing else of the machine. NULL: another.
 * *ret_fresh: there is only more in it than before. */
static const char *only_inside(const struct plan *plan, bool *ret_fresh)
{
        const char *pool = plan->count > 0 ? plan->steps[0].values[0].text : NULL;
        *ret_fresh = true;
        for (size_t i = 0; i < plan->count; i++) {
                const uint16_t step = plan->steps[i].operation;
                const bool btrfs = step >= STORAGE_DATASET_MAKE && step <= STORAGE_FILES_UNMAKE,
                           zfs = step >= STORAGE_ZFS_SET_DO && step <= STORAGE_ZFS_SNAPSHOT_ROLLBACK;
                if (!btrfs && !zfs)
                        return NULL;
                *ret_fresh = *ret_fresh && (step == STORAGE_DATASET_MAKE || step == STORAGE_SNAPSHOT_MAKE ||
                                            step == STORAGE_SNAPSHOT_CLONE);
        }
        return pool;
}

void live_acted(const struct plan *plan, loop_tick *done, void *context)
{
        ASSERT(plan && done);
        struct waiting *waiting = mem_new(1, sizeof(*waiting));
        *waiting = (struct waiting){.done = done, .context = context};
        bool fresh;
        const char *pool = only_inside(plan, &fresh);
        if (pool) {
                look_into_pool(pool, fresh, all_read, waiting);
                return;
        }
        live_reload();
        look_at_disks(live.now);
        look_into_pools(true, all_read, waiting);
}

bool live_suspended(const char *name)
{
        char path[192];
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        snprintf(path, sizeof(path), "block/%s/device/power/runtime_status", name);
        const char *text = machine_text(live.roots.sys, path, arena);
        return text && strcmp(text, "suspended") == 0;
}

uint64_t live_uses(const char *name)
{
        enum { READS, WRITES = 4, FIELDS };
        char path[192], *rest;
        unsigned long long counts[FIELDS] = {0};
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        snprintf(path, sizeof(path), "block/%s/stat", name);
        rest = (char *)machine_text(live.roots.sys, path, arena);
        for (size_t i = 0; rest && i < FIELDS; i++)
                counts[i] = strtoull(rest, &rest, 10);
        return counts[READS] + counts[WRITES];
}

bool live_room(const char *mounted, uint64_t *ret_used, uint64_t *ret_available)
{
        struct statfs room;
        CLEANUP_FD int fd = open(mounted, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0 || fstatfs(fd, &room) != 0)
                return false;
        *ret_used = (uint64_t)(room.f_blocks - room.f_bfree) * (uint64_t)room.f_bsize;
        *ret_available = (uint64_t)room.f_bavail * (uint64_t)room.f_bsize;
        return true;
}

const char *live_ceph(const char *file, struct arena *arena)
{
        const char *said = file_text_below(live.ceph, file, SAID_BYTES_MAX, arena);
        return said ? said : "";
}

const char *live_zfs(const char *file, struct arena *arena)
{
        const char *said = file_text_below(live.roots.zfs, file, SAID_BYTES_MAX, arena);
        return said ? said : "";
}

char *live_zfs_sets(const char *pool, struct arena *arena)
{
        return file_text_below(live.zfs_sets, pool, SETS_BYTES_MAX, arena);
}

bool live_installed(const char *program)
{
        struct stat status;
        return stat(program, &status) == 0;
}
