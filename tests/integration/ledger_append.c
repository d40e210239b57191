/* Appends to a chain for as long as it is let, and says of each row what it was told: "ok ID REQUEST" when it is on
 * disk, "no REQUEST" when it is not and will not be. Each row brings a mark in the same transaction. For
 * tests/integration/ledger_crash.py.   ledger_append CONNINFO PREFIX AT_ONCE
 * Rights: a test; a private PostgreSQL. */
#include "base/crypto.h"
#include "base/log.h"
#include "base/mem.h"
#include "ledger/ledger.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { MARK = LEDGER_STATEMENT_COUNT, AT_ONCE_MAX = 256, AGAIN_MS = 5 };

static const struct db_statement statements[] = {
        LEDGER_STATEMENTS("users"),
        {"mark", "insert into users.mark (request) values ($1)", 1},
};

static struct {
        struct loop *loop;
        struct ledger *ledger;
        const char *prefix;
        uint64_t serial;
} appender;

struct slot {
        char request[64];
        struct loop_watch *again;
};

static void append(void *context);

static void written(enum db_status status, int64_t id, const char *message, void *context)
{
        struct slot *slot = context;

        (void)message;
        if (status == DB_OK)
                printf("ok %" PRId64 " %s\n", id, slot->request);
        else
                printf("no %s\n", slot->request);
        fflush(stdout);
        if (status == DB_OK)
                append(slot);
        else
                loop_timer_again(slot->again, AGAIN_MS);
}

static void mark(struct db_batch *batch, void *context)
{
        const struct slot *slot = context;

        db_add(batch, MARK, (const char *const[]){slot->request});
}

static void append(void *context)
{
        struct slot *slot = context;
        const struct ledger_row row = {
                .kind = LEDGER_EVENT,
                .request = slot->request,
                .plan = "",
                .actor = 20000,
                .actor_name = "alice",
                .source = "console",
                .method = "nas.test.Crash",
                .object = "",
                .outcome = "success",
                .detail = "{}",
        };

        snprintf(slot->request, sizeof(slot->request), "%s-%" PRIu64, appender.prefix, appender.serial++);
        ledger_append(appender.ledger, &row, mark, written, slot);
}

static void changed(enum db_state state, void *context)
{
        (void)context;
        if (state == DB_READY)
                ledger_resume(appender.ledger);
}

int main(int argc, char **argv)
{
        struct slot slots[AT_ONCE_MAX];
        struct db *db;
        long at_once;

        if (argc != 4)
                return 2;
        crypto_start();
        at_once = strtol(argv[3], NULL, 10);
        ASSERT(at_once > 0 && at_once <= AT_ONCE_MAX);
        appender.prefix = argv[2];
        appender.loop = loop_new();
        db = db_new(appender.loop, argv[1], statements, ARRAY_SIZE(statements), changed, NULL);
        appender.ledger = ledger_new(appender.loop, db, "users", 0);
        for (long i = 0; i < at_once; i++)
                slots[i].again = loop_timer(appender.loop, AGAIN_MS, append, &slots[i]);
        return loop_run(appender.loop);
}
