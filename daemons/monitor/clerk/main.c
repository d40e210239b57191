/* bulkhead-monitor-clerk: shows and verifies the ledger.
 * Rights: user bulkhead-monitor, no capability, no exec; reads all chains of the ledger and the published checkpoints.
 */
#include "daemons/monitor/clerk/monitor.h"
#include "nas_monitor.h"
#include "policy/policies.h"
#include "serve/clerk.h"

#include <stddef.h>
#include <string.h>

enum { DAY_MS = 24 * 60 * 60 * 1000 };

void monitor_add(struct db_batch *batch, enum monitor_statement statement, const char *const *values)
{
        db_add(batch, clerk.first_statement + statement, values);
}

void monitor_fail(struct call *call, const struct db_done *done)
{
        struct failure failure = {.retry_s = 5};

        if (done->status == DB_REFUSED && strncmp(done->sqlstate, "22", 2) == 0)
                failure_set(&failure, FAILURE_INVALID, "", "", "The database does not take it: %s", done->message);
        else if (done->status == DB_REFUSED)
                failure_set(&failure, FAILURE_FAILED, "", "The journal of PostgreSQL says more.",
                            "The ledger cannot be read: %s", done->message);
        else
                failure_set(&failure, FAILURE_UNAVAILABLE, "", "Is PostgreSQL running?",
                            "The ledger cannot be read now: %s", done->message);
        call_fail(call, &failure);
}

void nas_monitor_ping(struct call *call, const struct nas_monitor_ping_in *in)
{
        (void)in;
        nas_monitor_ping_reply(call, &(struct nas_monitor_ping_out){.database = db_state_of(clerk.db) == DB_READY});
}

/* Months to come get their partitions long before they begin; rows of one that has none go to the default. */
static void make_partitions(void *context)
{
        (void)context;
        struct db_batch *batch = db_batch_new(clerk.db);

        monitor_add(batch, MONITOR_PARTITIONS, NULL);
        db_submit(batch, NULL, NULL);
}

static void start(void)
{
        loop_every(clerk.loop, DAY_MS, make_partitions, NULL);
}

static void database(enum db_state state)
{
        if (state == DB_READY)
                make_partitions(NULL);
}

static const struct wire_interface *const interfaces[] = {&nas_monitor_interface, NULL};

static const struct clerk monitor_clerk = {
        .policy = &policy_monitor_clerk,
        .interfaces = interfaces,
        .chain = "monitor", /* what it refused */
        .statements = monitor_statements,
        .statement_count = MONITOR_STATEMENTS,
        .prepare = abilities_prepare,
        .start = start,
        .database = database,
};

int main(int argc, char **argv)
{
        return clerk_main(&monitor_clerk, argc, argv);
}
