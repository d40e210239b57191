/* Tools that a hand runs: what it makes of how they end, and of one that does not. The clock goes on when a test says
 * so.
 */
#include "libnas/act/parts.h"

#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <signal.h>
#include <sys/wait.h>
#include <cmocka.h>

static uint64_t now_ms, step_ms;

uint64_t __wrap_clock_boot_ms(void);
uint64_t __wrap_clock_boot_ms(void)
{
        return now_ms += step_ms;
}

static struct operation operation;

static int run(const char *const *args, const char *input, struct failure *failure)
{
        CLEANUP_FD int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
        const struct act_context context = {.output_fd = null_fd, .operation = &operation};
        step_ms = 0;
        *failure = (struct failure){0};
        return act_run(&context, args, input, failure);
}

static void how_it_ends_counts(void **state)
{
        (void)state;
        struct failure failure;
        assert_int_equal(run((const char *const[]){"/usr/bin/true", NULL}, NULL, &failure), 0);
        assert_int_equal(run((const char *const[]){"/usr/bin/grep", "-q", "word", NULL}, "word\n", &failure), 0);
        assert_int_equal(run((const char *const[]){"/usr/bin/grep", "-q", "word", NULL}, NULL, &failure), -1);
        assert_string_equal(failure.message, "/usr/bin/grep ended with status 1.");
        operation.already = 1;
        assert_int_equal(run((const char *const[]){"/usr/bin/grep", "-q", "word", NULL}, NULL, &failure), 0);
        assert_int_equal(run((const char *const[]){"/usr/bin/grep", "-q", "word", "/nothing", NULL}, NULL, &failure),
                         -1);
        operation = (struct operation){.refuses = "passphrase"};
        assert_int_equal(run((const char *const[]){"/usr/bin/grep", "-q", "word", "/nothing", NULL}, NULL, &failure),
                         -1);
        assert_string_equal(failure.field, "passphrase");
        operation = (struct operation){0};
        assert_int_equal(run((const char *const[]){"/usr/bin/nothing-of-the-kind", NULL}, NULL, &failure), -1);
        assert_int_equal(failure.code, FAILURE_FAILED);
}

/* Else a plan would stand still for ever, and all that wait for it. */
static void one_that_hangs_is_ended(void **state)
{
        (void)state;
        CLEANUP_FD int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
        const struct act_context context = {.output_fd = null_fd, .operation = &operation};
        struct failure failure = {0};
        step_ms = 70 * 1000; /* each time that it looks */
        assert_int_equal(act_run(&context, (const char *const[]){"/usr/bin/sleep", "1000", NULL}, NULL, &failure), -1);
        assert_int_equal(failure.code, FAILURE_FAILED);
        assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* it is gone, and nothing of it is left */
        assert_int_equal(errno, ECHILD);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(how_it_ends_counts),
                cmocka_unit_test(one_that_hangs_is_ended),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
