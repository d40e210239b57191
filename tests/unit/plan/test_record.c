/* Records between clerk and hand: they come back as they went, and nothing else is taken for one.
 * Rights: none. */
#include "base/mem.h"
#include "plan/record.h"
#include "policy/users_operations.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void request_round_trips(void **state)
{
        (void)state;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct request request = {.kind = RECORD_EXECUTE,
                                  .id = {1, 2, 3},
                                  .ticket = "bht1_x",
                                  .warrant = "",
                                  .plan = (const uint8_t *)"plan\0bytes",
                                  .plan_length = 10};
        size_t length;
        const uint8_t *bytes = request_encode(&request, arena, &length);
        struct request again;
        assert_int_equal(request_decode(arena, bytes, length, &again), 0);
        assert_int_equal(again.kind, RECORD_EXECUTE);
        assert_memory_equal(again.id, request.id, PLAN_ID_BYTES);
        assert_string_equal(again.ticket, "bht1_x");
        assert_string_equal(again.warrant, "");
        assert_int_equal(again.plan_length, 10);
        assert_memory_equal(again.plan, "plan\0bytes", 10);
        for (size_t cut = 0; cut < length; cut++)
                assert_int_equal(request_decode(arena, bytes, cut, &again), -1);
}

static void request_of_a_wrong_kind_is_refused(void **state)
{
        (void)state;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct request request = {.ticket = "", .warrant = ""};
        struct request again = {.kind = RECORD_ASK};
        size_t length;
        for (unsigned kind = 0; kind < 256; kind++) {
                request.kind = (enum record_kind)kind;
                const uint8_t *bytes = request_encode(&request, arena, &length);
                bool good = kind == RECORD_ABORT || kind == RECORD_LOOKUP || kind == RECORD_FORGET;
                assert_int_equal(request_decode(arena, bytes, length, &again), good ? 0 : -1);
        }
        request = (struct request){
                .kind = RECORD_FORGET, .ticket = "", .warrant = "", .plan = (const uint8_t *)"x", .plan_length = 1};
        const uint8_t *bytes = request_encode(&request, arena, &length);
        assert_int_equal(request_decode(arena, bytes, length, &again), -1);
}

static void request_with_a_nul_in_its_ticket_is_refused(void **state)
{
        (void)state;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct request request = {.kind = RECORD_LOOKUP, .ticket = "ticket", .warrant = ""}, again;
        size_t length;
        uint8_t *bytes = (uint8_t *)request_encode(&request, arena, &length);
        bytes[1 + PLAN_ID_BYTES + 2 + 3] = '\0';
        assert_int_equal(request_decode(arena, bytes, length, &again), -1);
}

static void reply_round_trips(void **state)
{
        (void)state;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct reply reply = {.kind = REPLY_DONE,
                              .step = 3,
                              .steps = 7,
                              .outcome = OUTCOME_FAILED,
                              .answer = (const uint8_t *)"\0\1",
                              .answer_length = 2};
        failure_set(&reply.failure, FAILURE_BUSY, "password", "wait", "too many tries");
        reply.failure.retry_s = 8;
        size_t length;
        const uint8_t *bytes = reply_encode(&reply, arena, &length);
        struct reply again;
        assert_int_equal(reply_decode(arena, bytes, length, &again), 0);
        assert_int_equal(again.step, 3);
        assert_int_equal(again.steps, 7);
        assert_int_equal(again.outcome, OUTCOME_FAILED);
        assert_int_equal(again.failure.code, FAILURE_BUSY);
        assert_int_equal(again.failure.retry_s, 8);
        assert_string_equal(again.failure.message, "too many tries");
        assert_int_equal(again.answer_length, 2);
        for (size_t cut = 0; cut < length; cut++)
                assert_int_equal(reply_decode(arena, bytes, cut, &again), -1);
}

static void action_round_trips(void **state)
{
        (void)state;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct value values[] = {{"alice", 5}, {"", 0}};
        struct action action = {.operation = USERS_LOGIN, .count = 2, .values = values}, again;
        size_t length;
        const uint8_t *bytes = action_encode(&action, arena, &length);
        assert_int_equal(action_decode(arena, bytes, length, &again), 0);
        assert_int_equal(again.operation, USERS_LOGIN);
        assert_string_equal(again.values[0].text, "alice");
        for (size_t cut = 0; cut < length; cut++)
                assert_int_equal(action_decode(arena, bytes, cut, &again), -1);
}

static void outcomes_have_names(void **state)
{
        (void)state;
        assert_string_equal(outcome_name(OUTCOME_SUCCESS), "success");
        assert_string_equal(outcome_name(OUTCOME_REFUSED), "refused");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(request_round_trips),
                cmocka_unit_test(request_of_a_wrong_kind_is_refused),
                cmocka_unit_test(request_with_a_nul_in_its_ticket_is_refused),
                cmocka_unit_test(reply_round_trips),
                cmocka_unit_test(action_round_trips),
                cmocka_unit_test(outcomes_have_names),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
