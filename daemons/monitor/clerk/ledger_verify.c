/* VerifyLedger: every row of every chain against its hash, its predecessor, the head and the signed checkpoints.
 * Rights: the monitor clerk; reads the ledger and the published checkpoints. */
#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "daemons/monitor/clerk/verification.h"
#include "serve/clerk.h"
#include "value/value.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
        unsigned running;
} verifying;

static void ask_rows(struct verification *verification);

/* --- what all parts need --- */

const char *verification_chain(const struct verification *verification)
{
        return verification->chains[verification->chain_at];
}

void verification_problem(struct verification *verification, int64_t number, const char *message)
{
        if (verification->problems++ < VERIFY_PROBLEMS_MAX)
                verification->list[verification->problems - 1] = (struct nas_monitor_problem){
                        .chain = verification->chain_at < verification->chain_count ? verification_chain(verification)
                                                                                    : "",
                        .number = number,
                        .message = arena_printf(verification->arena, "%s", message),
                };
}

static void verification_end(struct verification *verification)
{
        verifying.running--;
        loop_unwatch(verification->again);
        arena_free(verification->arena); /* it lies there itself */
}

/* Did the server not get to it, rather than refuse it? Time ran out, a lock was not to be had, it was short of
 * something, or it is away for a moment. */
bool verification_broken_off(const struct db_done *done)
{
        static const char *const classes[] = {"57", "55P03", "53", "40"};

        for (size_t i = 0; i < ARRAY_SIZE(classes); i++)
                if (strncmp(done->sqlstate, classes[i], strlen(classes[i])) == 0)
                        return true;
        return done->status == DB_LOST || done->status == DB_GONE;
}

static void ask(void *context);

static void asked(const struct db_done *done, void *context)
{
        struct verification *verification = context;
        uint64_t now = clock_boot_ms();

        if (done->status == DB_OK) {
                verification->well_ms = now;
                verification->page =
                        verification->page < VERIFY_PAGE_MAX / 2 ? 2 * verification->page : VERIFY_PAGE_MAX;
        }
        if (verification->call == NULL || verification->well_ms == 0 || !verification_broken_off(done) ||
            now - verification->well_ms > VERIFY_PATIENCE_MS) {
                verification->asked.done(done, verification);
                return;
        }
        verification->page = verification->page / 4 + 1;
        loop_unwatch(verification->again);
        verification->again = loop_timer(clerk.loop, VERIFY_AGAIN_MS, ask, verification);
}

static void ask(void *context)
{
        struct verification *verification = context;
        struct db_batch *batch = db_batch_new(clerk.db);
        char page[12];
        const char *values[] = {verification->asked.values[0], verification->asked.values[1],
                                verification->asked.values[2], verification->asked.values[3]};

        snprintf(page, sizeof(page), "%u", verification->page);
        if (verification->asked.statement == MONITOR_ROWS)
                values[3] = page;
        monitor_add(batch, verification->asked.statement, values);
        db_submit(batch, asked, verification);
}

void verification_ask(struct verification *verification, enum monitor_statement statement, const char *const *values,
                      db_done *done)
{
        verification->asked.statement = statement;
        verification->asked.done = done;
        for (int i = 0; values && i < monitor_statements[statement].params && values[i]; i++)
                snprintf(verification->asked.values[i], sizeof(verification->asked.values[i]), "%s", values[i]);
        ask(verification);
}

bool verification_goes_on(struct verification *verification, const struct db_done *done)
{
        if (verification->call && done->status == DB_OK)
                return true;
        if (verification->call)
                monitor_fail(verification->call, done);
        verification_end(verification);
        return false;
}

static void client_gone(void *context)
{
        ((struct verification *)context)->call = NULL;
}

/* --- rows --- */

static void judge(struct verification *verification, const struct db_rows *rows, int at)
{
        char message[VERIFY_MESSAGE_SIZE];
        struct ledger_row row;

        (void)ledger_row_read(rows, at, &row); /* what cannot be read has no kind, and so the wrong hash */
        verification->number = strtoll(db_value(rows, at, 2), NULL, 10);
        verification->id = strtoll(db_value(rows, at, 0), NULL, 10);
        verification->rows++;
        if (verification->number < 1)
                verification_problem(verification, verification->number, "a row with an impossible number was put in");
        else if (verifier_row(&verification->verifier, &row, message, sizeof(message)) != VERDICT_GOOD)
                verification_problem(verification, verification->number, message);
}

static void judge_end(struct verification *verification, const struct db_rows *rows)
{
        char message[VERIFY_MESSAGE_SIZE];
        uint8_t hash[HASH_BYTES], row_hash[HASH_BYTES];
        bool row = text_unhex(db_value(rows, 0, 3), db_value_length(rows, 0, 3), row_hash, sizeof(row_hash)) == 0;

        if (text_unhex(db_value(rows, 0, 1), db_value_length(rows, 0, 1), hash, sizeof(hash))) {
                if (strcmp(db_value(rows, 0, 4), "t") == 0)
                        verification_problem(verification, verification->number,
                                             "the record of where this chain stands is gone");
                return;
        }
        if (verifier_end(&verification->verifier, strtoull(db_value(rows, 0, 0), NULL, 10), hash, row ? row_hash : NULL,
                         message, sizeof(message)) != VERDICT_GOOD)
                verification_problem(verification, strtoll(db_value(rows, 0, 0), NULL, 10), message);
}

/* The last row was seen, unless some were added in the meantime. */
static void end_known(const struct db_done *done, void *context)
{
        struct verification *verification = context;

        if (!verification_goes_on(verification, done))
                return;
        if (strtoll(db_value(done->rows[0], 0, 2), NULL, 10) > verification->number && verification->idle < 3) {
                ask_rows(verification);
                return;
        }
        judge_end(verification, done->rows[0]);
        verification_signed(verification);
}

/* Those who asked to hear it: how far it is. */
static void tell(struct verification *verification)
{
        uint64_t now = clock_boot_ms();
        unsigned percent = 99;
        char words[64];

        if (!call_wants_more(verification->call) || now - verification->told_ms < VERIFY_TELL_MS)
                return;
        verification->told_ms = now;
        snprintf(words, sizeof(words), "%" PRId64 " of %" PRId64 " rows", verification->rows, verification->expected);
        if (verification->expected > verification->rows)
                percent = (unsigned)(verification->rows * 100 / verification->expected);
        call_progress(verification->call, (unsigned)verification->chain_at + 1, (unsigned)verification->chain_count,
                      percent, words);
}

static void rows_known(const struct db_done *done, void *context)
{
        struct verification *verification = context;

        if (verification->call && done->status == DB_REFUSED && !verification_broken_off(done)) {
                verification_problem(verification, verification->number, "what follows this row cannot be read");
                verification_signed(verification);
                return;
        }
        if (!verification_goes_on(verification, done))
                return;
        const int64_t number = verification->number, id = verification->id;
        const int count = db_rows_count(done->rows[0]);

        for (int i = 0; i < count; i++)
                judge(verification, done->rows[0], i);
        tell(verification);
        verification->idle = count ? 0 : verification->idle + 1;
        if (count && (verification->number > number || (verification->number == number && verification->id > id)))
                ask_rows(verification);
        else
                verification_ask(verification, MONITOR_END,
                                 (const char *const[]){verification_chain(verification), NULL}, end_known);
}

static void ask_rows(struct verification *verification)
{
        char number[24], id[24];

        snprintf(number, sizeof(number), "%" PRId64, verification->number);
        snprintf(id, sizeof(id), "%" PRId64, verification->id);
        verification_ask(verification, MONITOR_ROWS,
                         (const char *const[]){verification_chain(verification), number, id, NULL}, rows_known);
}

/* --- chains --- */

static void reply(struct verification *verification)
{
        size_t count = verification->problems < VERIFY_PROBLEMS_MAX ? verification->problems : VERIFY_PROBLEMS_MAX;

        nas_monitor_verify_ledger_reply(verification->call, &(struct nas_monitor_verify_ledger_out){
                                                                    .good = verification->problems == 0,
                                                                    .rows = verification->rows,
                                                                    .checkpoints = verification->checkpoints,
                                                                    .problems = verification->list,
                                                                    .problems_count = count,
                                                            });
        verification_end(verification);
}

static void chain_begin(struct verification *verification)
{
        verifier_begin(&verification->verifier, verification_chain(verification));
        verification->number = verification->id = INT64_MIN;
        verification->idle = 0;
        ask_rows(verification);
}

void verification_next_chain(struct verification *verification)
{
        if (++verification->chain_at < verification->chain_count)
                chain_begin(verification);
        else
                reply(verification);
}

void verification_add_chain(struct verification *verification, const char *name)
{
        char message[VERIFY_MESSAGE_SIZE];
        struct failure failure;

        for (size_t i = 0; i < verification->chain_count; i++)
                if (strcmp(verification->chains[i], name) == 0)
                        return;
        if (value_check(value_type_find("chain"), "chain", name, strlen(name), &failure) ||
            verification->chain_count == VERIFY_CHAINS_MAX) {
                snprintf(message, sizeof(message), "somebody put in a chain of the name \"%.64s\"", name);
                verification_problem(verification, 0, message);
                return;
        }
        snprintf(verification->chains[verification->chain_count++], sizeof(verification->chains[0]), "%s", name);
}

static void chains_known(const struct db_done *done, void *context)
{
        struct verification *verification = context;

        if (!verification_goes_on(verification, done))
                return;
        for (int i = 0; i < db_rows_count(done->rows[0]); i++) {
                verification_add_chain(verification, db_value(done->rows[0], i, 0));
                int64_t number = strtoll(db_value(done->rows[0], i, 1), NULL, 10);
                verification->expected += number > 0 && number < INT64_C(1) << 48 ? number : 0; /* it may lie */
        }
        verification_read_files(verification);
        verification->chain_at = 0;
        if (verification->chain_count == 0) {
                reply(verification);
                return;
        }
        tell(verification); /* that it has begun: whoever asked has patience from now on */
        chain_begin(verification);
}

void nas_monitor_verify_ledger(struct call *call, const struct nas_monitor_verify_ledger_in *in)
{
        struct failure failure = {.retry_s = 30};
        struct arena *arena;
        struct verification *verification;

        (void)in;
        if (verifying.running == VERIFY_AT_ONCE) {
                failure_set(&failure, FAILURE_BUSY, "", "Wait for it.", "The ledger is being verified already.");
                call_fail(call, &failure);
                return;
        }
        verifying.running++;
        arena = arena_new();
        verification = arena_alloc(arena, sizeof(*verification));
        verification->call = call;
        verification->arena = arena;
        verification->chain_at = VERIFY_CHAINS_MAX; /* in none yet */
        verification->page = VERIFY_PAGE_MAX;
        verification->list = arena_array(arena, VERIFY_PROBLEMS_MAX, sizeof(*verification->list));
        call_on_gone(call, client_gone, verification);
        verification_ask(verification, MONITOR_CHAINS, NULL, chains_known);
}
