/* Delays after wrong tries: they grow, they end, they are forgotten, and nobody washes out somebody else's.
 * Rights: none. */
#include "base/backoff.h"
#include "base/crypto.h"
#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct attempt try_of(struct backoff *backoff, const char *account, const char *address)
{
        struct attempt attempt = {.backoff = backoff};
        attempt_add(&attempt, 'a', account, strlen(account));
        if (*address)
                attempt_add(&attempt, 'n', address, strlen(address));
        return attempt;
}

static int set_up(void **state)
{
        *state = mem_new(1, sizeof(struct backoff));
        crypto_random(((struct backoff *)*state)->key, 32);
        return 0;
}

static int tear_down(void **state)
{
        free(*state);
        return 0;
}

static void delays_double_up_to_a_minute_and_end(void **state)
{
        static const unsigned expected[] = {1, 2, 4, 8, 16, 32, 60, 60, 60};
        struct attempt attempt = try_of(*state, "alice", "");
        uint64_t now = 1000 * 1000;
        struct failure failure = {0};
        assert_int_equal(attempt_wait_s(&attempt, now), 0);
        assert_int_equal(attempt_ready(&attempt, now, &failure), 0);
        for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
                attempt_wrong(&attempt, now);
                assert_int_equal(attempt_wait_s(&attempt, now), expected[i]);
                assert_int_equal(attempt_ready(&attempt, now, &failure), -1);
                assert_true(failure.code == FAILURE_BUSY && failure.retry_s == expected[i]);
                assert_int_equal(attempt_wait_s(&attempt, now + expected[i] * 1000 - 1), 1);
                now += expected[i] * 1000;
                assert_int_equal(attempt_wait_s(&attempt, now), 0);
        }
        now += BACKOFF_FORGET_MS + 1;
        attempt_wrong(&attempt, now);
        assert_int_equal(attempt_wait_s(&attempt, now), 1);
}

static void either_name_delays_and_only_the_first_is_cleared(void **state)
{
        struct attempt here = try_of(*state, "alice", "192.0.2.1"), other = try_of(*state, "bob", "192.0.2.1"),
                       elsewhere = try_of(*state, "alice", "192.0.2.2"), neither = try_of(*state, "bob", "192.0.2.2");
        attempt_wrong(&here, 5000);
        attempt_wrong(&here, 5000);
        assert_int_equal(attempt_wait_s(&other, 5000), 2);
        assert_int_equal(attempt_wait_s(&elsewhere, 5000), 2);
        assert_int_equal(attempt_wait_s(&neither, 5000), 0);
        attempt_right(&here, 8000);
        attempt_wrong(&elsewhere, 8000);
        assert_int_equal(attempt_wait_s(&elsewhere, 8000), 1); /* alice begins anew */
        attempt_wrong(&other, 8000);
        assert_int_equal(attempt_wait_s(&other, 8000), 4); /* the address does not */
}

static void kinds_are_kept_apart(void **state)
{
        struct attempt account = {.backoff = *state}, address = {.backoff = *state};
        attempt_add(&account, 'a', "same", 4);
        attempt_add(&address, 'n', "same", 4);
        attempt_wrong(&account, 5000);
        assert_int_equal(attempt_wait_s(&address, 5000), 0);
}

static void a_flood_washes_nobody_out(void **state)
{
        struct attempt alice = try_of(*state, "alice", ""), device = {.backoff = *state, .known = true};
        attempt_add(&device, 'd', "device", 6);
        for (int i = 0; i < 5; i++)
                attempt_wrong(&alice, 5000);
        attempt_wrong(&device, 5000);
        for (unsigned i = 0; i < 100000; i++) {
                char name[16];
                snprintf(name, sizeof(name), "x%u", i);
                struct attempt flood = try_of(*state, name, "");
                attempt_wrong(&flood, 5000);
        }
        assert_int_equal(attempt_wait_s(&alice, 5000), 16);
        assert_int_equal(attempt_wait_s(&device, 5000), 1);
}

static void names_depend_on_the_key(void **state)
{
        struct backoff *other = mem_new(1, sizeof(*other));
        crypto_random(other->key, 32);
        struct attempt a = try_of(*state, "alice", ""), b = try_of(other, "alice", "");
        assert_int_not_equal(a.names[0], b.names[0]);
        free(other);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
        crypto_start();
        const struct CMUnitTest tests[] = {
                TEST(delays_double_up_to_a_minute_and_end),
                TEST(either_name_delays_and_only_the_first_is_cleared),
                TEST(kinds_are_kept_apart),
                TEST(a_flood_washes_nobody_out),
                TEST(names_depend_on_the_key),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
