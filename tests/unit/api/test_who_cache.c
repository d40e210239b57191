/* The memory of tickets: found by proof and place, gone in time, bounded; and the CSRF token.
 * Rights: a test. */
#include "tests/unit/api/world.h"

static void by_proof_and_address(void **state)
{
        uint8_t here[HASH_BYTES], there[HASH_BYTES], other[HASH_BYTES], again[HASH_BYTES];
        struct who_cache *cache = who_cache_new(), *another = who_cache_new();

        (void)state;
        who_cache_name(cache, world_text("bhk_1_a"), "10.0.0.1", here);
        who_cache_name(cache, world_text("bhk_1_a"), "10.0.0.2", there);
        who_cache_name(cache, world_text("bhk_1_a1"), "0.0.0.1", other);
        who_cache_name(cache, world_text("bhk_1_a"), "10.0.0.1", again);
        assert_memory_equal(here, again, HASH_BYTES);
        assert_memory_not_equal(here, there, HASH_BYTES);
        assert_memory_not_equal(here, other, HASH_BYTES);
        who_cache_name(another, world_text("bhk_1_a"), "10.0.0.1", again);
        assert_memory_not_equal(here, again, HASH_BYTES); /* keyed: of no use elsewhere */
        who_cache_put(cache, here, "ticket", 100);
        assert_string_equal(who_cache_find(cache, here, 99), "ticket");
        assert_null(who_cache_find(cache, there, 99));
        who_cache_put(cache, here, "newer", 200);
        assert_string_equal(who_cache_find(cache, here, 100), "newer");
        assert_null(who_cache_find(cache, here, 200));
        assert_null(who_cache_find(cache, here, 99)); /* it is gone for good */
        who_cache_put(cache, here, "third", 300);
        who_cache_drop(cache, here);
        assert_null(who_cache_find(cache, here, 99));
        who_cache_free(cache);
        who_cache_free(another);
}

/* A crowd pushes out those that end soonest, and only those. */
static void bounded(void **state)
{
        struct who_cache *cache = who_cache_new();
        uint8_t name[HASH_BYTES] = {0};
        unsigned found = 0;

        (void)state;
        for (unsigned i = 0; i < 10; i++) {
                name[2] = (uint8_t)i; /* all in one set */
                who_cache_put(cache, name, "ticket", 1000 + i);
        }
        for (unsigned i = 0; i < 10; i++) {
                name[2] = (uint8_t)i;
                found += who_cache_find(cache, name, 1) != NULL;
        }
        assert_int_equal(found, 4);
        assert_non_null(who_cache_find(cache, name, 1));
        who_cache_free(cache);
}

static void csrf_follows_the_session(void **state)
{
        char a[CSRF_SIZE], b[CSRF_SIZE];

        (void)state;
        csrf_of(world_text("bhs_1_a"), a);
        csrf_of(world_text("bhs_1_b"), b);
        assert_int_equal(strlen(a), CSRF_SIZE - 1);
        assert_string_not_equal(a, b);
        csrf_of(world_text("bhs_1_a"), b);
        assert_string_equal(a, b);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(by_proof_and_address),
                cmocka_unit_test(bounded),
                cmocka_unit_test(csrf_follows_the_session),
        };
        crypto_start();
        return cmocka_run_group_tests(tests, NULL, NULL);
}
