/* Mounting, unmounting and renaming pools, and forgetting errors that were looked at.
 * Rights: the storage clerk; plans, its hand acts. */
#include "base/mem.h"
#include "daemons/storage/clerk/arrays.h"
#include "daemons/storage/clerk/ceph.h"
#include "daemons/storage/clerk/encryption.h"
#include "daemons/storage/clerk/zfs.h"

#include <stdlib.h>
#include <string.h>

static void run(struct call *call, struct change *change, int result, const struct failure *failure)
{
        change->who = "all who use what is on the pool";
        change->answer = pool_answer;
        storage_run(call, change, result, failure);
}

void nas_storage_unmount_pool(struct call *call, const struct nas_storage_unmount_pool_in *in)
{
        struct failure failure = {0};
        const struct wanted *pool = pool_find(in->name, &failure);
        struct change *change = pool_change(in->name);
        int result = pool ? work_refuse(pool->name, &failure) : -1;
        if (result == 0 && pool_is_mounted(pool))
                result = plan_pool_unmount(change, pool, &failure);
        if (result == 0)
                result = plan_ceph_end(change, pool, &failure) == 0 ? plan_zfs_end(change, pool, &failure) : -1;
        run(call, change, result, &failure);
}

/* By a server in the network, and in no other way by itself. */
static bool waits_for_tang(const struct wanted *pool)
{
        return pool->tang && !pool->kept && pool_is_locked(pool);
}

/* What is to be mounted is read again on both sides of the step that changes it, so that it is right also when all of
 * this is undone. One that is mounted stays so. */
static int plan_mount_again(struct change *change, const struct wanted *pool, bool degraded, struct failure *failure)
{
        struct wanted other = *pool;
        other.degraded = degraded;
        if (degraded && pool_on_array(pool))
                return failure_set(failure, FAILURE_CONFLICT, "degraded", "Mount it without.",
                                   "The array that it lies on needs no word to start without a disk.");
        if (degraded && pool_is_zfs(pool))
                return failure_set(failure, FAILURE_CONFLICT, "degraded", "Mount it without.",
                                   "ZFS needs no word to begin without a disk.");
        if (degraded && pool_must_be_btrfs(pool, failure) != 0)
                return -1;
        if (pool->degraded == degraded && pool_is_mounted(pool))
                return 0;
        const bool tang = waits_for_tang(pool);
        if (!tang && !pool->kept && pool_is_locked(pool))
                return failure_set(failure, FAILURE_CONFLICT, "name", "Unlock it with its passphrase.",
                                   "It is locked.");
        if (tang) { /* its key opens all disks that are here */
                if (plan_step(change->plan, failure, STORAGE_TANG_OPEN, pool->name, pool->uuid, NULL) != 0)
                        return -1;
                other.luks_count = 0;
        }
        if (plan_step(change->plan, failure, STORAGE_UNITS_RELOAD, NULL) != 0 ||
            (!pool_array(pool) && plan_array_find(change, pool->uuid, failure) != 0))
                return -1;
        return plan_mount(change, &other, failure);
}

static void mount_now(struct call *call, const char *name, bool degraded)
{
        struct failure failure = {0};
        const struct wanted *pool = pool_find(name, &failure);
        struct change *change = pool_change(name);
        if (pool && pool_is_ceph(pool))
                change->explain = ceph_explain;
        if (pool && pool_is_zfs(pool))
                change->explain = zfs_explain;
        int result = pool ? plan_mount_again(change, pool, degraded, &failure) : -1;
        run(call, change, result, &failure);
}

struct mount_asked { /* while a server is asked; its name is the call's */
        struct call *call;
        const char *name;
        bool degraded;
};

/* Who does not answer opens nothing: that is said before anything is begun. */
static void on_answer(const char *const *prints, size_t count, void *context)
{
        struct mount_asked *asked = context;
        const struct wanted *pool = wanted_named(asked->name);
        struct failure failure = {0};
        (void)prints;
        if (count == 0 && pool && waits_for_tang(pool)) {
                failure_set(&failure, FAILURE_CONFLICT, "name", "Start it, or unlock the pool with its passphrase.",
                            "No Tang server answers at %s.", pool->tang);
                storage_refuse(asked->call, &failure);
        } else {
                mount_now(asked->call, asked->name, asked->degraded);
        }
        free(asked);
}

void nas_storage_mount_pool(struct call *call, const struct nas_storage_mount_pool_in *in)
{
        struct failure failure = {0};
        const struct wanted *pool = wanted_named(in->name);
        const bool degraded = in->has_degraded && in->degraded;
        if (!pool || !waits_for_tang(pool)) {
                mount_now(call, in->name, degraded);
                return;
        }
        struct mount_asked *asked = mem_new(1, sizeof(*asked));
        *asked = (struct mount_asked){.call = call, .name = in->name, .degraded = degraded};
        if (tang_ask(pool->tang, on_answer, asked, &failure) == 0)
                return;
        storage_refuse(call, &failure);
        free(asked);
}

static int plan_rename(struct change *change, const struct wanted *pool, const char *to, struct failure *failure)
{
        struct wanted other = *pool;
        struct nas_storage_scrub_schedule scrub;
        const bool scrubbed = scrub_schedule(pool, change->arena, &scrub);
        other.name = to;
        if (pool_name_is_free(to, failure) != 0)
                return -1;
        if (!pool_is_mounted(pool))
                return failure_set(failure, FAILURE_CONFLICT, "name", "Mount it first.", "It is not mounted.");
        if (pool_is_zfs(pool) && zfs_possible(to, failure) != 0)
                return -1;
        if (ceph_must_answer(pool, failure) != 0 || plan_unmount(change, pool->name, true, failure) != 0 ||
            plan_step(change->plan, failure, STORAGE_PLACE_MAKE, to, NULL) != 0 ||
            (scrubbed && plan_scrub_order(change, pool, to, scrub.every, scrub.at, failure) != 0) ||
            (pool->encrypted && plan_luks_want(change, &other, failure) != 0) ||
            (pool_is_ceph(pool) && plan_ceph_want(change, &other, failure) != 0) ||
            plan_mount(change, &other, failure) != 0)
                return -1;
        return pool_is_btrfs(pool) ? plan_step(change->plan, failure, STORAGE_POOL_LABEL, to, NULL) : 0;
}

void nas_storage_rename_pool(struct call *call, const struct nas_storage_rename_pool_in *in)
{
        struct failure failure = {0};
        const struct wanted *pool = pool_find(in->name, &failure);
        struct change *change = pool_change(in->to);
        int result = pool ? plan_rename(change, pool, in->to, &failure) : -1;
        run(call, change, result, &failure);
}

void nas_storage_clear_errors(struct call *call, const struct nas_storage_clear_errors_in *in)
{
        struct failure failure = {0};
        struct change *change = pool_change(in->name);
        const struct wanted *pool = wanted_named(in->name);
        int result = pool && pool_is_zfs(pool) ? plan_zfs_clear(change, pool, &failure)
                     : pool_find_tree(in->name, &failure)
                             ? plan_step(change->plan, &failure, STORAGE_ERRORS_CLEAR, in->name, NULL)
                             : -1;
        run(call, change, result, &failure);
}
