/* A change that has begun: intent in the ledger, the hand, outcome in the ledger, answer. Whatever goes away in the
 * middle, it ends with an outcome that is true.
 * Rights: in clerks; works on memory, talks to ledger and hand through their parts. */
#include "state/changes.h"

#include "base/log.h"
#include "base/mem.h"

#include <string.h>

enum { LOOK_UP_FIRST_MS = 100, LOOK_UP_MOST_MS = 5000, WRITE_AGAIN_MS = 2000 };

void changes_write(struct changes *changes, struct ledger_row *row, db_fill *also, ledger_written *written,
                   void *context)
{
        ASSERT(changes && row && written);
        row->chain = changes->parts.chain;
        row->at_us = clock_real_us();
        if (changes->parts.note)
                changes->parts.note(row);
        if (changes->parts.ledger)
                ledger_append(changes->parts.ledger, row, also, written, context);
}

void run_end(struct run *run)
{
        ASSERT(run);
        struct run **at = &run->changes->runs;
        while (*at && *at != run)
                at = &(*at)->next;
        if (*at) {
                *at = run->next;
                run->changes->running--;
        }
        loop_unwatch(run->timer);
        arena_free(run->arena); /* the run itself is in it */
}

static void client_gone(void *context)
{
        struct run *run = context;
        run->call = NULL;
}

/* --- the intent --- */

static void run_act(struct run *run);

void run_add_wanted(struct db_batch *batch, struct run *run)
{
        ASSERT(batch && run && run->change);
        size_t before = db_count(batch);
        if (run->change->wanted)
                run->change->wanted(batch, run->change->context);
        run->tables = run->tables || db_count(batch) != before;
        repeat_begin(batch, run);
}

static void add_wanted(struct db_batch *batch, void *context)
{
        run_add_wanted(batch, context);
}

void run_refused(struct run *run, enum db_status status, const char *message)
{
        ASSERT(run && status != DB_OK && message);
        struct failure failure = {0};
        if (status == DB_REFUSED)
                failure_set(&failure, FAILURE_FAILED, "", "The journal says more.",
                            "The database refused to write the intent, so nothing was changed: %s", message);
        else
                failure_set(&failure, FAILURE_UNAVAILABLE, "", "Is PostgreSQL running? Reading goes on.",
                            "The database went away, so nothing was changed.");
        repeat_forget(run);
        if (run->call)
                call_fail(TAKE(run->call), &failure);
        run_end(run);
}

void run_tell_job(struct run *run)
{
        ASSERT(run && run->call);
        bool more = call_wants_more(run->call);
        if (!more && !(call_method(run->call)->flags & METHOD_JOB))
                return;
        CLEANUP(json_out_freep) struct json_out *out = json_out_new();
        json_out_object(out);
        json_out_key(out, "job");
        json_out_integer(out, run->job);
        json_out_object_end(out);
        if (more)
                call_reply_more(run->call, out);
        else
                call_reply(TAKE(run->call), out);
}

static void intent_written(enum db_status status, int64_t id, const char *message, void *context)
{
        struct run *run = context;
        if (status != DB_OK) {
                run_refused(run, status, message);
                return;
        }
        run->job = id;
        if (run->call)
                run_tell_job(run);
        run_act(run);
}

void run_begin(struct run *run)
{
        ASSERT(run && run->change && run->call);
        struct changes *changes = run->changes;
        run->next = changes->runs;
        changes->runs = run;
        changes->running++;
        run->stage = RUN_INTENT;
        run->started_us = clock_real_us();
        repeat_remember(run);
        call_on_gone(run->call, client_gone, run);
}

void run_start(struct run *run)
{
        run_begin(run);
        struct ledger_row row = run->row;
        row.kind = LEDGER_INTENT;
        row.detail = intent_detail(run->plan, run->change->who, run->arena);
        changes_write(run->changes, &row, add_wanted, intent_written, run);
}

/* --- the hand --- */

static void take_reply(struct run *run, const struct reply *reply, const char *output, size_t output_length)
{
        run->outcome = reply->outcome;
        run->failure = reply->failure;
        run->step = reply->step;
        run->reply =
                (struct reply){.kind = REPLY_DONE, .outcome = reply->outcome, .answer_length = reply->answer_length};
        run->reply.answer = (const uint8_t *)arena_text(run->arena, (const char *)reply->answer, reply->answer_length);
        if (output_length > 0)
                run->output = arena_text(run->arena, output, output_length);
        outcome_told(run);
        if (run->outcome != OUTCOME_SUCCESS && run->failure.code == FAILURE_NONE)
                failure_set(&run->failure, FAILURE_FAILED, "", "", "The hand ended it without saying why.");
        if (run->outcome == OUTCOME_FAILED && run->change && run->change->explain)
                run->change->explain(&run->failure, run->change->context);
        run_deed(run);
}

static void take_end(struct run *run, enum outcome outcome, enum failure_code code, const char *message)
{
        struct reply reply = {.kind = REPLY_DONE, .outcome = outcome, .answer = (const uint8_t *)""};
        failure_set(&reply.failure, code, "", "", "%s", message);
        take_reply(run, &reply, "", 0);
}

static void on_progress(unsigned step, unsigned steps, void *context)
{
        struct run *run = context;
        if (step < 1 || step > run->plan->count || steps != run->plan->count)
                return;
        run->step = step;
        jobs_changed(run->changes);
        if (!run->call || !call_wants_more(run->call))
                return;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        call_progress(run->call, step, steps, (step - 1) * 100 / steps,
                      action_words(run->plan->operations, &run->plan->steps[step - 1], arena));
}

static void on_done(const struct reply *reply, const char *output, size_t output_length, void *context)
{
        struct run *run = context;
        run->order = NULL;
        if (reply && reply->outcome != OUTCOME_UNKNOWN) {
                take_reply(run, reply, output, output_length);
                return;
        }
        run->stage = RUN_UNKNOWN;
        run_look_up(run);
}

static void run_act(struct run *run)
{
        run->stage = RUN_ACTING;
        jobs_changed(run->changes);
        if (run->abort_wanted) {
                take_end(run, OUTCOME_ABORTED, FAILURE_ABORTED, "It was stopped before it began.");
                return;
        }
        struct request request = {.kind = RECORD_EXECUTE,
                                  .ticket = run->ticket,
                                  .warrant = run->warrant,
                                  .plan = run->bytes,
                                  .plan_length = run->length,
                                  .prints = plan_runs(run->plan)};
        memcpy(request.id, run->id, sizeof(request.id));
        run->order = hand_send(run->changes->parts.hand, &request, on_progress, on_done, run);
}

void run_abort(struct run *run)
{
        ASSERT(run);
        if (run->abort_wanted)
                return;
        run->abort_wanted = true;
        if (run->order && run->stage == RUN_ACTING)
                hand_abort(run->order);
}

/* --- what became of it? --- */

static void look_up_again(void *context)
{
        run_look_up(context);
}

static void on_looked_up(const struct reply *reply, const char *output, size_t output_length, void *context)
{
        struct run *run = context;
        (void)output;
        (void)output_length;
        run->order = NULL;
        bool never = reply && reply->outcome == OUTCOME_UNKNOWN && reply->failure.code == FAILURE_NOT_FOUND;
        bool known = reply && (reply->outcome == OUTCOME_SUCCESS || reply->outcome == OUTCOME_FAILED ||
                               reply->outcome == OUTCOME_ABORTED);
        if (!never && !known) {
                unsigned wait = LOOK_UP_FIRST_MS << (run->tries < 6 ? run->tries : 6);
                run->tries++;
                loop_unwatch(TAKE(run->timer));
                run->timer = loop_timer(run->changes->parts.loop, wait < LOOK_UP_MOST_MS ? wait : LOOK_UP_MOST_MS,
                                        look_up_again, run);
        } else if (never) {
                take_end(run, OUTCOME_FAILED, FAILURE_FAILED, "It never began: the hand knows nothing of it.");
        } else {
                take_reply(run, reply, "", 0);
        }
}

void run_look_up(struct run *run)
{
        ASSERT(run && run->stage == RUN_UNKNOWN);
        struct request request = {.kind = RECORD_LOOKUP, .ticket = "", .warrant = ""};
        memcpy(request.id, run->id, sizeof(request.id));
        run->order = hand_send(run->changes->parts.hand, &request, NULL, on_looked_up, run);
}

/* --- the outcome --- */

static void answer_caller(struct run *run)
{
        if (!run->call)
                return;
        if (run->outcome == OUTCOME_SUCCESS) {
                CLEANUP(json_out_freep) struct json_out *out = json_out_new();
                json_out_raw(out, run->answer, strlen(run->answer));
                call_reply(TAKE(run->call), out);
        } else if (run->failure.code == FAILURE_CONFIRMATION && run->change) {
                run_confirm(run, &run->failure);
        } else {
                call_fail(TAKE(run->call), &run->failure);
        }
}

void run_add_settled(struct db_batch *batch, struct run *run)
{
        ASSERT(batch && run);
        change_settle *settle = run->changes->parts.settle;
        size_t before = db_count(batch);
        if (run->outcome == OUTCOME_SUCCESS && settle && !run->row_alone)
                for (size_t i = 0; run->plan && i < run->plan->count; i++)
                        settle(batch, &run->plan->steps[i]);
        run->tables = run->tables || db_count(batch) != before;
        repeat_end(batch, run);
}

static void add_settled(struct db_batch *batch, void *context)
{
        run_add_settled(batch, context);
}

static void run_settled(void *context)
{
        struct run *run = context;
        struct changes *changes = run->changes;
        answer_caller(run);
        run_end(run);
        jobs_changed(changes);
}

/* Does the memory say what the tables say now? Also a failure may have changed them: what was wanted with the intent
 * stays there. Resumed: nobody knows any more. */
static bool is_mirrored(const struct run *run)
{
        bool (*mirror)(const struct action *action) = run->changes->parts.mirror;
        if (run->change && !run->tables)
                return true;
        bool all = run->change && !run->change->wanted && run->outcome == OUTCOME_SUCCESS && mirror;
        for (size_t i = 0; all && i < run->plan->count; i++)
                all = mirror(&run->plan->steps[i]);
        return all;
}

void run_written(struct run *run)
{
        ASSERT(run);
        struct changes *changes = run->changes;
        repeat_settle(run);
        jobs_finish(run);
        if (changes->parts.settled && !is_mirrored(run))
                changes->parts.settled(run_settled, run);
        else
                run_settled(run);
}

/* With all that follows from it, as if for the first time. */
static void write_again(void *context)
{
        struct run *run = context;
        run->row_alone = false;
        run_write(run);
}

static void outcome_written(enum db_status status, int64_t id, const char *message, void *context)
{
        struct run *run = context;
        struct changes *changes = run->changes;
        (void)id;
        (void)message;
        if (status == DB_REFUSED && !run->row_alone) {
                run->row_alone = true; /* what happened must be known, whatever our tables say */
                run_write(run);
                return;
        }
        if (status != DB_OK) {
                run->unwritten = true; /* the hand's journal keeps it till then */
                answer_caller(run);
                if (status == DB_REFUSED) /* it is there, and may have no room: nobody says when it has again */
                        run->timer = loop_timer(changes->parts.loop, WRITE_AGAIN_MS, write_again, run);
                return;
        }
        plan_forget(changes, run->id);
        run_written(run);
}

void run_write(struct run *run)
{
        ASSERT(run && run->stage == RUN_SETTLING);
        struct ledger_row row = run->row;
        row.kind = LEDGER_OUTCOME;
        row.outcome = outcome_name(run->outcome);
        row.detail = outcome_detail(run, run->arena);
        run->unwritten = false;
        loop_unwatch(TAKE(run->timer));
        changes_write(run->changes, &row, add_settled, outcome_written, run);
}

void run_make_answer(struct run *run)
{
        ASSERT(run);
        run->answer = "{}";
        if (run->outcome != OUTCOME_SUCCESS || !run->change || !run->change->answer)
                return;
        CLEANUP(json_out_freep) struct json_out *out = json_out_new();
        run->change->answer(out, &run->reply, run->change->context);
        size_t length;
        const char *text = json_out_bytes(out, &length);
        run->answer = arena_text(run->arena, text, length);
}

static void answer_and_write(void *context)
{
        struct run *run = context;
        run_make_answer(run);
        run_write(run);
}

void run_know(struct run *run)
{
        ASSERT(run);
        run->stage = RUN_SETTLING;
        if (run->changes->parts.acted)
                run->changes->parts.acted(run->plan, answer_and_write, run);
        else
                answer_and_write(run);
}
