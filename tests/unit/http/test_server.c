/* Requests and their answers: order, shapes, keep-alive, half-closed clients, clients that go, and what an idle
 * connection keeps.
 * Rights: none; socket pairs. */
#include "tests/unit/http/world.h"

static struct exchange *held; /* one that a test answers later */

static void note_gone(struct exchange *exchange, void *context)
{
        (void)context;
        assert_ptr_equal(held, exchange);
        held = NULL;
        snprintf(world.said, sizeof(world.said), "gone");
}

static void answer_facts(struct exchange *exchange)
{
        const struct http_head *head = exchange_head(exchange);
        char text[512];
        struct http_text path = exchange_path(exchange);
        int length = snprintf(text, sizeof(text), "path %.*s; address %s; secure %d; host %.*s; id %s;",
                              (int)path.length, path.bytes, exchange_address(exchange), exchange_is_secure(exchange),
                              (int)head->host.length, head->host.bytes, exchange_request_id(exchange));
        exchange_answer(exchange, 200, text, (size_t)length);
}

static void world_serve(struct exchange *exchange, void *context)
{
        struct http_text path = exchange_path(exchange);
        (void)context;
        if (http_text_is(path, "/held")) {
                held = exchange;
        } else if (http_text_is(path, "/watched")) {
                held = exchange;
                exchange_on_gone(exchange, note_gone, NULL);
        } else if (http_text_is(path, "/fields")) {
                exchange_field(exchange, "X-Good", "one");
                exchange_field(exchange, "X-Bad", "two\r\nX-Smuggled: yes");
                exchange_field(exchange, "X-Worse\n", "three");
                exchange_answer(exchange, 204, NULL, 0);
        } else if (http_text_is(path, "/facts")) {
                answer_facts(exchange);
        } else if (http_text_is(path, "/close")) {
                exchange_close_after(exchange);
                exchange_answer(exchange, 200, "bye", 3);
        } else {
                exchange_answer(exchange, 200, path.bytes, path.length);
        }
}

static void an_answer_has_its_shape(void **state)
{
        (void)state;
        struct client client = client_new();
        say(&client, "GET /one HTTP/1.1\r\nHost: nas\r\n\r\n");
        const char *heard = hear(&client, "/one");
        assert_memory_equal(heard, "HTTP/1.1 200 OK\r\nDate: ", 23);
        assert_has(heard, " GMT\r\nContent-Length: 4\r\n\r\n/one");
        assert_lacks(heard, "Connection:");
        forget(&client);
        say(&client, "HEAD /two HTTP/1.1\r\nHost: nas\r\n\r\n");
        heard = hear(&client, "\r\n\r\n");
        assert_has(heard, "Content-Length: 4\r\n");
        assert_lacks(heard, "/two");
        forget(&client);
        say(&client, "GET /fields HTTP/1.1\r\nHost: nas\r\n\r\n");
        heard = hear(&client, "\r\n\r\n");
        assert_has(heard, "HTTP/1.1 204 No Content\r\n");
        assert_has(heard, "X-Good: one\r\n");
        assert_lacks(heard, "Content-Length");
        assert_lacks(heard, "Smuggled");
        assert_lacks(heard, "Worse");
        assert_int_equal(world.logged, 3);
        assert_int_equal(world.status, 204);
        client_done(&client);
}

static void a_connection_ends_when_either_side_wants(void **state)
{
        (void)state;
        static const struct {
                const char *request, *has;
        } table[] = {
                {"GET /a HTTP/1.1\r\nHost: nas\r\nConnection: close\r\n\r\n", "Connection: close\r\n"},
                {"GET /a HTTP/1.0\r\n\r\n", "Connection: close\r\n"},
                {"GET /close HTTP/1.1\r\nHost: nas\r\n\r\nGET /more HTTP/1.1\r\nHost: nas\r\n\r\n",
                 "Connection: close\r\n"},
        };
        for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
                struct client client = client_new();
                say(&client, table[i].request);
                const char *heard = hear(&client, NULL);
                assert_has(heard, table[i].has);
                assert_lacks(heard, "/more");
                client_done(&client);
        }
        struct client client = client_new();
        say(&client, "GET /old HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
        assert_has(hear(&client, "/old"), "Connection: keep-alive\r\n");
        client_done(&client);
}

static void pipelined_requests_are_answered_in_order(void **state)
{
        (void)state;
        struct client client = client_new();
        say(&client, "GET /first HTTP/1.1\r\nHost: a\r\n\r\nGET /held HTTP/1.1\r\nHost: a\r\n\r\n"
                     "GET /third HTTP/1.1\r\nHost: a\r\n\r\nGET /fou");
        hear(&client, "/first");
        settle();
        assert_non_null(held);
        assert_lacks(client.heard, "/third");
        exchange_answer(held, 200, "second", 6);
        hear(&client, "/third");
        assert_true(strstr(client.heard, "second") < strstr(client.heard, "/third"));
        say(&client, "rth HTTP/1.1\r\nHost: a\r\n\r\n");
        hear(&client, "/fourth");
        client_done(&client);
}

static void hundreds_may_wait(void **state)
{
        (void)state;
        static const char one[] = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n";
        enum { MANY = 1000 };
        struct client client = client_new();
        char *all = mem_new(MANY, sizeof(one));
        for (int i = 0; i < MANY; i++)
                memcpy(all + i * (sizeof(one) - 1), one, sizeof(one) - 1);
        memcpy(all + (MANY - 1) * (sizeof(one) - 1), "GET /z HTTP/1.1\r\nHost: a\r\n\r\n", sizeof(one) - 1);
        say_bytes(&client, all, MANY * (sizeof(one) - 1));
        hear(&client, "/z");
        unsigned count = 0;
        for (const char *at = client.heard; (at = strstr(at, "HTTP/1.1 200")) != NULL; at++)
                count++;
        assert_int_equal(count, MANY);
        free(all);
        client_done(&client);
}

static void half_closed_clients_are_answered(void **state)
{
        (void)state;
        struct client client = client_new();
        say(&client, "GET /held HTTP/1.1\r\nHost: a\r\n\r\nGET /next HTTP/1.1\r\nHost: a\r\n\r\n");
        shutdown(client.fd, SHUT_WR);
        settle();
        exchange_answer(held, 200, "late", 4);
        const char *heard = hear(&client, NULL);
        assert_has(heard, "late");
        assert_has(heard, "/next");
        client_done(&client);
}

static void who_goes_is_noticed(void **state)
{
        (void)state;
        struct client client = client_new();
        say(&client, "GET /watched HTTP/1.1\r\nHost: a\r\n\r\nmore");
        settle();
        assert_non_null(held);
        struct linger hard = {.l_onoff = 1};
        setsockopt(client.fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
        exchange_answer_begin(held, 200);
        client_done(&client);
        for (int i = 0; i < 20 && held != NULL; i++) {
                exchange_answer_piece(held, "piece", 5);
                settle();
        }
        assert_string_equal(world.said, "gone");
        assert_int_equal(world.status, 499);
        assert_int_equal(http_server_counts(world.server)->open, 0);
}

/* Nobody asked to be told: the answer goes nowhere, and nothing is freed under the answerer's hands. */
static void an_answer_to_nobody_is_harmless(void **state)
{
        (void)state;
        struct client client = client_new();
        say(&client, "POST /held HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab");
        settle();
        struct exchange *kept = held;
        held->connection->broken = true;
        connection_due(held->connection);
        settle();
        assert_int_equal(http_server_counts(world.server)->open, 1);
        exchange_answer(kept, 200, "x", 1);
        settle();
        assert_int_equal(http_server_counts(world.server)->open, 0);
        client_done(&client);
}

static void an_idle_connection_keeps_nothing(void **state)
{
        (void)state;
        struct client client = client_new();
        settle();
        const struct connection *connection = world.server->connections;
        assert_null(connection->input.bytes);
        say(&client, "GET /a HTTP/1.1\r\nHost: a\r\n\r\n");
        hear(&client, "/a");
        settle();
        assert_null(connection->input.bytes);
        assert_null(connection->exchange);
        assert_null(connection->output.first);
        say(&client, "GET /b HT");
        settle();
        assert_int_equal(connection->input.size, 9); /* as much as there is, and no more */
        say(&client, "TP/1.1\r\nHost: a\r\n\r\n");
        hear(&client, "/b");
        assert_true(sizeof(struct connection) <= 384);
        client_done(&client);
}

static void proxies_are_believed_and_others_not(void **state)
{
        (void)state;
        static const struct {
                bool proxy;
                const char *fields, *has;
        } table[] = {
                {true, "X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: nas.example\r\n",
                 "address 192.0.2.7; secure 1; host nas.example;"},
                {true, "X-Forwarded-For: 1.2.3.4, 2001:DB8::1\r\n", "address 2001:db8::1; secure 0; host a;"},
                {true, "X-Forwarded-For: 1.2.3.4\r\nX-Forwarded-For: 192.0.2.7\r\n", "address ; secure 0"},
                {true, "X-Forwarded-For: nonsense\r\nX-Forwarded-Host: a/b\r\n", "address ; secure 0; host a;"},
                {true, "", "address ; secure 0; host a;"},
                {false, "X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: nas.example\r\n",
                 "address ; secure 0; host a;"},
        };
        for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
                char request[512];
                struct client client = client_at(&(struct http_door){.proxy = table[i].proxy});
                snprintf(request, sizeof(request), "GET /facts/ HTTP/1.1\r\nHost: a\r\n%s\r\n", table[i].fields);
                say(&client, request);
                const char *heard = hear(&client, "id ");
                assert_has(heard, "path /facts;");
                assert_has(heard, table[i].has);
                client_done(&client);
        }
}

static void request_ids_are_uuids(void **state)
{
        (void)state;
        static const char given[] = "01234567-89ab-CDEF-0123-456789abcdef";
        struct client client = client_new();
        char request[256], first[64] = "";
        snprintf(request, sizeof(request), "GET /facts HTTP/1.1\r\nHost: a\r\nX-Request-Id: %s\r\n\r\n", given);
        say(&client, request);
        assert_has(hear(&client, "id "), given);
        forget(&client);
        for (int i = 0; i < 70; i++) {
                say(&client, "GET /facts HTTP/1.1\r\nHost: a\r\nX-Request-Id: <script>\r\n\r\n");
                const char *id = strstr(hear(&client, "id "), "id ") + 3;
                assert_int_equal(strspn(id, "0123456789abcdef-"), 36);
                assert_int_equal(id[14], '4');
                assert_memory_not_equal(id, first, 36);
                memcpy(first, id, 36);
                forget(&client);
        }
        client_done(&client);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_set_up, world_tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(an_answer_has_its_shape),
                TEST(a_connection_ends_when_either_side_wants),
                TEST(pipelined_requests_are_answered_in_order),
                TEST(hundreds_may_wait),
                TEST(half_closed_clients_are_answered),
                TEST(who_goes_is_noticed),
                TEST(an_answer_to_nobody_is_harmless),
                TEST(an_idle_connection_keeps_nothing),
                TEST(proxies_are_believed_and_others_not),
                TEST(request_ids_are_uuids),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
