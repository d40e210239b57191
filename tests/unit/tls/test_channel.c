/* Identities on disk, and channels with a real client at the other end: versions, ciphers, protocols, resumption, bytes
 * in both directions, the end.
 * Rights: none; socket pairs, and a folder below /tmp. */
#include "base/crypto.h"
#include "base/mem.h"
#include "sys/file.h"
#include "sys/loop.h"
#include "tests/lib/certificates.h"
#include "tls/sha1.h"
#include "tls/tls.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static const char *const names[] = {"nas.example.org", "localhost", "192.0.2.7", "2001:db8::1"};
static struct {
        char folder[64];
        int dir_fd;
        struct tls_identity *identity;
        SSL_SESSION *session;
} t;

static int new_session(SSL *ssl, SSL_SESSION *session)
{
        (void)ssl;
        SSL_SESSION_free(t.session);
        t.session = session;
        return 1;
}

static int set_up(void **state)
{
        (void)state;
        struct failure failure = {0};
        signal(SIGPIPE, SIG_IGN);
        crypto_start();
        certificate_start();
        snprintf(t.folder, sizeof(t.folder), "/tmp/bulkhead-tls.XXXXXX");
        assert_non_null(mkdtemp(t.folder));
        t.dir_fd = open(t.folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        assert_int_equal(tls_identity_make(t.dir_fd, names, 4, &failure), 0);
        t.identity = tls_identity_read(t.dir_fd, &failure);
        assert_non_null(t.identity);
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        tls_identity_free(t.identity);
        SSL_SESSION_free(TAKE(t.session));
        unlinkat(t.dir_fd, CERTIFICATE_IDENTITY_FILE, 0);
        unlinkat(t.dir_fd, CERTIFICATE_CHAIN_FILE, 0);
        close(t.dir_fd);
        rmdir(t.folder);
        return 0;
}

/* --- identities --- */

static void the_first_certificate_is_as_it_should_be(void **state)
{
        (void)state;
        const struct tls_facts *facts = tls_identity_facts(t.identity);
        struct stat key, chain;
        assert_true(facts->self_signed);
        assert_false(facts->incomplete);
        assert_string_equal(facts->key, "EC P-256");
        assert_string_equal(facts->subject, "CN=nas.example.org");
        assert_int_equal(facts->name_count, 4);
        for (unsigned i = 0; i < 4; i++)
                assert_string_equal(facts->names[i], names[i]);
        int64_t days = (facts->not_after_s - facts->not_before_s) / 86400;
        assert_true(days > 800 && days <= 825);
        assert_true(facts->not_before_s < time(NULL));
        assert_int_equal(strlen(facts->fingerprint), 95);
        assert_int_equal(fstatat(t.dir_fd, CERTIFICATE_IDENTITY_FILE, &key, 0), 0);
        assert_int_equal(fstatat(t.dir_fd, CERTIFICATE_CHAIN_FILE, &chain, 0), 0);
        assert_int_equal(key.st_mode & 07777, 0600);
        assert_int_equal(chain.st_mode & 07777, 0644);
        char fingerprint[96];
        memcpy(fingerprint, facts->fingerprint, sizeof(fingerprint));
        struct failure failure = {0};
        assert_int_equal(tls_identity_make(t.dir_fd, names, 1, &failure), 0); /* another key each time */
        struct tls_identity *again = tls_identity_read(t.dir_fd, &failure);
        assert_string_not_equal(tls_identity_facts(again)->fingerprint, fingerprint);
        tls_identity_free(again);
}

static void refused(const char *text, enum failure_code code)
{
        struct failure failure = {0};
        unlinkat(t.dir_fd, CERTIFICATE_IDENTITY_FILE, 0);
        if (text != NULL)
                assert_int_equal(file_put(t.dir_fd, CERTIFICATE_IDENTITY_FILE, text, strlen(text), 0600), 0);
        assert_null(tls_identity_read(t.dir_fd, &failure));
        assert_int_equal(failure.code, code);
        assert_true(failure.message[0] != '\0');
}

static void bad_identities_are_refused(void **state)
{
        (void)state;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct made one = made_new(arena, &(struct recipe){.name = "a", .hosts = "DNS:a.example"});
        struct made other = made_new(arena, &(struct recipe){.name = "b", .hosts = "DNS:b.example"});
        refused(NULL, FAILURE_NOT_FOUND);
        refused("", FAILURE_INVALID);
        refused(one.key_pem, FAILURE_INVALID);
        refused(one.pem, FAILURE_INVALID);
        refused(arena_printf(arena, "%s%s", other.key_pem, one.pem), FAILURE_INVALID);
        refused(arena_printf(arena, "%.60s%s", one.key_pem, one.pem), FAILURE_INVALID);
        struct made old = made_new(
                arena, &(struct recipe){.name = "c", .hosts = "DNS:c.example", .from_s = -90 * 86400, .to_s = -86400});
        const char *text = arena_printf(arena, "%s%s", old.key_pem, old.pem);
        struct failure failure = {0};
        assert_int_equal(file_put(t.dir_fd, CERTIFICATE_IDENTITY_FILE, text, strlen(text), 0600), 0);
        struct tls_identity *expired = tls_identity_read(t.dir_fd, &failure);
        assert_non_null(expired); /* its owner must get in to mend it */
        tls_identity_free(expired);
        made_free(&one);
        made_free(&other);
        made_free(&old);
}

/* --- channels --- */

struct ends {
        struct channel *channel;
        SSL_CTX *context;
        SSL *ssl;
};

static struct ends ends_new(int least, int most, const char *ciphers)
{
        int pair[2];
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
        struct ends ends = {.channel = channel_tls(pair[0], t.identity), .context = SSL_CTX_new(TLS_client_method())};
        SSL_CTX_set_security_level(ends.context, 0);
        SSL_CTX_set_min_proto_version(ends.context, least);
        SSL_CTX_set_max_proto_version(ends.context, most);
        if (ciphers != NULL)
                assert_int_equal(SSL_CTX_set_cipher_list(ends.context, ciphers), 1);
        SSL_CTX_set_session_cache_mode(ends.context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
        SSL_CTX_sess_set_new_cb(ends.context, new_session);
        ends.ssl = SSL_new(ends.context);
        SSL_set_fd(ends.ssl, pair[1]);
        return ends;
}

static void ends_done(struct ends *ends)
{
        int fd = SSL_get_fd(ends->ssl);
        channel_free(ends->channel);
        SSL_free(ends->ssl);
        SSL_CTX_free(ends->context);
        close(fd);
        ERR_clear_error();
}

/* true: both are done. */
static bool shake(struct ends *ends)
{
        char byte;
        for (int i = 0; i < 50; i++) {
                int client = SSL_connect(ends->ssl);
                ssize_t server = channel_read(ends->channel, &byte, 1);
                if (server != -EAGAIN && server != 1)
                        return false;
                if (client == 1 && channel_is_open(ends->channel))
                        return true;
                if (client != 1 && SSL_get_error(ends->ssl, client) != SSL_ERROR_WANT_READ)
                        return false;
        }
        return false;
}

static void only_what_is_safe_is_spoken(void **state)
{
        (void)state;
        static const struct {
                int least, most;
                const char *ciphers;
                bool works;
        } table[] = {
                {TLS1_3_VERSION, TLS1_3_VERSION, NULL, true},
                {TLS1_2_VERSION, TLS1_2_VERSION, NULL, true},
                {TLS1_2_VERSION, TLS1_2_VERSION, "ECDHE-ECDSA-CHACHA20-POLY1305", true},
                {TLS1_2_VERSION, TLS1_2_VERSION, "ECDHE-ECDSA-AES128-SHA256", false}, /* no AEAD */
                {TLS1_2_VERSION, TLS1_2_VERSION, "AES128-GCM-SHA256", false},         /* no ECDHE */
                {TLS1_1_VERSION, TLS1_1_VERSION, NULL, false},
                {TLS1_VERSION, TLS1_VERSION, NULL, false},
        };
        for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
                struct ends ends = ends_new(table[i].least, table[i].most, table[i].ciphers);
                if (shake(&ends) != table[i].works)
                        fail_msg("row %zu", i);
                assert_int_equal(channel_is_open(ends.channel), table[i].works);
                ends_done(&ends);
        }
}

static void the_protocol_is_http_1_1(void **state)
{
        (void)state;
        struct ends ends = ends_new(TLS1_2_VERSION, TLS1_3_VERSION, NULL);
        const unsigned char *chosen;
        unsigned length;
        SSL_set_alpn_protos(ends.ssl, (const unsigned char *)"\x02h2\x08http/1.1", 12);
        assert_true(shake(&ends));
        SSL_get0_alpn_selected(ends.ssl, &chosen, &length);
        assert_int_equal(length, 8);
        assert_memory_equal(chosen, "http/1.1", 8);
        ends_done(&ends);
        ends = ends_new(TLS1_2_VERSION, TLS1_3_VERSION, NULL);
        SSL_set_alpn_protos(ends.ssl, (const unsigned char *)"\x02h2", 3);
        assert_false(shake(&ends));
        ends_done(&ends);
}

static void sessions_are_resumed(void **state)
{
        (void)state;
        static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
        for (size_t i = 0; i < 2; i++) {
                char byte;
                struct ends ends = ends_new(versions[i], versions[i], NULL);
                assert_true(shake(&ends));
                assert_int_equal(channel_write(ends.channel, "x", 1), 1);
                assert_int_equal(SSL_read(ends.ssl, &byte, 1), 1); /* the ticket comes before it */
                SSL_shutdown(ends.ssl);
                ends_done(&ends);
                assert_non_null(t.session);
                ends = ends_new(versions[i], versions[i], NULL);
                SSL_set_session(ends.ssl, t.session);
                assert_true(shake(&ends));
                assert_int_equal(SSL_session_reused(ends.ssl), 1);
                ends_done(&ends);
                /* Another identity has other keys: a full handshake, no error. */
                struct failure failure = {0};
                tls_identity_free(t.identity);
                t.identity = tls_identity_read(t.dir_fd, &failure);
                ends = ends_new(versions[i], versions[i], NULL);
                SSL_set_session(ends.ssl, t.session);
                assert_true(shake(&ends));
                assert_int_equal(SSL_session_reused(ends.ssl), 0);
                ends_done(&ends);
        }
}

/* The bytes of a whole message, as the socket takes them. */
static void pump(struct ends *ends, size_t total)
{
        char *out = mem_new(1, total), *in = mem_new(1, total);
        size_t sent = 0, got = 0;
        crypto_random(out, total);
        while (got < total) {
                ssize_t wrote = sent < total ? channel_write(ends->channel, out + sent, total - sent) : -EAGAIN;
                assert_true(wrote > 0 || (wrote == -EAGAIN && channel_wants_write(ends->channel) == LOOP_WRITE));
                sent += wrote > 0 ? (size_t)wrote : 0;
                int read = SSL_read(ends->ssl, in + got, (int)(total - got));
                got += read > 0 ? (size_t)read : 0;
        }
        assert_memory_equal(in, out, total);
        free(out);
        free(in);
}

static void bytes_go_both_ways(void **state)
{
        (void)state;
        char bytes[100];
        struct ends ends = ends_new(TLS1_3_VERSION, TLS1_3_VERSION, NULL);
        assert_true(shake(&ends));
        assert_int_equal(channel_read(ends.channel, bytes, sizeof(bytes)), -EAGAIN);
        assert_int_equal(channel_wants_read(ends.channel), LOOP_READ);
        assert_false(channel_has_more(ends.channel));
        assert_int_equal(SSL_write(ends.ssl, "0123456789", 10), 10);
        assert_int_equal(channel_read(ends.channel, bytes, 4), 4);
        assert_true(channel_has_more(ends.channel)); /* the socket would not say so */
        assert_int_equal(channel_read(ends.channel, bytes, sizeof(bytes)), 6);
        pump(&ends, 3 * 1000 * 1000);
        SSL_shutdown(ends.ssl);
        assert_int_equal(channel_read(ends.channel, bytes, sizeof(bytes)), 0);
        channel_shut(ends.channel);
        assert_true(SSL_read(ends.ssl, bytes, 1) <= 0);
        assert_int_equal(SSL_get_shutdown(ends.ssl) & SSL_RECEIVED_SHUTDOWN, SSL_RECEIVED_SHUTDOWN);
        ends_done(&ends);
}

static void what_is_no_tls_is_an_error(void **state)
{
        (void)state;
        char bytes[64];
        struct ends ends = ends_new(TLS1_3_VERSION, TLS1_3_VERSION, NULL);
        assert_int_equal(write(SSL_get_fd(ends.ssl), "GET / HTTP/1.1\r\n\r\n", 18), 18);
        assert_int_equal(channel_read(ends.channel, bytes, sizeof(bytes)), -EPROTO);
        assert_int_equal(channel_read(ends.channel, bytes, sizeof(bytes)), -EPROTO);
        assert_int_equal(channel_write(ends.channel, "x", 1), -EPIPE);
        assert_false(channel_has_more(ends.channel));
        ends_done(&ends);
        ends = ends_new(TLS1_3_VERSION, TLS1_3_VERSION, NULL);
        assert_true(shake(&ends));
        shutdown(SSL_get_fd(ends.ssl), SHUT_RDWR); /* cut off without a goodbye */
        assert_true(channel_read(ends.channel, bytes, sizeof(bytes)) <= 0);
        ends_done(&ends);
}

static void files_are_sent(void **state)
{
        (void)state;
        enum { SIZE = 50000 };
        static char written[SIZE], heard[SIZE];
        char path[128];
        int pair[2];
        crypto_random(written, SIZE);
        snprintf(path, sizeof(path), "%s/file", t.folder);
        int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        unlink(path);
        assert_int_equal(write(fd, written, SIZE), SIZE);
        struct ends ends = ends_new(TLS1_3_VERSION, TLS1_3_VERSION, NULL);
        assert_true(shake(&ends));
        for (off_t at = 100; at < SIZE;) {
                ssize_t sent = channel_send_file(ends.channel, fd, at, (size_t)(SIZE - at));
                assert_true(sent > 0);
                for (ssize_t got = 0; got < sent;) {
                        int more = SSL_read(ends.ssl, heard + at + got, (int)(sent - got));
                        assert_true(more > 0);
                        got += more;
                }
                at += sent;
        }
        assert_memory_equal(heard + 100, written + 100, SIZE - 100);
        assert_int_equal(channel_send_file(ends.channel, fd, SIZE, 1), -ENODATA);
        ends_done(&ends);
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
        struct channel *plain = channel_plain(pair[0]);
        assert_int_equal(channel_send_file(plain, fd, 7, 1000), 1000);
        assert_int_equal(read(pair[1], heard, SIZE), 1000);
        assert_memory_equal(heard, written + 7, 1000);
        assert_int_equal(channel_send_file(plain, fd, SIZE, 1), -ENODATA);
        close(pair[1]);
        assert_int_equal(channel_write(plain, "x", 1), -EPIPE);
        assert_int_equal(channel_read(plain, heard, 1), 0);
        channel_free(plain);
        close(fd);
}

/* RFC 6455, section 1.3. */
static void sha1_is_sha1(void **state)
{
        (void)state;
        char text[SHA1_BASE64_SIZE];
        sha1_base64("dGhlIHNhbXBsZSBub25jZQ==258EAFA5-E914-47DA-95CA-C5AB0DC85B11", 60, text);
        assert_string_equal(text, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(the_first_certificate_is_as_it_should_be),
                TEST(bad_identities_are_refused),
                TEST(only_what_is_safe_is_spoken),
                TEST(the_protocol_is_http_1_1),
                TEST(sessions_are_resumed),
                TEST(bytes_go_both_ways),
                TEST(what_is_no_tls_is_an_error),
                TEST(files_are_sent),
                TEST(sha1_is_sha1),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
