/* Standing orders as they are written down, and the names of what they make.
 * Rights: none. */
#include "value/schedule.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#define GOOD "pool tank\ndataset media/my films\nevery day\nat 02:30\nkeep 24 7 4 12 2"

static bool reads(const char *text)
{
        char copy[256];
        struct schedule_order order;
        strncpy(copy, text, sizeof(copy) - 1);
        copy[sizeof(copy) - 1] = '\0';
        return schedule_order_read(copy, &order);
}

static void orders(void **state)
{
        (void)state;
        char text[] = GOOD;
        struct schedule_order order;
        assert_true(schedule_order_read(text, &order));
        assert_string_equal(order.dataset, "media/my films");
        assert_string_equal(order.every, "day");
        assert_string_equal(order.keep, "24 7 4 12 2");
        assert_true(reads(GOOD "\n"));
        static const char *const bad[] = {"",
                                          "pool tank",
                                          "dataset a\npool tank\nevery day\nat 02:30\nkeep 1 0 0 0 0",
                                          "pool ../etc\ndataset a\nevery day\nat 02:30\nkeep 1 0 0 0 0",
                                          "pool tank\ndataset a\nevery year\nat 02:30\nkeep 1 0 0 0 0",
                                          "pool tank\ndataset a\nevery day\nat 25:30\nkeep 1 0 0 0 0",
                                          "pool tank\ndataset a\nevery day\nat 02:30\nkeep 1"};
        for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
                assert_false(reads(bad[i]));
}

static void moments(void **state)
{
        (void)state;
        assert_int_equal(schedule_moment("hourly", "hourly_GMT-2026.01.01-12.00.00"), 1767268800);
        static const char *const none[] = {"hourly",
                                           "hourly_GMT-",
                                           "daily_GMT-2026.01.01-12.00.00",
                                           "hourly_GMT-2026.01.01-12.00.00x",
                                           "hourly_GMT-2026.13.01-12.00.00",
                                           "hourly-2_GMT-2026.01.01-12.00.00"};
        for (size_t i = 0; i < ARRAY_SIZE(none); i++)
                assert_int_equal(schedule_moment("hourly", none[i]), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {cmocka_unit_test(orders), cmocka_unit_test(moments)};
        return cmocka_run_group_tests(tests, NULL, NULL);
}
