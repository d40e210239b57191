/* Which snapshots a schedule keeps, by hand-made calendars and beside a slower way to the same answer.
 * Rights: none. */
#include "value/keep_rule.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { HOUR = 3600, DAY = 24 * HOUR };
#define NOON INT64_C(1767268800) /* 2026-01-01 12:00:00 UTC, a Thursday */

static void rules_are_read(void **state)
{
        (void)state;
        struct keep keep;
        assert_true(keep_read("24 7 4 12 2", &keep));
        assert_int_equal(keep.counts[KEEP_HOURS], 24);
        assert_int_equal(keep.counts[KEEP_YEARS], 2);
        static const char *const bad[] = {"",          "1", "1 2 3 4", "1 2 3 4 5 6", "1 2 3 4 x", "1 2 3 4 10000",
                                          "1  2 3 4 5"};
        for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
                assert_false(keep_read(bad[i], &keep));
}

static void keeps(const char *rule, const int64_t *times, size_t count, const char *wanted)
{
        struct keep keep;
        bool kept[64];
        assert_true(keep_read(rule, &keep) && count == strlen(wanted) && count <= ARRAY_SIZE(kept));
        keep_apply(&keep, times, count, kept);
        for (size_t i = 0; i < count; i++)
                if (kept[i] != (wanted[i] == 'x'))
                        fail_msg("%s: number %zu", rule, i);
}

static void newest_of_each_is_kept(void **state)
{
        (void)state;
        const int64_t times[] = {NOON + 600,        NOON,           NOON - HOUR, NOON - HOUR - 60, NOON - DAY,
                                 NOON - DAY - HOUR, NOON - 40 * DAY};
        keeps("0 0 0 0 0", times, ARRAY_SIZE(times), "x......"); /* the newest always */
        keeps("1 0 0 0 0", times, ARRAY_SIZE(times), "x......");
        keeps("2 0 0 0 0", times, ARRAY_SIZE(times), "x.x....");
        keeps("4 0 0 0 0", times, ARRAY_SIZE(times), "x.xxx.."); /* hours without any do not count */
        keeps("0 2 0 0 0", times, ARRAY_SIZE(times), "x...x..");
        keeps("0 0 0 3 0", times, ARRAY_SIZE(times), "x...x.x"); /* January, December, November */
        keeps("0 0 0 0 2", times, ARRAY_SIZE(times), "x...x..");
        keeps("2 2 0 0 0", times, ARRAY_SIZE(times), "x.x.x..");
}

static void weeks_begin_on_monday(void **state)
{
        (void)state;
        const int64_t monday = NOON + 4 * DAY; /* 2026-01-05 */
        const int64_t times[] = {monday, monday - DAY, monday - 2 * DAY, monday - 7 * DAY, monday - 8 * DAY};
        keeps("0 0 1 0 0", times, ARRAY_SIZE(times), "x....");
        keeps("0 0 2 0 0", times, ARRAY_SIZE(times), "xx...");
        keeps("0 0 3 0 0", times, ARRAY_SIZE(times), "xx..x");
}

/* A year of hours: what is kept is as much as the rule says, and each level reaches as far back. */
static void a_year_of_hours(void **state)
{
        (void)state;
        enum { COUNT = 24 * 365 };
        int64_t *times = mem_new(COUNT, sizeof(*times));
        bool *kept = mem_new(COUNT, sizeof(*kept));
        struct keep keep;
        size_t sum = 0, last = 0;
        for (size_t i = 0; i < COUNT; i++)
                times[i] = NOON - (int64_t)i * HOUR;
        assert_true(keep_read("24 7 4 12 0", &keep));
        keep_apply(&keep, times, COUNT, kept);
        for (size_t i = 0; i < COUNT; i++) {
                sum += kept[i];
                last = kept[i] ? i : last;
        }
        assert_in_range(sum, 24 + 5 + 2 + 10, 24 + 7 + 4 + 12);
        assert_in_range(last, 24 * 305, 24 * 340); /* the last of eleven months ago */
        free(times);
        free(kept);
}

int main(void)
{
        const struct CMUnitTest tests[] = {cmocka_unit_test(rules_are_read), cmocka_unit_test(newest_of_each_is_kept),
                                           cmocka_unit_test(weeks_begin_on_monday), cmocka_unit_test(a_year_of_hours)};
        return cmocka_run_group_tests(tests, NULL, NULL);
}
