/* Calls over the stream: what goes to the daemon, and what comes back, when, and to whom.
 * Rights: a test. */
#include "tests/unit/api_stream/fake.h"

#define MAKE "{\"id\":1,\"call\":\"nas.t.MakeThing\",\"params\":{\"id\":7}"
#define GET  "{\"id\":1,\"call\":\"nas.t.GetThing\",\"params\":{\"id\":7}}"

static struct websocket *ada(void)
{
        return fake_connect(fake_ticket("ada", ROLE_ADMIN, 1));
}

static void reading(void **state)
{
        struct websocket *socket = ada();
        char version[VERSION_TEXT_SIZE];

        (void)state;
        fake_say(socket, GET);
        assert_string_equal(fake_asks[0].method, "nas.t.GetThing");
        assert_non_null(strstr(fake_asks[0].parameters, "{\"id\":7,\"caller\":{\"ticket\":\"bht1_"));
        assert_non_null(strstr(fake_asks[0].parameters, "\"request\":\""));
        assert_non_null(strstr(fake_asks[0].parameters, "\"address\":\"10.0.0.7\"}}"));
        assert_null(strstr(fake_asks[0].parameters, "dry_run"));
        const char *whole = "{\"thing\":{\"id\":7}}";
        fake_answer(0, NULL, whole);
        crypto_version(whole, strlen(whole), version);
        assert_heard(socket, arena_printf(api.arena, "{\"id\":1,\"result\":{\"id\":7},\"version\":\"%s\"}", version));
        fake_say(socket, GET); /* the id is free again */
        fake_answer(1, "nas.error.NotFound", "{\"field\":\"id\",\"message\":\"m\",\"next\":\"n\"}");
        assert_heard_part(socket, "{\"id\":1,\"error\":{\"type\":\"/api/docs/errors#not-found\"");
        fake_say(socket, GET);
        fake_away(2, FAILURE_UNAVAILABLE, true);
        assert_heard_part(socket, "\"status\":504");
        fake_gone(socket);
}

static void changing(void **state)
{
        struct websocket *socket = ada();

        (void)state;
        fake_say(socket, MAKE ",\"warrant\":\"w\",\"idempotency\":\"key\",\"if_match\":\"v1\"}");
        assert_non_null(strstr(fake_asks[0].parameters, "\"warrant\":\"w\""));
        assert_non_null(strstr(fake_asks[0].parameters, "\"idempotency\":\"key\",\"if_match\":\"v1\"}}"));
        fake_more(0, "{\"job\":9}");
        assert_heard(socket, "{\"id\":1,\"job\":9}");
        fake_more(0, "{\"progress\":{\"step\":1}}");
        assert_heard(socket, "{\"id\":1,\"progress\":{\"step\":1}}");
        fake_answer(0, NULL, "{\"thing\":{\"id\":7}}");
        assert_heard(socket, "{\"id\":1,\"result\":{\"id\":7}}");
        fake_say(socket, "{\"id\":2,\"call\":\"nas.t.DropThing\",\"params\":{\"id\":7}}");
        fake_answer(1, NULL, "{}");
        assert_heard(socket, "{\"id\":2,\"result\":null}");
        fake_say(socket, MAKE ",\"dry_run\":true}");
        assert_non_null(strstr(fake_asks[2].parameters, "\"dry_run\":true"));
        fake_answer(2, NULL, "{\"plan\":{\"digest\":\"d\"}}");
        assert_heard(socket, "{\"id\":1,\"result\":{\"digest\":\"d\"}}");
        fake_say(socket, MAKE "}");
        fake_answer(3, "nas.error.Confirmation", "{\"message\":\"m\",\"next\":\"n\",\"plan\":{\"digest\":\"d\"}}");
        assert_heard_part(socket, "\"plan\":{\"digest\":\"d\"}");
        fake_say(socket, MAKE ",\"if_match\":\"v1\"}");
        fake_answer(4, "nas.error.Conflict", "{\"field\":\"if_match\",\"message\":\"m\",\"next\":\"n\"}");
        assert_heard_part(socket, "\"status\":412");
        fake_gone(socket);
}

static void what_is_for_changes_is_not_for_reading(void **state)
{
        static const char *const members[] = {"\"dry_run\":true", "\"warrant\":\"w\"", "\"idempotency\":\"i\"",
                                              "\"if_match\":\"v\""};
        struct websocket *socket = ada();

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
                fake_say(socket, arena_printf(api.arena, "{\"id\":1,\"call\":\"nas.t.GetThing\",%s}", members[i]));
                assert_heard_part(socket, "errors#invalid");
        }
        assert_int_equal(fake_ask_count, 0);
        fake_gone(socket);
}

static void who_goes_takes_the_answer_along(void **state)
{
        struct websocket *socket = ada();

        (void)state;
        fake_say(socket, GET);
        fake_say(socket, "{\"id\":1,\"cancel\":true}");
        assert_heard(socket, "{\"id\":1,\"cancelled\":true}");
        assert_true(fake_asks[0].cancelled);
        fake_say(socket, GET);
        fake_say(socket, "{\"id\":2,\"call\":\"nas.job.GetJob\",\"params\":{\"id\":1}}");
        assert_int_equal(fake_ask_count, 4);
        fake_gone(socket);
        for (unsigned i = 1; i < 4; i++)
                assert_true(fake_asks[i].cancelled);
}

static void answers_wait_for_room(void **state)
{
        struct websocket *socket = ada();

        (void)state;
        for (int i = 1; i <= 3; i++)
                fake_say(socket,
                         arena_printf(api.arena, "{\"id\":%d,\"call\":\"nas.t.MakeThing\",\"params\":{\"id\":7}}", i));
        socket->stuck = true;
        socket->backlog = STREAM_BACKLOG_MAX;
        fake_more(0, "{\"progress\":{}}");
        for (unsigned i = 0; i < 3; i++)
                fake_answer(i, NULL, "{\"thing\":{\"id\":7}}");
        assert_silent(socket);
        fake_room(socket);
        for (int i = 3; i >= 1; i--)
                assert_heard(socket, arena_printf(api.arena, "{\"id\":%d,\"result\":{\"id\":7}}", i));
        assert_silent(socket);
        fake_gone(socket);
}

static void only_so_many_at_a_time(void **state)
{
        struct websocket *socket = ada();

        (void)state;
        for (int i = 0; i < STREAM_CALLS_MAX; i++)
                fake_say(socket, arena_printf(api.arena, "{\"id\":%d,\"call\":\"nas.t.GetThing\"}", i));
        assert_silent(socket);
        fake_say(socket, "{\"id\":99,\"call\":\"nas.t.GetThing\"}");
        assert_heard_part(socket, "{\"id\":99,\"error\":{\"type\":\"/api/docs/errors#busy\"");
        fake_say(socket, "{\"id\":3,\"call\":\"nas.t.GetThing\"}");
        assert_heard_part(socket, "{\"error\":{\"type\":\"/api/docs/errors#conflict\"");
        fake_answer(3, NULL, "{\"thing\":{\"id\":7}}");
        assert_heard_part(socket, "{\"id\":3,\"result\"");
        fake_say(socket, "{\"id\":99,\"call\":\"nas.t.GetThing\"}");
        assert_int_equal(fake_ask_count, STREAM_CALLS_MAX + 1);
        fake_gone(socket);
}

static void the_jobs_of_all_daemons(void **state)
{
        struct websocket *socket = ada();

        (void)state;
        fake_say(socket, "{\"id\":1,\"call\":\"nas.job.ListJobs\",\"params\":{\"limit\":1}}");
        fake_answer(0, NULL, "{\"jobs\":[{\"id\":1}]}");
        fake_answer(1, NULL, "{\"jobs\":[{\"id\":2}]}");
        assert_heard_part(socket, "{\"id\":1,\"result\":[{\"id\":2}],");
        fake_gone(socket);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                FAKE_TEST(reading),
                FAKE_TEST(changing),
                FAKE_TEST(what_is_for_changes_is_not_for_reading),
                FAKE_TEST(who_goes_takes_the_answer_along),
                FAKE_TEST(answers_wait_for_room),
                FAKE_TEST(only_so_many_at_a_time),
                FAKE_TEST(the_jobs_of_all_daemons),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
