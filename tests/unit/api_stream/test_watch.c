/* Watches: who shares, who is told what, who comes back, and what happens while a daemon is away.
 * Rights: a test. */
#include "tests/unit/api_stream/fake.h"

#define WATCH         "{\"id\":1,\"watch\":\"nas.t.ListThings\"}"
#define WHOLE(things) "{\"things\":[" things "]}"
#define ONE           "{\"id\":1,\"name\":\"a\"}"
#define TWO           "{\"id\":2,\"name\":\"b\"}"
#define ADD_TWO       "{\"patch\":[{\"op\":\"add\",\"path\":\"/things/1\",\"value\":" TWO "}]}"
#define ADDED_TWO     "\"patch\":[{\"op\":\"add\",\"path\":\"/1\",\"value\":" TWO "}]"

static const char *version_of(const char *whole)
{
        char *text = arena_alloc(api.arena, VERSION_TEXT_SIZE);
        crypto_version(whole, strlen(whole), text);
        return text;
}

static const char *with(const char *format, const char *whole)
{
        return arena_printf(api.arena, "%s\"version\":\"%s\"}", format, version_of(whole));
}

static void state_then_patches(void **state)
{
        struct websocket *vera = fake_connect(fake_ticket("vera", ROLE_VIEWER, 1));

        (void)state;
        fake_say(vera, WATCH);
        assert_int_equal(fake_ask_count, 1);
        assert_string_equal(fake_asks[0].method, "nas.t.ListThings");
        assert_non_null(strstr(fake_asks[0].parameters, "{\"caller\":{\"ticket\":\"bht1_"));
        assert_silent(vera);
        fake_more(0, "{ \"things\" : [{\"name\":\"a\",\"id\":1}] }");
        assert_heard(vera, with("{\"id\":1,\"state\":[" ONE "],", WHOLE(ONE)));
        fake_more(0, ADD_TWO);
        assert_heard(vera, with("{\"id\":1," ADDED_TWO ",", WHOLE(ONE "," TWO)));
        fake_more(0, WHOLE(ONE)); /* the daemon may send the whole anew */
        assert_heard(vera, with("{\"id\":1,\"patch\":[{\"op\":\"remove\",\"path\":\"/1\"}],", WHOLE(ONE)));
        fake_more(0, WHOLE(ONE));
        assert_silent(vera);
        fake_gone(vera);
        assert_false(fake_asks[0].cancelled);
        fake_wait(100);
        fake_wait(STREAM_LINGER_MS);
        assert_true(fake_asks[0].cancelled);
}

/* Each brings parameters and another session; how many upstream watches there are then. */
static unsigned upstream_of(const char *one, const char *other, const char *ticket)
{
        struct websocket *a = fake_connect(fake_ticket("vera", ROLE_VIEWER, 1)), *b = fake_connect(ticket);

        fake_ask_count = 0;
        fake_say(a, one);
        fake_say(b, other);
        unsigned count = fake_ask_count;
        assert_int_equal(stream_counts()->upstream, count);
        fake_gone(a);
        fake_gone(b);
        fake_wait(0);
        fake_wait(STREAM_LINGER_MS);
        return count;
}

static void who_shares(void **state)
{
        const char *other = "{\"id\":9,\"watch\":\"nas.t.ListThings\",\"params\":{}}";

        (void)state;
        assert_int_equal(upstream_of(WATCH, other, fake_ticket("vera", ROLE_VIEWER, 2)), 1);
        assert_int_equal(upstream_of(WATCH, other, fake_ticket("vera", ROLE_ADMIN, 2)), 2);
        assert_int_equal(upstream_of(WATCH, "{\"id\":1,\"watch\":\"nas.t.ListThings\",\"params\":{\"limit\":1}}",
                                     fake_ticket("vera", ROLE_VIEWER, 1)),
                         2);
        assert_int_equal(upstream_of("{\"id\":1,\"watch\":\"nas.t.ListThings\",\"params\":{\"all\":true,\"limit\":1}}",
                                     "{\"id\":1,\"watch\":\"nas.t.ListThings\",\"params\":{\"limit\":1,\"all\":true}}",
                                     fake_ticket("vera", ROLE_VIEWER, 2)),
                         1);
        const char *mine = "{\"id\":1,\"watch\":\"nas.t.ListMine\"}";
        assert_int_equal(upstream_of(mine, mine, fake_ticket("vera", ROLE_VIEWER, 1)), 1);
        assert_int_equal(upstream_of(mine, mine, fake_ticket("vera", ROLE_VIEWER, 2)), 2);
}

static void one_frame_for_all_with_the_same_id(void **state)
{
        enum { COUNT = 100 };
        struct websocket *sockets[COUNT];

        (void)state;
        for (size_t i = 0; i < COUNT; i++) {
                sockets[i] = fake_connect(fake_ticket("vera", ROLE_VIEWER, 1 + i % 3));
                fake_say(sockets[i], i < COUNT / 2 ? WATCH : "{\"id\":2,\"watch\":\"nas.t.ListThings\"}");
        }
        assert_int_equal(fake_ask_count, 1);
        assert_int_equal(stream_counts()->watches, COUNT);
        fake_more(0, WHOLE(ONE));
        assert_int_equal(fake_frames, 2);
        fake_more(0, ADD_TWO);
        assert_int_equal(fake_frames, 4);
        for (size_t i = 0; i < COUNT; i++) {
                assert_heard_part(sockets[i], "\"state\"");
                assert_heard_part(sockets[i], i < COUNT / 2 ? "{\"id\":1,\"patch\"" : "{\"id\":2,\"patch\"");
                assert_silent(sockets[i]);
                fake_gone(sockets[i]);
        }
}

static void who_comes_back_gets_what_it_missed(void **state)
{
        const char *ticket = fake_ticket("vera", ROLE_VIEWER, 1);
        struct websocket *vera = fake_connect(ticket), *again;

        (void)state;
        fake_say(vera, WATCH);
        fake_more(0, WHOLE(ONE));
        fake_gone(vera);
        fake_wait(STREAM_LINGER_MS / 2);
        again = fake_connect(ticket);
        fake_say(again, arena_printf(api.arena, "{\"id\":1,\"watch\":\"nas.t.ListThings\",\"version\":\"%s\"}",
                                     version_of(WHOLE(ONE))));
        assert_heard(again, with("{\"id\":1,\"resumed\":true,", WHOLE(ONE)));
        fake_more(0, ADD_TWO);
        fake_more(0, "{\"patch\":[{\"op\":\"replace\",\"path\":\"/things/0/name\",\"value\":\"c\"}]}");
        vera = fake_connect(ticket);
        fake_say(vera, arena_printf(api.arena, "{\"id\":3,\"watch\":\"nas.t.ListThings\",\"version\":\"%s\"}",
                                    version_of(WHOLE(ONE))));
        assert_heard_part(vera, "{\"id\":3,\"resumed\":true,\"patch\":[{\"op\":\"add\",\"path\":\"/1\",\"value\":" TWO
                                "},{\"op\":\"replace\",\"path\":\"/0/name\",\"value\":\"c\"}],\"version\":");
        fake_say(vera, "{\"id\":4,\"watch\":\"nas.t.ListThings\",\"version\":\"00000000000000000000000000000000\"}");
        assert_heard_part(vera, "{\"id\":4,\"state\":[");
        assert_int_equal(fake_ask_count, 1);
        fake_gone(vera);
        fake_gone(again);
}

static void a_new_process_knows_the_version_too(void **state)
{
        struct websocket *vera = fake_connect(fake_ticket("vera", ROLE_VIEWER, 1));

        (void)state;
        fake_say(vera, arena_printf(api.arena, "{\"id\":1,\"watch\":\"nas.t.ListThings\",\"version\":\"%s\"}",
                                    version_of(WHOLE(ONE))));
        assert_silent(vera);
        fake_more(0, WHOLE(ONE));
        assert_heard(vera, with("{\"id\":1,\"resumed\":true,", WHOLE(ONE)));
        fake_gone(vera);
}

static void screens_heal_without_a_word(void **state)
{
        struct websocket *vera = fake_connect(fake_ticket("vera", ROLE_VIEWER, 1));

        (void)state;
        fake_say(vera, WATCH);
        fake_more(0, WHOLE(ONE));
        assert_heard_part(vera, "\"state\"");
        fake_away(0, FAILURE_UNAVAILABLE, false);
        assert_int_equal(stream_counts()->upstream, 0);
        fake_wait(200);
        assert_int_equal(fake_ask_count, 2);
        fake_more(1, WHOLE(ONE));
        assert_silent(vera);
        fake_answer(1, "nas.error.Unauthenticated", "{\"message\":\"over\"}"); /* its ticket, not the watcher's */
        fake_wait(200);
        fake_more(2, WHOLE(ONE "," TWO));
        assert_heard_part(vera, "{\"id\":1," ADDED_TWO);
        assert_silent(vera);
        fake_gone(vera);
}

static void who_waits_for_a_daemon_is_told(void **state)
{
        const char *ticket = fake_ticket("vera", ROLE_VIEWER, 1);
        struct websocket *vera = fake_connect(ticket), *late = fake_connect(ticket);

        (void)state;
        fake_say(vera, WATCH);
        fake_away(0, FAILURE_UNAVAILABLE, false);
        fake_wait(STREAM_STALE_MS / 2);
        assert_silent(vera);
        fake_away(1, FAILURE_UNAVAILABLE, false);
        fake_wait(STREAM_STALE_MS);
        assert_heard_part(vera, "{\"id\":1,\"stale\":true,\"error\":{\"type\":");
        fake_wait(STREAM_STALE_MS);
        assert_silent(vera); /* once */
        fake_say(late, WATCH);
        assert_heard_part(late, "{\"id\":1,\"stale\":true,\"error\":{");
        fake_more(fake_ask_count - 1, WHOLE(ONE));
        for (struct websocket *one = vera; one != NULL; one = one == vera ? late : NULL) {
                assert_heard_part(one, "{\"id\":1,\"state\":[" ONE "]");
                assert_heard(one, with("{\"id\":1,\"stale\":false,", WHOLE(ONE)));
                assert_silent(one);
        }
        fake_away(fake_ask_count - 1, FAILURE_UNAVAILABLE, true);
        fake_wait(STREAM_STALE_MS);
        assert_heard_part(vera, "\"stale\":true");
        fake_say(late, "{\"id\":2,\"watch\":\"nas.t.ListThings\"}");
        assert_heard_part(late, "\"stale\":true");
        assert_heard_part(late, "{\"id\":2,\"stale\":true,\"state\":");
        fake_gone(vera);
        fake_gone(late);
}

static void it_is_asked_less_and_less(void **state)
{
        struct websocket *vera = fake_connect(fake_ticket("vera", ROLE_VIEWER, 1));

        (void)state;
        fake_say(vera, WATCH);
        for (unsigned i = 0; i < 240; i++) { /* a minute */
                if (fake_asks[fake_ask_count - 1].open)
                        fake_away(fake_ask_count - 1, FAILURE_UNAVAILABLE, false);
                fake_wait(STREAM_LOOK_MS);
        }
        assert_in_range(fake_ask_count, 8, 16);
        fake_gone(vera);
}

static void errors_end_a_watch(void **state)
{
        struct websocket *vera = fake_connect(fake_ticket("vera", ROLE_VIEWER, 1));

        (void)state;
        fake_say(vera, WATCH);
        fake_answer(0, "nas.error.Denied", "{\"message\":\"No.\",\"next\":\"Ask.\"}");
        assert_heard_part(vera, "{\"id\":1,\"error\":{\"type\":\"/api/docs/errors#denied\"");
        assert_int_equal(stream_counts()->watches, 0);
        fake_wait(STREAM_LOOK_MS);
        fake_say(vera, WATCH); /* the id is free again */
        assert_int_equal(fake_ask_count, 2);
        fake_more(1, WHOLE(ONE));
        assert_heard_part(vera, "\"state\"");
        fake_more(1, "{\"patch\":[{\"op\":\"remove\",\"path\":\"/things/7\"}]}"); /* does not fit: asked anew */
        assert_true(fake_asks[1].cancelled);
        fake_wait(200);
        fake_more(2, WHOLE(ONE));
        assert_silent(vera);
        fake_say(vera, "{\"id\":1,\"cancel\":true}");
        assert_heard(vera, "{\"id\":1,\"cancelled\":true}");
        fake_say(vera, "{\"id\":1,\"cancel\":true}");
        assert_heard(vera, "{\"id\":1,\"cancelled\":false}");
        fake_gone(vera);
}

static void nothing_is_a_state_too(void **state)
{
        struct websocket *vera = fake_connect(fake_ticket("vera", ROLE_VIEWER, 1));

        (void)state;
        fake_say(vera, WATCH);
        fake_more(0, "{}");
        assert_heard_part(vera, "{\"id\":1,\"state\":null,");
        fake_more(0, "{\"things\":null}");
        assert_heard_part(vera, "{\"id\":1,\"patch\":[{\"op\":\"replace\",\"path\":\"\",\"value\":null}],");
        fake_more(0, WHOLE(ONE));
        assert_heard_part(vera, "{\"id\":1,\"patch\":[{\"op\":\"replace\",\"path\":\"\",\"value\":[" ONE "]}],");
        fake_more(0, "{}");
        assert_heard_part(vera, "{\"id\":1,\"patch\":[{\"op\":\"replace\",\"path\":\"\",\"value\":null}],");
        fake_gone(vera);
}

static void what_every_daemon_has_is_one(void **state)
{
        struct websocket *vera = fake_connect(fake_ticket("vera", ROLE_VIEWER, 1));

        (void)state;
        fake_say(vera, "{\"id\":1,\"watch\":\"nas.job.ListJobs\",\"params\":{\"limit\":2}}");
        assert_int_equal(fake_ask_count, 2);
        fake_more(0, "{\"jobs\":[{\"id\":5},{\"id\":1}]}");
        assert_silent(vera);
        fake_more(1, "{\"jobs\":[{\"id\":3}]}");
        assert_heard_part(vera, "{\"id\":1,\"state\":[{\"id\":5},{\"id\":3}],");
        fake_more(1, "{\"patch\":[{\"op\":\"add\",\"path\":\"/jobs/0\",\"value\":{\"id\":9}}]}");
        assert_heard_part(vera, "{\"id\":1,\"patch\":[");
        fake_say(vera, "{\"id\":2,\"watch\":\"nas.job.GetJob\",\"params\":{\"id\":9}}");
        fake_answer(2, "nas.error.NotFound", "{\"field\":\"id\",\"message\":\"m\",\"next\":\"\"}");
        assert_silent(vera);
        fake_more(3, "{\"job\":{\"id\":9}}");
        assert_heard_part(vera, "{\"id\":2,\"state\":{\"id\":9},");
        fake_say(vera, "{\"id\":3,\"watch\":\"nas.job.GetJob\",\"params\":{\"id\":8}}");
        fake_answer(4, "nas.error.NotFound", "{\"field\":\"id\",\"message\":\"m\",\"next\":\"\"}");
        fake_answer(5, "nas.error.NotFound", "{\"field\":\"id\",\"message\":\"m\",\"next\":\"\"}");
        assert_heard_part(vera, "{\"id\":3,\"error\":{\"type\":\"/api/docs/errors#not-found\"");
        fake_gone(vera);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                FAKE_TEST(state_then_patches),
                FAKE_TEST(who_shares),
                FAKE_TEST(one_frame_for_all_with_the_same_id),
                FAKE_TEST(who_comes_back_gets_what_it_missed),
                FAKE_TEST(a_new_process_knows_the_version_too),
                FAKE_TEST(screens_heal_without_a_word),
                FAKE_TEST(who_waits_for_a_daemon_is_told),
                FAKE_TEST(it_is_asked_less_and_less),
                FAKE_TEST(errors_end_a_watch),
                FAKE_TEST(nothing_is_a_state_too),
                FAKE_TEST(what_every_daemon_has_is_one),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
