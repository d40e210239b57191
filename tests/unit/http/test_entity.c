/* Whole entities: tags, dates, ranges, compression, files; and what TLS adds to a server.
 * Rights: none; socket pairs, and a file below /tmp. */
#include "tests/unit/http/world.h"

#include <openssl/ssl.h>

enum { SIZE = 5000 };

static struct {
        struct entity is;
        int status;
        char bytes[SIZE];
} given;

static void world_serve(struct exchange *exchange, void *context)
{
        (void)context;
        struct entity entity = given.is;
        if (entity.fd >= 0)
                entity.fd = dup(entity.fd);
        exchange_answer_entity(exchange, given.status, &entity);
}

static int set_up(void **state)
{
        static const struct http_limits limits = {.handshake_ms = 150};
        (void)state;
        for (size_t i = 0; i < SIZE; i++)
                given.bytes[i] = (char)('a' + i % 26);
        given.status = 200;
        given.is = (struct entity){.type = "text/plain",
                                   .bytes = given.bytes,
                                   .fd = -1,
                                   .length = SIZE,
                                   .etag = "\"one\"",
                                   .modified = 1700000000};
        world_open(&limits);
        return 0;
}

static const char *ask(struct client *client, const char *method, const char *fields)
{
        char request[512];
        snprintf(request, sizeof(request), "%s / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n%s\r\n", method, fields);
        *client = client_new();
        say(client, request);
        return hear(client, NULL);
}

static size_t body_length(const struct client *client)
{
        const char *end = strstr(client->heard, "\r\n\r\n");
        assert_non_null(end);
        return client->length - (size_t)(end + 4 - client->heard);
}

static void conditions_and_ranges_hold(void **state)
{
        (void)state;
        static const struct {
                const char *method, *fields, *status, *has;
                size_t length;
        } table[] = {
                {"GET", "", "200", "ETag: \"one\"\r\n", SIZE},
                {"HEAD", "", "200", "Content-Length: 5000\r\n", 0},
                {"GET", "", "200", "Last-Modified: Tue, 14 Nov 2023 22:13:20 GMT\r\n", SIZE},
                {"GET", "If-None-Match: \"one\"\r\n", "304", "ETag: \"one\"\r\n", 0},
                {"GET", "If-None-Match: \"two\"\r\n", "200", "", SIZE},
                {"GET", "If-Match: \"two\"\r\n", "412", "", 0},
                {"GET", "Range: bytes=10-19\r\n", "206", "Content-Range: bytes 10-19/5000\r\n", 10},
                {"GET", "Range: bytes=-5\r\n", "206", "Content-Range: bytes 4995-4999/5000\r\n", 5},
                {"GET", "Range: bytes=6000-\r\n", "416", "Content-Range: bytes */5000\r\n", 0},
                {"GET", "Range: bytes=1-2\r\nIf-Range: \"two\"\r\n", "200", "Accept-Ranges: bytes\r\n", SIZE},
                {"HEAD", "Range: bytes=10-19\r\n", "200", "", 0},
        };
        for (int file = 0; file < 2; file++) {
                char path[] = "/tmp/bulkhead-entity.XXXXXX";
                given.is.fd = file ? mkstemp(path) : -1;
                if (file)
                        assert_int_equal(write(given.is.fd, given.bytes, SIZE), SIZE);
                for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
                        struct client client;
                        const char *heard = ask(&client, table[i].method, table[i].fields);
                        if (strncmp(heard + 9, table[i].status, 3) != 0 || body_length(&client) != table[i].length)
                                fail_msg("row %zu: %zu of %.300s", i, body_length(&client), heard);
                        assert_has(heard, table[i].has);
                        if (table[i].length == 10)
                                assert_string_equal(strstr(heard, "\r\n\r\n") + 4, "klmnopqrst");
                        client_done(&client);
                }
                if (file) {
                        close(given.is.fd);
                        unlink(path);
                }
        }
}

static void compression_where_it_pays(void **state)
{
        (void)state;
        struct client client;
        const char *heard = ask(&client, "GET", "Accept-Encoding: gzip\r\n");
        assert_has(heard, "Content-Encoding: gzip\r\n");
        assert_has(heard, "Vary: Accept-Encoding\r\n");
        assert_has(heard, "ETag: \"one-gzip\"\r\n");
        assert_true(body_length(&client) < 1000);
        client_done(&client);
        heard = ask(&client, "GET", "Accept-Encoding: gzip\r\nIf-None-Match: \"one-gzip\"\r\n");
        assert_has(heard, "HTTP/1.1 304 ");
        client_done(&client);
        heard = ask(&client, "GET", "Accept-Encoding: gzip\r\nRange: bytes=0-9\r\n");
        assert_has(heard, "HTTP/1.1 206 ");
        assert_lacks(heard, "Content-Encoding");
        client_done(&client);
        heard = ask(&client, "GET", "");
        assert_lacks(heard, "Content-Encoding");
        assert_has(heard, "Vary: Accept-Encoding\r\n");
        client_done(&client);
        const struct entity plain = given.is;
        given.is.secret = true;
        assert_lacks(ask(&client, "GET", "Accept-Encoding: gzip\r\n"), "gzip");
        client_done(&client);
        given.is = plain;
        given.is.type = "image/png";
        assert_lacks(ask(&client, "GET", "Accept-Encoding: gzip\r\n"), "gzip");
        client_done(&client);
        given.is = plain;
        given.is.length = 100;
        assert_lacks(ask(&client, "GET", "Accept-Encoding: gzip\r\n"), "gzip");
        client_done(&client);
        given.is.encoding = "gzip";
        assert_has(ask(&client, "GET", ""), "Content-Encoding: gzip\r\n");
        client_done(&client);
}

/* Its length was promised: whoever waits for the rest must see that it does not come. */
static void a_file_that_shrinks_cuts_the_answer(void **state)
{
        (void)state;
        struct client client;
        char path[] = "/tmp/bulkhead-entity.XXXXXX";
        given.is.fd = mkstemp(path);
        assert_int_equal(write(given.is.fd, given.bytes, 100), 100);
        const char *heard = ask(&client, "GET", "");
        assert_has(heard, "Content-Length: 5000\r\n");
        assert_int_equal(body_length(&client), 100);
        assert_int_equal(http_server_counts(world.server)->open, 0);
        client_done(&client);
        close(given.is.fd);
        unlink(path);
}

/* --- over TLS --- */

static void give_identity(void)
{
        static const char *const names[] = {"localhost"};
        char folder[] = "/tmp/bulkhead-entity.XXXXXX";
        struct failure failure = {0};
        assert_non_null(mkdtemp(folder));
        int dir_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        certificate_start();
        assert_int_equal(tls_identity_make(dir_fd, names, 1, &failure), 0);
        http_server_identity(world.server, tls_identity_read(dir_fd, &failure));
        unlinkat(dir_fd, CERTIFICATE_IDENTITY_FILE, 0);
        unlinkat(dir_fd, CERTIFICATE_CHAIN_FILE, 0);
        close(dir_fd);
        rmdir(folder);
}

static void requests_come_through_tls(void **state)
{
        (void)state;
        static const char request[] =
                "GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
        give_identity();
        struct client client = client_at(&(struct http_door){.tls = true});
        SSL_CTX *context = SSL_CTX_new(TLS_client_method());
        SSL *ssl = SSL_new(context);
        SSL_set_fd(ssl, client.fd);
        int done = -1;
        for (int i = 0; i < 2500 && done != 1; i++) {
                done = SSL_connect(ssl);
                settle();
        }
        assert_int_equal(done, 1);
        assert_int_equal(SSL_write(ssl, request, sizeof(request) - 1), sizeof(request) - 1);
        for (int i = 0; i < 2500 && (SSL_get_shutdown(ssl) & SSL_RECEIVED_SHUTDOWN) == 0; i++) {
                int got = SSL_read(ssl, client.heard + client.length, HEARD_MAX - 1 - (int)client.length);
                client.length += got > 0 ? (size_t)got : 0;
                settle();
        }
        assert_true(client.length > 2 * SIZE);
        assert_has(client.heard, "Connection: close\r\n");
        SSL_free(ssl);
        SSL_CTX_free(context);
        client_done(&client);
}

static void a_handshake_has_its_time(void **state)
{
        static const char hello[] = "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03";
        (void)state;
        give_identity();
        struct client silent = client_at(&(struct http_door){.tls = true});
        struct client trickling = client_at(&(struct http_door){.tls = true});
        struct client wrong = client_at(&(struct http_door){.tls = true});
        say(&wrong, "\x01 is nothing");
        hear(&wrong, NULL);
        assert_int_equal(wrong.length, 0);
        for (int i = 0; i < 14; i++) {
                assert_int_equal(send(trickling.fd, &hello[i < 11 ? i : 10], 1, MSG_NOSIGNAL), 1);
                lapse(10);
        }
        lapse(9);
        assert_int_equal(http_server_counts(world.server)->open, 2);
        lapse(1);
        hear(&trickling, NULL);
        hear(&silent, NULL);
        assert_int_equal(http_server_counts(world.server)->open, 0);
        client_done(&silent);
        client_done(&trickling);
        client_done(&wrong);
}

/* Whoever speaks plain HTTP to TLS is told, with an answer that can be read, and that is all. */
static void plain_http_is_told_where_it_is(void **state)
{
        (void)state;
        give_identity();
        struct client client = client_at(&(struct http_door){.tls = true});
        say(&client,
            "POST /secret HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhelloGET / HTTP/1.1\r\nHost: a\r\n\r\n");
        hear(&client, NULL);
        assert_int_equal(strncmp(client.heard, "HTTP/1.1 400 ", 13), 0);
        assert_has(client.heard, "Connection: close\r\n");
        assert_null(strstr(client.heard + 13, "HTTP/1.1")); /* nothing of it was served */
        assert_int_equal(http_server_counts(world.server)->requests, 0);
        client_done(&client);
        client = client_at(&(struct http_door){.tls = true});
        say(&client, "G"); /* the first letter is enough */
        hear(&client, NULL);
        assert_int_equal(strncmp(client.heard, "HTTP/1.1 400 ", 13), 0);
        client_done(&client);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, world_tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(conditions_and_ranges_hold),
                TEST(compression_where_it_pays),
                TEST(a_file_that_shrinks_cuts_the_answer),
                TEST(requests_come_through_tls),
                TEST(a_handshake_has_its_time),
                TEST(plain_http_is_told_where_it_is),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
