/* Request heads: what is read, and what is refused with which status, however the bytes come in. */
#include "http/body.h"
#include "http/head.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct http_head head;
static const char *why;

static int read_n(const char *text, size_t length)
{
        why = "";
        return http_head_read(text, length, 0, &head, &why);
}

static int read_text(const char *text)
{
        return read_n(text, strlen(text));
}

static void reads_a_request(void **state)
{
        (void)state;
        const char *text = "POST /api/users/al%20ice/?a=b&c HTTP/1.1\r\nHost: nas.local:8443\r\nX-A:\t b c \r\n"
                           "Content-Length: 12\r\nConnection: Close\r\nEXPECT: 100-Continue\r\n\r\nrest";
        assert_int_equal(read_text(text), strlen(text) - 4);
        assert_int_equal(head.method, HTTP_POST);
        assert_true(http_text_is(head.path, "/api/users/al%20ice/"));
        assert_true(http_text_is(head.query, "a=b&c"));
        assert_true(http_text_is(head.host, "nas.local:8443"));
        assert_true(http_text_is(*http_head_field(&head, "x-a"), "b c"));
        assert_true(head.has_length && head.length == 12 && !head.keep_alive && head.expects_continue);
        assert_null(http_head_field(&head, "x-b"));
}

static void reads_forms(void **state)
{
        (void)state;
        assert_true(read_text("GET / HTTP/1.0\r\n\r\n") > 0 && !head.keep_alive);
        assert_true(read_text("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n") > 0 && head.keep_alive);
        assert_true(read_text("GET / HTTP/1.0\r\nConnection: close\r\nConnection: keep-alive\r\n\r\n") > 0);
        assert_true(!head.keep_alive);
        assert_true(read_text("GET /%2F.../...%2f.a/a%2Fb%2e./%20 HTTP/1.1\r\nHost: a.b.:65535\r\nX:\ta\t\r\n\r\n") >
                    0);
        assert_true(http_text_is(head.fields[1].value, "a"));
        assert_true(read_text("\r\nGET / HTTP/1.1\r\nHost: [::1]\r\n\r\n") > 0 && head.keep_alive);
        assert_true(read_text("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n") > 0);
        assert_true(!head.expects_continue); /* nothing is to come */
        assert_true(read_text("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n") > 0);
        assert_true(read_text("GET http://a.b/c?d HTTP/1.1\r\nHost: a.b\r\n\r\n") > 0);
        assert_true(http_text_is(head.path, "/c") && http_text_is(head.host, "a.b"));
        assert_true(read_text("GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Upgrade\r\n\r\n") > 0 && head.upgrade);
        assert_true(read_text("PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n") > 0 && head.chunked);
}

static const struct {
        int status;
        const char *text;
} refused[] = {
        {400, "GET / HTTP/1.1\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: a:0\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost : a\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n"},
        {400, "GET / HTTP/1.1\nHost: a\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: a\r\nX\x01: a\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: a\r\n: a\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: a\r\nX: a\x7f\r\n\r\n"},
        {400, "GET  / HTTP/1.1\r\nHost: a\r\n\r\n"},
        {400, "GET /\tHTTP/1.1\r\nHost: a\r\n\r\n"},
        {400, "GET / HTTP/1.1 \r\nHost: a\r\n\r\n"},
        {400, "GET /% HTTP/1.1\r\nHost: a\r\n\r\n"},
        {400, "GET /a//b HTTP/1.1\r\nHost: a\r\n\r\n"},
        {400, "GET /a/../b HTTP/1.1\r\nHost: a\r\n\r\n"},
        {400, "GET /a/%2e%2E HTTP/1.1\r\nHost: a\r\n\r\n"},
        {400, "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n"},
        {400, "GET /\xc3\xa4 HTTP/1.1\r\nHost: a\r\n\r\n"},
        {400, "GET * HTTP/1.1\r\nHost: a\r\n\r\n"},
        {400, "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n"},
        {400, "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n"},
        {400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\n"},
        {400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\n\r\n"},
        {400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n"},
        {400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n"},
        {400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"},
        {400, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"},
        {400, "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"},
        {501, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"},
        {501, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \x0b"
              "chunked\r\n\r\n"},
        {417, "POST / HTTP/1.1\r\nHost: a\r\nExpect: cake\r\n\r\n"},
        {501, "CONNECT / HTTP/1.1\r\nHost: a\r\n\r\n"},
        {501, "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n"},
        {400, "GET /..%2fa HTTP/1.1\r\nHost: a\r\n\r\n"},
        {400, "GET /a%2F%2e%2E HTTP/1.1\r\nHost: a\r\n\r\n"},
        {400, "GET /a%5c..%5Cb HTTP/1.1\r\nHost: a\r\n\r\n"},
        {400, "GET /a/. HTTP/1.1\r\nHost: a\r\n\r\n"},
        {400, "GET xttp://a/ HTTP/1.1\r\nHost: a\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: a:65536\r\n\r\n"},
        {400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999999999999999\r\n\r\n"},
        {400, "GET /a%00 HTTP/1.1\r\nHost: a\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: a..b\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: [::::]\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost:\ta\r\n\r\n"},
        {400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\t\r\n\r\n"},
        {400, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \t chunked\r\n\r\n"},
        {400, "PUT / HTTP/1.1\r\nHost: a\r\nIf-Match: \"a\"\r\nif-match: \"b\"\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nAuthorization: a\r\nHost: a\r\nAuthorization: a\r\n\r\n"},
        {505, "GET / HTTP/2.0\r\nHost: a\r\n\r\n"},
        {505, "GET / HTTP/1.2\r\nHost: a\r\n\r\n"},
        {400, "GET / http/1.1\r\nHost: a\r\n\r\n"},
        {400, "GET /\r\n\r\n"},
};

static void refuses(void **state)
{
        (void)state;
        for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
                int result = read_text(refused[i].text);
                if (result != -refused[i].status && !(strchr(refused[i].text, '\x0b') != NULL && result == -400))
                        print_message("%s: %d\n", refused[i].text, result);
                assert_true(result == -refused[i].status || strchr(refused[i].text, '\x0b') != NULL);
                assert_true(result < 0 && *why != '\0');
        }
        assert_int_equal(read_n("GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n", 36), -400);
}

static void is_limited(void **state)
{
        (void)state;
        static char text[3 * HTTP_HEAD_MAX];
        memset(text, 'a', sizeof text);
        memcpy(text, "GET /", 5);
        assert_int_equal(read_n(text, HTTP_HEAD_MAX), -431);
        assert_int_equal(read_n(text, HTTP_HEAD_MAX - 1), 0);
        memcpy(text + HTTP_TARGET_MAX + 100, " HTTP/1.1\r\nHost: a\r\n\r\n", 22);
        assert_int_equal(read_n(text, HTTP_HEAD_MAX - 1), -414);
        size_t length = 0;
        memcpy(text, "GET / HTTP/1.1\r\nHost: a\r\n", length = 25);
        for (int i = 0; i < HTTP_FIELDS_MAX; i++, length += 6)
                memcpy(text + length, "X: a\r\n", 6);
        memcpy(text + length, "\r\n", 2);
        assert_int_equal(read_n(text, length + 2), -431);
        memcpy(text + length - 6, "\r\n", 2);
        assert_int_equal(read_n(text, length - 4), length - 4);
}

/* What cannot become a head is refused before it would be complete. */
static void does_not_wait_in_vain(void **state)
{
        (void)state;
        assert_int_equal(read_text("\x16\x03\x01"), -400);
        assert_int_equal(read_text("\n"), -400);
        assert_int_equal(read_text("\rG"), -400);
        assert_int_equal(read_text("\r\n\r"), -400);
        assert_int_equal(read_text("GET / HTTP/1.1\nHost"), -400);
        assert_int_equal(read_text("GET / HTTP/1.1\r\nHost: a\n\n"), -400);
        static const char *const hopeful[] = {"", "\r", "\r\n", "\r\nG", "GET / HTTP/1.1\r", "GET / HTTP/1.1\r\n\r"};
        for (size_t i = 0; i < sizeof hopeful / sizeof *hopeful; i++)
                assert_int_equal(read_text(hopeful[i]), 0);
        assert_int_equal(http_head_read("GET /\r\n", 7, 6, &head, &why), 0); /* the CR came before, the LF now */
        assert_int_equal(http_head_read("GET /x\n", 7, 6, &head, &why), -400);
}

/* Byte by byte it comes to the same. */
static void trickles(void **state)
{
        (void)state;
        const char *text = "\r\nGET /a HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n";
        for (size_t length = 1; length < strlen(text); length++)
                assert_int_equal(http_head_read(text, length, length - 1, &head, &why), 0);
        assert_int_equal(http_head_read(text, strlen(text), strlen(text) - 1, &head, &why), strlen(text));
}

static const char *chunked(const char *text, size_t step)
{
        static char out[256];
        static const struct http_head chunks = {.chunked = true};
        struct http_body body;
        size_t at = 0, length = strlen(text), have = 0, count = 0;
        http_body_begin(&body, &chunks);
        while (!body.done) {
                const char *payload;
                have = have < length - at ? have : length - at;
                if (have == 0 && (have = step < length - at ? step : length - at) == 0)
                        return "more";
                ssize_t used = http_body_take(&body, text + at, have, &payload, &count);
                if (used < 0)
                        return "bad";
                size_t there = strlen(out) * (at != 0);
                memcpy(out + there, payload, count);
                out[there + count] = '\0';
                at += (size_t)used;
                have -= (size_t)used;
        }
        return at == length ? out : "rest";
}

static void reads_chunks(void **state)
{
        (void)state;
        for (size_t step = 1; step < 40; step++) {
                assert_string_equal(chunked("5\r\nhello\r\n00B;x=\"y\"\r\n, world and\r\n0\r\nX: y\r\n\r\n", step),
                                    "hello, world and");
                assert_string_equal(chunked("0\r\n\r\n", step), "");
                assert_string_equal(chunked("5\r\nhel", step), "more");
                assert_string_equal(chunked("0x5\r\nhello\r\n0\r\n\r\n", step), "bad");
                assert_string_equal(chunked("5\rXhello\r\n0\r\n\r\n", step), "bad");
                assert_string_equal(chunked("5\nhello\r\n0\r\n\r\n", step), "bad");
                assert_string_equal(chunked("5\r\nhelloo\r\n0\r\n\r\n", step), "bad");
                assert_string_equal(chunked(" 5\r\nhello\r\n0\r\n\r\n", step), "bad");
                assert_string_equal(chunked("+5\r\nhello\r\n0\r\n\r\n", step), "bad");
                assert_string_equal(chunked("\r\n", step), "bad");
                assert_string_equal(chunked("fffffffffffffffff\r\n", step), "bad");
                assert_string_equal(chunked("0\r\n: y\r\n\r\n", step), "bad");
                assert_string_equal(chunked("0\r\nGET / HTTP/1.1\r\n\r\n", step), "bad");
                assert_string_equal(chunked("0\r\nX\r\n\r\n", step), "bad");
                assert_string_equal(chunked("0\r\nX : y\r\n\r\n", step), "bad");
                assert_string_equal(chunked("0\r\nX: y\r\n Z: y\r\n\r\n", step), "bad");
                assert_string_equal(chunked("1;a\nb\r\nx\r\n0\r\n\r\n", step), "bad");
                assert_string_equal(chunked("000000000000001\r\nx\r\n0\r\n\r\n", step), "x");
                assert_string_equal(chunked("0000000000000001\r\nx\r\n0\r\n\r\n", step), "bad");
        }
}

/* How many times that goes before it is refused. */
static unsigned repeats(const char *text, unsigned most)
{
        static const struct http_head chunks = {.chunked = true};
        struct http_body body;
        http_body_begin(&body, &chunks);
        for (unsigned i = 0; i < most; i++) {
                size_t at = 0, length = strlen(text), count;
                const char *payload;
                while (at < length) {
                        ssize_t used = http_body_take(&body, text + at, length - at, &payload, &count);
                        if (used < 0)
                                return i;
                        at += (size_t)used;
                }
        }
        return most;
}

static void weighs_extensions(void **state)
{
        (void)state;
        assert_int_equal(repeats("2\r\nxx\r\n", 100000), 100000);
        assert_int_equal(repeats("a;signature\r\n0123456789\r\n", 100000), 100000);
        assert_in_range(repeats("2;signature-of-this\r\nxx\r\n", 100000), 4096 / 17, 4096 / 14);
        assert_in_range(repeats("0\r\nX: y\r\n", 1), 1, 1);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(reads_a_request),
                cmocka_unit_test(reads_forms),
                cmocka_unit_test(refuses),
                cmocka_unit_test(is_limited),
                cmocka_unit_test(trickles),
                cmocka_unit_test(reads_chunks),
                cmocka_unit_test(does_not_wait_in_vain),
                cmocka_unit_test(weighs_extensions),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
