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

static struct drift_mount compare(const char *flags, const char *options, bool read_only)
{
        static struct arena *arena;
        if (arena)
                arena_free(arena);
        arena = arena_new();
        const struct mount mount = {.flags = flags, .options = options, .read_only = read_only};
        return drift_compare(&pool, &mount, arena);
}

static void as_wanted_is_no_drift(void **state)
{
        (void)state;
        assert_false(compare("rw,nosuid,nodev,noexec,noatime", "rw,compress=zstd:3,space_cache=v2", false).differs);
}

static void what_is_missing_or_added_is_told(void **state)
{
        (void)state;
        struct drift_mount drift = compare("rw,nosuid,nodev,noexec,noatime", "rw,compress=lzo,subvol=/", false);
        assert_true(drift.differs);
        assert_string_equal(drift.wanted, "noatime, compress=zstd");
        assert_string_equal(drift.found, "noatime, compress=lzo");
        assert_int_equal(drift.option_count, 2);
        assert_true(compare("rw,nosuid,nodev,noexec,relatime", "rw,compress=zstd", false).differs);
}

static void less_safe_is_drift(void **state)
{
        (void)state;
        struct drift_mount drift = compare("rw,nodev,noexec,noatime", "rw,compress=zstd", false);
        assert_true(drift.differs);
        assert_non_null(strstr(drift.wanted, "nosuid"));
        assert_true(compare("ro,nosuid,nodev,noexec,noatime", "ro,compress=zstd", true).differs);
}

static void a_word_is_not_found_in_another(void **state)
{
        (void)state;
        assert_true(compare("rw,nosuid,nodev,noexec,noatimes", "rw,compress=zstd", false).differs);
        assert_true(compare("rw,nosuid,nodev,noexec,noatime", "rw,xcompress=zstd", false).differs);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(as_wanted_is_no_drift), cmocka_unit_test(what_is_missing_or_added_is_told),
                cmocka_unit_test(less_safe_is_drift), cmocka_unit_test(a_word_is_not_found_in_another)};
        return cmocka_run_group_tests(tests, NULL, NULL);
}
