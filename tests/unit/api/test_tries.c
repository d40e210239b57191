/* Tries that were wrong, by their address: so many at once, then slowly; others are not concerned; bounded.
 * Rights: a test. */
#include "tests/unit/api/world.h"

#include <stdio.h>

enum { NOW_MS = 1000000 };

static unsigned try_from(struct tries *tries, const char *address, uint64_t now_ms)
{
        uint8_t from[TRIES_FROM_SIZE];

        tries_from(address, from);
        return tries_charge(tries, from, now_ms);
}

static void a_burst_and_then_slowly(void **state)
{
        struct tries *tries = tries_new();
        uint8_t from[TRIES_FROM_SIZE];

        (void)state;
        for (unsigned i = 0; i < TRIES_AT_ONCE; i++)
                assert_int_equal(try_from(tries, "10.0.0.1", NOW_MS), 0);
        assert_int_equal(try_from(tries, "10.0.0.1", NOW_MS), TRIES_EACH_MS / 1000);
        assert_int_equal(try_from(tries, "10.0.0.1", NOW_MS + TRIES_EACH_MS - 1), 1);
        assert_int_equal(try_from(tries, "10.0.0.1", NOW_MS + TRIES_EACH_MS), 0);
        assert_int_not_equal(try_from(tries, "10.0.0.1", NOW_MS + TRIES_EACH_MS), 0);
        assert_int_equal(try_from(tries, "10.0.0.2", NOW_MS), 0); /* another */
        assert_int_equal(try_from(tries, "2001:db8::1", NOW_MS), 0);
        tries_from("10.0.0.1", from);
        tries_give_back(tries, from); /* one of them was good */
        assert_int_equal(try_from(tries, "10.0.0.1", NOW_MS + TRIES_EACH_MS), 0);
        assert_int_not_equal(try_from(tries, "10.0.0.1", NOW_MS + TRIES_EACH_MS), 0);
        for (unsigned i = 0; i < TRIES_AT_ONCE; i++) /* long after: as if nothing had been */
                assert_int_equal(try_from(tries, "10.0.0.1", 10 * NOW_MS), 0);
        assert_int_not_equal(try_from(tries, "10.0.0.1", 10 * NOW_MS), 0);
        tries_free(tries);
}

static void who_is_good_is_never_stopped(void **state)
{
        struct tries *tries = tries_new();
        uint8_t from[TRIES_FROM_SIZE];

        (void)state;
        tries_from("10.0.0.1", from);
        for (unsigned i = 0; i < 50 * TRIES_AT_ONCE; i++) {
                assert_int_equal(tries_charge(tries, from, NOW_MS), 0);
                tries_give_back(tries, from);
        }
        tries_free(tries);
}

/* A host has all of its network, and may come from any address in it. */
static void an_ipv6_network_is_one(void **state)
{
        struct tries *tries = tries_new();
        char address[64];

        (void)state;
        for (unsigned i = 0; i < TRIES_AT_ONCE; i++) {
                (void)snprintf(address, sizeof(address), "2001:db8:1:2::%x", i);
                assert_int_equal(try_from(tries, address, NOW_MS), 0);
        }
        assert_int_not_equal(try_from(tries, "2001:db8:1:2:aaaa::1", NOW_MS), 0);
        assert_int_equal(try_from(tries, "2001:db8:1:3::1", NOW_MS), 0);
        tries_free(tries);
}

static void the_same_wrong_thing_is_known(void **state)
{
        struct tries *tries = tries_new();
        uint8_t from[TRIES_FROM_SIZE], other[TRIES_FROM_SIZE], name[HASH_BYTES] = {1}, another[HASH_BYTES] = {2};

        (void)state;
        tries_from("10.0.0.1", from);
        tries_from("10.0.0.2", other);
        tries_was_wrong(tries, from, name, NOW_MS); /* nobody was charged: nothing is remembered */
        assert_false(tries_is_wrong(tries, from, name, NOW_MS));
        assert_int_equal(tries_charge(tries, from, NOW_MS), 0);
        assert_false(tries_is_wrong(tries, from, (uint8_t[HASH_BYTES]){0}, NOW_MS));
        tries_was_wrong(tries, from, name, NOW_MS);
        assert_true(tries_is_wrong(tries, from, name, NOW_MS));
        assert_true(tries_is_wrong(tries, from, name, NOW_MS + TRIES_WRONG_MS - 1));
        assert_false(tries_is_wrong(tries, from, name, NOW_MS + TRIES_WRONG_MS));
        assert_false(tries_is_wrong(tries, from, another, NOW_MS));
        assert_false(tries_is_wrong(tries, other, name, NOW_MS));
        tries_free(tries);
}

/* A crowd of addresses does not make room for who has used up its tries, as long as there are others to go. */
static void a_crowd(void **state)
{
        struct tries *tries = tries_new();
        char address[64];

        (void)state;
        for (unsigned i = 0; i < TRIES_AT_ONCE; i++)
                assert_int_equal(try_from(tries, "10.0.0.1", NOW_MS), 0);
        for (unsigned i = 0; i < 100000; i++) {
                (void)snprintf(address, sizeof(address), "11.%u.%u.%u", i >> 16, i >> 8 & 255, i & 255);
                assert_int_equal(try_from(tries, address, NOW_MS), 0);
        }
        assert_int_not_equal(try_from(tries, "10.0.0.1", NOW_MS), 0);
        tries_free(tries);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_burst_and_then_slowly),
                cmocka_unit_test(who_is_good_is_never_stopped),
                cmocka_unit_test(an_ipv6_network_is_one),
                cmocka_unit_test(the_same_wrong_thing_is_known),
                cmocka_unit_test(a_crowd),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
