/* Rows that share a transaction go as one statement: every value arrives as it was, every batch hears of its own rows,
 * and a row that is refused takes no other with it.
 * Rights: none; a private PostgreSQL under /tmp. */
#include "base/crypto.h"
#include "base/mem.h"
#include "db/parts.h"
#include "tests/lib/pg.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { ROW, ROWS, PLAIN, STATEMENTS };
enum { LARGE = 600 * 1024 }; /* two of them are more than is gathered */

static const struct db_statement statements[STATEMENTS] = {
        [ROW] = {"row", "insert into public.g (n, at, v, b) values ($1, $2, $3, $4) returning id, v", 4},
        [ROWS] =
                {"rows",
                 "insert into public.g (n, at, v, b) select * from unnest($1::bigint[], $2::timestamptz[], $3::text[], "
                 "$4::bytea[]) as r (n, at, v, b) where n is distinct from 4711 returning id, v",
                 4},
        [PLAIN] = {"plain", "insert into public.p values ($1) returning v", 1},
};
static const enum db_type types[] = {DB_INTEGER, DB_TIME, DB_TEXT, DB_BYTES};
static const struct db_gather gather = {.one = ROW, .many = ROWS, .types = types};

struct seen {
        enum db_status status;
        size_t count;
        char id[4][24], value[4][64];
};

static struct loop *loop;
static struct db *db;
static int told, wanted;

static void done(const struct db_done *result, void *context)
{
        struct seen *seen = context;
        seen->status = result->status;
        seen->count = result->count;
        for (size_t i = 0; i < result->count && i < ARRAY_SIZE(seen->id); i++) {
                assert_int_equal(db_rows_count(result->rows[i]), 1);
                snprintf(seen->id[i], sizeof(seen->id[i]), "%s", db_value(result->rows[i], 0, 0));
                int columns = seen->id[i][0] >= '0' && seen->id[i][0] <= '9'; /* of the plain one: the text alone */
                snprintf(seen->value[i], sizeof(seen->value[i]), "%s", db_value(result->rows[i], 0, columns));
                assert_int_equal(db_value_length(result->rows[i], 0, columns),
                                 strlen(db_value(result->rows[i], 0, columns)));
        }
        if (++told == wanted)
                loop_stop(loop);
}

static void changed(enum db_state state, void *context)
{
        (void)context;
        if (state == DB_READY && wanted == 0)
                loop_stop(loop);
}

static void too_long(void *context)
{
        (void)context;
        fprintf(stderr, "the loop waits for something that does not come (%d of %d told)\n", told, wanted);
        abort();
}

static void run_until(int count)
{
        struct loop_watch *guard = loop_timer(loop, 60000, too_long, NULL);
        wanted = count;
        loop_run(loop);
        loop_unwatch(guard);
}

static struct db_batch *row(struct db_batch *batch, int64_t number, const char *text)
{
        static const uint8_t bytes[] = {0, 1, 0xff, '\\', 0};
        struct db_value values[] = {
                {.number = number},
                {.number = INT64_C(1700000000123456)},
                {.bytes = text, .length = strlen(text)},
                {.bytes = bytes, .length = sizeof(bytes)},
        };
        batch = batch ? batch : db_batch_new(db);
        db_add_row(batch, values);
        return batch;
}

static struct db_batch *plain(struct db_batch *batch, const char *text)
{
        batch = batch ? batch : db_batch_new(db);
        db_add(batch, PLAIN, (const char *const[]){text});
        return batch;
}

static void check_all_values(int count)
{
        assert_int_equal(pg_number("select count(*) from public.g where at = '2023-11-14 22:13:20.123456+00' and b = "
                                   "'\\x0001ff5c00'"),
                         count);
}

static void one_row_alone(void **state)
{
        (void)state;
        struct seen seen = {0};
        db_submit(row(NULL, -7, "{\"a\",'b'} \xc3\xa9"), done, &seen);
        run_until(1);
        assert_int_equal(seen.status, DB_OK);
        assert_string_equal(seen.value[0], "{\"a\",'b'} \xc3\xa9");
        assert_int_equal(pg_number("select n from public.g"), -7);
        check_all_values(1);
}

/* Batches of none, one and two rows, with other statements before, between and after them. */
static void each_hears_of_its_own(void **state)
{
        (void)state;
        struct seen seen[30] = {0};
        char text[3][24];
        for (int i = 0; i < 30; i++) {
                struct db_batch *batch = NULL;
                for (int k = 0; k < 3; k++)
                        snprintf(text[k], sizeof(text[k]), "row %d %d", i, k);
                if (i % 3 == 0)
                        batch = plain(batch, text[0]);
                if (i % 5 != 0)
                        batch = row(batch, i, text[1]);
                if (i % 2 == 0)
                        batch = row(plain(batch, "x"), i, i % 7 == 0 ? "" : text[2]);
                db_submit(batch ? batch : db_batch_new(db), done, &seen[i]);
        }
        run_until(30);
        int64_t last = 0;
        for (int i = 0; i < 30; i++) {
                size_t at = 0;
                assert_int_equal(seen[i].status, DB_OK);
                for (int k = 0; k < 3; k++) {
                        snprintf(text[k], sizeof(text[k]), "row %d %d", i, k);
                        if (k == 0 ? i % 3 != 0 : k == 1 ? i % 5 == 0 : i % 2 != 0)
                                continue;
                        if (k == 2)
                                assert_string_equal(seen[i].id[at++], "x");
                        if (k == 0) {
                                assert_string_equal(seen[i].id[at++], text[0]);
                                continue;
                        }
                        assert_string_equal(seen[i].value[at], k == 2 && i % 7 == 0 ? "" : text[k]);
                        int64_t id = strtoll(seen[i].id[at++], NULL, 10);
                        assert_true(id > last); /* in the order they were added */
                        last = id;
                }
                assert_int_equal(seen[i].count, at);
        }
        check_all_values(24 + 15);
}

static void one_fault_is_not_anothers(void **state)
{
        (void)state;
        struct seen seen[12] = {0};
        for (int i = 0; i < 12; i++)
                db_submit(row(row(plain(NULL, "p"), i, "ok"), i, i == 5 ? "much too long" : "ok"), done, &seen[i]);
        run_until(12);
        for (int i = 0; i < 12; i++)
                assert_int_equal(seen[i].status, i == 5 ? DB_REFUSED : DB_OK);
        check_all_values(22);
        assert_int_equal(pg_number("select count(*) from public.p"), 11);
}

/* More rows were sent than came back: nobody knows which are there. */
static void a_server_that_gives_back_too_little(void **state)
{
        (void)state;
        struct seen seen[2] = {0};
        db_submit(row(NULL, 1, "a"), done, &seen[0]);
        db_submit(row(NULL, 4711, "b"), done, &seen[1]);
        run_until(2);
        assert_int_equal(seen[0].status, DB_LOST);
        assert_int_equal(seen[1].status, DB_LOST);
        assert_non_null(strstr(db_why_away(db), "something else"));
}

/* Large rows do not gather without bound, and arrive. */
static void large_rows(void **state)
{
        (void)state;
        struct seen seen[8] = {0};
        char *large = mem_new(LARGE + 1, 1);
        memset(large, 'x', LARGE);
        pg_sql("alter table public.g drop constraint short");
        for (int i = 0; i < 8; i++)
                db_submit(row(NULL, i, large), done, &seen[i]);
        run_until(8);
        for (int i = 0; i < 8; i++)
                assert_int_equal(seen[i].status, DB_OK);
        assert_int_equal(pg_number("select count(*) from public.g where length(v) = 614400"), 8);
        assert_int_equal(pg_number("select count(distinct xmin::text) from public.g"), 4);
        free(large);
}

static int each(void **state)
{
        (void)state;
        told = wanted = 0;
        if (db_state_of(db) != DB_READY)
                loop_run(loop);
        return pg_sql("delete from public.g; delete from public.p") ? 0 : -1;
}

static int begin(void **state)
{
        (void)state;
        crypto_start();
        if (pg_start() || !pg_sql("create table public.g (id bigserial, n bigint, at timestamptz, v text constraint "
                                  "short check (length(v) < 12), b bytea); create table public.p (v text)"))
                return -1;
        loop = loop_new();
        db = db_new(loop, pg_conninfo("postgres"), statements, STATEMENTS, changed, NULL);
        db_gather(db, &gather);
        return 0;
}

static int end(void **state)
{
        (void)state;
        db_free(db);
        loop_free(loop);
        return pg_do("stop");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup(one_row_alone, each),
                cmocka_unit_test_setup(each_hears_of_its_own, each),
                cmocka_unit_test_setup(one_fault_is_not_anothers, each),
                cmocka_unit_test_setup(a_server_that_gives_back_too_little, each),
                cmocka_unit_test_setup(large_rows, each),
        };
        return cmocka_run_group_tests(tests, begin, end);
}
