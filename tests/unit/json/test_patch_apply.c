/* Patches applied: the examples of RFC 6902, what must not fit, and as a property over random documents that
 * apply(a, patch(a, b)) is b. And members found in the text alone.
 * Rights: none. */
#include "base/mem.h"
#include "json/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void applied(const char *before, const char *patch, const char *expected)
{
        struct json_out *out = json_out_new();
        int result = json_patch_apply(before, strlen(before), patch, strlen(patch), out);
        if ((result == 0) != (expected != NULL))
                fail_msg("%s with %s: %d", before, patch, result);
        if (expected != NULL) {
                assert_string_equal(json_out_bytes(out, NULL), expected);
        } else {
                json_out_boolean(out, true); /* untouched: it still takes a first value */
                assert_string_equal(json_out_bytes(out, NULL), "true");
        }
        json_out_free(out);
}

static void patches_do_what_the_standard_says(void **state)
{
        (void)state;
        static const char *const table[][3] = {
                /* appendix A of the RFC */
                {"{\"foo\":\"bar\"}", "[{\"op\":\"add\",\"path\":\"/baz\",\"value\":\"qux\"}]",
                 "{\"foo\":\"bar\",\"baz\":\"qux\"}"},
                {"{\"foo\":[\"bar\",\"baz\"]}", "[{\"op\":\"add\",\"path\":\"/foo/1\",\"value\":\"qux\"}]",
                 "{\"foo\":[\"bar\",\"qux\",\"baz\"]}"},
                {"{\"baz\":\"qux\",\"foo\":\"bar\"}", "[{\"op\":\"remove\",\"path\":\"/baz\"}]", "{\"foo\":\"bar\"}"},
                {"{\"foo\":[\"bar\",\"qux\",\"baz\"]}", "[{\"op\":\"remove\",\"path\":\"/foo/1\"}]",
                 "{\"foo\":[\"bar\",\"baz\"]}"},
                {"{\"baz\":\"qux\",\"foo\":\"bar\"}", "[{\"op\":\"replace\",\"path\":\"/baz\",\"value\":\"boo\"}]",
                 "{\"baz\":\"boo\",\"foo\":\"bar\"}"},
                {"{\"foo\":{\"bar\":\"baz\",\"waldo\":\"fred\"},\"qux\":{\"corge\":\"grault\"}}",
                 "[{\"op\":\"move\",\"from\":\"/foo/waldo\",\"path\":\"/qux/thud\"}]",
                 "{\"foo\":{\"bar\":\"baz\"},\"qux\":{\"corge\":\"grault\",\"thud\":\"fred\"}}"},
                {"{\"foo\":[\"all\",\"grass\",\"cows\",\"eat\"]}",
                 "[{\"op\":\"move\",\"from\":\"/foo/1\",\"path\":\"/foo/3\"}]",
                 "{\"foo\":[\"all\",\"cows\",\"eat\",\"grass\"]}"},
                {"{\"baz\":\"qux\",\"foo\":[\"a\",2,\"c\"]}",
                 "[{\"op\":\"test\",\"path\":\"/baz\",\"value\":\"qux\"},{\"op\":\"test\",\"path\":\"/foo/"
                 "1\",\"value\":2}]",
                 "{\"baz\":\"qux\",\"foo\":[\"a\",2,\"c\"]}"},
                {"{\"baz\":\"qux\"}", "[{\"op\":\"test\",\"path\":\"/baz\",\"value\":\"bar\"}]", NULL},
                {"{\"foo\":\"bar\"}", "[{\"op\":\"add\",\"path\":\"/child\",\"value\":{\"grandchild\":{}}}]",
                 "{\"foo\":\"bar\",\"child\":{\"grandchild\":{}}}"},
                {"{\"foo\":\"bar\"}", "[{\"op\":\"add\",\"path\":\"/baz\",\"value\":\"qux\",\"xyz\":123}]",
                 "{\"foo\":\"bar\",\"baz\":\"qux\"}"},
                {"{\"foo\":\"bar\"}", "[{\"op\":\"add\",\"path\":\"/baz/bat\",\"value\":\"qux\"}]", NULL},
                {"{\"/\":9,\"~1\":10}", "[{\"op\":\"test\",\"path\":\"/~01\",\"value\":10}]", "{\"/\":9,\"~1\":10}"},
                {"{\"/\":9,\"~1\":10}", "[{\"op\":\"test\",\"path\":\"/~01\",\"value\":\"10\"}]", NULL},
                {"{\"foo\":[\"bar\"]}", "[{\"op\":\"add\",\"path\":\"/foo/-\",\"value\":[\"abc\",\"def\"]}]",
                 "{\"foo\":[\"bar\",[\"abc\",\"def\"]]}"},
                /* and what it leaves to the reader */
                {"[1]", "[]", "[1]"},
                {"[1]", "[{\"op\":\"add\",\"path\":\"\",\"value\":{\"a\":null}}]", "{\"a\":null}"},
                {"{\"\":{\"\":1}}", "[{\"op\":\"replace\",\"path\":\"//\",\"value\":null}]", "{\"\":{\"\":null}}"},
                {"{\"a\":[1,[2]]}",
                 "[{\"op\":\"copy\",\"from\":\"/a\",\"path\":\"/b\"},{\"op\":\"add\",\"path\":\"/b/1/-\",\"value\":3},"
                 "{\"op\":\"remove\",\"path\":\"/a/0\"}]",
                 "{\"a\":[[2]],\"b\":[1,[2,3]]}"},
                {"{\"a\":1}", "[{\"op\":\"move\",\"from\":\"/a\",\"path\":\"/a\"}]", "{\"a\":1}"},
                {"{\"a\":1,\"ab\":{}}", "[{\"op\":\"move\",\"from\":\"/a\",\"path\":\"/ab/c\"}]", "{\"ab\":{\"c\":1}}"},
                {"{\"a\":[1,{\"x\":true}]}", "[{\"op\":\"test\",\"path\":\"/a\",\"value\":[1,{\"x\":true}]}]",
                 "{\"a\":[1,{\"x\":true}]}"},
                {"{\"a\":{\"x\":1,\"y\":2}}", "[{\"op\":\"test\",\"path\":\"/a\",\"value\":{\"y\":2,\"x\":1}}]",
                 "{\"a\":{\"x\":1,\"y\":2}}"},
        };
        for (size_t i = 0; i < ARRAY_SIZE(table); i++)
                applied(table[i][0], table[i][1], table[i][2]);
}

static void what_does_not_fit_is_refused(void **state)
{
        (void)state;
        static const char *const table[][2] = {
                {"[1]", "{}"},
                {"[1]", "[1]"},
                {"[1]", "[{}]"},
                {"[1]", "[{\"op\":\"add\",\"value\":1}]"},
                {"[1]", "[{\"path\":\"/0\",\"value\":1}]"},
                {"[1]", "[{\"op\":\"add\",\"path\":\"/0\"}]"},
                {"[1]", "[{\"op\":\"put\",\"path\":\"/0\",\"value\":1}]"},
                {"[1]", "[{\"op\":\"add\",\"path\":\"0\",\"value\":1}]"},
                {"[1]", "[{\"op\":\"add\",\"path\":\"/2\",\"value\":1}]"},
                {"[1]", "[{\"op\":\"add\",\"path\":\"/00\",\"value\":1}]"},
                {"[1]", "[{\"op\":\"add\",\"path\":\"/01\",\"value\":1}]"},
                {"[1]", "[{\"op\":\"add\",\"path\":\"/ 0\",\"value\":1}]"},
                {"[1]", "[{\"op\":\"add\",\"path\":\"/\",\"value\":1}]"},
                {"[1]", "[{\"op\":\"add\",\"path\":\"/18446744073709551616\",\"value\":1}]"},
                {"[1]", "[{\"op\":\"replace\",\"path\":\"/1\",\"value\":1}]"},
                {"[1]", "[{\"op\":\"replace\",\"path\":\"/-\",\"value\":1}]"},
                {"[1]", "[{\"op\":\"remove\",\"path\":\"/1\"}]"},
                {"[1]", "[{\"op\":\"remove\",\"path\":\"/-\"}]"},
                {"[1]", "[{\"op\":\"remove\",\"path\":\"\"}]"},
                {"[1]", "[{\"op\":\"replace\",\"path\":\"\",\"value\":null}]"},
                {"[1]", "[{\"op\":\"test\",\"path\":\"/1\",\"value\":1}]"},
                {"{\"a\":1}", "[{\"op\":\"replace\",\"path\":\"/b\",\"value\":1}]"},
                {"{\"a\":1}", "[{\"op\":\"remove\",\"path\":\"/b\"}]"},
                {"{\"a\":1}", "[{\"op\":\"add\",\"path\":\"/a/b\",\"value\":1}]"},
                {"{\"a~\":1}", "[{\"op\":\"remove\",\"path\":\"/a~\"}]"},
                {"{\"a~2\":1}", "[{\"op\":\"remove\",\"path\":\"/a~2\"}]"},
                {"{\"a\":{}}", "[{\"op\":\"move\",\"from\":\"/a\",\"path\":\"/a/b\"}]"},
                {"{\"a\":{}}", "[{\"op\":\"move\",\"from\":\"\",\"path\":\"/a/b\"}]"},
                {"{\"a\":{}}", "[{\"op\":\"move\",\"path\":\"/b\"}]"},
                {"{\"a\":{}}", "[{\"op\":\"copy\",\"from\":\"/c\",\"path\":\"/b\"}]"},
                {"{\"a\":1}",
                 "[{\"op\":\"add\",\"path\":\"/b\",\"value\":1},{\"op\":\"test\",\"path\":\"/b\",\"value\":2}]"},
                {"[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]",
                 "[{\"op\":\"add\",\"path\":\"/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/-\",\"value\":[]}]"},
                {"{\"a\":[[]]}", "[{\"op\":\"replace\",\"path\":\"/a/0\",\"value\":[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]}]"},
                {"nonsense", "[]"},
                {"[1]", "nonsense"},
        };
        for (size_t i = 0; i < ARRAY_SIZE(table); i++)
                applied(table[i][0], table[i][1], NULL);
        applied("[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]",
                "[{\"op\":\"add\",\"path\":\"/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/-\",\"value\":1}]",
                "[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]");
}

/* Lines that double the document again and again end before memory does. */
static void copies_are_limited(void **state)
{
        (void)state;
        static char patch[64 * 1024], text[64 * 1024];
        size_t at = (size_t)snprintf(patch, sizeof patch, "[");
        for (int i = 0; i < 600; i++)
                at += (size_t)snprintf(patch + at, sizeof patch - at,
                                       "%s{\"op\":\"copy\",\"from\":\"/0\",\"path\":\"/-\"}", i == 0 ? "" : ",");
        (void)snprintf(patch + at, sizeof patch - at, "]");
        memset(text, 'x', sizeof text);
        memcpy(text, "[\"", 2);
        memcpy(text + sizeof text - 3, "\"]", 3);
        applied(text, patch, NULL);
        struct json_out *out = json_out_new();
        assert_int_equal(json_patch_apply("[1]", 3, patch, strlen(patch), out), 0);
        size_t length;
        (void)json_out_bytes(out, &length);
        assert_int_equal(length, 601 * 2 + 1);
        json_out_free(out);
}

static void as_many_as_json_may_have(void **state)
{
        (void)state;
        struct json_out *before = json_out_new(), *out = json_out_new();
        json_out_array(before);
        for (int i = 0; i < JSON_ITEMS_MAX - 1; i++)
                json_out_integer(before, 1);
        json_out_array_end(before);
        size_t length;
        const char *bytes = json_out_bytes(before, &length);
        static const char once[] = "[{\"op\":\"add\",\"path\":\"/0\",\"value\":2}]";
        static const char twice[] =
                "[{\"op\":\"add\",\"path\":\"/0\",\"value\":2},{\"op\":\"add\",\"path\":\"/65536\",\"value\":2}]";
        assert_int_equal(json_patch_apply(bytes, length, twice, sizeof twice - 1, out), -1);
        assert_int_equal(json_patch_apply(bytes, length, once, sizeof once - 1, out), 0);
        json_out_free(before);
        json_out_free(out);
}

/* --- the property --- */

static uint64_t seed = 0x9e3779b97f4a7c15u;

static unsigned below(unsigned limit)
{
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        return (unsigned)(seed >> 33) % limit;
}

static const char *const names[] = {"id", "name", "a", "b/c", "~", "", "\"q\"", "\xc3\xa9"};

static void random_value(struct json_out *out, unsigned depth)
{
        unsigned kind = below(depth == 0 ? 6 : 9), from = below(ARRAY_SIZE(names));
        switch (kind) {
        case 0:
                json_out_null(out);
                return;
        case 1:
                json_out_boolean(out, below(2) == 0);
                return;
        case 2:
                json_out_number(out, below(3) + 0.5);
                return;
        case 3:
                json_out_text(out, names[from]);
                return;
        case 4:
        case 5:
                json_out_integer(out, below(5));
                return;
        case 6:
                json_out_array(out);
                for (unsigned i = below(6); i > 0; i--)
                        random_value(out, depth - 1);
                json_out_array_end(out);
                return;
        default:
                json_out_object(out);
                for (unsigned i = 0; i < below(5); i++) {
                        json_out_key(out, names[(from + i) % ARRAY_SIZE(names)]);
                        random_value(out, depth - 1);
                }
                json_out_object_end(out);
        }
}

static void random_row(struct json_out *out, unsigned id)
{
        json_out_object(out);
        json_out_key(out, below(8) == 0 ? "name" : "id");
        json_out_integer(out, id);
        json_out_key(out, "x");
        random_value(out, 1);
        json_out_object_end(out);
}

static void random_document(struct json_out *out)
{
        json_out_object(out);
        json_out_key(out, "rows"); /* with keys, in any order, now and then with one that comes twice */
        json_out_array(out);
        for (unsigned i = below(9), first = below(4); i > 0; i--)
                random_row(out, below(12) == 0 ? first : first + (i * 5) % 11);
        json_out_array_end(out);
        json_out_key(out, "rest");
        random_value(out, 4);
        json_out_object_end(out);
}

/* Are they the same document? Nothing is to be done to come from one to the other. */
static bool same(const char *a, size_t a_length, const char *b, size_t b_length)
{
        struct json_out *out = json_out_new();
        assert_int_equal(json_patch(a, a_length, b, b_length, out), 0);
        bool nothing = strcmp(json_out_bytes(out, NULL), "[]") == 0;
        json_out_free(out);
        return nothing;
}

static void a_patch_applied_gives_the_new_document(void **state)
{
        (void)state;
        unsigned moved = 0;
        for (int i = 0; i < (getenv("BULKHEAD_SLOWED") == NULL ? 20000 : 1000); i++) {
                struct json_out *a = json_out_new(), *b = json_out_new(), *patch = json_out_new(),
                                *got = json_out_new();
                random_document(a);
                random_document(b);
                size_t a_length, b_length, patch_length, got_length;
                const char *a_text = json_out_bytes(a, &a_length), *b_text = json_out_bytes(b, &b_length);
                assert_int_equal(json_patch(a_text, a_length, b_text, b_length, patch), 0);
                const char *patch_text = json_out_bytes(patch, &patch_length);
                moved += strstr(patch_text, "/rows/") != NULL;
                if (json_patch_apply(a_text, a_length, patch_text, patch_length, got) != 0)
                        fail_msg("does not fit: %s to %s: %s", a_text, b_text, patch_text);
                const char *got_text = json_out_bytes(got, &got_length);
                if (!same(got_text, got_length, b_text, b_length))
                        fail_msg("%s with %s gave %s", a_text, patch_text, got_text);
                json_out_free(a);
                json_out_free(b);
                json_out_free(patch);
                json_out_free(got);
        }
        assert_true(moved > 100); /* rows were told apart by their keys, not replaced as a whole */
}

/* --- members in the text --- */

static void spans(const char *text, const char *name, const char *expected)
{
        size_t length = 0;
        const char *value = json_span(text, strlen(text), name, &length);
        if ((value == NULL) != (expected == NULL))
                fail_msg("%s in %s: %.*s", name, text, (int)length, value == NULL ? "" : value);
        if (expected != NULL) {
                assert_int_equal(length, strlen(expected));
                assert_memory_equal(value, expected, length);
        }
}

static void members_are_found_in_the_text(void **state)
{
        (void)state;
        static const char reply[] =
                " { \"error\" : \"nas.error.NotFound\" ,\n\"parameters\":{\"continues\":1,\"a\":[{\"error\":2},\"}\"]} "
                ",\"continues\":true}\t";
        spans(reply, "error", "\"nas.error.NotFound\"");
        spans(reply, "parameters", "{\"continues\":1,\"a\":[{\"error\":2},\"}\"]}");
        spans(reply, "continues", "true");
        spans(reply, "a", NULL);
        spans("{}", "a", NULL);
        spans("{\"a\":-1.5e3}", "a", "-1.5e3");
        spans("{\"a\":-1.5e3 , \"b\":[]}", "b", "[]");
        spans("{\"a\\\"\":1,\"b\":\"\\\\\",\"c\":\"\\\\\\\"\",\"d\":4}", "b", "\"\\\\\"");
        spans("{\"a\\\"\":1,\"b\":\"\\\\\",\"c\":\"\\\\\\\"\",\"d\":4}", "c", "\"\\\\\\\"\"");
        spans("{\"a\\\"\":1,\"b\":\"\\\\\",\"c\":\"\\\\\\\"\",\"d\":4}", "d", "4");
        spans("{\"ab\":1}", "a", NULL);
        spans("{\"a\":1}", "ab", NULL);
        spans("{\"\":1}", "", "1");
}

static void what_is_no_object_has_no_members(void **state)
{
        (void)state;
        static const char *const table[] = {
                "",
                " ",
                "[]",
                "\"a\"",
                "1",
                "{",
                "}",
                "{\"",
                "{\"a",
                "{\"a\"",
                "{\"a\":",
                "{\"a\":1",
                "{\"a\":1,",
                "{\"a\":1,}",
                "{\"a\":1}}",
                "{\"a\":}",
                "{\"a\" 1}",
                "{a:1}",
                "{\"a\":[1}",
                "{\"a\":{\"b\":1]}",
                "{\"a\":[1},\"b\":2}",
                "{\"a\":\"}",
                "{\"a\":\"\\\"}",
                "{\"a\":1}x",
                "{,}",
                "{\"a\":1 2}",
                "{\"a\":1 \"b\":2}",
        };
        for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
                struct json_place place = {.name = "a"};
                if (json_spans(table[i], strlen(table[i]), &place, 1) == 0)
                        fail_msg("took %s", table[i]);
        }
        struct json_place places[] = {{.name = "a"}, {.name = "b"}, {.name = "c"}};
        assert_int_equal(json_spans("{\"b\":22,\"a\":[]}", 15, places, 3), 0);
        assert_true(places[0].length == 2 && places[1].length == 2 && places[2].value == NULL);
}

static void items_are_counted_without_a_tree(void **state)
{
        static const struct {
                const char *json;
                size_t count;
        } lists[] = {{"[]", 0},
                     {"[ ]", 0},
                     {"[1]", 1},
                     {"[1, 2]", 2},
                     {"[[1,2],3]", 2},
                     {"[{}]", 1},
                     {"[\"a,b\",\"]\"]", 2},
                     {"[\"\\\",\",1]", 2},
                     {"[{\"a\":[1,2],\"b\":\"]\"},{}]", 2},
                     {"{\"b\":1,\"c\":2}", 0},
                     {"7", 0}};

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
                char text[64];
                struct json_place place = {.name = "a"};
                snprintf(text, sizeof text, "{\"a\":%s,\"z\":[0,0]}", lists[i].json);
                assert_int_equal(json_spans(text, strlen(text), &place, 1), 0);
                assert_int_equal(place.items, lists[i].count);
        }
}

static void what_is_in_a_member_is_found_in_the_same_pass(void **state)
{
        struct json_place inside[] = {{.name = "next"}, {.name = "list"}};
        struct json_place places[] = {{.name = "p", .inside = inside, .inside_count = 2}, {.name = "list"}};
        const char *text = "{\"p\":{\"deep\":{\"next\":1},\"list\":[1,2,3]},\"list\":[4]}";

        (void)state;
        assert_int_equal(json_spans(text, strlen(text), places, 2), 0);
        assert_memory_equal(places[0].value, "{\"deep\"", 7);
        assert_int_equal(places[0].length, strlen("{\"deep\":{\"next\":1},\"list\":[1,2,3]}"));
        assert_null(inside[0].value);
        assert_memory_equal(inside[1].value, "[1,2,3]", inside[1].length);
        assert_int_equal(inside[1].items, 3);
        assert_memory_equal(places[1].value, "[4]", places[1].length);

        const char *twice = "{\"p\":{\"list\":[1]},\"p\":7}", *broken = "{\"p\":{\"list\":[1],},\"list\":[4]}";
        assert_int_equal(json_spans(twice, strlen(twice), places, 2), 0);
        assert_true(places[0].length == 1 && inside[1].value == NULL && inside[1].items == 0);
        assert_int_equal(json_spans(broken, strlen(broken), places, 2), -1);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(patches_do_what_the_standard_says),
                cmocka_unit_test(what_does_not_fit_is_refused),
                cmocka_unit_test(copies_are_limited),
                cmocka_unit_test(as_many_as_json_may_have),
                cmocka_unit_test(a_patch_applied_gives_the_new_document),
                cmocka_unit_test(members_are_found_in_the_text),
                cmocka_unit_test(what_is_no_object_has_no_members),
                cmocka_unit_test(items_are_counted_without_a_tree),
                cmocka_unit_test(what_is_in_a_member_is_found_in_the_same_pass),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
