/* Tables that fit, and answers as people see them.
 * Rights: a test; works on memory only. */
#include "base/mem.h"
#include "cli/show.h"
#include "cli/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const char *cells[] = {"1", "alice", "Alice Example", "-", "22", "b\u00f6b", "A very long name indeed", "-"};
static const struct table table = {
        .columns = 4, .rows = 2, .heads = {"ID", "USERNAME", "FULL NAME", "CREATED"}, .right = {true}, .cells = cells};

static void as_wide_as_it_takes(void **state)
{
        struct arena *arena CLEANUP(arena_freep) = arena_new();

        (void)state;
        assert_string_equal(table_text(arena, &table, 0), "ID  USERNAME  FULL NAME\n"
                                                          " 1  alice     Alice Example\n"
                                                          "22  b\u00f6b       A very long name indeed\n");
}

static void wide_columns_are_cut(void **state)
{
        struct arena *arena CLEANUP(arena_freep) = arena_new();

        (void)state;
        assert_string_equal(table_text(arena, &table, 24), "ID  USERNAME  FULL NAME\n"
                                                           " 1  alice     Alice Exa\u2026\n"
                                                           "22  b\u00f6b       A very lo\u2026\n");
        assert_string_equal(table_text(arena, &table, 12), "ID  USERNAME\n 1  alice\n22  b\u00f6b\n");
}

static void hashes_go_first_then_what_is_the_same_everywhere(void **state)
{
        struct arena *arena CLEANUP(arena_freep) = arena_new();
        static const char hash[] = "0123456789abcdef0123456789abcdef";
        static const char *rows[] = {"1",    hash,       "root", "made alice", "2",    hash,
                                     "root", "made bob", "3",    hash,         "root", "gone"};
        const struct table ledger = {.columns = 4, .rows = 3, .heads = {"ID", "HASH", "ACTOR", "WHAT"}, .cells = rows};

        (void)state;
        assert_non_null(strstr(table_text(arena, &ledger, 60), hash));
        assert_string_equal(table_text(arena, &ledger, 24),
                            "ID  ACTOR  WHAT\n1   root   made alice\n2   root   made bob\n"
                            "3   root   gone\n");
        assert_string_equal(table_text(arena, &ledger, 16), "ID  WHAT\n1   made alice\n2   made bob\n3   gone\n");
        assert_string_equal(table_text(arena, &ledger, 12), "ID  WHAT\n1   made al\u2026\n2   made bob\n3   gone\n");
}

/* Whatever the width, no line is wider, as long as one column fits. */
static void nothing_is_wider_than_the_terminal(void **state)
{
        (void)state;
        for (size_t width = 8; width < 60; width++) {
                struct arena *arena CLEANUP(arena_freep) = arena_new();
                const char *text = table_text(arena, &table, width);
                while (*text != '\0') {
                        size_t length = strcspn(text, "\n");
                        assert_true(text_columns(arena_text(arena, text, length)) <= width);
                        text += length + 1;
                }
        }
}

static void an_empty_table_is_nothing(void **state)
{
        struct arena *arena CLEANUP(arena_freep) = arena_new();
        const struct table empty = {.columns = 1, .heads = {"ID"}};

        (void)state;
        assert_string_equal(table_text(arena, &empty, 0), "");
}

static void bars_have_their_length(void **state)
{
        struct arena *arena CLEANUP(arena_freep) = arena_new();

        (void)state;
        assert_string_equal(bar_text(arena, 0, 4), "....");
        assert_string_equal(bar_text(arena, 50, 4), "##..");
        assert_string_equal(bar_text(arena, 100, 4), "####");
        assert_string_equal(bar_text(arena, 4000000000, 4), "####");
}

static char *shown(const char *contract_text, const char *answer_text)
{
        struct arena *arena CLEANUP(arena_freep) = arena_new();
        char message[256], *text = NULL;
        struct failure failure;
        size_t length;
        const struct idl_contract *contract = idl_parse(arena, "t", contract_text, strlen(contract_text), message);
        struct json *answer CLEANUP(json_freep) = json_parse(answer_text, strlen(answer_text), &failure);
        FILE *out = open_memstream(&text, &length);

        assert_non_null(contract);
        assert_non_null(answer);
        show_answer(out, arena, idl_member(contract, IDL_METHOD, "M"), answer, 0);
        fclose(out);
        return text;
}

static void answers_for_people(void **state)
{
        static const struct {
                const char *contract, *answer, *text;
        } rows[] = {
                {"interface a.b type R (id: int, on: bool, tags: []string) method M() -> (rows: []R)",
                 "{\"rows\":[{\"id\":5,\"on\":true,\"tags\":[\"x\",\"y\"]},{\"id\":10,\"on\":false,\"tags\":[]}]}",
                 "ID  ON   TAGS\n 5  yes  x, y\n10  no   -\n"},
                {"interface a.b type R (id: int, name: ?string) method M() -> (row: R)",
                 "{\"row\":{\"id\":5,\"name\":\"n\"}}", "id    5\nname  n\n"},
                {"interface a.b method M() -> (good: bool, rows: int)", "{\"good\":true,\"rows\":7}",
                 "good  yes\nrows  7\n"},
                {"interface a.b method M() -> (names: []string)", "{\"names\":[\"a\",\"b\"]}", "a\nb\n"},
                {"interface a.b method M() -> (csv: string)", "{\"csv\":\"a,b\\nc,d\\n\"}", "a,b\nc,d\n"},
                {"interface a.b method M() -> (text: string, n: int)", "{\"text\":\"\\u001b[2J\\u202e\",\"n\":1}",
                 "text  \\x1b[2J\\xe2\\x80\\xae\nn     1\n"},
                {"interface a.b method M() -> (imported: int)", "{\"job\":12}", "job  12\n"},
                {"interface a.b method M() -> ()", "{}", ""},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                char *text = shown(rows[i].contract, rows[i].answer);
                assert_string_equal(text, rows[i].text);
                free(text);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(as_wide_as_it_takes),
                cmocka_unit_test(wide_columns_are_cut),
                cmocka_unit_test(nothing_is_wider_than_the_terminal),
                cmocka_unit_test(an_empty_table_is_nothing),
                cmocka_unit_test(hashes_go_first_then_what_is_the_same_everywhere),
                cmocka_unit_test(bars_have_their_length),
                cmocka_unit_test(answers_for_people),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
