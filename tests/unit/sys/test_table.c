/* Small tables: what was saved comes back, what could not be saved is not there, what is damaged is not taken.
 * Rights: none; a directory of its own below /tmp. */
#include "base/mem.h"
#include "sys/file.h"
#include "sys/table.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct thing {
        struct table_row row;
        uint64_t what;
};

static char place[64];

static int set_up(void **state)
{
        snprintf(place, sizeof(place), "/tmp/bulkhead-table-XXXXXX");
        assert_non_null(mkdtemp(place));
        struct table *table = mem_new(1, sizeof(*table));
        *table = (struct table){open(place, O_DIRECTORY | O_CLOEXEC), "things", sizeof(struct thing), 8, 0, NULL};
        assert_int_equal(table_open(table), 0);
        *state = table;
        return 0;
}

static int tear_down(void **state)
{
        struct table *table = *state;
        unlinkat(table->directory, "things", 0);
        close(table->directory);
        rmdir(place);
        table_close(table);
        free(table);
        return 0;
}

static void rows_come_back(void **state)
{
        struct table *table = *state;
        for (uint64_t id = 1; id <= 5; id++)
                ((struct thing *)table_add(table, id, (uint32_t)(id % 2)))->what = id * 100;
        assert_int_equal(table_save(table, NULL), 0);
        table_close(table);
        assert_int_equal(table_open(table), 0);
        assert_int_equal(table->count, 5);
        assert_int_equal(((struct thing *)table_find(table, 4))->what, 400);
        assert_null(table_find(table, 6));
        table_remove(table, 2);
        table_remove(table, 2);
        assert_int_equal(table->count, 4);
        assert_int_equal(((struct thing *)table_find(table, 5))->what, 500);
        table_remove_owner(table, 1);
        assert_int_equal(table->count, 1);
        assert_non_null(table_find(table, 4));
}

static void a_full_table_takes_no_more(void **state)
{
        struct table *table = *state;
        for (uint64_t id = 1; id <= 8; id++)
                assert_non_null(table_add(table, id, 0));
        assert_null(table_add(table, 9, 0));
        table_remove(table, 3);
        struct thing *fresh = table_add(table, 9, 0);
        assert_non_null(fresh);
        assert_int_equal(fresh->what, 0);
}

static void what_cannot_be_saved_is_not_kept_in_memory(void **state)
{
        struct table *table = *state;
        table_add(table, 1, 0);
        assert_int_equal(table_save(table, NULL), 0);
        table_add(table, 2, 0);
        unlinkat(table->directory, "things", 0); /* a directory in its place cannot be replaced by a file */
        assert_int_equal(mkdirat(table->directory, "things", 0700), 0);
        struct failure failure = {0};
        assert_int_equal(table_save(table, &failure), -1);
        assert_int_equal(failure.code, FAILURE_UNAVAILABLE);
        unlinkat(table->directory, "things", AT_REMOVEDIR);
        assert_int_equal(table_open(table), 0);
        assert_int_equal(table->count, 0);
}

static void damage_is_refused(void **state)
{
        struct table *table = *state;
        table_add(table, 1, 0);
        assert_int_equal(table_save(table, NULL), 0);
        uint8_t *bytes;
        size_t length;
        assert_int_equal(file_read_below(table->directory, "things", 4096, &bytes, &length), 0);
        assert_int_equal(file_put(table->directory, "things", bytes, length - 1, 0600), 0);
        assert_int_equal(table_open(table), -EBADMSG);
        bytes[0] ^= 1;
        assert_int_equal(file_put(table->directory, "things", bytes, length, 0600), 0);
        assert_int_equal(table_open(table), -EBADMSG);
        free(bytes);
        struct table other = *table;
        other.row_bytes += 8;
        other.rows = NULL;
        assert_int_equal(table_open(&other), -EBADMSG);
}

static void secrets_are_made_once(void **state)
{
        struct table *table = *state;
        uint8_t first[32], again[32];
        assert_int_equal(file_secret(table->directory, "secret", first, 32), 0);
        assert_int_equal(file_secret(table->directory, "secret", again, 32), 0);
        assert_memory_equal(first, again, 32);
        assert_int_equal(file_secret(table->directory, "secret", again, 31), -EFBIG);
        uint8_t longer[64];
        assert_int_equal(file_secret(table->directory, "secret", longer, 64), -EBADMSG);
        unlinkat(table->directory, "secret", 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(rows_come_back),
                TEST(a_full_table_takes_no_more),
                TEST(what_cannot_be_saved_is_not_kept_in_memory),
                TEST(damage_is_refused),
                TEST(secrets_are_made_once),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
