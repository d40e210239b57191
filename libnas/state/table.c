/* A change that is rows of the clerk's own tables and nothing else: intent, what is wanted and outcome are one
 * transaction, so it is done or it is not, whatever is killed when. No hand has part in it; nothing is looked up later.
 * Rights: in clerks; works on memory, talks to the ledger. */
#include "state/changes.h"

#include "base/log.h"
#include "base/mem.h"

static void add_all(struct db_batch *batch, void *context)
{
        run_add_wanted(batch, context);
        run_add_settled(batch, context);
}

static void all_written(enum db_status status, int64_t id, const char *message, void *context)
{
        struct run *run = context;
        if (status != DB_OK) {
                run_refused(run, status, message);
                return;
        }
        run->job = id;
        if (run->call)
                run_tell_job(run);
        run_written(run);
}

void run_table(struct run *run)
{
        ASSERT(run && run->change && plan_is_table(run->plan));
        struct changes *changes = run->changes;
        run_begin(run);
        run->stage = RUN_SETTLING;
        run->outcome = OUTCOME_SUCCESS;
        run->step = run->steps;
        run->reply = (struct reply){.kind = REPLY_DONE, .outcome = OUTCOME_SUCCESS, .answer = (const uint8_t *)""};
        run_make_answer(run);
        struct ledger_row intent = run->row, outcome = run->row;
        intent.chain = outcome.chain = changes->parts.chain;
        intent.at_us = outcome.at_us = run->started_us;
        intent.kind = LEDGER_INTENT;
        intent.detail = intent_detail(run->plan, run->change->who, run->arena);
        outcome.kind = LEDGER_OUTCOME;
        outcome.outcome = outcome_name(run->outcome);
        outcome.detail = outcome_detail(run, run->arena);
        if (changes->parts.note)
                changes->parts.note(&outcome); /* both at once need no line each */
        ledger_append_pair(changes->parts.ledger, &intent, &outcome, add_all, all_written, run);
}
