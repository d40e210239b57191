/* How a pool is mounted, beside how it is wanted.
 * Rights: none. */
#include "daemons/storage/clerk/drift.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct wanted pool = {.name = "tank", .options = {"noatime", "compress=zstd"}, .option_count = 2};

static struct drift_mount compare(const char *options)
{
        static struct arena *arena;
        if (arena)
                arena_free(arena);
        arena = arena_new();
        const struct mount mount = {.options = options};
        return drift_compare(&pool, &mount, arena);
}

static void as_wanted_is_no_drift(void **state)
{
        (void)state;
        assert_false(compare("rw,compress=zstd:3,space_cache=v2").differs);
}

static void what_is_missing_or_added_is_told(void **state)
{
        (void)state;
        struct drift_mount drift = compare("rw,compress=lzo,subvol=/");
        assert_true(drift.differs);
        assert_string_equal(drift.wanted, "compress=zstd");
        assert_string_equal(drift.found, "compress=lzo");
        assert_int_equal(drift.option_count, 2); /* noatime is wanted as before */
        assert_true(compare("rw,subvol=/").differs);
}

static void read_only_is_drift(void **state)
{
        (void)state;
        struct drift_mount drift = compare("ro,compress=zstd");
        assert_true(drift.differs && drift.read_only);
        assert_string_equal(drift.found, "compress=zstd, ro");
}

static void a_word_is_not_found_in_another(void **state)
{
        (void)state;
        assert_true(compare("rw,xcompress=zstd").differs);
        assert_true(compare("rw,compress=zstdfast").differs);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(as_wanted_is_no_drift), cmocka_unit_test(what_is_missing_or_added_is_told),
                cmocka_unit_test(read_only_is_drift), cmocka_unit_test(a_word_is_not_found_in_another)};
        return cmocka_run_group_tests(tests, NULL, NULL);
}
