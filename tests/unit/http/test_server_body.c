/* Bodies: up, whole and in pieces, of a length and in chunks; down, in pieces that a slow client holds up.
 * Rights: none; socket pairs. */
#include "tests/unit/http/world.h"

enum { PIECE = 100 * 1000, PIECES = 30 };

static struct {
        struct exchange *exchange;
        uint64_t sum;
        unsigned pieces, rooms, sent;
        bool pauses, last;
} body;

static void whole(struct exchange *exchange, const char *bytes, size_t length, void *context)
{
        (void)context;
        exchange_answer(exchange, 200, bytes, length);
}

static void piece(struct exchange *exchange, const char *bytes, size_t length, bool last, void *context)
{
        (void)context;
        body.sum += length;
        for (size_t i = 0; i < length; i++)
                assert_int_equal(bytes[i], 'z');
        body.pieces++;
        body.last = last;
        if (last)
                exchange_answer(exchange, 200, "counted", 7);
        else if (body.pauses)
                exchange_pause(exchange);
}

static void more(struct exchange *exchange, void *context)
{
        static char bytes[PIECE];
        memset(bytes, 'p', sizeof(bytes));
        body.rooms++;
        while (body.sent < PIECES) {
                body.sent++;
                if (!exchange_answer_piece(exchange, bytes, sizeof(bytes))) {
                        assert_true(exchange->connection->output.waiting <= 256 * 1024 + PIECE + 64);
                        exchange_on_room(exchange, more, context);
                        return;
                }
        }
        exchange_answer_end(exchange);
}

static void world_serve(struct exchange *exchange, void *context)
{
        struct http_text path = exchange_path(exchange);
        (void)context;
        body.exchange = exchange;
        if (http_text_is(path, "/whole")) {
                exchange_read_all(exchange, 20000, whole, NULL);
        } else if (http_text_is(path, "/pieces")) {
                exchange_read(exchange, piece, NULL);
        } else if (http_text_is(path, "/down")) {
                body.sent = 0;
                exchange_answer_begin(exchange, 200);
                more(exchange, NULL);
        } else if (http_text_is(path, "/two")) {
                exchange_answer_begin(exchange, 200);
                exchange_answer_piece(exchange, "first", 5);
                exchange_answer_piece(exchange, "", 0);
                exchange_answer_piece(exchange, "second piece", 12);
                exchange_answer_end(exchange);
        } else if (http_text_is(path, "/abort")) {
                exchange_answer_begin(exchange, 200);
                exchange_answer_piece(exchange, "first", 5);
                exchange_abort(exchange);
        } else if (!http_text_is(path, "/wait")) {
                exchange_answer(exchange, 200, "unread", 6);
        }
}

static int set_up(void **state)
{
        memset(&body, 0, sizeof(body));
        return world_set_up(state);
}

static void bodies_come_whole(void **state)
{
        (void)state;
        static const char *const parts[][4] = {
                {"POST /whole HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"},
                {"POST /whole HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n", "he", "llo"},
                {"POST /whole HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"},
                {"POST /whole HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r", "\nhe\r\n3;x=y\r\nl",
                 "lo\r\n0\r\nTrailer: 1\r\n\r\n"},
        };
        struct client client = client_new();
        for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
                for (size_t part = 0; part < 4 && parts[i][part] != NULL; part++) {
                        say(&client, parts[i][part]);
                        settle();
                }
                assert_has(hear(&client, "hello"), "Content-Length: 5\r\n");
                forget(&client);
        }
        say(&client, "POST /whole HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"
                     "POST /whole HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
                     "GET /whole HTTP/1.1\r\nHost: a\r\n\r\nGET /unread HTTP/1.1\r\nHost: a\r\n\r\n");
        const char *heard = hear(&client, "unread");
        for (int i = 0; i < 3; i++) {
                heard = strstr(heard, "Content-Length: 0\r\n");
                assert_non_null(heard++);
        }
        client_done(&client);
}

static void what_follows_a_body_is_the_next_request(void **state)
{
        (void)state;
        struct client client = client_new();
        char *large = mem_new(1, 19000);
        memset(large, 'q', 18999);
        say(&client, "POST /whole HTTP/1.1\r\nHost: a\r\nContent-Length: 18999\r\n\r\n");
        say(&client, large);
        say(&client,
            "POST /whole HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nendGET /x HTTP/1.1\r\nHost: a\r\n\r\n");
        hear(&client, "unread");
        assert_has(client.heard, "Content-Length: 18999\r\n");
        assert_has(client.heard, "\r\n\r\nend");
        free(large);
        client_done(&client);
}

static void what_is_too_large_is_refused(void **state)
{
        (void)state;
        static const char *const requests[] = {
                "POST /whole HTTP/1.1\r\nHost: a\r\nContent-Length: 20001\r\n\r\n",
                "POST /whole HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\nExpect: 100-continue\r\n\r\n",
                "POST /whole HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4e21\r\n",
        };
        char much[20002];
        memset(much, 'm', sizeof(much));
        for (size_t i = 0; i < ARRAY_SIZE(requests); i++) {
                struct client client = client_new();
                say(&client, requests[i]);
                if (i == 2)
                        say_bytes(&client, much, 20001);
                const char *heard = hear(&client, NULL);
                assert_memory_equal(heard, "HTTP/1.1 413 ", 13);
                assert_has(heard, "Connection: close\r\n");
                assert_has(heard, "X-Refused: yes\r\n");
                client_done(&client);
        }
        assert_int_equal(world.refused, 3);
}

static void broken_chunks_are_refused(void **state)
{
        (void)state;
        struct client client = client_new();
        say(&client, "POST /whole HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n");
        assert_memory_equal(hear(&client, NULL), "HTTP/1.1 400 ", 13);
        client_done(&client);
}

static void who_expects_is_told_to_go_on(void **state)
{
        (void)state;
        struct client client = client_new();
        say(&client, "POST /whole HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
        assert_string_equal(hear(&client, "\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
        say(&client, "hi");
        hear(&client, "\r\n\r\nhi");
        forget(&client);
        /* Who does not wait need not be told. */
        say(&client, "POST /whole HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\nho");
        assert_memory_equal(hear(&client, "\r\n\r\nho"), "HTTP/1.1 200", 12);
        forget(&client);
        /* Nobody wants the body: it is never asked for, and the connection ends. */
        say(&client, "POST /unread HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
        assert_lacks(hear(&client, NULL), "100 Continue");
        client_done(&client);
}

static void what_nobody_read_is_left_out(void **state)
{
        (void)state;
        struct client client = client_new();
        say(&client,
            "POST /unread HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
            "POST /unread HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n2\r\nbc\r\n0\r\n\r\n"
            "POST /unread HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhel");
        const char *heard = hear(&client, NULL);
        unsigned count = 0;
        for (; (heard = strstr(heard, "unread")) != NULL; heard++)
                count++;
        assert_int_equal(count, 3);
        assert_has(client.heard, "Connection: close\r\n");
        client_done(&client);
}

static void bodies_come_in_pieces(void **state)
{
        (void)state;
        static char much[60000];
        struct client client = client_new();
        memset(much, 'z', sizeof(much));
        say(&client, "PUT /pieces HTTP/1.1\r\nHost: a\r\nContent-Length: 120000\r\n\r\n");
        say_bytes(&client, much, sizeof(much));
        for (int waited = 0; body.sum < 60000 && waited < PATIENCE_MS; waited += 20)
                settle();
        assert_int_equal(body.sum, 60000);
        assert_false(body.last);
        assert_true(client.heard[0] == '\0');
        say_bytes(&client, much, sizeof(much));
        hear(&client, "counted");
        assert_int_equal(body.sum, 120000);
        assert_true(body.pieces >= 120000 / INPUT_BYTES);
        client_done(&client);
}

static void a_pause_holds_the_client(void **state)
{
        (void)state;
        static char much[64 * 1024];
        struct client client = client_new();
        body.pauses = true;
        memset(much, 'z', sizeof(much));
        say(&client, "PUT /pieces HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n");
        uint64_t given = 0;
        for (int i = 0; i < 50; i++) {
                ssize_t sent = send(client.fd, much, sizeof(much), MSG_NOSIGNAL);
                given += sent > 0 ? (uint64_t)sent : 0;
                settle();
        }
        assert_true(given < 900000); /* the rest did not fit into the kernel's buffers */
        assert_int_equal(body.pieces, 1);
        while (given < 1000000) {
                uint64_t left = 1000000 - given;
                ssize_t sent = send(client.fd, much, left < sizeof(much) ? left : sizeof(much), MSG_NOSIGNAL);
                given += sent > 0 ? (uint64_t)sent : 0;
                exchange_resume(body.exchange);
                settle();
        }
        body.pauses = false;
        exchange_resume(body.exchange);
        hear(&client, "counted");
        assert_int_equal(body.sum, 1000000);
        client_done(&client);
}

static void answers_go_out_in_pieces(void **state)
{
        (void)state;
        struct client client = client_new();
        say(&client, "GET /two HTTP/1.1\r\nHost: a\r\n\r\n");
        const char *heard = hear(&client, "0\r\n\r\n");
        assert_has(heard, "Transfer-Encoding: chunked\r\n");
        assert_has(heard, "\r\n\r\n5\r\nfirst\r\nc\r\nsecond piece\r\n0\r\n\r\n");
        forget(&client);
        say(&client, "HEAD /two HTTP/1.1\r\nHost: a\r\n\r\nGET /x HTTP/1.1\r\nHost: a\r\n\r\n");
        assert_lacks(hear(&client, "unread"), "first");
        forget(&client);
        say(&client, "GET /abort HTTP/1.1\r\nHost: a\r\n\r\n");
        assert_lacks(hear(&client, NULL), "0\r\n\r\n");
        client_done(&client);
        client = client_new();
        say(&client, "GET /two HTTP/1.0\r\n\r\n");
        heard = hear(&client, NULL);
        assert_has(heard, "Connection: close\r\n");
        assert_has(heard, "\r\n\r\nfirstsecond piece");
        client_done(&client);
}

static void a_slow_client_holds_up_the_pieces(void **state)
{
        (void)state;
        struct client client = client_new();
        say(&client, "GET /down HTTP/1.1\r\nHost: a\r\n\r\n");
        settle();
        unsigned before = body.sent;
        assert_true(before < PIECES);
        settle();
        assert_int_equal(body.sent, before);
        hear(&client, "\r\n0\r\n\r\n");
        assert_true(body.rooms > 1);
        assert_true(client.length > (size_t)PIECES * PIECE);
        client_done(&client);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, world_tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(bodies_come_whole),
                TEST(what_follows_a_body_is_the_next_request),
                TEST(what_is_too_large_is_refused),
                TEST(broken_chunks_are_refused),
                TEST(who_expects_is_told_to_go_on),
                TEST(what_nobody_read_is_left_out),
                TEST(bodies_come_in_pieces),
                TEST(a_pause_holds_the_client),
                TEST(answers_go_out_in_pieces),
                TEST(a_slow_client_holds_up_the_pieces),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
