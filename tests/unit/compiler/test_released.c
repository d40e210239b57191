/* Promises of a released contract: what may change, and what is refused with which words.
 * Rights: a test; works on memory only. */
#include "base/mem.h"
#include "ipc/compiler/idl.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define HEAD           "interface nas.a\n"
#define IN(list)       HEAD "# @role user\nmethod M(" list ") -> ()\n"
#define OUT(list)      HEAD "# @role user\nmethod M() -> (" list ")\n"
#define NOTES(notes)   HEAD notes "method M() -> ()\n"
#define THING(list, m) HEAD "type T (" list ")\n# @role user\nmethod M" m "\n"

static const struct row {
        const char *name, *released, *now, *message; /* "": kept */
} rows[] = {
        {"nothing changed", IN("a: int"), IN("a: int"), ""},
        {"a new method", IN(""), IN("") "# @role user\nmethod N() -> ()", ""},
        {"a method gone", IN("") "# @role user\nmethod N() -> ()", IN(""),
         "1:11: \"N\" was released and is gone, expected it to stay"},
        {"a type gone", HEAD "type A ()\ntype B ()", HEAD "type A ()",
         "1:11: \"B\" was released and is gone, expected it to stay"},
        {"an error gone", HEAD "type A ()\nerror B ()", HEAD "type A ()",
         "1:11: \"B\" was released and is gone, expected it to stay"},
        {"an error's field gone", HEAD "error B (a: int, b: int)", HEAD "error B (a: int)",
         "2:9: \"b\" of \"B\" was released and is gone, expected it to stay"},
        {"an event's field gone", HEAD "# @event\ntype B (a: int, b: int)", HEAD "# @event\ntype B (a: int)",
         "3:8: \"b\" of \"B\" was released and is gone, expected it to stay"},
        /* --- what is sent --- */
        {"a cookie that was in the body",
         HEAD "# @http POST /api/a\n# @role user\nmethod M(\n# @secret\n# @max 9\na: string) -> ()",
         HEAD "# @http POST /api/a\n# @role user\nmethod M(\n# @secret\n# @cookie\n# @max 9\na: string) -> ()",
         "8:1: \"a\" of \"M\" goes another way than released, expected the same @cookie"},
        {"a new optional parameter", IN("a: int"), IN("a: int, b: ?int"), ""},
        {"a new required parameter", IN("a: int"), IN("a: int, b: int"),
         "3:18: \"b\" of \"M\" was not released, expected it to be optional"},
        {"a parameter gone", IN("a: int, b: ?int"), IN("a: int"),
         "3:9: \"b\" of \"M\" was released and is gone, expected it to stay"},
        {"a parameter made required", IN("a: ?int"), IN("a: int"),
         "3:10: \"a\" of \"M\" was optional when released, expected it to stay so"},
        {"a parameter made optional", IN("a: int"), IN("a: ?int"), ""},
        {"another type", IN("a: int"), IN("a: float"),
         "3:13: \"a\" of \"M\" has another type than released, expected the same"},
        {"another type inside", IN("a: []int"), IN("a: []bool"),
         "3:15: \"a\" of \"M\" has another type than released, expected the same"},
        {"a smaller @max", IN("\n# @max 9\na: string"), IN("\n# @max 8\na: string"),
         "4:3: \"a\" of \"M\" has a smaller @max than released, expected no less"},
        {"a greater @max", IN("\n# @max 8\na: string"), IN("\n# @max 9\na: string"), ""},
        {"a narrower @range", IN("\n# @range 1 9\na: int"), IN("\n# @range 2 9\na: int"),
         "4:3: \"a\" of \"M\" has a narrower @range than released, expected no less"},
        {"a new @range", IN("a: int"), IN("\n# @range 2 9\na: int"),
         "4:3: \"a\" of \"M\" has a narrower @range than released, expected no less"},
        {"a wider @range", IN("\n# @range 1 9\na: int"), IN("\n# @range 0 9\na: int"), ""},
        {"another value type", IN("\n# @is label\na: string"), IN("\n# @is user_name\na: string"),
         "4:3: \"a\" of \"M\" is another value type than released, expected the same"},
        {"another @default", IN("\n# @default 1\na: ?int"), IN("\n# @default 2\na: ?int"),
         "5:1: \"a\" of \"M\" has another @default than released, expected the same"},
        {"a word of an enum gone", IN("a: (x, y)"), IN("a: (x)"),
         "3:13: \"y\" of \"M\" was released and is gone, expected it to stay"},
        {"a new word of an enum", IN("a: (x)"), IN("a: (x, y)"), ""},
        {"a required field in a type that is sent", THING("a: int", "(t: T) -> ()"),
         THING("a: int, b: int", "(t: T) -> ()"), "2:17: \"b\" of \"M\" was not released, expected it to be optional"},
        /* --- what is read --- */
        {"a new result", OUT("a: int"), OUT("a: int, b: int"), ""},
        {"a result gone", OUT("a: int, b: int"), OUT("a: int"),
         "3:15: \"b\" of \"M\" was released and is gone, expected it to stay"},
        {"a result made optional", OUT("a: int"), OUT("a: ?int"),
         "3:16: \"a\" of \"M\" was always there when released, expected it to stay so"},
        {"a required field in a type that is read", THING("a: int", "() -> (t: T)"),
         THING("a: int, b: int", "() -> (t: T)"), ""},
        {"a field gone from a type that is read", THING("a: int, b: int", "() -> (t: T)"),
         THING("a: int", "() -> (t: T)"), "2:8: \"b\" of \"M\" was released and is gone, expected it to stay"},
        /* --- the method --- */
        {"a higher role", NOTES("# @role user\n"), NOTES("# @role operator\n"),
         "3:8: \"M\" asks for a higher @role than released, expected no higher one"},
        {"a lower role", NOTES("# @role user\n"), NOTES("# @role viewer\n"), ""},
        {"another route", NOTES("# @role user\n# @http GET /api/a\n"), NOTES("# @role user\n# @http GET /api/b\n"),
         "4:8: \"M\" has another @http than released, expected the same"},
        {"no command any more", NOTES("# @role user\n# @command a b\n"), NOTES("# @role user\n"),
         "3:8: \"M\" has another @command than released, expected the same, or more behind it"},
        {"a warrant that was not needed", NOTES("# @role user\n# @plan\n# @warrant sometimes\n"),
         NOTES("# @role user\n# @plan\n# @warrant\n"),
         "5:8: \"M\" asks for a @warrant that was not needed when released, expected none"},
        {"a job that was none", NOTES("# @role user\n# @plan\n"), NOTES("# @role user\n# @plan\n# @job\n"),
         "5:8: \"M\" answers in another way than released, expected the same @plan and @job"},
        {"not watchable any more", NOTES("# @role user\n# @more\n"), NOTES("# @role user\n"),
         "3:8: \"M\" cannot be called as when released, expected its @more or @oneway"},
};

static void test_row(void **state)
{
        const struct row *row = *state;
        struct arena *arena CLEANUP(arena_freep) = arena_new();
        char message[256] = "", expected[256];
        const struct idl_contract *released = idl_parse(arena, "old", row->released, strlen(row->released), message);
        const struct idl_contract *now = idl_parse(arena, "now", row->now, strlen(row->now), message);

        assert_string_equal(message, "");
        snprintf(expected, sizeof(expected), "%s%s", *row->message != '\0' ? "now:" : "", row->message);
        assert_int_equal(idl_check_released(released, now, message), *row->message != '\0' ? -1 : 0);
        assert_string_equal(message, expected);
}

int main(void)
{
        struct CMUnitTest tests[ARRAY_SIZE(rows)];

        for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
                tests[i] = (struct CMUnitTest){rows[i].name, test_row, NULL, NULL, (void *)(uintptr_t)&rows[i]};
        return cmocka_run_group_tests(tests, NULL, NULL);
}
