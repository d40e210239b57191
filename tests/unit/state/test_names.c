/* What bulkhead-names answers: taken where it is an answer to what was asked, and nothing else is.
 * Rights: none. */
#include "base/mem.h"
#include "state/names.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void who_it_is(void **state)
{
        (void)state;
        static const struct {
                const char *question, *line;
                enum names_found found;
        } cases[] = {
                {"user A\\b", "1900001104 A\\b", NAMES_FOUND},
                {"group A\\b c", "1900001105 A\\B C", NAMES_FOUND},
                {"user carol@directory", "100001 carol@directory", NAMES_FOUND},
                {"uid 1900001104", "1900001104 A\\b", NAMES_FOUND},
                {"gid 100500", "100500 staff@directory", NAMES_FOUND},
                {"user A\\b", "-", NAMES_NOBODY},
                {"groups A\\b", "-", NAMES_NOBODY},
                {"user A\\b", "?", NAMES_NOT_SAID},
                {"user A\\b", "", NAMES_NOT_SAID},
                {"user A\\b", "0 A\\b", NAMES_NOT_SAID},
                {"user A\\b", "20001 A\\b", NAMES_NOT_SAID},
                {"user A\\b", "1900001104 b", NAMES_NOT_SAID},
                {"user A\\b", "1900001104", NAMES_NOT_SAID},
                {"user A\\b", "root", NAMES_NOT_SAID},
                {"uid 1900001104", "1900001105 A\\b", NAMES_NOT_SAID}, /* of somebody else */
                {"uid 100001", "1900001104 A\\b", NAMES_NOT_SAID},
                {"groups A\\b", "?", NAMES_NOT_SAID},
                {"groups A\\b", "", NAMES_NOT_SAID},
                {"groups A\\b", "1900001104  5", NAMES_NOT_SAID},
                {"groups A\\b", "1900001104 x", NAMES_NOT_SAID},
                {"groups A\\b", "1900001104 ", NAMES_NOT_SAID},
                {"groups A\\b", "19000011041900001104", NAMES_NOT_SAID},
        };
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
                if (names_answer_read(cases[i].question, cases[i].line, arena).found != cases[i].found)
                        fail_msg("\"%s\" to \"%s\"", cases[i].line, cases[i].question);
        const struct names_answer one = names_answer_read("user A\\b", "1900001104 A\\b", arena);
        assert_int_equal(one.number, 1900001104);
        assert_string_equal(one.name, "A\\b");
}

static void in_which_groups(void **state)
{
        (void)state;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        const struct names_answer one = names_answer_read("groups A\\b", "1900000513 1900001105 5", arena);
        assert_int_equal(one.found, NAMES_FOUND);
        assert_int_equal(one.group_count, 3);
        assert_int_equal(one.groups[0], 1900000513);
        assert_int_equal(one.groups[2], 5);
}

int main(void)
{
        const struct CMUnitTest tests[] = {cmocka_unit_test(who_it_is), cmocka_unit_test(in_which_groups)};
        return cmocka_run_group_tests(tests, NULL, NULL);
}
