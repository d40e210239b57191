/* The small languages inside heads: escapes, paths, queries, cookies, preconditions, ranges, preferences, dates. */
#include "base/mem.h"
#include "http/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct http_text text_of(const char *text)
{
        return (struct http_text){text, strlen(text)};
}

/* A head as it would be read: method, then fields, "Name: value" each. */
static const struct http_head *request(const char *method, const char *first, const char *second)
{
        static struct http_head head;
        static char bytes[1024];
        const char *why = "";
        int length = snprintf(bytes, sizeof(bytes), "%s / HTTP/1.1\r\nHost: a\r\n%s%s%s%s\r\n", method,
                              first == NULL ? "" : first, first == NULL ? "" : "\r\n", second == NULL ? "" : second,
                              second == NULL ? "" : "\r\n");
        if (http_head_read(bytes, (size_t)length, 0, &head, &why) != length)
                fail_msg("%s: %s", bytes, why);
        return &head;
}

static const struct http_head *get(const char *field)
{
        return request("GET", field, NULL);
}

static void decodes(void **state)
{
        static const struct {
                const char *encoded, *path, *query; /* NULL: refused */
        } cases[] = {
                {"", "", ""},
                {"abc", "abc", "abc"},
                {"a+b", "a+b", "a b"},
                {"a%2Bb%20c", "a+b c", "a+b c"},
                {"%c3%A4", "\xc3\xa4", "\xc3\xa4"},
                {"%2f%2E", "/.", "/."},
                {"%25zz", "%zz", "%zz"},
                {"%", NULL, NULL},
                {"a%2", NULL, NULL},
                {"%zz", NULL, NULL},
                {"%2g", NULL, NULL},
                {"a%00b", NULL, NULL},
                {"%ff", NULL, NULL},
                {"%c3", NULL, NULL},
                {"%c0%af", NULL, NULL},
                {"%ed%a0%80", NULL, NULL},
        };
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                const char *path = http_decode(arena, text_of(cases[i].encoded), false);
                const char *query = http_decode(arena, text_of(cases[i].encoded), true);
                assert_true((path == NULL) == (cases[i].path == NULL) && (query == NULL) == (cases[i].query == NULL));
                if (path != NULL) {
                        assert_string_equal(path, cases[i].path);
                        assert_string_equal(query, cases[i].query);
                }
        }
        assert_null(http_decode(arena, (struct http_text){"a\0b", 3}, false));
        assert_string_equal(http_decode(arena, (struct http_text){"ab%20", 2}, false), "ab");
}

static void takes_paths_apart(void **state)
{
        static const struct {
                const char *path, *segments; /* each with "|" behind it */
        } cases[] = {
                {"/", ""},         {"/a", "a|"},           {"/a/", "a|"}, {"/a/b%2Fc/d", "a|b%2Fc|d|"},
                {"/a/b/", "a|b|"}, {"/%20/.x", "%20|.x|"}, {"*", ""},     {"", ""},
        };
        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                char found[64] = "";
                struct http_text segment;
                for (size_t at = 0; http_segment(text_of(cases[i].path), &at, &segment);) {
                        strncat(found, segment.bytes, segment.length);
                        strncat(found, "|", 2);
                }
                assert_string_equal(found, cases[i].segments);
        }
}

static void reads_queries(void **state)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct http_pair pairs[3];
        (void)state;
        assert_int_equal(http_query(arena, text_of("a=1&b=x%26y+z&c"), pairs, 3), 3);
        assert_string_equal(pairs[0].name, "a");
        assert_string_equal(pairs[0].value, "1");
        assert_string_equal(pairs[1].value, "x&y z");
        assert_string_equal(pairs[2].name, "c");
        assert_string_equal(pairs[2].value, "");
        assert_int_equal(http_query(arena, text_of("a=b=c"), pairs, 3), 1);
        assert_string_equal(pairs[0].value, "b=c");
        assert_int_equal(http_query(arena, text_of(""), pairs, 3), 0);
        assert_int_equal(http_query(arena, (struct http_text){NULL, 0}, pairs, 3), 0);
        assert_int_equal(http_query(arena, text_of("a=1&a=2&a=3&a=4"), pairs, 3), -1);
        static const char *const bad[] = {"=1", "a=1&&b=2", "&a", "a=%", "%=1", "%00=a", "a=%ff", "a=1&=2"};
        for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
                assert_int_equal(http_query(arena, text_of(bad[i]), pairs, 3), -1);
}

static void assert_cookie(const struct http_head *head, const char *name, const char *value)
{
        struct http_text found = http_cookie(head, name);
        if (value == NULL)
                assert_null(found.bytes);
        else
                assert_true(found.bytes != NULL && http_text_is(found, value));
}

static void finds_cookies(void **state)
{
        (void)state;
        const struct http_head *head = request("GET", "Cookie: a=1; bb=2=3;c=; d", "cookie: e=\"5\"");
        assert_cookie(head, "a", "1");
        assert_cookie(head, "bb", "2=3");
        assert_cookie(head, "c", "");
        assert_cookie(head, "d", NULL);
        assert_cookie(head, "e", "\"5\"");
        assert_cookie(head, "b", NULL);
        assert_cookie(head, "A", NULL);
        assert_cookie(get("Cookie: a=1; a=1"), "a", NULL); /* which one was set by us? */
        assert_cookie(request("GET", "Cookie: a=1", "Cookie: a=2"), "a", NULL);
        assert_cookie(get("X: a=1"), "a", NULL);
}

static const struct {
        enum http_condition expected;
        const char *method, *first, *second;
        time_t modified;
        const char *etag;
} conditions[] = {
        {HTTP_GO_ON, "GET", NULL, NULL, 1000, "\"a\""},
        {HTTP_GO_ON, "PUT", "If-Match: \"a\"", NULL, 0, "\"a\""},
        {HTTP_GO_ON, "PUT", "If-Match: \"b\", \"a\"", NULL, 0, "\"a\""},
        {HTTP_GO_ON, "PUT", "If-Match: *", NULL, 0, "\"a\""},
        {HTTP_PRECONDITION_FAILED, "PUT", "If-Match: \"b\"", NULL, 0, "\"a\""},
        {HTTP_PRECONDITION_FAILED, "PUT", "If-Match: W/\"a\"", NULL, 0, "\"a\""},
        {HTTP_PRECONDITION_FAILED, "PUT", "If-Match: a", NULL, 0, "\"a\""},
        {HTTP_PRECONDITION_FAILED, "PUT", "If-Match: \"a", NULL, 0, "\"a\""},
        {HTTP_PRECONDITION_FAILED, "PUT", "If-Match:", NULL, 0, "\"a\""},
        {HTTP_PRECONDITION_FAILED, "PUT", "If-Match: \"a\"", NULL, 0, NULL},
        {HTTP_NOT_MODIFIED, "GET", "If-None-Match: \"a\"", NULL, 0, "\"a\""},
        {HTTP_NOT_MODIFIED, "HEAD", "If-None-Match: W/\"a\"", NULL, 0, "\"a\""},
        {HTTP_NOT_MODIFIED, "GET", "If-None-Match: \"b\",W/\"a\" , \"c\"", NULL, 0, "\"a\""},
        {HTTP_NOT_MODIFIED, "GET", "If-None-Match: *", NULL, 0, "\"a\""},
        {HTTP_GO_ON, "GET", "If-None-Match: \"b\"", NULL, 0, "\"a\""},
        {HTTP_GO_ON, "GET", "If-None-Match: \"x,\\\"a\"", NULL, 0, "\"a\""},
        {HTTP_PRECONDITION_FAILED, "PUT", "If-None-Match: *", NULL, 0, "\"a\""},
        {HTTP_PRECONDITION_FAILED, "DELETE", "If-None-Match: \"a\"", NULL, 0, "\"a\""},
        {HTTP_NOT_MODIFIED, "GET", "If-Modified-Since: Thu, 01 Jan 1970 00:16:40 GMT", NULL, 1000, NULL},
        {HTTP_GO_ON, "GET", "If-Modified-Since: Thu, 01 Jan 1970 00:16:39 GMT", NULL, 1000, NULL},
        {HTTP_GO_ON, "PUT", "If-Modified-Since: Thu, 01 Jan 1970 00:16:40 GMT", NULL, 1000, NULL},
        {HTTP_GO_ON, "GET", "If-Modified-Since: today", NULL, 1000, NULL},
        {HTTP_GO_ON, "GET", "If-Modified-Since: Thu, 01 Jan 1970 00:16:40 GMT", NULL, 0, NULL},
        {HTTP_GO_ON, "GET", "If-None-Match: \"b\"", "If-Modified-Since: Thu, 01 Jan 1970 00:16:40 GMT", 1000, "\"a\""},
        {HTTP_GO_ON, "PUT", "If-Unmodified-Since: Thu, 01 Jan 1970 00:16:40 GMT", NULL, 1000, NULL},
        {HTTP_PRECONDITION_FAILED, "PUT", "If-Unmodified-Since: Thu, 01 Jan 1970 00:16:39 GMT", NULL, 1000, NULL},
        {HTTP_GO_ON, "PUT", "If-Match: \"a\"", "If-Unmodified-Since: Thu, 01 Jan 1970 00:16:39 GMT", 1000, "\"a\""},
};

static void judges_conditions(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(conditions); i++) {
                const struct http_head *head = request(conditions[i].method, conditions[i].first, conditions[i].second);
                enum http_condition is = http_conditions(head, conditions[i].etag, conditions[i].modified);
                if (is != conditions[i].expected)
                        fail_msg("%s %s: %d", conditions[i].method, conditions[i].first, (int)is);
        }
}

static const struct {
        enum http_range expected;
        const char *field;
        uint64_t size, first, length;
} ranges[] = {
        {HTTP_PART, "Range: bytes=0-0", 10, 0, 1},
        {HTTP_PART, "Range: bytes=2-5", 10, 2, 4},
        {HTTP_PART, "Range: Bytes=2-", 10, 2, 8},
        {HTTP_PART, "Range: bytes=-3", 10, 7, 3},
        {HTTP_PART, "Range: bytes=-30", 10, 0, 10},
        {HTTP_PART, "Range: bytes=9-18446744073709551615", 10, 9, 1},
        {HTTP_UNSATISFIABLE, "Range: bytes=10-", 10, 0, 0},
        {HTTP_UNSATISFIABLE, "Range: bytes=10-20", 10, 0, 0},
        {HTTP_UNSATISFIABLE, "Range: bytes=-0", 10, 0, 0},
        {HTTP_UNSATISFIABLE, "Range: bytes=-5", 0, 0, 0},
        {HTTP_UNSATISFIABLE, "Range: bytes=0-", 0, 0, 0},
        {HTTP_WHOLE, NULL, 10, 0, 0},
        {HTTP_WHOLE, "Range: bytes=5-2", 10, 0, 0},
        {HTTP_WHOLE, "Range: bytes=1-2,4-5", 10, 0, 0},
        {HTTP_WHOLE, "Range: bytes=--1", 10, 0, 0},
        {HTTP_WHOLE, "Range: bytes=+1-2", 10, 0, 0},
        {HTTP_WHOLE, "Range: bytes= 1-2", 10, 0, 0},
        {HTTP_WHOLE, "Range: bytes=12345", 10, 0, 0},
        {HTTP_WHOLE, "Range: bytes=a-b", 10, 0, 0},
        {HTTP_WHOLE, "Range: bytes=18446744073709551616-", 10, 0, 0},
        {HTTP_WHOLE, "Range: lines=1-2", 10, 0, 0},
        {HTTP_WHOLE, "Range: bytes=-", 10, 0, 0},
};

static void finds_ranges(void **state)
{
        uint64_t first, length;
        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(ranges); i++) {
                first = length = 0;
                enum http_range is = http_range(get(ranges[i].field), NULL, 0, ranges[i].size, &first, &length);
                if (is != ranges[i].expected || first != ranges[i].first || length != ranges[i].length)
                        fail_msg("%s: %d, %ju %ju", ranges[i].field, (int)is, first, length);
        }
        assert_int_equal(http_range(request("POST", "Range: bytes=0-0", NULL), NULL, 0, 10, &first, &length),
                         HTTP_WHOLE);
}

static void ranges_hold_on_a_condition(void **state)
{
        static const struct {
                enum http_range expected;
                const char *condition;
        } cases[] = {
                {HTTP_PART, "If-Range: \"a\""},
                {HTTP_WHOLE, "If-Range: \"b\""},
                {HTTP_WHOLE, "If-Range: W/\"a\""},
                {HTTP_WHOLE, "If-Range:"},
                {HTTP_PART, "If-Range: Thu, 01 Jan 1970 00:16:40 GMT"},
                {HTTP_WHOLE, "If-Range: Thu, 01 Jan 1970 00:16:41 GMT"},
        };
        uint64_t first, length;
        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                const struct http_head *head = request("GET", "Range: bytes=1-2", cases[i].condition);
                assert_int_equal(http_range(head, "\"a\"", 1000, 10, &first, &length), cases[i].expected);
        }
        assert_int_equal(
                http_range(request("GET", "Range: bytes=1-2", "If-Range: \"a\""), NULL, 0, 10, &first, &length),
                HTTP_WHOLE);
}

static void knows_what_is_accepted(void **state)
{
        (void)state;
        assert_true(http_accepts_coding(get("Accept-Encoding: deflate, GZIP;q=0.5"), "gzip"));
        assert_true(http_accepts_coding(get("Accept-Encoding: *"), "gzip"));
        assert_false(http_accepts_coding(get("Accept-Encoding: gzip;q=0, *"), "gzip"));
        assert_false(http_accepts_coding(get("Accept-Encoding: *, gzip ; q=0.000"), "gzip"));
        assert_false(http_accepts_coding(get("Accept-Encoding: gzip;q=x"), "gzip"));
        assert_false(http_accepts_coding(get("Accept-Encoding: xgzip, gzipx"), "gzip"));
        assert_false(http_accepts_coding(get("Accept-Encoding:"), "gzip"));
        assert_false(http_accepts_coding(get(NULL), "gzip"));

        assert_int_equal(http_accepts_type(get(NULL), "text/html"), 1000);
        assert_int_equal(http_accepts_type(get("Accept: text/html;q=0.75, */*;q=0.1"), "text/html"), 750);
        assert_int_equal(http_accepts_type(get("Accept: */*;q=0.123, text/*;q=0.2"), "text/html"), 200);
        assert_int_equal(http_accepts_type(get("Accept: */*;q=0.123, Text/HTML;q=0"), "text/html"), 0);
        assert_int_equal(http_accepts_type(get("Accept: */*;q=0.12"), "application/json"), 120);
        assert_int_equal(http_accepts_type(get("Accept: text/*, a/b"), "application/json"), 0);
        assert_int_equal(http_accepts_type(get("Accept: text/html;level=1;q=0.3"), "text/html"), 300);
        static const char *const no_weights[] = {"2", "1.001", "0.1234", "-1", ".5", "0x1", "0.a", ""};
        for (size_t i = 0; i < ARRAY_SIZE(no_weights); i++) {
                char field[64];
                (void)snprintf(field, sizeof(field), "Accept: a/b;q=%s", no_weights[i]);
                assert_int_equal(http_accepts_type(get(field), "a/b"), 0);
        }
        assert_int_equal(http_accepts_type(get("Accept: a/b;q=1.000"), "a/b"), 1000);

        assert_true(http_content_is(get("Content-Type: Application/JSON ; charset=utf-8"), "application/json"));
        assert_true(http_content_is(get("Content-Type: application/json"), "application/json"));
        assert_false(http_content_is(get("Content-Type: application/jsonx"), "application/json"));
        assert_false(http_content_is(get("Content-Type: text/plain; application/json"), "application/json"));
        assert_false(http_content_is(get(NULL), "application/json"));
}

static void reads_lists(void **state)
{
        (void)state;
        assert_true(http_list_has(text_of("a, Upgrade ,b"), "upgrade"));
        assert_true(http_list_has(text_of("upgrade;x=y"), "upgrade"));
        assert_true(http_list_has(text_of(",,\tupgrade\t,"), "upgrade"));
        assert_false(http_list_has(text_of("upgrades, up grade, x=upgrade"), "upgrade"));
        assert_false(http_list_has(text_of(""), "upgrade"));
}

static void writes_and_reads_dates(void **state)
{
        static const struct {
                time_t when;
                const char *text;
        } dates[] = {
                {784111777, "Sun, 06 Nov 1994 08:49:37 GMT"},    {0, "Thu, 01 Jan 1970 00:00:00 GMT"},
                {951782400, "Tue, 29 Feb 2000 00:00:00 GMT"},    {4107542399, "Sun, 28 Feb 2100 23:59:59 GMT"},
                {253402300799, "Fri, 31 Dec 9999 23:59:59 GMT"},
        };
        static const char *const none[] = {
                "",
                "Su",
                "Sun, 06 Nov 1994 08:49:37",
                "Sun, 06 Nov 1994 08:49:37 UTC",
                "sun, 06 Nov 1994 08:49:37 GMT",
                "Sun, 06 nov 1994 08:49:37 GMT",
                "Sun, 6 Nov 1994 08:49:37 GMT",
                "Sun, 00 Nov 1994 08:49:37 GMT",
                "Sun, 31 Nov 1994 08:49:37 GMT",
                "Wed, 29 Feb 2100 00:00:00 GMT",
                "Sun, 06 Nov 1994 24:00:00 GMT",
                "Sun, 06 Nov 1994 08:60:00 GMT",
                "Sun, 06 Nov 1994 08:49:61 GMT",
                "Sun, 06 Nov 1899 08:49:37 GMT",
                "Sun, 06 Nov 1994 08:49:3a GMT",
                " Sun, 06 Nov 1994 08:49:37 GMT",
                "Sun Nov  6 08:49:37 1994 ",
                "Sunday, 06-Nov-1994 08:49:37 GMT",
                "784111777",
        };
        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(dates); i++) {
                char text[HTTP_DATE_SIZE];
                http_date(dates[i].when, text);
                assert_string_equal(text, dates[i].text);
                assert_int_equal(http_date_read(text_of(text)), dates[i].when);
        }
        for (size_t i = 0; i < ARRAY_SIZE(none); i++)
                if (http_date_read(text_of(none[i])) != -1)
                        fail_msg("%s is a date", none[i]);
        assert_int_equal(http_date_read(text_of("Sunday, 06-Nov-94 08:49:37 GMT")), 784111777);
        assert_int_equal(http_date_read(text_of("Sunday, 06-Nov-44 08:49:37 GMT")), 2362034977);
        assert_int_equal(http_date_read(text_of("Sun Nov  6 08:49:37 1994")), 784111777);
        assert_int_equal(http_date_read(text_of("Sun Nov 16 08:49:37 1994")), 784111777 + 864000);
        assert_int_equal(http_date_read(text_of("Saturday, 01-Jan-00 00:00:00 GMT")), 946684800);
        assert_int_equal(http_date_read(text_of("Sat, 31 Dec 2016 23:59:60 GMT")), 1483228800);
}

static void has_words(void **state)
{
        (void)state;
        assert_string_equal(http_reason(404), "Not Found");
        assert_string_equal(http_reason(413), "Content Too Large");
        assert_string_equal(http_reason(299), "");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(decodes),
                cmocka_unit_test(takes_paths_apart),
                cmocka_unit_test(reads_queries),
                cmocka_unit_test(finds_cookies),
                cmocka_unit_test(judges_conditions),
                cmocka_unit_test(finds_ranges),
                cmocka_unit_test(ranges_hold_on_a_condition),
                cmocka_unit_test(knows_what_is_accepted),
                cmocka_unit_test(reads_lists),
                cmocka_unit_test(writes_and_reads_dates),
                cmocka_unit_test(has_words),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
