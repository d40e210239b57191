/* The storage clerk as its skeleton sees it: what it serves and when its parts are told.
 * Rights: policy/storage_clerk.c. */
#include "daemons/storage/clerk/drift.h"
#include "daemons/storage/clerk/encryption.h"
#include "daemons/storage/clerk/replications.h"
#include "daemons/storage/clerk/schedules.h"
#include "daemons/storage/clerk/storage.h"

#include "base/clock.h"
#include "policy/policies.h"

struct topics topics;

static int prepare(void)
{
        int error = wanted_prepare();
        if (error == 0)
                error = schedules_prepare();
        if (error == 0)
                error = replications_prepare();
        if (error == 0)
                error = remotes_prepare();
        if (error == 0)
                error = senders_prepare();
        if (error == 0)
                error = scrubs_prepare();
        if (error == 0)
                error = disk_orders_prepare();
        if (error == 0)
                error = work_prepare();
        if (error == 0)
                error = able_prepare();
        if (error == 0)
                error = quotas_prepare();
        if (error == 0)
                error = tang_prepare();
        return error != 0 ? error : live_prepare();
}

static void start(void)
{
        topics = (struct topics){.disks = topic_new("disks", disks_write, NULL),
                                 .disk = topic_new("disk", disk_write, NULL),
                                 .pools = topic_new("pools", pools_write, NULL),
                                 .pool = topic_new("pool", pool_write, NULL),
                                 .importable = topic_new("importable", importable_write, NULL),
                                 .suggestions = topic_new("suggestions", suggestions_write, NULL),
                                 .datasets = topic_new("datasets", datasets_write, NULL),
                                 .snapshots = topic_new("snapshots", snapshots_write, NULL),
                                 .replications = replications_topic(),
                                 .remotes = remotes_topic(),
                                 .senders = senders_topic(),
                                 .drift = drift_topic()};
        (void)schedules_topic();
        live_watch();
}

static void each_second(void)
{
        live_tick();
        people_tick();
        schedules_look();
        replications_look();
}

void storage_refuse(struct call *call, const struct failure *failure)
{
        changes_refuse(clerk.changes, call, failure);
}

void storage_run(struct call *call, struct change *change, int result, const struct failure *failure)
{
        if (result == 0) {
                change_run(clerk.changes, call, change);
                return;
        }
        storage_refuse(call, failure);
        change_free(change);
}

struct change *storage_change(const char *kind, const char *name)
{
        struct change *change = change_new(clerk.changes);
        change->object = arena_printf(change->arena, "%s %s", kind, name);
        return change;
}

const char *plan_number(struct arena *arena, uint64_t number)
{
        return arena_printf(arena, "%llu", (unsigned long long)number);
}

const char *moment(struct arena *arena, int64_t us)
{
        char *text = arena_alloc(arena, RFC3339_SIZE);
        clock_format(us, text);
        return text;
}

static const struct wire_interface *const interfaces[] = {&nas_storage_interface, NULL};

struct clerk storage_clerk(void)
{
        return (struct clerk){.policy = &policy_storage_clerk,
                              .interfaces = interfaces,
                              .operations = &storage_operations,
                              .chain = "storage",
                              .statements = storage_statements,
                              .statement_count = storage_statement_count,
                              .acted = live_acted,
                              .prepare = prepare,
                              .start = start,
                              .each_second = each_second};
}
