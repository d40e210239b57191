/* Programs that are started and heard: much, nothing, without end, and those that fail, are missing or are killed.
 * Rights: none; starts programs of this machine. */
#include "base/mem.h"
#include "sys/child.h"
#include "sys/file.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define SAYS(...) child_hear((const char *const[]){__VA_ARGS__, NULL}, true, arena)
#define ENDS(...) child_run((const char *const[]){__VA_ARGS__, NULL}, true)

static void all_that_is_said_is_heard(void **state)
{
        (void)state;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        const char *many = SAYS("/usr/bin/seq", "100000"); /* more than a pipe holds */
        assert_non_null(many);
        assert_int_equal(strlen(many), 588895);
        assert_string_equal(many + strlen(many) - 7, "100000\n");
        assert_string_equal(SAYS("/usr/bin/true"), "");
        assert_string_equal(SAYS("/usr/bin/printf", "%s|", "a b", "$HOME", "*"), "a b|$HOME|*|");
}

static void it_has_no_input_and_no_environment(void **state)
{
        (void)state;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        assert_string_equal(SAYS("/usr/bin/cat"), "");
        assert_string_equal(SAYS("/usr/bin/env"), "TZ=UTC\n");
}

static void what_does_not_end_well_says_nothing(void **state)
{
        (void)state;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        assert_int_equal(ENDS("/usr/bin/true"), 0);
        assert_int_equal(ENDS("/usr/bin/false"), -EIO);
        assert_int_equal(ENDS("/nonexistent/tool"), -EIO);
        assert_null(SAYS("/usr/bin/false"));
        assert_null(SAYS("/nonexistent/tool"));
        assert_null(SAYS("/usr/bin/cat", "/dev/null", "/nonexistent")); /* also when it has said something */
}

static void who_is_killed_did_not_end_well(void **state)
{
        (void)state;
        pid_t child = 0;
        CLEANUP_FD int from = child_open((const char *const[]){"/usr/bin/sleep", "600", NULL}, true, &child);
        assert_true(from >= 0 && child > 0);
        assert_int_equal(kill(child, SIGKILL), 0);
        assert_int_equal(child_end(child, &from), -EIO);
        assert_int_equal(child_end(-EAGAIN, &from), -EAGAIN); /* it was never begun */
}

static void who_is_heard_no_more_does_not_wait(void **state)
{
        (void)state;
        char some[8];
        pid_t child = 0;
        CLEANUP_FD int from = child_open((const char *const[]){"/usr/bin/yes", NULL}, true, &child);
        assert_int_equal(read(from, some, sizeof(some)), sizeof(some));
        assert_int_equal(child_end(child, &from), -EIO);
        assert_int_equal(from, -1);
}

static void who_never_stops_talking_is_ended(void **state)
{
        (void)state;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        assert_null(SAYS("/usr/bin/yes"));
}

static void there_is_an_end_to_words(void **state)
{
        (void)state;
        const char *words[CHILD_WORDS_MAX + 2] = {"/usr/bin/true"};
        for (size_t i = 1; i < CHILD_WORDS_MAX; i++)
                words[i] = "x";
        assert_int_equal(child_run(words, true), 0);
        words[CHILD_WORDS_MAX] = "x";
        assert_int_equal(child_run(words, true), -E2BIG);
        pid_t child;
        assert_int_equal(child_open(words, true, &child), -E2BIG);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(all_that_is_said_is_heard),
                cmocka_unit_test(it_has_no_input_and_no_environment),
                cmocka_unit_test(what_does_not_end_well_says_nothing),
                cmocka_unit_test(who_is_killed_did_not_end_well),
                cmocka_unit_test(who_is_heard_no_more_does_not_wait),
                cmocka_unit_test(who_never_stops_talking_is_ended),
                cmocka_unit_test(there_is_an_end_to_words),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
