/* A change up to the point where it begins: its plan sealed and shown, the warrant asked for, the state of things
 * looked at. From the intent on it is run.c's.
 * Rights: in clerks; works on memory, talks to ledger and hand through their parts. */
#include "state/changes.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

struct changes *changes_new(const struct changes_parts *parts)
{
        ASSERT(parts && parts->loop && parts->trust);
        ASSERT(!parts->ledger || (parts->db && parts->chain));
        ASSERT(!parts->operations || (parts->ledger && parts->hand && parts->plan_key));
        struct changes *changes = mem_new(1, sizeof(*changes));
        changes->parts = *parts;
        jobs_begin(changes);
        return changes;
}

void changes_free(struct changes *changes)
{
        if (!changes)
                return;
        while (changes->runs)
                run_end(changes->runs);
        for (size_t i = 0; i < CHANGES_REPEATS_MAX; i++) {
                if (changes->repeats[i])
                        free(changes->repeats[i]->reply);
                free(changes->repeats[i]);
        }
        forgettings_free(changes);
        jobs_free(changes);
        loop_unwatch(changes->second);
        free(changes);
}

unsigned changes_running(const struct changes *changes)
{
        ASSERT(changes);
        return changes->running;
}

struct change *change_new(struct changes *changes)
{
        ASSERT(changes && changes->parts.operations);
        struct arena *arena = arena_new();
        struct change *change = arena_alloc(arena, sizeof(*change));
        *change = (struct change){
                .arena = arena, .plan = plan_new(arena, changes->parts.operations), .object = "", .who = ""};
        return change;
}

void change_free(struct change *change)
{
        if (change)
                arena_free(change->arena);
}

void change_freep(struct change **change)
{
        change_free(*change);
}

bool changes_claim(const struct changes *changes, uint16_t operation, size_t value, const char *text)
{
        ASSERT(changes && text);
        for (const struct run *run = changes->runs; run; run = run->next)
                for (size_t i = 0; run->plan && i < run->plan->count; i++) {
                        const struct action *step = &run->plan->steps[i];
                        if (step->operation == operation && value < step->count &&
                            strcmp(step->values[value].text, text) == 0)
                                return true;
                }
        return false;
}

/* --- before it begins --- */

static void answer_plan(struct call *call, const struct change *change, bool warrant)
{
        CLEANUP(json_out_freep) struct json_out *out = json_out_new();
        plan_answer(out, change->plan, change, warrant);
        call_reply(call, out);
}

static void answer_unconfirmed(struct call *call, const struct change *change, const struct failure *failure)
{
        CLEANUP(json_out_freep) struct json_out *out = json_out_new();
        plan_answer(out, change->plan, change, true);
        call_fail_extra(call, failure, out);
}

void run_confirm(struct run *run, const struct failure *failure)
{
        ASSERT(run && run->call && run->change && failure);
        answer_unconfirmed(TAKE(run->call), run->change, failure);
}

static void answer_nothing_to_do(struct call *call, const struct change *change)
{
        CLEANUP(json_out_freep) struct json_out *out = json_out_new();
        static const struct reply nothing = {.kind = REPLY_DONE, .outcome = OUTCOME_SUCCESS};
        if (change->answer) {
                change->answer(out, &nothing, change->context);
        } else {
                json_out_object(out);
                json_out_object_end(out);
        }
        call_reply(call, out);
}

static bool needs_warrant(const struct call *call, const struct change *change)
{
        return change->always_warrant || plan_proof(change->plan) >= PROOF_WARRANT ||
               (call_method(call)->flags & METHOD_WARRANT);
}

/* Is there what a change needs: a database that takes the intent, and room? */
static int changes_ready(const struct changes *changes, struct failure *failure)
{
        if (!changes->parts.operations)
                return failure_set(failure, FAILURE_UNAVAILABLE, "", "", "This daemon changes nothing.");
        if (db_state_of(changes->parts.db) != DB_READY)
                return failure_set(failure, FAILURE_UNAVAILABLE, "", "Is PostgreSQL running? Reading goes on.",
                                   "The database is away, so nothing can be changed now.");
        if (!changes->repeats_known)
                return failure_set(failure, FAILURE_UNAVAILABLE, "", "Try again in a moment.",
                                   "Unfinished changes are still being looked up.");
        if (changes->running >= CHANGES_RUNNING_MAX)
                return failure_set(failure, FAILURE_BUSY, "", "Try again in a moment.", "%u changes are under way.",
                                   changes->running);
        return 0;
}

/* The proofs that go to the hand, and what they allow: 0 or -1. */
static int run_prove(struct run *run, const struct call *call, bool warrant, struct failure *failure)
{
        struct trust *trust = run->changes->parts.trust;
        const struct change *change = run->change;
        uint8_t digest[HASH_BYTES];
        struct warrant checked;
        run->bearer = call_who(call)->ticket;
        if (change->ticket && ticket_check(trust, change->ticket, &run->bearer, failure) != 0)
                return -1;
        if (ticket_allows(&run->bearer, ROLE_NOBODY, true, plan_destroys(change->plan), failure) != 0)
                return -1;
        for (size_t i = 0; plan_is_table(change->plan) && i < change->plan->count; i++) /* the others' hand asks */
                if (action_allowed(change->plan->operations, &change->plan->steps[i], &run->bearer, failure) != 0)
                        return -1;
        plan_digest(run->bytes, run->length, digest);
        memcpy(run->row.digest, digest, sizeof(digest));
        if (!warrant)
                return 0;
        if (*run->warrant == '\0')
                return failure_set(failure, FAILURE_CONFIRMATION, "",
                                   "Confirm the plan, then send it again with the warrant.",
                                   "This needs a confirmation of exactly this plan.");
        return warrant_check(trust, run->warrant, &run->bearer, digest, &checked, failure);
}

static const char *keep(struct arena *arena, const char *text)
{
        return arena_text(arena, text, strlen(text));
}

/* The moment, then chance: what comes in the order of time goes to the end of an index, into a page that is in memory.
 * By chance alone each row of a large ledger would touch, and write to the log, a page of its own. */
static void make_id(uint8_t id[PLAN_ID_BYTES])
{
        enum { MOMENT_BYTES = 7 };
        uint64_t now_us = (uint64_t)clock_real_us();
        crypto_random(id, PLAN_ID_BYTES);
        for (unsigned i = 0; i < MOMENT_BYTES; i++)
                id[i] = (uint8_t)(now_us >> 8 * (MOMENT_BYTES - 1 - i));
}

static struct run *run_new(struct changes *changes, struct call *call, const struct change *change)
{
        const struct caller *caller = call_caller(call);
        struct arena *arena = change->arena;
        struct run *run = arena_alloc(arena, sizeof(*run));
        *run = (struct run){.changes = changes, .arena = arena, .change = change, .plan = change->plan};
        run->bytes = plan_encode(change->plan, arena, &run->length);
        run->ticket = keep(arena, change->ticket ? change->ticket : caller->ticket);
        run->warrant = keep(arena, change->warrant ? change->warrant : caller->warrant);
        run->address = match_address(call, arena);
        run->steps = change->plan->count;
        make_id(run->id);
        char *hex = arena_alloc(arena, 2 * PLAN_ID_BYTES + 1);
        text_hex(run->id, sizeof(run->id), hex);
        run->row = (struct ledger_row){
                .chain = changes->parts.chain,
                .request = keep(arena, caller->request),
                .plan = hex,
                .source = call_source(call, arena),
                .method = arena_printf(arena, "%s.%s", call_interface(call)->name, call_method(call)->name),
                .object = keep(arena, change->object),
                .outcome = "",
                .detail = ""};
        return run;
}

void change_run(struct changes *changes, struct call *call, struct change *change)
{
        ASSERT(changes && call && change && change->plan);
        CLEANUP(change_freep) struct change *owned = change;
        struct failure failure = {0};
        plan_seal(change->plan, changes->parts.plan_key);
        bool warrant = needs_warrant(call, change) && change->plan->count > 0;
        /* Warrants are spent by hands; and what hands do is never mixed with what one transaction does. */
        ASSERT(!plan_has_table(change->plan) || (plan_is_table(change->plan) && !warrant));
        if (call_caller(call)->dry_run) {
                answer_plan(call, change, warrant);
                return;
        }
        if (change->plan->count == 0) {
                answer_nothing_to_do(call, change);
                return;
        }
        struct run *run = run_new(changes, call, change);
        bool bound = *call_caller(call)->if_match != '\0';
        if (changes_ready(changes, &failure) != 0) {
                call_fail(call, &failure);
        } else if ((bound || change->alone) &&
                   match_busy(changes, "", change->object, bound ? "if_match" : "", &failure) != 0) {
                changes_refuse(changes, call, &failure);
        } else if (run_prove(run, call, warrant, &failure) != 0) {
                if (*run->warrant != '\0' || failure.code != FAILURE_CONFIRMATION)
                        changes_refused(changes, call, change->object, &failure);
                if (failure.code == FAILURE_CONFIRMATION)
                        answer_unconfirmed(call, change, &failure);
                else
                        call_fail(call, &failure);
        } else {
                run->row.actor = run->bearer.subject;
                run->row.actor_name = run->bearer.name;
                run->call = call;
                (void)TAKE(owned); /* the run's from here */
                if (plan_is_table(change->plan))
                        run_table(run);
                else
                        run_start(run);
        }
}

void changes_hold(struct changes *changes)
{
        ASSERT(changes);
        const struct trust_content *trust = trust_now(changes->parts.trust);
        if (!trust)
                return; /* nobody new is let in; what began with a good ticket ends by itself */
        for (struct run *run = changes->runs; run; run = run->next) {
                if (!run->change || run->change->ends_caller || run->stage > RUN_ACTING)
                        continue;
                if (run->bearer.epoch != trust_epoch_of(trust, run->bearer.subject) ||
                    trust_session_ended(trust, run->bearer.session))
                        run_abort(run);
        }
}
