/* Connections: who gets one, whose ticket ends, who is too slow, too loud or wants too much.
 * Rights: a test. */
#include "tests/unit/api_stream/fake.h"

#define WATCH "{\"id\":1,\"watch\":\"nas.t.ListThings\"}"
#define ONE   "{\"things\":[{\"id\":1}]}"
#define NEXT  "{\"patch\":[{\"op\":\"replace\",\"path\":\"/things/0/id\",\"value\":%d}]}"

/* --- the greeting --- */

static void who_gets_one(void **state)
{
        const char *ticket = fake_ticket("vera", ROLE_VIEWER, 1);
        const struct {
                const char *fields;
                int status;
                const char *protocol;
        } cases[] = {
                {"", 401, NULL},
                {"Authorization: Bearer bht1_x\r\n", 401, NULL},
                {arena_printf(api.arena, "Authorization: Bearer %s\r\n", ticket), 101, NULL},
                {arena_printf(api.arena, "Sec-WebSocket-Protocol: bulkhead.stream, bearer.%s\r\n", ticket), 101,
                 "bulkhead.stream"},
                {arena_printf(api.arena,
                              "Sec-WebSocket-Protocol: bearer.%s\r\nSec-WebSocket-Protocol: bulkhead.stream\r\n",
                              ticket),
                 101, "bulkhead.stream"},
                {arena_printf(api.arena, "Sec-WebSocket-Protocol: bearer.%s\r\n", ticket), 400, NULL},
                {"Sec-WebSocket-Protocol: bulkhead.stream, bearer.bht1_x\r\n", 401, NULL},
                {arena_printf(api.arena, "Sec-WebSocket-Protocol: bulkhead.stream, bearer.%s, bearer.%s\r\n", ticket,
                              ticket),
                 400, NULL},
                {"Sec-WebSocket-Protocol: bulkhead.stream\r\n", 401, NULL},
                /* A page of another site brings the cookie too. */
                {"Cookie: __Host-bulkhead-session=x\r\nOrigin: https://evil.example\r\n", 403, NULL},
                {"Cookie: __Host-bulkhead-session=x\r\n", 403, NULL},
                {"Cookie: __Host-bulkhead-session=x\r\nOrigin: https://nas\r\n", 401, NULL},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                struct exchange *exchange = fake_upgrade(cases[i].fields);
                if (exchange->status != cases[i].status)
                        fail_msg("%s: %d, not %d", cases[i].fields, exchange->status, cases[i].status);
                if (exchange->status != 101)
                        continue;
                struct websocket *socket = exchange->own;
                assert_true(cases[i].protocol == NULL ? socket->protocol == NULL
                                                      : strcmp(socket->protocol, cases[i].protocol) == 0);
                fake_gone(socket);
        }
        struct exchange plain = {.arena = api.arena, .address = "10.0.0.7", .fields = "", .body = ""};
        world_head("GET /api/stream", "", &plain.head);
        stream_serve(&plain);
        assert_int_equal(plain.status, 426);
        assert_string_equal(fake_field(&plain, "Upgrade"), "websocket");
}

/* --- tickets --- */

static void publish(uint64_t generation, uint64_t ended)
{
        struct trust_ended list = {.session = ended, .until_ms = UINT64_MAX};
        struct trust_content content = {
                .generation = generation, .key_count = 1, .ended_count = ended > 0, .ended = &list};
        uint8_t seed[SEED_BYTES] = {1};

        crypto_key_from_seed(seed, content.keys[0].public_key, fake_key.secret);
        content.keys[0].id = 1;
        assert_int_equal(clock_boot_id(content.boot_id), 0);
        fake_publish(&content);
}

static void a_session_that_ends_ends_its_streams(void **state)
{
        struct websocket *vera = fake_connect(fake_ticket("vera", ROLE_VIEWER, 7)),
                         *tab = fake_connect(fake_ticket("vera", ROLE_VIEWER, 7)),
                         *other = fake_connect(fake_ticket("vera", ROLE_VIEWER, 8));

        (void)state;
        fake_say(vera, WATCH);
        fake_say(other, WATCH);
        fake_more(0, ONE);
        publish(2, 7);
        fake_wait(STREAM_LOOK_MS);
        assert_heard_part(vera, "\"state\"");
        assert_heard_part(vera, "{\"error\":{\"type\":\"/api/docs/errors#unauthenticated\"");
        assert_int_equal(vera->code, STREAM_SIGNED_OUT);
        assert_int_equal(tab->code, STREAM_SIGNED_OUT);
        assert_int_equal(other->code, 0);
        assert_int_equal(stream_counts()->watches, 1);
        fake_more(0, arena_printf(api.arena, NEXT, 2));
        assert_silent(vera);
        assert_heard_part(other, "\"state\"");
        assert_heard_part(other, "\"patch\"");
        fake_say(vera, WATCH); /* it is too late for that */
        assert_silent(vera);
        publish(3, 8);
        fake_say(other, "{\"id\":2,\"watch\":\"nas.t.ListThings\"}"); /* before the next look */
        assert_heard_part(other, "errors#unauthenticated");
        fake_gone(vera);
        fake_gone(tab);
        fake_gone(other);
}

static void tickets_are_renewed_while_they_can_be(void **state)
{
        struct websocket *vera = fake_connect(fake_ticket("vera", ROLE_VIEWER, 7)),
                         *tab = fake_connect(fake_ticket("vera", ROLE_VIEWER, 7));

        (void)state;
        fake_wait(TICKET_LIFE_MS - STREAM_EARLY_MS - 1000);
        assert_int_equal(fake_ask_count, 0);
        fake_wait(2000);
        assert_int_equal(fake_ask_count, 1); /* for both */
        assert_string_equal(fake_asks[0].method, "nas.users.Refresh");
        fake_away(0, FAILURE_UNAVAILABLE, false);
        fake_wait(5000);
        assert_int_equal(fake_ask_count, 1);
        fake_wait(6000);
        assert_int_equal(fake_ask_count, 2);
        fake_answer(1, NULL, arena_printf(api.arena, "{\"token\":\"%s\"}", fake_ticket("vera", ROLE_VIEWER, 7)));
        fake_wait(STREAM_EARLY_MS);
        assert_int_equal(vera->code, 0);
        fake_wait(TICKET_LIFE_MS - 2 * STREAM_EARLY_MS + 1000);
        assert_int_equal(fake_ask_count, 3);
        fake_answer(2, NULL, arena_printf(api.arena, "{\"token\":\"%s\"}", fake_ticket("vera", ROLE_ADMIN, 7)));
        fake_wait(STREAM_EARLY_MS); /* another's ticket is not its */
        assert_int_equal(vera->code, STREAM_SIGNED_OUT);
        assert_int_equal(tab->code, STREAM_SIGNED_OUT);
        fake_gone(vera);
        fake_gone(tab);
        for (unsigned i = 3; i < fake_ask_count; i++) /* who was asked for a fresh one answers to nobody */
                if (fake_asks[i].open)
                        fake_away(i, FAILURE_UNAVAILABLE, false);
}

static void a_watch_goes_on_with_the_ticket_of_another(void **state)
{
        const char *old = fake_ticket("vera", ROLE_VIEWER, 7);
        struct websocket *first = fake_connect(old), *second;

        (void)state;
        fake_say(first, WATCH);
        fake_more(0, ONE);
        fake_ahead_ms += 1000;
        const char *fresh = fake_ticket("vera", ROLE_VIEWER, 8);
        second = fake_connect(fresh);
        fake_say(second, WATCH);
        assert_non_null(strstr(fake_asks[0].parameters, old));
        publish(2, 7);
        fake_wait(STREAM_LOOK_MS);
        fake_answer(0, "nas.error.Unauthenticated", "{\"message\":\"m\",\"next\":\"\"}");
        fake_wait(200);
        assert_int_equal(fake_ask_count, 2);
        assert_non_null(strstr(fake_asks[1].parameters, fresh));
        fake_more(1, ONE);
        assert_heard_part(second, "\"state\"");
        assert_silent(second);
        fake_gone(first);
        fake_gone(second);
}

/* --- who is slow --- */

static void a_slow_client_gets_one_state_for_all_it_missed(void **state)
{
        struct websocket *slow = fake_connect(fake_ticket("vera", ROLE_VIEWER, 1)),
                         *quick = fake_connect(fake_ticket("vera", ROLE_VIEWER, 1));
        enum { CHANGES = 200 };

        (void)state;
        fake_say(slow, WATCH);
        fake_say(quick, WATCH);
        fake_more(0, ONE);
        assert_heard_part(slow, "\"state\"");
        slow->stuck = true;
        slow->backlog = STREAM_BACKLOG_MAX;
        for (int i = 2; i < CHANGES; i++)
                fake_more(0, arena_printf(api.arena, NEXT, i));
        assert_silent(slow);
        assert_int_equal(quick->count, CHANGES - 1);
        fake_room(slow);
        assert_heard_part(slow, "{\"id\":1,\"resync\":true,\"state\":[{\"id\":199}],\"version\":");
        assert_silent(slow);
        fake_more(0, arena_printf(api.arena, NEXT, 7));
        assert_heard_part(slow, "{\"id\":1,\"patch\":");
        fake_gone(slow);
        fake_gone(quick);
}

/* However many watches: what waits for a client is never more than the limit and one message. */
static void what_waits_is_bounded(void **state)
{
        struct websocket *slow = fake_connect(fake_ticket("vera", ROLE_VIEWER, 1));
        enum { WATCHES = 20, BYTES = 30000 };
        char *many = arena_alloc(api.arena, BYTES + 100);
        unsigned states = 0;

        (void)state;
        int length = snprintf(many, BYTES, "{\"things\":[{\"id\":99}");
        for (int i = 100; length < BYTES; i++)
                length += snprintf(many + length, 20, ",{\"id\":%d}", i);
        memcpy(many + length, "]}", 3);
        slow->stuck = true;
        for (int i = 0; i < WATCHES; i++)
                fake_say(slow, arena_printf(api.arena, "{\"id\":%d,\"watch\":\"nas.t.ListThings\"}", i));
        fake_more(0, many);
        assert_in_range(slow->backlog, BYTES, STREAM_BACKLOG_MAX);
        for (int i = 0; i < WATCHES; i++) {
                slow->backlog = 0;
                slow->events->room(slow, slow->context);
                assert_in_range(slow->backlog, 0, STREAM_BACKLOG_MAX);
        }
        for (const char *text = fake_heard(slow); text != NULL; text = fake_heard(slow))
                states += strstr(text, "\"state\"") != NULL;
        assert_int_equal(states, WATCHES);
        fake_gone(slow);
}

/* --- who wants too much --- */

static void limits_hold(void **state)
{
        struct websocket *vera = fake_connect(fake_ticket("vera", ROLE_VIEWER, 1));

        (void)state;
        for (int i = 0; i < STREAM_WATCHES_MAX; i++)
                fake_say(vera, arena_printf(api.arena, "{\"id\":%d,\"watch\":\"nas.t.ListThings\"}", i));
        assert_silent(vera);
        fake_say(vera, "{\"id\":100,\"watch\":\"nas.t.ListThings\"}");
        assert_heard_part(vera, "{\"id\":100,\"error\":{\"type\":\"/api/docs/errors#busy\"");
        fake_say(vera, "{\"id\":3,\"watch\":\"nas.t.ListThings\"}"); /* its id is taken: that one goes on */
        assert_heard_part(vera, "{\"error\":{\"type\":\"/api/docs/errors#conflict\"");
        assert_int_equal(stream_counts()->watches, STREAM_WATCHES_MAX);
        fake_gone(vera);
        fake_wait(0);
        fake_wait(STREAM_LINGER_MS);
        vera = fake_connect(fake_ticket("vera", ROLE_VIEWER, 1));
        for (int i = 0; i < STREAM_BURST; i++)
                fake_say(vera, "{\"id\":1,\"cancel\":true}");
        assert_int_equal(vera->count, STREAM_BURST);
        assert_int_equal(vera->code, 0);
        fake_wait(1000);
        for (int i = 0; i < 1000 / STREAM_MESSAGE_MS; i++)
                fake_say(vera, "{\"id\":1,\"cancel\":true}");
        assert_int_equal(vera->code, 0);
        for (int i = 0; i < STREAM_BURST && vera->code == 0; i++)
                fake_say(vera, "{\"id\":1,\"cancel\":true}");
        assert_int_equal(vera->code, STREAM_TOO_MUCH);
        fake_gone(vera);
}

static void one_person_has_a_share(void **state)
{
        enum { CLIENTS = 4, MORE = 34 };
        struct websocket *sockets[CLIENTS];
        unsigned busy = 0;

        (void)state;
        for (int i = 0; i < CLIENTS; i++) {
                sockets[i] = fake_connect(fake_ticket("vera", ROLE_VIEWER, 1));
                for (int j = 0; j < MORE; j++)
                        fake_say(sockets[i], arena_printf(api.arena,
                                                          "{\"id\":%d,\"watch\":\"nas.t.ListThings\",\"params\":{"
                                                          "\"limit\":%d}}",
                                                          j, i * MORE + j));
                for (const char *text = fake_heard(sockets[i]); text != NULL; text = fake_heard(sockets[i]))
                        busy += strstr(text, "errors#busy") != NULL;
        }
        assert_int_equal(fake_ask_count, STREAM_PERSON_TOPICS_MAX);
        assert_int_equal(busy, CLIENTS * MORE - STREAM_PERSON_TOPICS_MAX);
        for (int i = 0; i < CLIENTS; i++)
                fake_gone(sockets[i]);
}

static void nonsense_is_told(void **state)
{
        struct websocket *vera = fake_connect(fake_ticket("vera", ROLE_VIEWER, 1));
        static const char *const cases[][2] = {
                {"", "{\"error\":{\"type\":\"/api/docs/errors#malformed\""},
                {"{", "{\"error\":{\"type\":\"/api/docs/errors#malformed\""},
                {"{\"id\":1,\"id\":2,\"cancel\":true}", "{\"error\":{\"type\":\"/api/docs/errors#malformed\""},
                {"{\"id\":5}", "{\"id\":5,\"error\":{\"type\":\"/api/docs/errors#malformed\""},
                {"{\"id\":5,\"watch\":\"nas.t.Nothing\"}",
                 "{\"id\":5,\"error\":{\"type\":\"/api/docs/errors#not-found\""},
                {"{\"id\":5,\"watch\":\"nas.t.Hidden\"}",
                 "{\"id\":5,\"error\":{\"type\":\"/api/docs/errors#not-found\""},
                {"{\"id\":5,\"watch\":\"nas.t.GetThing\"}",
                 "{\"id\":5,\"error\":{\"type\":\"/api/docs/errors#invalid\""},
                {"{\"id\":5,\"call\":\"nas.t.Enter\"}", "{\"id\":5,\"error\":{\"type\":\"/api/docs/errors#invalid\""},
                {"{\"id\":5,\"watch\":\"nas.t.ListThings\",\"params\":{\"caller\":{}}}",
                 "{\"id\":5,\"error\":{\"type\":\"/api/docs/errors#invalid\""},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                fake_say(vera, cases[i][0]);
                assert_heard_part(vera, cases[i][1]);
        }
        assert_int_equal(fake_ask_count, 0);
        assert_int_equal(stream_counts()->watches, 0);
        fake_gone(vera);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                FAKE_TEST(who_gets_one),
                FAKE_TEST(a_session_that_ends_ends_its_streams),
                FAKE_TEST(tickets_are_renewed_while_they_can_be),
                FAKE_TEST(a_watch_goes_on_with_the_ticket_of_another),
                FAKE_TEST(a_slow_client_gets_one_state_for_all_it_missed),
                FAKE_TEST(what_waits_is_bounded),
                FAKE_TEST(limits_hold),
                FAKE_TEST(one_person_has_a_share),
                FAKE_TEST(nonsense_is_told),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
