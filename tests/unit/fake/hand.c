/* The fake hand, in place of state/hand.c: it expects requests and gives the answers that its mode says.
 * Rights: none. */
#include "tests/unit/fake/fake.h"

#include "base/log.h"
#include "base/mem.h"
#include "state/hand.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PLANS_MAX = 64 };

struct hand_line {
        struct loop *loop;
};

struct hand_order {
        struct hand_line *line;
        struct hand_order *next;
        struct request request;
        struct arena *arena;
        hand_progress *progress;
        hand_done *done;
        void *context;
        bool aborted;
};

struct fake_hand fake_hand;
static struct hand_order *held;
static struct {
        uint8_t id[PLAN_ID_BYTES];
        enum outcome outcome;
} journal[PLANS_MAX]; /* as the real hand's: what became of plans that are not forgotten */

struct hand_line *hand_line_new(struct loop *loop, const char *socket_path)
{
        (void)socket_path;
        struct hand_line *line = mem_new(1, sizeof(*line));
        line->loop = loop;
        return line;
}

/* What was sent but not begun is never begun, as the real hand does when its clerk has died. */
void hand_line_free(struct hand_line *line)
{
        while (held) {
                struct hand_order *order = held;
                held = order->next;
                arena_free(order->arena);
                free(order);
        }
        free(line);
}

static void write_down(const uint8_t id[PLAN_ID_BYTES], enum outcome outcome)
{
        static size_t at;
        memcpy(journal[at % PLANS_MAX].id, id, PLAN_ID_BYTES);
        journal[at++ % PLANS_MAX].outcome = outcome;
}

/* --- requests --- */

static void finish_with(struct hand_order *order, const struct reply *reply, const char *output)
{
        order->done(reply, output, strlen(output), order->context);
        arena_free(order->arena);
        free(order);
}

static void finish(struct hand_order *order, const struct reply *reply)
{
        finish_with(order, reply, "");
}

static void finish_failed(struct hand_order *order, enum outcome outcome, enum failure_code code)
{
        struct reply reply = {.kind = REPLY_DONE, .outcome = outcome, .answer = (const uint8_t *)""};
        failure_set(&reply.failure, code, "", "", "The fake hand says so.");
        finish(order, &reply);
}

static void note(const struct plan *plan, const struct request *request)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        size_t at = 0;
        fake_hand.steps[0] = '\0';
        for (size_t i = 0; i < plan->count && at < sizeof(fake_hand.steps); i++)
                at += (size_t)snprintf(fake_hand.steps + at, sizeof(fake_hand.steps) - at, "%s\n",
                                       action_literal(plan->operations, &plan->steps[i], arena));
        snprintf(fake_hand.ticket, sizeof(fake_hand.ticket), "%s", request->ticket);
        snprintf(fake_hand.warrant, sizeof(fake_hand.warrant), "%s", request->warrant);
}

static void execute(struct hand_order *order)
{
        struct failure failure;
        uint8_t answer[RECORD_ANSWER_MAX];
        struct writer writer = writer_of(answer, sizeof(answer));
        const struct plan *plan = plan_decode(order->arena, order->request.plan, order->request.plan_length, &failure);
        ASSERT(plan);
        fake_hand.executed++;
        note(plan, &order->request);
        for (uint16_t i = 0; i < plan->count; i++) {
                if (order->progress)
                        order->progress(i + 1u, plan->count, order->context);
                fake_clerk.answer(&plan->steps[i], &writer);
        }
        enum fake_hand_mode mode = order->aborted ? FAKE_FAILS : fake_hand.mode;
        bool done = mode == FAKE_OBEYS || mode == FAKE_DIES_DONE;
        if (mode != FAKE_DIES)
                write_down(order->request.id, done             ? OUTCOME_SUCCESS
                                              : order->aborted ? OUTCOME_ABORTED
                                                               : OUTCOME_FAILED);
        if (done)
                fake_clerk.act(plan);
        struct reply reply = {.kind = REPLY_DONE,
                              .outcome = OUTCOME_SUCCESS,
                              .step = plan->count,
                              .steps = plan->count,
                              .answer = answer,
                              .answer_length = writer_length(&writer)};
        if (mode == FAKE_DIES || mode == FAKE_DIES_DONE) {
                fake_hand.mode = FAKE_OBEYS;
                finish(order, NULL);
        } else if (done) {
                finish(order, &reply);
        } else {
                finish_failed(order, order->aborted ? OUTCOME_ABORTED : OUTCOME_FAILED,
                              order->aborted ? FAILURE_ABORTED : FAILURE_FAILED);
        }
}

static const struct operations *clerk_operations(void)
{
        return fake_clerk.description().operations;
}

static void ask(struct hand_order *order)
{
        struct action action;
        uint8_t answer[RECORD_ANSWER_MAX];
        struct writer writer = writer_of(answer, sizeof(answer));
        int decoded = action_decode(order->arena, order->request.plan, order->request.plan_length, &action);
        ASSERT(decoded == 0 && action_check(clerk_operations(), &action, NULL) == 0);
        bool quiet = fake_clerk.is_quiet && fake_clerk.is_quiet(action.operation);
        fake_hand.asked += !quiet;
        size_t at = 0;
        for (size_t i = 0; !quiet && i < action.count && at < sizeof(fake_hand.asked_values); i++)
                at += (size_t)snprintf(fake_hand.asked_values + at, sizeof(fake_hand.asked_values) - at, "%s ",
                                       action.values[i].text);
        fake_clerk.answer(&action, &writer);
        struct reply reply = {.kind = REPLY_DONE,
                              .outcome = OUTCOME_SUCCESS,
                              .answer = answer,
                              .answer_length = writer_length(&writer)};
        if (fake_hand.mode == FAKE_REFUSES && !quiet)
                finish_failed(order, OUTCOME_REFUSED, FAILURE_UNAUTHENTICATED);
        else
                finish_with(order, &reply, fake_clerk.output ? fake_clerk.output(&action) : "");
}

static void look_up(struct hand_order *order)
{
        struct reply reply = {.kind = REPLY_DONE, .answer = (const uint8_t *)""};
        fake_hand.looked_up++;
        failure_set(&reply.failure, FAILURE_NOT_FOUND, "", "", "never begun");
        for (size_t i = 0; i < PLANS_MAX; i++)
                if (memcmp(journal[i].id, order->request.id, PLAN_ID_BYTES) == 0 && journal[i].outcome)
                        reply.outcome = journal[i].outcome;
        if (reply.outcome == OUTCOME_FAILED)
                failure_set(&reply.failure, FAILURE_FAILED, "", "", "undone");
        finish(order, &reply);
}

static void forget(struct hand_order *order)
{
        struct reply reply = {.kind = REPLY_DONE, .outcome = OUTCOME_SUCCESS, .answer = (const uint8_t *)""};
        fake_hand.forgotten++;
        for (size_t i = 0; i < PLANS_MAX; i++)
                if (memcmp(journal[i].id, order->request.id, PLAN_ID_BYTES) == 0)
                        memset(&journal[i], 0, sizeof(journal[i]));
        finish(order, &reply);
}

static void serve(void *context)
{
        struct hand_order *order = context;
        if (fake_hand.mode == FAKE_AWAY)
                finish_failed(order, OUTCOME_REFUSED, FAILURE_UNAVAILABLE);
        else if (order->request.kind == RECORD_LOOKUP)
                look_up(order);
        else if (order->request.kind == RECORD_FORGET)
                forget(order);
        else if (fake_hand.mode == FAKE_HOLDS) {
                order->next = held;
                held = order;
        } else if (order->request.kind == RECORD_EXECUTE)
                execute(order);
        else
                ask(order);
}

void fake_hand_release(void)
{
        fake_hand.mode = FAKE_OBEYS;
        while (held) {
                struct hand_order *order = held;
                held = order->next;
                serve(order);
        }
}

struct hand_order *hand_send(struct hand_line *line, const struct request *request, hand_progress *progress,
                             hand_done *done, void *context)
{
        struct hand_order *order = mem_new(1, sizeof(*order));
        order->arena = arena_new();
        size_t length;
        const uint8_t *record = request_encode(request, order->arena, &length);
        int decoded = request_decode(order->arena, record, length, &order->request);
        ASSERT(decoded == 0);
        order->line = line;
        order->progress = progress;
        order->done = done;
        order->context = context;
        loop_soon(line->loop, serve, order);
        return order;
}

void hand_abort(struct hand_order *order)
{
        fake_hand.aborted++;
        order->aborted = true;
}

struct hand_order *hand_ask_much(struct hand_line *line, const struct request *request, size_t output_max,
                                 hand_done *done, void *context)
{
        (void)output_max; /* what it answers is small */
        return hand_send(line, request, NULL, done, context);
}
