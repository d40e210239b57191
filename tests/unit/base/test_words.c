/* The small rest of base: failures, roles, time and the log.
 * Rights: none; starts children of itself. */
#include "base/clock.h"
#include "base/failure.h"
#include "base/role.h"
#include "tests/unit/base/ends.h"

#include <time.h>

static void a_failure_carries_everything(void **state)
{
        (void)state;
        struct failure failure = {.code = FAILURE_DENIED, .message = "old", .retry_s = 9};
        assert_int_equal(failure_set(&failure, FAILURE_INVALID, "name", "pick another", "%s is taken", "alice"), -1);
        assert_int_equal(failure.code, FAILURE_INVALID);
        assert_string_equal(failure.field, "name");
        assert_string_equal(failure.next, "pick another");
        assert_string_equal(failure.message, "alice is taken");
        assert_int_equal(failure.retry_s, 0);
        assert_int_equal(failure_set(NULL, FAILURE_INVALID, "", "", "nobody cares"), -1);
        failure_set(&failure, FAILURE_BUSY, NULL, NULL, "%0500d", 1);
        assert_int_equal(strlen(failure.message), sizeof(failure.message) - 1);
        assert_string_equal(failure.field, "");
        assert_string_equal(failure.next, "");
        assert_int_equal(failure.retry_s, 1);
        failure_set(&failure, FAILURE_UNAVAILABLE, "", "", "away");
        assert_int_equal(failure.retry_s, 1);
        /* An old message may be part of the new one. */
        failure_set(&failure, FAILURE_FAILED, "", "", "step 2: %s", failure.message);
        assert_string_equal(failure.message, "step 2: away");
        assert_string_equal(failure_code_name(FAILURE_NONE), "None");
        assert_string_equal(failure_code_name(FAILURE_NOT_FOUND), "NotFound");
        assert_string_equal(failure_code_name(FAILURE_ABORTED), "Aborted");
}

static void roles_are_an_order(void **state)
{
        (void)state;
        enum role role = ROLE_NOBODY;
        for (int i = ROLE_NOBODY; i <= ROLE_ADMIN; i++) {
                assert_int_equal(role_parse(role_name((enum role)i), &role), 0);
                assert_int_equal(role, i);
        }
        static const char *const wrong[] = {"", "Admin", "admin ", "root", "adm", "administrator"};
        for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
                assert_int_equal(role_parse(wrong[i], &role), -1);
        assert_int_equal(role, ROLE_ADMIN);
}

static void time_is_told_in_utc(void **state)
{
        (void)state;
        char text[RFC3339_SIZE];
        static const struct {
                int64_t us;
                const char *text;
        } known[] = {
                {0, "1970-01-01T00:00:00.000000Z"},
                {1, "1970-01-01T00:00:00.000001Z"},
                {-1, "1969-12-31T23:59:59.999999Z"},
                {-1000000, "1969-12-31T23:59:59.000000Z"},
                {1700000000123456, "2023-11-14T22:13:20.123456Z"},
                {253402300799999999, "9999-12-31T23:59:59.999999Z"},
        };
        for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
                clock_format(known[i].us, text);
                assert_string_equal(text, known[i].text);
        }
        clock_format(INT64_MAX, text); /* far, but told; never past the end */
        assert_true(strlen(text) < sizeof(text));
        clock_format(INT64_MIN, text);
        assert_true(strlen(text) < sizeof(text));
        struct timespec boot;
        assert_int_equal(clock_gettime(CLOCK_BOOTTIME, &boot), 0);
        uint64_t first = clock_boot_ms();
        assert_true(first >= (uint64_t)boot.tv_sec * 1000 && first < (uint64_t)boot.tv_sec * 1000 + 60000);
        assert_true(clock_boot_ms() >= first);
        assert_true(clock_real_us() / 1000000 - (int64_t)time(NULL) <= 1);
}

static void the_boot_has_an_id(void **state)
{
        (void)state;
        uint8_t a[BOOT_ID_BYTES] = {0}, b[BOOT_ID_BYTES] = {0}, zero[BOOT_ID_BYTES] = {0};
        assert_int_equal(clock_boot_id(a), 0);
        assert_int_equal(clock_boot_id(b), 0);
        assert_memory_equal(a, b, sizeof(a));
        assert_memory_not_equal(a, zero, sizeof(a));
}

static void says(void)
{
        log_info("%d", 1);
        log_warn("two");
        log_fail("three");
        log_info("%02000d", 7); /* longer than a line may be */
        log_fatal("four");
}

static void asserts(void)
{
        ASSERT(1 + 1 == 3);
}

static void no_such_role(void)
{
        (void)role_name((enum role)99);
}

static void no_such_code(void)
{
        (void)failure_code_name((enum failure_code)99);
}

static void severities_have_a_meaning(void **state)
{
        (void)state;
        char said[4096];
        int status = ends(says, said, sizeof(said));
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);
        static const char head[] = "<6>tested: 1\n<4>tested: warn: two\n<3>tested: fail: three\n<6>tested: 0000";
        assert_memory_equal(said, head, sizeof(head) - 1);
        static const char tail[] = "0\n<2>tested: fatal: four\n";
        assert_string_equal(said + strlen(said) - strlen(tail), tail);
        const char *fatal = strstr(said, "<2>");
        assert_int_equal(fatal - strstr(said, "<6>tested: 0"), 1023); /* the long line was cut */
        aborts(asserts, "<2>tested: bug: tests/unit/base/test_words.c:");
        aborts(asserts, ": 1 + 1 == 3\n");
        aborts(no_such_role, "base/role.c");
        aborts(no_such_code, "base/failure.c");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_failure_carries_everything), cmocka_unit_test(roles_are_an_order),
                cmocka_unit_test(time_is_told_in_utc),          cmocka_unit_test(the_boot_has_an_id),
                cmocka_unit_test(severities_have_a_meaning),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
