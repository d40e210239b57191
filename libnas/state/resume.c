/* After a start: intents of our chain that have no outcome are looked up in the hand's journal and closed. Later,
 * when the database was away: outcomes that could not be written are written now.
 * Rights: in clerks; works on memory, talks to ledger and hand through their parts. */
#include "state/changes.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

enum open_column {
        OPEN_ID,
        OPEN_AT,
        OPEN_REQUEST,
        OPEN_PLAN,
        OPEN_ACTOR,
        OPEN_ACTOR_NAME,
        OPEN_SOURCE,
        OPEN_METHOD,
        OPEN_OBJECT,
        OPEN_DETAIL,
        OPEN_DIGEST
};

static const char *column(const struct db_rows *rows, int row, enum open_column which, struct arena *arena)
{
        return arena_text(arena, db_value(rows, row, (int)which), db_value_length(rows, row, (int)which));
}

static struct run *run_of_row(struct changes *changes, const struct db_rows *rows, int at)
{
        struct arena *arena = arena_new();
        struct run *run = arena_alloc(arena, sizeof(*run));
        *run = (struct run){.changes = changes, .arena = arena, .stage = RUN_UNKNOWN, .repeats = true};
        run->job = strtoll(db_value(rows, at, OPEN_ID), NULL, 10);
        run->started_us = strtoll(db_value(rows, at, OPEN_AT), NULL, 10);
        run->plan = intent_plan(db_value(rows, at, OPEN_DETAIL), db_value_length(rows, at, OPEN_DETAIL), arena);
        run->steps = run->plan ? run->plan->count : 0;
        run->row = (struct ledger_row){.request = column(rows, at, OPEN_REQUEST, arena),
                                       .plan = column(rows, at, OPEN_PLAN, arena),
                                       .actor = (uint32_t)strtoul(db_value(rows, at, OPEN_ACTOR), NULL, 10),
                                       .actor_name = column(rows, at, OPEN_ACTOR_NAME, arena),
                                       .source = column(rows, at, OPEN_SOURCE, arena),
                                       .method = column(rows, at, OPEN_METHOD, arena),
                                       .object = column(rows, at, OPEN_OBJECT, arena),
                                       .outcome = "",
                                       .detail = ""};
        const char *digest = column(rows, at, OPEN_DIGEST, arena);
        const char *plan = run->row.plan;
        if (text_unhex(plan, strlen(plan), run->id, sizeof(run->id)) == 0 &&
            text_unhex(digest, strlen(digest), run->row.digest, sizeof(run->row.digest)) == 0)
                return run;
        arena_free(arena);
        return NULL;
}

static void resume_open(struct changes *changes, const struct db_rows *rows)
{
        for (int i = 0; i < db_rows_count(rows); i++) {
                struct run *run = run_of_row(changes, rows, i);
                if (!run)
                        continue; /* a row that we cannot have written: verifying the ledger will say so */
                run->next = changes->runs;
                changes->runs = run;
                changes->running++;
                run_look_up(run);
        }
}

static void on_open(const struct db_done *done, void *context)
{
        struct changes *changes = context;
        changes->resuming = false;
        if (done->status != DB_OK)
                return; /* tried again when the database is back */
        if (!changes->opened)
                resume_open(changes, done->rows[0]);
        if (!changes->opened)
                plans_forget(changes);
        changes->opened = true;
        jobs_load(changes);
        repeats_load(changes);
}

void changes_resume(struct changes *changes)
{
        ASSERT(changes);
        if (!changes->parts.operations)
                return;
        for (struct run *run = changes->runs, *next; run; run = next) {
                next = run->next;
                if (run->stage == RUN_SETTLING && run->unwritten)
                        run_write(run);
        }
        if (changes->repeats_known || changes->resuming)
                return;
        changes->resuming = true;
        struct db_batch *batch = db_batch_new(changes->parts.db);
        db_add(batch, changes->parts.first_statement + CHANGE_OPEN, NULL);
        db_submit(batch, on_open, changes);
}
