/* WebSockets: the greeting, messages in any number of frames and bytes, what is refused with which code, signs of life,
 * the polite end, and what an idle one keeps.
 * Rights: none; socket pairs. */
#include "tests/unit/http/world.h"

#include "http/websocket.h"
#include "http/websocket_parts.h"

static const char greeting[] =
        "GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
static struct {
        struct websocket *socket;
        unsigned texts, rooms, gone;
} said;

static void text(struct websocket *socket, const char *bytes, size_t length, void *context)
{
        assert_string_equal(context, "mine");
        said.texts++;
        if (length == 5 && memcmp(bytes, "close", 5) == 0)
                websocket_close(socket, 4000, "as you wish");
        else
                websocket_send(socket, bytes, length);
}

static void room(struct websocket *socket, void *context)
{
        (void)socket, (void)context;
        said.rooms++;
}

static void gone(struct websocket *socket, void *context)
{
        (void)context;
        assert_ptr_equal(socket, said.socket);
        said.gone++;
        said.socket = NULL;
}

static void world_serve(struct exchange *exchange, void *context)
{
        static const struct websocket_events events = {text, room, gone};
        int status = websocket_asked(exchange_head(exchange));
        (void)context;
        if (status != 0)
                exchange_answer(exchange, status, NULL, 0);
        else
                said.socket = websocket_accept(exchange, "bulkhead", &events, (void *)(uintptr_t) "mine");
}

static int set_up(void **state)
{
        static const struct http_limits limits = {.ping_ms = 200, .lingering_ms = 200, .grace_ms = 150};
        (void)state;
        memset(&said, 0, sizeof(said));
        world_open(&limits);
        return 0;
}

static struct client greeted(void)
{
        struct client client = client_new();
        say(&client, greeting);
        hear(&client, "\r\n\r\n");
        forget(&client);
        return client;
}

/* A masked frame as a client sends it; how many bytes. first: FIN and opcode. */
static size_t frame(char *target, unsigned first, const void *payload, size_t length)
{
        static const char mask[4] = {0x11, 0x22, 0x33, 0x44};
        size_t at = 0;
        target[at++] = (char)first;
        target[at++] = (char)(0x80 | (length < 126 ? length : length < 65536 ? 126 : 127));
        for (int shift = length < 126 ? -8 : length < 65536 ? 8 : 56; shift >= 0; shift -= 8)
                target[at++] = (char)((uint64_t)length >> shift);
        memcpy(target + at, mask, 4);
        at += 4;
        for (size_t i = 0; i < length; i++)
                target[at++] = ((const char *)payload)[i] ^ mask[i % 4];
        return at;
}

static void say_frame(struct client *client, unsigned first, const char *payload)
{
        char bytes[256];
        say_bytes(client, bytes, frame(bytes, first, payload, strlen(payload)));
}

static void the_greeting_is_the_rfcs(void **state)
{
        (void)state;
        static const char *const bad[] = {
                "GET /ws HTTP/1.1\r\nHost: a\r\n\r\n",
                "POST /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: "
                "dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nContent-Length: 0\r\n\r\n",
                "GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: "
                "dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 8\r\n\r\n",
                "GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\nConnection: Upgrade\r\nSec-WebSocket-Key: "
                "dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
                "GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: "
                "short==\r\nSec-WebSocket-Version: 13\r\n\r\n",
                "GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: "
                "dGhlIHNhbXBsZSBub25jZ!==\r\nSec-WebSocket-Version: 13\r\n\r\n",
        };
        struct client client = client_new();
        say(&client, greeting);
        const char *heard = hear(&client, "\r\n\r\n");
        assert_memory_equal(heard, "HTTP/1.1 101 Switching Protocols\r\n", 34);
        assert_has(heard, "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n");
        assert_has(heard, "Sec-WebSocket-Protocol: bulkhead\r\n");
        assert_int_equal(http_server_counts(world.server)->websockets, 1);
        client_done(&client);
        for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
                client = client_new();
                say(&client, bad[i]);
                heard = hear(&client, "\r\n\r\n");
                if (strncmp(heard, "HTTP/1.1 426", 12) != 0 && strncmp(heard, "HTTP/1.1 400", 12) != 0)
                        fail_msg("row %zu: %s", i, heard);
                client_done(&client);
        }
}

static void messages_come_and_go(void **state)
{
        (void)state;
        struct client client = client_new();
        char bytes[256];
        size_t length = (size_t)snprintf(bytes, sizeof(bytes), "%s", greeting);
        length += frame(bytes + length, 0x81, "early", 5); /* together with the greeting */
        say_bytes(&client, bytes, length);
        hear(&client, "\x81\x05"
                      "early");
        length = frame(bytes, 0x81, "byte by byte", 12);
        for (size_t i = 0; i < length; i++) {
                say_bytes(&client, bytes + i, 1);
                settle();
        }
        hear(&client, "\x81\x0c"
                      "byte by byte");
        forget(&client);
        say_frame(&client, 0x01, "in ");
        say_frame(&client, 0x89, "ping");
        say_frame(&client, 0x00, "three ");
        say_frame(&client, 0x8a, "a pong that nobody asked for");
        say_frame(&client, 0x80, "pieces");
        assert_has(hear(&client, "\x81\x0fin three pieces"), "\x8a\x04ping");
        say_frame(&client, 0x81, "");
        settle();
        assert_int_equal(said.texts, 4);
        client_done(&client);
}

static void large_messages_have_their_lengths(void **state)
{
        (void)state;
        static const size_t lengths[] = {125, 126, 127, 4096, 65535, WEBSOCKET_MESSAGE_MAX};
        static char payload[WEBSOCKET_MESSAGE_MAX + 1], bytes[WEBSOCKET_MESSAGE_MAX + 32];
        memset(payload, 'l', sizeof(payload));
        struct client client = greeted();
        for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
                say_bytes(&client, bytes, frame(bytes, 0x81, payload, lengths[i]));
                size_t head = lengths[i] < 126 ? 2 : lengths[i] < 65536 ? 4 : 10;
                for (int round = 0; round < 200 && client.length < head + lengths[i]; round++) {
                        settle();
                        client_reads(client.fd, 0, &client);
                }
                assert_int_equal(client.length, lengths[i] + head);
                assert_memory_equal(client.heard + head, payload, lengths[i]);
                forget(&client);
        }
        client_done(&client);
}

static unsigned code_of(const char *bytes, size_t length)
{
        struct client client = greeted();
        say_bytes(&client, bytes, length);
        hear(&client, NULL);
        const uint8_t *close_frame = (const uint8_t *)client.heard;
        unsigned code = client.length < 2 || close_frame[0] != 0x88 ? 1
                        : close_frame[1] < 2                        ? 0
                                                                    : (unsigned)close_frame[2] << 8 | close_frame[3];
        assert_int_equal(said.texts, 0);
        assert_int_equal(said.gone, 1);
        said.gone = 0;
        client_done(&client);
        return code;
}

static void what_is_wrong_has_its_code(void **state)
{
        (void)state;
        static const struct {
                unsigned first, code;
                const char *payload;
                size_t length;
        } table[] = {
                {0x82, 1003, "binary", 6},
                {0x83, 1002, "", 0},
                {0x8b, 1002, "", 0},
                {0xc1, 1002, "rsv", 3},
                {0x80, 1002, "continues nothing", 17},
                {0x09, 1002, "ping in pieces", 14},
                {0x81, 1007, "\xc3\x28", 2},
                {0x81, 1007, "\xed\xa0\x80", 3},
                {0x88, 0, "", 0},
                {0x88, 1000, "\x03\xe8", 2},
                {0x88, 4999, "\x13\x87", 2},
                {0x88, 1002, "\x03", 1},
                {0x88, 1002, "\x03\xed", 2}, /* 1005 may not be sent */
                {0x88, 1002, "\x00\x00", 2},
                {0x88, 1007, "\x03\xe8\xff", 3},
        };
        for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
                char bytes[256];
                size_t length = frame(bytes, table[i].first, table[i].payload, table[i].length);
                unsigned code = code_of(bytes, length);
                if (code != table[i].code)
                        fail_msg("row %zu: %u, not %u", i, code, table[i].code);
        }
        assert_int_equal(code_of("\x81\x05hello", 7), 1002);                          /* no mask */
        assert_int_equal(code_of("\x89\xfe\x00\x7e\x11\x22\x33\x44", 8 + 0), 1002);   /* a ping of 126 bytes */
        assert_int_equal(code_of("\x81\xfe\x00\x05\x11\x22\x33\x44hello", 13), 1002); /* a length written too long */
        assert_int_equal(code_of("\x81\xff\x00\x00\x00\x00\x00\x01\x00\x01mask.", 15), 1009);
        char twice[64];
        size_t length = frame(twice, 0x01, "a", 1);
        length += frame(twice + length, 0x81, "b", 1);
        assert_int_equal(code_of(twice, length), 1002); /* a second message inside the first */
}

static void a_message_in_many_pieces_is_limited_too(void **state)
{
        (void)state;
        static char payload[16000], bytes[16100];
        memset(payload, 'l', sizeof(payload));
        struct client client = greeted();
        for (int i = 0; i < 5; i++) {
                say_bytes(&client, bytes, frame(bytes, i == 0 ? 0x01 : 0x00, payload, sizeof(payload)));
                settle();
        }
        hear(&client, NULL);
        assert_memory_equal(client.heard, "\x88\x02\x03\xf1", 4); /* 1009 */
        client_done(&client);
}

static void the_end_is_polite(void **state)
{
        (void)state;
        struct client client = greeted();
        say_frame(&client, 0x81, "close");
        say_frame(&client, 0x81, "not heard any more");
        hear(&client, "as you wish");
        assert_memory_equal(client.heard, "\x88\x0d\x0f\xa0", 4);
        assert_int_equal(said.texts, 1);
        assert_int_equal(said.gone, 0);
        say_frame(&client, 0x88, "\x0f\xa0");
        hear(&client, NULL);
        settle();
        assert_int_equal(said.gone, 1);
        client_done(&client);
        client = greeted(); /* who does not answer is not waited for */
        say_frame(&client, 0x81, "close");
        hear(&client, "as you wish");
        lapse(199);
        assert_int_equal(said.gone, 1);
        lapse(1);
        hear(&client, NULL);
        settle();
        assert_int_equal(said.gone, 2);
        client_done(&client);
        client = greeted(); /* who only goes is gone */
        client_done(&client);
        settle();
        assert_int_equal(said.gone, 3);
        assert_int_equal(http_server_counts(world.server)->open, 0);
}

static void who_gives_no_sign_of_life_is_gone(void **state)
{
        (void)state;
        struct client client = greeted();
        lapse(200);
        hear(&client, "\x89"); /* a ping; no payload */
        forget(&client);
        say_frame(&client, 0x8a, "");
        settle();
        lapse(199);
        assert_int_equal(client.length, 0);
        lapse(1);
        assert_int_equal(said.gone, 0);
        hear(&client, "\x89");
        lapse(199);
        assert_int_equal(said.gone, 0);
        lapse(1);
        hear(&client, NULL); /* not answered */
        settle();
        assert_int_equal(said.gone, 1);
        client_done(&client);
}

/* Each byte of a message that never ends costs a place for its reader: it must come at some pace. */
static void half_a_message_is_not_waited_for(void **state)
{
        (void)state;
        struct client client = greeted();
        static const char start[] = "\x81\xfe\x40\x00\x11\x22\x33\x44";
        say_bytes(&client, start, 8);
        settle();
        for (int i = 1; i <= 15; i++) {
                (void)!send(client.fd, "a", 1, MSG_NOSIGNAL);
                lapse(10);
                assert_int_equal(said.gone, 0);
        }
        lapse(10);
        assert_int_equal(said.gone, 1);
        client_done(&client);
}

static void an_idle_one_keeps_nothing(void **state)
{
        (void)state;
        struct client client = greeted();
        struct connection *connection = world.server->connections;
        say_frame(&client, 0x81, "hello");
        hear(&client, "hello");
        settle();
        assert_null(connection->input.bytes);
        assert_null(connection->exchange);
        struct ws_reader *spare = world.server->reader;
        assert_non_null(spare);
        say_bytes(&client, "\x81", 1);
        settle();
        assert_null(connection->input.bytes);
        assert_null(world.server->reader); /* lent, while something is half there */
        say_bytes(&client, "\x80\x11\x22\x33\x44", 5);
        settle();
        assert_ptr_equal(world.server->reader, spare);
        client_done(&client);
}

static void a_frame_is_shared_and_the_slow_are_cut_off(void **state)
{
        (void)state;
        static char bytes[60000];
        memset(bytes, 's', sizeof(bytes));
        struct client client = greeted();
        struct websocket_frame *shared = websocket_frame_new(bytes, sizeof(bytes));
        unsigned count = 0;
        while (websocket_backlog(said.socket) == 0 && count++ < 1000)
                websocket_send_frame(said.socket, shared);
        assert_int_equal(shared->holders, 2);
        websocket_send_frame(said.socket, shared);
        assert_int_equal(shared->holders, 3);
        assert_int_equal(said.rooms, 0);
        for (int i = 0; i < 300 && said.rooms == 0; i++) {
                client_reads(client.fd, 0, &client);
                client.length = 0;
                settle();
        }
        assert_int_equal(said.rooms, 1);
        assert_int_equal(shared->holders, 1);
        for (int i = 0; i < 100 && said.socket != NULL; i++)
                websocket_send_frame(said.socket, shared);
        settle();
        assert_int_equal(said.gone, 1);
        assert_int_equal(shared->holders, 1);
        websocket_frame_drop(shared);
        client_done(&client);
}

static void at_the_end_all_are_told_to_come_back(void **state)
{
        (void)state;
        struct client client = greeted();
        http_server_drain(world.server);
        hear(&client, "come back");
        assert_memory_equal(client.heard + 2, "\x03\xe9", 2); /* 1001 */
        say_frame(&client, 0x88, "\x03\xe9");
        lapse(199);
        assert_int_equal(said.gone, 1);
        assert_int_equal(http_server_counts(world.server)->open, 1); /* until it has read that */
        world_clock_ms += 200;
        loop_run(world.loop); /* ends by itself, at the next look at the clock */
        client_done(&client);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, world_tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(the_greeting_is_the_rfcs),
                TEST(messages_come_and_go),
                TEST(large_messages_have_their_lengths),
                TEST(what_is_wrong_has_its_code),
                TEST(a_message_in_many_pieces_is_limited_too),
                TEST(the_end_is_polite),
                TEST(who_gives_no_sign_of_life_is_gone),
                TEST(half_a_message_is_not_waited_for),
                TEST(an_idle_one_keeps_nothing),
                TEST(a_frame_is_shared_and_the_slow_are_cut_off),
                TEST(at_the_end_all_are_told_to_come_back),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
