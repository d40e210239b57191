/* Who is slow, who is many, who comes by the wrong door, and the end without a lost request.
 * Rights: none; socket pairs, and a folder below /tmp. */
#include "tests/unit/http/world.h"

#include <sys/stat.h>

static const struct http_limits quick = {.handshake_ms = 120,
                                         .head_ms = 120,
                                         .idle_ms = 120,
                                         .body_bytes_per_s = 10000,
                                         .grace_ms = 120,
                                         .requests_max = 3,
                                         .per_address_max = 2,
                                         .lingering_ms = 120};
static struct exchange *held;

static void whole(struct exchange *exchange, const char *bytes, size_t length, void *context)
{
        (void)context;
        exchange_answer(exchange, 200, bytes, length);
}

static void world_serve(struct exchange *exchange, void *context)
{
        struct http_text path = exchange_path(exchange);
        (void)context;
        if (http_text_is(path, "/held")) {
                held = exchange;
        } else if (http_text_is(path, "/whole")) {
                exchange_read_all(exchange, 1000000, whole, NULL);
        } else if (http_text_is(path, "/much")) {
                static char much[4 * 1000 * 1000];
                exchange_answer(exchange, 200, much, sizeof(much));
        } else {
                exchange_answer(exchange, 200, path.bytes, path.length);
        }
}

static int set_up(void **state)
{
        (void)state;
        world_open(&quick);
        return 0;
}

static void silence_ends_without_a_word(void **state)
{
        (void)state;
        struct client fresh = client_new();
        settle();
        lapse(119);
        assert_int_equal(http_server_counts(world.server)->open, 1);
        lapse(1);
        assert_string_equal(hear(&fresh, NULL), "");
        client_done(&fresh);
        struct client used = client_new();
        say(&used, "GET /a HTTP/1.1\r\nHost: a\r\n\r\n");
        hear(&used, "/a");
        forget(&used);
        lapse(119);
        assert_int_equal(http_server_counts(world.server)->open, 1);
        lapse(1);
        assert_string_equal(hear(&used, NULL), "");
        client_done(&used);
}

/* Every byte on its own comes in time; the whole head does not. */
static void a_trickled_head_is_refused(void **state)
{
        (void)state;
        static const char head[] =
                "GET /a HTTP/1.1\r\nHost: a\r\nX-Long: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
        struct client client = client_new();
        for (size_t i = 0; i < sizeof(head) - 1; i++) {
                if (send(client.fd, head + i, 1, MSG_NOSIGNAL) != 1)
                        break;
                settle();
                assert_int_equal(world.refused, i * 8 >= 120);
                lapse(8);
        }
        const char *heard = hear(&client, NULL);
        assert_memory_equal(heard, "HTTP/1.1 408 ", 13);
        assert_has(heard, "X-Refused: yes\r\n");
        client_done(&client);
}

static void malformed_and_large_heads_are_refused(void **state)
{
        (void)state;
        static const struct {
                const char *request, *status;
        } table[] = {
                {"GET / HTTP/1.1\r\nHost : a\r\n\r\n", "HTTP/1.1 400 "},
                {"GET / HTTP/2.0\r\nHost: a\r\n\r\n", "HTTP/1.1 505 "},
                {"nonsense\r\n\r\n", "HTTP/1.1 400 "},
        };
        for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
                struct client client = client_new();
                say(&client, table[i].request);
                assert_memory_equal(hear(&client, NULL), table[i].status, 13);
                client_done(&client);
        }
        char large[HTTP_HEAD_MAX + 200];
        struct client client = client_new();
        int length = snprintf(large, sizeof(large), "GET / HTTP/1.1\r\nHost: a\r\nX: ");
        memset(large + length, 'x', sizeof(large) - (size_t)length);
        say_bytes(&client, large, sizeof(large));
        assert_memory_equal(hear(&client, NULL), "HTTP/1.1 431 ", 13);
        client_done(&client);
        assert_int_equal(http_server_counts(world.server)->refused, 4);
}

static void a_slow_body_is_refused(void **state)
{
        (void)state;
        struct client client = client_new();
        say(&client, "POST /whole HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n");
        settle();
        for (int i = 0; i < 60; i++) {
                if (send(client.fd, "slow", 4, MSG_NOSIGNAL) != 4)
                        break;
                lapse(10);
                assert_int_equal(world.refused, (i + 1) * 10 > 120);
        }
        assert_memory_equal(hear(&client, NULL), "HTTP/1.1 408 ", 13);
        client_done(&client);
}

static void an_answer_that_is_not_taken_is_cut_off(void **state)
{
        (void)state;
        struct client client = client_new();
        say(&client, "GET /much HTTP/1.1\r\nHost: a\r\n\r\n");
        settle();
        lapse(120);
        assert_int_equal(http_server_counts(world.server)->open, 1);
        lapse(880);
        assert_int_equal(http_server_counts(world.server)->open, 0);
        assert_true(strlen(hear(&client, NULL)) < 4000000);
        client_done(&client);
}

/* While a request is served nothing is held against its client. */
static void who_waits_for_an_answer_is_not_slow(void **state)
{
        (void)state;
        struct client client = client_new();
        say(&client, "GET /held HTTP/1.1\r\nHost: a\r\n\r\n");
        settle();
        lapse(500);
        exchange_answer(held, 200, "late", 4);
        hear(&client, "late");
        client_done(&client);
}

static void a_connection_serves_only_so_many(void **state)
{
        (void)state;
        struct client client = client_new();
        say(&client, "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n"
                     "GET /3 HTTP/1.1\r\nHost: a\r\n\r\nGET /4 HTTP/1.1\r\nHost: a\r\n\r\n");
        const char *heard = hear(&client, NULL);
        assert_true(strstr(heard, "Connection: close") > strstr(heard, "/2"));
        assert_has(heard, "/3");
        assert_lacks(heard, "/4");
        client_done(&client);
}

static void nobody_has_all_places(void **state)
{
        (void)state;
        static const char request[] = "GET /held HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 2001:db8:1:2::%d\r\n\r\n";
        struct client clients[3];
        struct exchange *first = NULL;
        char text[256];
        for (int i = 0; i < 3; i++) {
                clients[i] = client_at(&(struct http_door){.proxy = true});
                snprintf(text, sizeof(text), request, i + 1); /* all of one /64 */
                say(&clients[i], text);
                settle();
                if (i == 0)
                        first = held;
        }
        assert_memory_equal(hear(&clients[2], NULL), "HTTP/1.1 429 ", 13);
        exchange_answer(held, 200, "x", 1);
        settle();
        struct client another = client_at(&(struct http_door){.proxy = true});
        say(&another, "GET /a HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 2001:db8:1:2::9\r\n\r\n");
        assert_memory_equal(hear(&another, "/a"), "HTTP/1.1 200 ", 13);
        for (int i = 0; i < 3; i++)
                client_done(&clients[i]);
        client_done(&another);
        exchange_answer(first, 200, "x", 1); /* to nobody */
        settle();
}

static void addresses_are_counted_by_network(void **state)
{
        (void)state;
        static const struct {
                const char *text;
                bool admitted;
        } table[] = {
                {"192.0.2.1", true},       {"192.0.2.1", true},        {"192.0.2.1", false},
                {"192.0.2.2", true},       {"::ffff:192.0.2.2", true}, {"::ffff:192.0.2.2", false},
                {"2001:db8::1", true},     {"2001:db8::2", true},      {"2001:db8::ffff:0:0:3", false},
                {"2001:db8:0:1::1", true},
        };
        struct addresses addresses = {.seed = 42};
        struct address *entered[ARRAY_SIZE(table)];
        for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
                uint8_t ip[16];
                assert_true(http_address_read((struct http_text){table[i].text, strlen(table[i].text)}, ip));
                entered[i] = address_enter(&addresses, ip, 2);
                if ((entered[i] != NULL) != table[i].admitted)
                        fail_msg("row %zu", i);
        }
        for (size_t i = 0; i < ARRAY_SIZE(table); i++)
                address_leave(&addresses, entered[i]);
        for (size_t i = 0; i < ADDRESS_BUCKETS; i++)
                assert_null(addresses.buckets[i]);
}

static void the_plain_door_shows_the_way(void **state)
{
        (void)state;
        char folder[] = "/tmp/bulkhead-http.XXXXXX", path[128];
        assert_non_null(mkdtemp(folder));
        static const char *const below[] = {"/.well-known", "/.well-known/acme-challenge"};
        for (size_t i = 0; i < 2; i++) {
                snprintf(path, sizeof(path), "%s%s", folder, below[i]);
                assert_int_equal(mkdir(path, 0755), 0);
        }
        snprintf(path, sizeof(path), "%s%s/tok-en_1", folder, below[1]);
        FILE *file = fopen(path, "w");
        fputs("the answer", file);
        fclose(file);
        static const struct {
                const char *request, *status, *has;
        } table[] = {
                {"GET /a/b?c=d HTTP/1.1\r\nHost: nas.example:80\r\n\r\n", "308",
                 "Location: https://nas.example/a/b?c=d\r\n"},
                {"POST /a HTTP/1.1\r\nHost: [2001:db8::1]\r\nContent-Length: 0\r\n\r\n", "308",
                 "Location: https://[2001:db8::1]/a\r\n"},
                {"GET / HTTP/1.0\r\n\r\n", "400", "https"},
                {"GET /.well-known/acme-challenge/tok-en_1 HTTP/1.1\r\nHost: a\r\n\r\n", "200", "the answer"},
                {"GET /.well-known/acme-challenge/tok-en_2 HTTP/1.1\r\nHost: a\r\n\r\n", "404", ""},
                {"GET /.well-known/acme-challenge/..%2f..%2fx HTTP/1.1\r\nHost: a\r\n\r\n", "400", ""},
                {"GET /.well-known/acme-challenge/%2Ftok-en_1 HTTP/1.1\r\nHost: a\r\n\r\n", "404", ""},
                {"GET /.well-known/acme-challenge/../x HTTP/1.1\r\nHost: a\r\n\r\n", "400", ""},
                {"GET /.well-known/acme-challenge/ HTTP/1.1\r\nHost: a\r\n\r\n", "308", ""},
        };
        for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
                struct client client = client_at(&(struct http_door){.redirect = true, .acme = folder});
                say(&client, table[i].request);
                const char *heard = hear(&client, "\r\n\r\n");
                if (strncmp(heard + 9, table[i].status, 3) != 0)
                        fail_msg("row %zu: %s", i, heard);
                assert_has(heard, table[i].has);
                client_done(&client);
        }
        for (unsigned port = 443; port <= 8443; port += 8000) {
                struct client client = client_at(&(struct http_door){.redirect = true, .https = port});
                say(&client, "GET /a HTTP/1.1\r\nHost: [2001:db8::1]:8080\r\n\r\n");
                assert_has(hear(&client, "\r\n\r\n"), port == 443 ? "Location: https://[2001:db8::1]/a\r\n"
                                                                  : "Location: https://[2001:db8::1]:8443/a\r\n");
                client_done(&client);
        }
        unlink(path);
        for (int i = 1; i >= 0; i--) {
                snprintf(path, sizeof(path), "%s%s", folder, below[i]);
                rmdir(path);
        }
        rmdir(folder);
}

static void the_end_loses_no_request(void **state)
{
        (void)state;
        struct client busy = client_new(), idle = client_new(), fresh = client_new(), late = client_new();
        say(&idle, "GET /a HTTP/1.1\r\nHost: a\r\n\r\n");
        hear(&idle, "/a");
        say(&late, "GET /a HTTP/1.1\r\nHost: a\r\n\r\n");
        hear(&late, "/a");
        say(&busy, "GET /held HTTP/1.1\r\nHost: a\r\n\r\n");
        settle();
        http_server_drain(world.server);
        say(&late, "GET /late HTTP/1.1\r\nHost: a\r\n\r\n"); /* was on its way */
        assert_has(hear(&late, "/late"), "Connection: close\r\n");
        say(&fresh, "GET /fresh HTTP/1.1\r\nHost: a\r\n\r\n");
        assert_has(hear(&fresh, "/fresh"), "Connection: close\r\n");
        lapse(59);
        assert_false(idle.ended);
        assert_int_equal(http_server_counts(world.server)->open, 4);
        lapse(1);
        hear(&idle, NULL);
        exchange_answer(held, 200, "done", 4);
        assert_has(hear(&busy, "done"), "Connection: close\r\n");
        client_done(&busy);
        client_done(&idle);
        client_done(&fresh);
        client_done(&late);
        loop_run(world.loop); /* ends by itself, when the last one is gone */
        assert_int_equal(http_server_counts(world.server)->open, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, world_tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(silence_ends_without_a_word),
                TEST(a_trickled_head_is_refused),
                TEST(malformed_and_large_heads_are_refused),
                TEST(a_slow_body_is_refused),
                TEST(an_answer_that_is_not_taken_is_cut_off),
                TEST(who_waits_for_an_answer_is_not_slow),
                TEST(a_connection_serves_only_so_many),
                TEST(nobody_has_all_places),
                TEST(addresses_are_counted_by_network),
                TEST(the_plain_door_shows_the_way),
                TEST(the_end_loses_no_request),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
