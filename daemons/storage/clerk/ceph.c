/* Pools that are file systems of Ceph clusters: made and forgotten, and what is shown of them. This clerk never asks a
 * cluster itself, nor looks into such a pool: who does may have to wait for ever. What bulkhead-ceph-look@.service
 * wrote down is all it knows.
 *
 * Rights: the storage clerk; plans, its hand has PID 1 act. */
#include "daemons/storage/clerk/ceph.h"

#include "base/log.h"
#include "base/mem.h"
#include "value/types.h"

#include <stdlib.h>
#include <string.h>

#define CLIENT "/usr/bin/ceph-fuse"
enum { DIGITS = 20 };

bool pool_is_ceph(const struct wanted *pool)
{
        ASSERT(pool);
        return strcmp(pool->type, "cephfs") == 0;
}

/* --- what the units wrote --- */

bool ceph_room_read(const char *said, uint64_t *ret_used, uint64_t *ret_available)
{
        ASSERT(said && ret_used && ret_available);
        if (strspn(said, "0123456789") != DIGITS || said[DIGITS] != ' ' ||
            strspn(said + DIGITS + 1, "0123456789") != DIGITS)
                return false;
        *ret_used = strtoull(said, NULL, 10);
        *ret_available = strtoull(said + DIGITS + 1, NULL, 10);
        return *ret_used <= INT64_MAX / 2 && *ret_available <= INT64_MAX / 2;
}

static const char *printed(const char *pool, struct arena *arena)
{
        return live_ceph(arena_printf(arena, "%s.why", pool), arena);
}

/* --- in words --- */

const struct ceph_fault *ceph_fault(const char *text)
{
        ASSERT(text);
        static const struct ceph_fault known[] = {
                {"another cluster", "fsid", "The monitors are of another cluster.", "ceph fsid prints the right one."},
                {"authentication failed: (13)", "key", "The cluster does not let that client in with that key.",
                 "ceph auth get-key client.USER prints it."},
                {"authentication failed: (1)", "key", "The cluster does not let that client in with that key.",
                 "ceph auth get-key client.USER prints it."},
                {"mdsmap subscription failed: (2)", "file_system", "The cluster has no such file system.",
                 "ceph fs ls prints them."},
                {"mount failed with (2)", "path", "There is no such folder in the file system.",
                 "Have it made there, or leave it out."},
                {"mount failed with (13)", "path", "That client may not use that folder.",
                 "ceph fs authorize lets it."},
                {"mount failed with (1)", "path", "That client may not use that folder.", "ceph fs authorize lets it."},
                {"authentication failed: (110)", "monitors", "None of the monitors answers.",
                 "See that they run, and that the network is."},
                {"(110)", "file_system", "No metadata server of the cluster answers.",
                 "ceph status says what it lacks."},
                {"name not found", "monitors", "A monitor's name is not known here.", "Name it by its address."},
                {"unable to parse addrs", "monitors", "A monitor's name is not known here.", "Name it by its address."},
        };
        for (size_t i = 0; i < ARRAY_SIZE(known); i++)
                if (strstr(text, known[i].word))
                        return &known[i];
        return NULL;
}

static bool answers(const struct wanted *pool)
{
        uint64_t used, available;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        return ceph_room_read(live_ceph(pool->name, arena), &used, &available);
}

void ceph_judge(const struct wanted *wanted, struct nas_storage_pool *pool, struct arena *arena)
{
        ASSERT(wanted && pool && arena);
        uint64_t used, available;
        const struct ceph_fault *fault = pool->mounted ? NULL : ceph_fault(printed(wanted->name, arena));
        if (!pool->mounted) {
                pool->health_status = NAS_STORAGE_POOL_HEALTH_AWAY;
                pool->message = fault ? arena_printf(arena, "It is not mounted. %s It is tried again and again.",
                                                     fault->message)
                                      : "It is not mounted.";
        } else if (!ceph_room_read(live_ceph(wanted->name, arena), &used, &available)) {
                pool->health_status = NAS_STORAGE_POOL_HEALTH_UNKNOWN;
                pool->message = "Its cluster does not answer. What is read and written there waits until it does: see "
                                "to its monitors and to the network.";
        } else {
                pool->health_status = NAS_STORAGE_POOL_HEALTH_HEALTHY;
                pool->used = (int64_t)used;
                pool->available = (int64_t)available;
                pool->size = pool->used + pool->available;
        }
        pool->has_ceph = wanted->ceph.fsid != NULL;
        pool->ceph = (struct nas_storage_ceph){.monitors = wanted->ceph.monitors,
                                               .fsid = wanted->ceph.fsid,
                                               .user = wanted->ceph.user,
                                               .path = wanted->ceph.path,
                                               .file_system = wanted->ceph.file_system};
}

/* --- from where it is --- */

static const char *behind(const char *text, const char *key, const struct value_type *type, struct arena *arena)
{
        const char *at = strstr(text, key);
        if (!at || (at != text && at[-1] != '\n'))
                return NULL;
        at += strlen(key);
        const size_t length = strcspn(at, "\n");
        const char *value = arena_text(arena, at, length);
        return value_is(type, value, length) ? value : NULL;
}

struct wanted_ceph ceph_read(const char *text, struct arena *arena)
{
        ASSERT(text && arena);
        struct wanted_ceph ceph = {.fsid = behind(text, "FSID=", &value_uuid, arena),
                                   .user = behind(text, "CLIENT=", &value_ceph_user, arena),
                                   .path = behind(text, "PLACE=", &value_ceph_path, arena),
                                   .file_system = behind(text, "FILE_SYSTEM=", &value_ceph_name, arena),
                                   .monitors = behind(text, "MONITORS=", &value_ceph_monitors, arena)};
        return ceph.fsid && ceph.user && ceph.path && ceph.monitors ? ceph : (struct wanted_ceph){.fsid = NULL};
}

int plan_ceph_want(struct change *change, const struct wanted *pool, struct failure *failure)
{
        ASSERT(change && pool);
        const struct wanted_ceph *ceph = &pool->ceph;
        if (!ceph->fsid)
                return failure_set(failure, FAILURE_CONFLICT, "name", "Export it, and add it again.",
                                   "Which cluster it is of is not written down any more.");
        return plan_step(change->plan, failure, STORAGE_CEPH_WANT, pool->name, ceph->fsid, ceph->user, ceph->path,
                         ceph->file_system ? ceph->file_system : "", ceph->monitors, NULL);
}

int ceph_must_answer(const struct wanted *pool, struct failure *failure)
{
        ASSERT(pool);
        if (!pool_is_ceph(pool) || answers(pool))
                return 0;
        return failure_set(failure, FAILURE_CONFLICT, "name", "See to its monitors and to the network.",
                           "Its cluster does not answer.");
}

int plan_pool_unmount(struct change *change, const struct wanted *pool, struct failure *failure)
{
        ASSERT(change && pool);
        if (pool_is_ceph(pool) && !answers(pool))
                return plan_ceph_end(change, pool, failure);
        if (pool_is_ceph(pool) && plan_step(change->plan, failure, STORAGE_CEPH_LOOK_END, pool->name, NULL) != 0)
                return -1;
        if (pool_is_zfs(pool) && plan_step(change->plan, failure, STORAGE_ZFS_UNMOUNT, pool->name, NULL) != 0)
                return -1;
        return plan_step(change->plan, failure, STORAGE_POOL_UNMOUNT, pool->name, NULL);
}

int plan_ceph_end(struct change *change, const struct wanted *pool, struct failure *failure)
{
        ASSERT(change && pool);
        return pool_is_ceph(pool) ? plan_step(change->plan, failure, STORAGE_CEPH_END, pool->name, NULL) : 0;
}

int plan_ceph_forget(struct change *change, const struct wanted *pool, struct failure *failure)
{
        ASSERT(change && pool);
        if (!pool_is_ceph(pool))
                return 0;
        return plan_ceph_end(change, pool, failure) == 0
                       ? plan_step(change->plan, failure, STORAGE_CEPH_KEY_DROP, pool->name, pool->uuid, NULL)
                       : -1;
}

/* --- adding one --- */

static const struct ceph_fault *why_not_mounted(const struct failure *failure, const char *pool, struct arena *arena)
{
        return strstr(failure->message, "bulkhead-mount@") || strstr(failure->message, "bulkhead-ceph@")
                       ? ceph_fault(printed(pool, arena))
                       : NULL;
}

static void explain_field(struct failure *failure, void *context)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        const struct ceph_fault *fault = why_not_mounted(failure, context, arena);
        if (fault)
                failure_set(failure, FAILURE_INVALID, fault->field, fault->next, "%s", fault->message);
}

void ceph_explain(struct failure *failure, void *context)
{
        ASSERT(failure && context);
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        const struct ceph_fault *fault = why_not_mounted(failure, context, arena);
        if (fault)
                failure_set(failure, FAILURE_CONFLICT, "name", fault->next, "%s", fault->message);
}

/* The same folder of the same file system is the same pool, by whichever monitors and as whoever it is used. */
static const char *number_of(const struct nas_storage_add_ceph_in *in, const char *path, struct arena *arena)
{
        return pool_new_uuid(
                arena, arena_printf(arena, "ceph %s %s %s", in->fsid, in->file_system ? in->file_system : "", path));
}

static int plan_add(struct change *change, const struct nas_storage_add_ceph_in *in, struct failure *failure)
{
        const char *path = in->path ? in->path : "/", *uuid = number_of(in, path, change->arena);
        const struct wanted pool = {.name = in->name,
                                    .uuid = uuid,
                                    .type = "cephfs",
                                    .ceph = {.fsid = in->fsid,
                                             .user = in->user,
                                             .path = path,
                                             .file_system = in->file_system,
                                             .monitors = in->monitors}};
        const struct wanted *same = wanted_with(uuid);
        if (pool_name_is_free(in->name, failure) != 0)
                return -1;
        if (same)
                return failure_set(failure, FAILURE_CONFLICT, "path", "", "It is the pool %s already.", same->name);
        if (!live_installed(CLIENT))
                return failure_set(failure, FAILURE_CONFLICT, "", "apt install ceph-fuse",
                                   "The program that a Ceph cluster needs is not installed.");
        /* What is to be mounted is read again on both sides, so that it is right also when all of this is undone. */
        if (plan_step(change->plan, failure, STORAGE_PLACE_MAKE, in->name, NULL) != 0 ||
            plan_step(change->plan, failure, STORAGE_CEPH_KEY_KEEP, in->name, uuid, in->key, NULL) != 0 ||
            plan_step(change->plan, failure, STORAGE_UNITS_RELOAD, NULL) != 0 ||
            plan_ceph_want(change, &pool, failure) != 0)
                return -1;
        return plan_mount(change, &pool, failure);
}

void nas_storage_add_ceph(struct call *call, const struct nas_storage_add_ceph_in *in)
{
        struct failure failure = {0};
        struct change *change = pool_change(in->name);
        change->who = "nobody yet";
        change->answer = pool_answer;
        change->explain = explain_field;
        storage_run(call, change, plan_add(change, in, &failure), &failure);
}

/* --- using it otherwise --- */

static int may_set(const struct wanted *pool, const struct nas_storage_set_ceph_in *in, struct failure *failure)
{
        if (!pool_is_ceph(pool))
                return failure_set(failure, FAILURE_CONFLICT, "name", "", "The pool %s is of no Ceph cluster.",
                                   pool->name);
        if (!in->monitors && !in->user && !in->key)
                return failure_set(failure, FAILURE_INVALID, "monitors", "Name monitors, a client or a key.",
                                   "must be there, or something else that is to change");
        if (in->user && !in->key)
                return failure_set(failure, FAILURE_INVALID, "key", "ceph auth get-key client.USER prints it.",
                                   "must be there when the client is another");
        if (pool_is_mounted(pool))
                return failure_set(failure, FAILURE_CONFLICT, "name", "Unmount it first.", "It is mounted.");
        return 0;
}

static int plan_other_key(struct change *change, const struct wanted *pool, const char *key, struct failure *failure)
{
        struct plan *plan = change->plan;
        if (!key)
                return 0;
        if (plan_step(plan, failure, STORAGE_CEPH_KEY_ASIDE, pool->name, pool->uuid, NULL) != 0)
                return -1;
        return plan_step(plan, failure, STORAGE_CEPH_KEY_CHANGE, pool->name, pool->uuid, key, NULL);
}

/* The old key is thrown away once the new one has been used. */
static int plan_set(struct change *change, const struct wanted *pool, const struct nas_storage_set_ceph_in *in,
                    struct failure *failure)
{
        struct wanted other = *pool;
        if (in->monitors)
                other.ceph.monitors = in->monitors;
        if (in->user)
                other.ceph.user = in->user;
        if (may_set(pool, in, failure) != 0 || plan_other_key(change, pool, in->key, failure) != 0 ||
            plan_ceph_want(change, &other, failure) != 0 ||
            plan_step(change->plan, failure, STORAGE_CEPH_AGAIN, pool->name, NULL) != 0)
                return -1;
        return in->key ? plan_step(change->plan, failure, STORAGE_CEPH_KEY_ASIDE_DROP, pool->name, pool->uuid, NULL)
                       : 0;
}

void nas_storage_set_ceph(struct call *call, const struct nas_storage_set_ceph_in *in)
{
        struct failure failure = {0};
        const struct wanted *pool = pool_find(in->name, &failure);
        struct change *change = pool_change(in->name);
        change->who = "nobody: it is not mounted";
        change->answer = pool_answer;
        change->explain = explain_field;
        int result = pool ? plan_set(change, pool, in, &failure) : -1;
        storage_run(call, change, result, &failure);
}
