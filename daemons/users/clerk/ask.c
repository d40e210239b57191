/* Asking the hand something that it answers by itself, without a plan. What costs the hand a password check goes one
 * at a time with a short queue, so that a flood of sign-ins holds up nobody but itself.
 * Rights: the users clerk; the hand's socket. */
#include "daemons/users/clerk/users.h"

#include "base/log.h"
#include "base/mem.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct asking {
        struct asking *next;
        struct arena *arena; /* holds the asking and its request */
        struct call *call;
        struct ask ask;
        struct request request;
};

static struct { /* the slow lane */
        struct asking *under_way, *waiting;
        unsigned count;
} lane;

static void send(struct asking *asking);

static void lane_leave(const struct asking *asking)
{
        if (asking != lane.under_way)
                return;
        lane.under_way = TAKE(lane.waiting);
        if (!lane.under_way)
                return;
        lane.waiting = TAKE(lane.under_way->next);
        lane.count--;
        send(lane.under_way);
}

static void fail(const struct asking *asking, const struct failure *failure)
{
        if (asking->ask.failed)
                asking->ask.failed(asking->call, failure, asking->ask.context);
        else if (asking->call)
                call_fail(asking->call, failure);
}

static void on_done(const struct reply *reply, const char *output, size_t output_length, void *context)
{
        struct asking *asking = context;
        (void)output;
        (void)output_length;
        if (reply && reply->outcome == OUTCOME_SUCCESS) {
                struct reader reader = reader_of(reply->answer, reply->answer_length);
                asking->ask.answered(asking->call, &reader, asking->ask.context);
        } else {
                struct failure failure = {0};
                failure_set(&failure, FAILURE_UNAVAILABLE, "", "Try again in a moment.",
                            "The hand went away before it answered.");
                fail(asking, reply && reply->failure.code != FAILURE_NONE ? &reply->failure : &failure);
        }
        lane_leave(asking);
        arena_free(asking->arena);
}

static void send(struct asking *asking)
{
        hand_send(clerk.hand, &asking->request, NULL, on_done, asking);
}

/* The single action as the hand reads it; -1 when a value is not of its type. */
static int make_request(struct asking *asking, va_list values, struct failure *failure)
{
        struct value list[PLAN_VALUES_MAX];
        uint8_t count = 0;
        for (const char *text; count < PLAN_VALUES_MAX && (text = va_arg(values, const char *)); count++)
                list[count] = (struct value){.text = text, .length = (uint16_t)strlen(text)};
        struct action action = {.operation = asking->ask.operation, .count = count, .values = list};
        if (action_check(&users_operations, &action, failure) != 0)
                return -1;
        const char *ticket = asking->ask.ticket ? asking->ask.ticket : "";
        asking->request = (struct request){.kind = RECORD_ASK, .warrant = ""};
        asking->request.ticket = arena_text(asking->arena, ticket, strlen(ticket));
        asking->request.plan = action_encode(&action, asking->arena, &asking->request.plan_length);
        crypto_random(asking->request.id, sizeof(asking->request.id));
        return 0;
}

static void enter_lane(struct asking *asking)
{
        struct failure failure = {0};
        if (!lane.under_way) {
                lane.under_way = asking;
                send(asking);
                return;
        }
        if (lane.count >= ASK_WAITING_MAX) {
                failure_set(&failure, FAILURE_BUSY, "", "Try again in a moment.", "Too many are signing in at once.");
                fail(asking, &failure);
                arena_free(asking->arena);
                return;
        }
        struct asking **last = &lane.waiting;
        while (*last)
                last = &(*last)->next;
        *last = asking;
        lane.count++;
}

void ask_hand(struct call *call, const struct ask *ask, ...)
{
        ASSERT(ask && ask->answered);
        struct failure failure = {0};
        struct arena *arena = arena_new();
        struct asking *asking = arena_alloc(arena, sizeof(*asking));
        *asking = (struct asking){.arena = arena, .call = call, .ask = *ask};
        va_list values;
        va_start(values, ask);
        int made = make_request(asking, values, &failure);
        va_end(values);
        if (made != 0) {
                fail(asking, &failure);
                arena_free(arena);
        } else if (ask->lane == ASK_SLOWLY) {
                enter_lane(asking);
        } else {
                send(asking);
        }
}

const char *answer_text(struct reader *reader, struct arena *arena)
{
        ASSERT(reader && arena);
        size_t length;
        const uint8_t *text = reader_field(reader, &length);
        return text ? arena_text(arena, (const char *)text, length) : "";
}

const char *answer_expiry(struct reader *reader, struct arena *arena)
{
        ASSERT(reader && arena);
        uint64_t not_after_ms = reader_u64(reader), now_ms = clock_boot_ms();
        uint64_t left_ms = not_after_ms > now_ms ? not_after_ms - now_ms : 0;
        char *text = arena_alloc(arena, RFC3339_SIZE);
        clock_format(clock_real_us() + (int64_t)left_ms * 1000, text);
        return text;
}

void answer_broken(struct call *call)
{
        struct failure failure = {0};
        failure_set(&failure, FAILURE_FAILED, "", "The journal of the hand may say more.",
                    "The hand gave an answer that cannot be read.");
        log_fail("the hand gave an answer that cannot be read");
        if (call)
                call_fail(call, &failure);
}
