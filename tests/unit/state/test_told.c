/* What a person is told of a tool that failed.
 * Rights: none. */
#include "libnas/state/changes.h"

#include "base/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const char *told(enum outcome outcome, const char *next, const char *output)
{
        static struct run run;
        run = (struct run){.outcome = outcome, .output = output};
        failure_set(&run.failure, FAILURE_FAILED, "", next, "/usr/sbin/groupadd ended with status 10.");
        outcome_told(&run);
        return run.failure.next;
}

static void the_last_line_of_a_tool_is_told(void **state)
{
        (void)state;
        assert_string_equal(told(OUTCOME_FAILED, FAILURE_SEE_OUTPUT, "one\nno room left\n \n"),
                            "It said: no room left");
        assert_string_equal(told(OUTCOME_FAILED, FAILURE_SEE_OUTPUT, "\x1b[31mred"), "It said: \\x1b[31mred");
        assert_string_equal(told(OUTCOME_FAILED, FAILURE_SEE_OUTPUT, "\n\n"), "");
        assert_string_equal(
                told(OUTCOME_FAILED, FAILURE_SEE_OUTPUT, "groupadd: one\ngroupadd: no room\nits child: must be root\n"),
                "It said: groupadd: no room");
        assert_string_equal(told(OUTCOME_FAILED, FAILURE_SEE_OUTPUT, "groupadder: one\nno room\n"), "It said: no room");
        assert_string_equal(told(OUTCOME_FAILED, FAILURE_SEE_OUTPUT, NULL), "");
}

static void what_did_not_come_from_a_tool_stays(void **state)
{
        (void)state;
        assert_string_equal(told(OUTCOME_FAILED, "Take another name.", "of a step before\n"), "Take another name.");
        assert_string_equal(told(OUTCOME_SUCCESS, FAILURE_SEE_OUTPUT, "done\n"), FAILURE_SEE_OUTPUT);
}

static void a_long_line_is_cut(void **state)
{
        (void)state;
        char line[4096];
        memset(line, 'x', sizeof(line) - 1);
        line[sizeof(line) - 1] = '\0';
        assert_in_range(strlen(told(OUTCOME_FAILED, FAILURE_SEE_OUTPUT, line)), 200,
                        sizeof((struct failure){0}.next) - 1);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_last_line_of_a_tool_is_told),
                cmocka_unit_test(what_did_not_come_from_a_tool_stays),
                cmocka_unit_test(a_long_line_is_cut),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
