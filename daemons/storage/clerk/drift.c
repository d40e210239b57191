/* Drift: what is wanted of pools and standing orders, beside what the machine shows. Nothing is overwritten by
 * itself: a person has it as it was, takes it as it is, or leaves it.
 * Rights: the storage clerk; works on what is in memory, plans, its hand acts. */
#include "daemons/storage/clerk/drift.h"
#include "daemons/storage/clerk/encryption.h"

#include "base/mem.h"
#include "daemons/storage/clerk/replications.h"
#include "daemons/storage/clerk/schedules.h"

#include <string.h>

enum { DRIFTS_MAX = 1024 };

struct found { /* while a list is made */
        struct arena *arena;
        struct nas_storage_drift *list;
        size_t count;
};

static struct nas_storage_drift *add(struct found *found, enum nas_storage_drift_kind kind, const char *name)
{
        struct nas_storage_drift *one = &found->list[found->count < DRIFTS_MAX - 1 ? found->count++ : found->count];
        *one = (struct nas_storage_drift){
                .id = arena_printf(found->arena, "%s.%s", nas_storage_drift_kind_word(kind), name),
                .kind = kind,
                .name = name,
                .wanted = "",
                .found = ""};
        return one;
}

/* The mount at that place; NULL. */
static const struct mount *mount_at(const char *place)
{
        const struct machine *machine = machine_now();
        for (size_t i = machine->mount_count; i-- > 0;)
                if (strcmp(machine->mounts[i].target, place) == 0)
                        return &machine->mounts[i];
        return NULL;
}

static void look_at_pool(struct found *found, const struct wanted *pool)
{
        const struct file_system *system = pool_system(pool);
        const char *place = arena_printf(found->arena, SERVED "/%s", pool->name);
        const struct mount *mount = mount_at(place);
        if (!pool->kept && pool_is_locked(pool)) /* it waits for its passphrase, as is wanted */
                return;
        if (!pool_is_mounted(pool)) {
                const bool elsewhere = system && system->mounted;
                struct nas_storage_drift *one =
                        add(found, elsewhere ? NAS_STORAGE_DRIFT_KIND_POOL_ELSEWHERE : NAS_STORAGE_DRIFT_KIND_POOL_AWAY,
                            pool->name);
                one->wanted = arena_printf(found->arena, "mounted at %s", place);
                one->found = elsewhere ? arena_printf(found->arena, "mounted at %s", system->mounted) : "not mounted";
                one->can_restore = true;
                one->can_adopt = !elsewhere;
                return;
        }
        struct drift_mount drift = {.differs = false};
        if (mount)
                drift = drift_compare(pool, mount, found->arena);
        if (!drift.differs)
                return;
        struct nas_storage_drift *one = add(found, NAS_STORAGE_DRIFT_KIND_POOL_OPTIONS, pool->name);
        one->wanted = drift.wanted;
        one->found = drift.found;
        one->can_restore = true;
        one->can_adopt = !drift.read_only;
}

/* A standing order about a dataset that is not there. Of a pool that is away nothing is known. */
static void look_at_order(struct found *found, enum nas_storage_drift_kind kind, const char *name, const char *pool,
                          const char *dataset)
{
        const struct tree *tree = look_tree(pool);
        const bool known = wanted_named(pool) != NULL;
        if ((known && !tree) || (tree && dataset_with(tree, dataset)))
                return;
        struct nas_storage_drift *one = add(found, kind, name);
        one->wanted = arena_printf(found->arena, "the dataset %s in the pool %s", dataset, pool);
        one->found = known ? "no such dataset" : "no such pool";
        one->can_adopt = true;
}

/* One that may send into a pool that is wanted no more. */
static void look_at_sender(struct found *found, const struct sender *sender)
{
        const char *pool = sender_pool(sender, found->arena);
        if (wanted_named(pool))
                return;
        struct nas_storage_drift *one = add(found, NAS_STORAGE_DRIFT_KIND_SENDER, sender->name);
        one->wanted = arena_printf(found->arena, "snapshots that come into %s", sender->place);
        one->found = "no such pool";
        one->can_adopt = true;
}

static struct found look(struct arena *arena)
{
        struct found found = {.arena = arena, .list = arena_array(arena, DRIFTS_MAX, sizeof(*found.list))};
        for (size_t i = 0; i < wanted_count(); i++)
                look_at_pool(&found, wanted_at(i));
        for (size_t i = 0; i < schedule_count(); i++)
                look_at_order(&found, NAS_STORAGE_DRIFT_KIND_SCHEDULE, schedule_at(i)->name, schedule_at(i)->pool,
                              schedule_at(i)->dataset);
        for (size_t i = 0; i < replication_count(); i++) {
                const struct replication *one = replication_at(i);
                if (!one->drill)
                        look_at_order(&found, NAS_STORAGE_DRIFT_KIND_REPLICATION, one->name, one->pool,
                                      replication_dataset(one->folder, arena));
        }
        const struct sender *senders;
        const size_t count = senders_read(arena, &senders);
        for (size_t i = 0; i < count; i++)
                look_at_sender(&found, &senders[i]);
        return found;
}

static void drift_write(struct json_out *out, struct call *call, void *context)
{
        (void)call;
        (void)context;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct found found = look(arena);
        struct nas_storage_list_drift_out reply = {.drift = found.list, .drift_count = found.count};
        nas_storage_list_drift_out_write(out, &reply);
}

struct topic *drift_topic(void)
{
        return topic_new("drift", drift_write, NULL);
}

void nas_storage_list_drift(struct call *call, const struct nas_storage_list_drift_in *in)
{
        (void)in;
        topic_serve(topics.drift, call);
}

/* --- as it was, or as it is --- */

/* The one that a call is about, in the change's arena; NULL with *failure. */
static const struct nas_storage_drift *find(struct change *change, const char *id, struct failure *failure)
{
        struct found found = look(change->arena);
        for (size_t i = 0; i < found.count; i++) {
                const struct nas_storage_drift *one = found.list + i;
                if (strcmp(one->id, id) == 0)
                        return one;
        }
        failure_set(failure, FAILURE_NOT_FOUND, "id", "Look at the list of drift.",
                    "Nothing of that kind is to be seen.");
        return NULL;
}

static int plan_restore(struct change *change, const char *id, struct failure *failure)
{
        const struct nas_storage_drift *one = find(change, id, failure);
        const struct wanted *pool = one && one->can_restore ? wanted_named(one->name) : NULL;
        if (!one)
                return -1;
        if (!pool)
                return failure_set(failure, FAILURE_CONFLICT, "id", "Make what it names, or take it as it is.",
                                   "This cannot be had back as it was.");
        if (one->kind == NAS_STORAGE_DRIFT_KIND_POOL_OPTIONS &&
            (work_refuse(pool->name, failure) != 0 ||
             plan_step(change->plan, failure, STORAGE_POOL_UNMOUNT, pool->name, NULL) != 0))
                return -1;
        return plan_mount(change, pool, failure);
}

/* Wanted is from now on what was found. */
static int plan_options(struct change *change, const struct wanted *pool, struct failure *failure)
{
        const struct mount *mount = mount_at(arena_printf(change->arena, SERVED "/%s", pool->name));
        const char *values[4 + DRIFT_OPTIONS_MAX] = {pool->name, pool->uuid, pool->type};
        size_t count = 3;
        struct drift_mount drift = {.differs = false};
        if (mount)
                drift = drift_compare(pool, mount, change->arena);
        for (size_t i = 0; i < drift.option_count; i++)
                values[count++] = drift.options[i];
        if (pool->degraded)
                values[count++] = "degraded";
        return plan_step_values(change->plan, failure, STORAGE_POOL_WANT, values, count) == 0
                       ? plan_step(change->plan, failure, STORAGE_UNITS_RELOAD, NULL)
                       : -1;
}

static int plan_adopt(struct change *change, const char *id, struct failure *failure)
{
        const struct nas_storage_drift *one = find(change, id, failure);
        if (!one)
                return -1;
        if (!one->can_adopt)
                return failure_set(failure, FAILURE_CONFLICT, "id", "Restore it.", "That cannot be wanted of a pool.");
        switch (one->kind) {
        case NAS_STORAGE_DRIFT_KIND_POOL_OPTIONS:
                return plan_options(change, wanted_named(one->name), failure);
        case NAS_STORAGE_DRIFT_KIND_POOL_AWAY:
                return plan_unmount(change, one->name, false, failure);
        case NAS_STORAGE_DRIFT_KIND_SCHEDULE:
                return plan_step(change->plan, failure, STORAGE_SCHEDULE_FORGET, one->name, NULL);
        case NAS_STORAGE_DRIFT_KIND_SENDER:
                return plan_revoke(change, one->name, failure);
        default:
                return plan_step(change->plan, failure, STORAGE_REPLICATION_FORGET, one->name, NULL);
        }
}

void nas_storage_restore_drift(struct call *call, const struct nas_storage_restore_drift_in *in)
{
        struct failure failure = {0};
        struct change *change = storage_change("drift", in->id);
        change->who = "all who use the pool: it may be unmounted for a moment";
        storage_run(call, change, plan_restore(change, in->id, &failure), &failure);
}

void nas_storage_adopt_drift(struct call *call, const struct nas_storage_adopt_drift_in *in)
{
        struct failure failure = {0};
        struct change *change = storage_change("drift", in->id);
        change->who = "nobody; it stays as it is";
        storage_run(call, change, plan_adopt(change, in->id, &failure), &failure);
}
