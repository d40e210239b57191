/* JSON: what is refused, what round-trips, and that a patch applied gives the new document.
 * Rights: none. */
#include "base/mem.h"
#include "json/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static void refused(const char *text)
{
        struct failure failure = {0};
        struct json *value = json_parse(text, strlen(text), &failure);
        if (value != NULL)
                fail_msg("accepted: %s", text);
        assert_int_equal(failure.code, FAILURE_MALFORMED);
        assert_true(failure.message[0] != '\0');
}

static void hostile_json_is_refused(void **state)
{
        (void)state;
        static const char *const table[] = {"",
                                            " ",
                                            "{",
                                            "}",
                                            "[1,]",
                                            "{\"a\":1,}",
                                            "{\"a\":1,\"a\":2}",
                                            "{\"a\":1,\"\\u0061\":2}",
                                            "[01]",
                                            "[+1]",
                                            "[NaN]",
                                            "[Infinity]",
                                            "[1e999]",
                                            "[9007199254740992]",
                                            "[-9007199254740992]",
                                            "[1.]",
                                            "[.5]",
                                            "[1e]",
                                            "\"\\u0000\"",
                                            "\"a\tb\"",
                                            "\"\\x\"",
                                            "\"\\ud800\"",
                                            "\"\\udc00\"",
                                            "\"\\ud800\\u0041\"",
                                            "\"\xff\"",
                                            "[1] 2",
                                            "[1]//x",
                                            "/**/[1]",
                                            "'a'",
                                            "{a:1}",
                                            "[1 2]",
                                            "tru",
                                            "nul",
                                            "\"abc",
                                            "[\"a\"",
                                            "{\"a\"}",
                                            "null",
                                            "\xef\xbb\xbf[1]",
                                            "[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]"};
        for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
                refused(table[i]);
        struct failure failure;
        assert_null(json_parse("[1\0]", 4, &failure));
}

static void good_json_round_trips(void **state)
{
        (void)state;
        static const char *const table[] = {"{}",
                                            "[]",
                                            "[1,-2,3.5,true,false,null,\"x\"]",
                                            "{\"a\":{\"b\":[{\"c\":\"\\\"\\\\\\n\"}]}}",
                                            "9007199254740991",
                                            "-9007199254740991",
                                            "\"\xc3\xa9\xf0\x9f\x8c\x8a\"",
                                            "[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]"};
        for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
                struct failure failure = {0};
                struct json *value = json_parse(table[i], strlen(table[i]), &failure);
                if (value == NULL)
                        fail_msg("refused %s: %s", table[i], failure.message);
                struct json_out *out = json_out_new();
                json_out_value(out, value);
                assert_string_equal(json_out_bytes(out, NULL), table[i]);
                json_out_free(out);
                json_free(value);
        }
}

static void broken_text_is_repaired_when_written(void **state)
{
        (void)state;
        struct json_out *out = json_out_new();
        json_out_text_n(out, "a\xff\x01\xc3\xa9\xc3", 6);
        assert_string_equal(json_out_bytes(out, NULL), "\"a\xef\xbf\xbd\\u0001\xc3\xa9\xef\xbf\xbd\"");
        json_out_free(out);
}

static void patched(const char *before, const char *after, const char *expected)
{
        struct json_out *out = json_out_new();
        assert_int_equal(json_patch(before, strlen(before), after, strlen(after), out), 0);
        assert_string_equal(json_out_bytes(out, NULL), expected);
        json_out_free(out);
}

static void patches_are_small(void **state)
{
        (void)state;
        patched("{\"a\":1}", "{\"a\":1}", "[]");
        patched("{\"a\":1,\"b\":2}", "{\"a\":3,\"c/~\":4}",
                "[{\"op\":\"replace\",\"path\":\"/a\",\"value\":3},{\"op\":\"remove\",\"path\":\"/b\"},"
                "{\"op\":\"add\",\"path\":\"/c~1~0\",\"value\":4}]");
        patched("{\"u\":[{\"id\":1,\"x\":1},{\"id\":2,\"x\":1},{\"id\":3,\"x\":1}]}",
                "{\"u\":[{\"id\":1,\"x\":1},{\"id\":3,\"x\":2},{\"id\":4,\"x\":1}]}",
                "[{\"op\":\"remove\",\"path\":\"/u/1\"},{\"op\":\"replace\",\"path\":\"/u/1/x\",\"value\":2},"
                "{\"op\":\"add\",\"path\":\"/u/2\",\"value\":{\"id\":4,\"x\":1}}]");
        patched("[{\"id\":1},{\"id\":2}]", "[{\"id\":2},{\"id\":1}]",
                "[{\"op\":\"remove\",\"path\":\"/1\"},{\"op\":\"add\",\"path\":\"/0\",\"value\":{\"id\":2}}]");
        patched("[1,2]", "[1,3]", "[{\"op\":\"replace\",\"path\":\"\",\"value\":[1,3]}]");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(hostile_json_is_refused),
                cmocka_unit_test(good_json_round_trips),
                cmocka_unit_test(broken_text_is_repaired_when_written),
                cmocka_unit_test(patches_are_small),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
