/* The database layer against a real server of our own: transactions, shared commits, refusals, lost connections.
 * Rights: none; a private PostgreSQL under /tmp. */
#include "base/clock.h"
#include "base/crypto.h"
#include "base/mem.h"
#include "db/parts.h"
#include "tests/lib/pg.h"

#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>

#include <cmocka.h>

enum { PUT, GET, SLEEP, PID, CHECKED_LATE, ECHO, STATEMENTS };

static const struct db_statement statements[STATEMENTS] = {
        [PUT] = {"put", "insert into public.t (k, v) values ($1, $2)", 2},
        [GET] = {"get", "select k, v from public.t where k = $1", 1},
        [SLEEP] = {"sleep", "select pg_sleep($1::float8)", 1},
        [PID] = {"pid", "select pg_backend_pid()", 0},
        [CHECKED_LATE] = {"checked_late", "insert into public.child (k) values ($1)", 1},
        [ECHO] = {"echo", "select $1::text, null::text, length($1)", 1},
};

struct seen { /* what a batch was told */
        int calls;
        enum db_status status;
        char sqlstate[8], constraint[64], message[256];
        char first[64];
        size_t count;
        int order;
};

static struct loop *loop;
static struct db *db;
static int told, wanted, readies, aways;
static bool inside;

static void stop_when_told(void)
{
        if (told >= wanted)
                loop_stop(loop);
}

static void stop_tick(void *context)
{
        (void)context;
        loop_stop(loop);
}

static void done(const struct db_done *result, void *context)
{
        struct seen *seen = context;

        assert_false(inside); /* never from within db_submit */
        seen->calls++;
        seen->status = result->status;
        seen->count = result->count;
        seen->order = told++;
        snprintf(seen->sqlstate, sizeof(seen->sqlstate), "%s", result->sqlstate);
        snprintf(seen->constraint, sizeof(seen->constraint), "%s", result->constraint);
        snprintf(seen->message, sizeof(seen->message), "%s", result->message);
        if (result->status == DB_OK && result->count && db_rows_count(result->rows[result->count - 1]))
                snprintf(seen->first, sizeof(seen->first), "%s", db_value(result->rows[result->count - 1], 0, 0));
        stop_when_told();
}

static void changed(enum db_state state, void *context)
{
        (void)context;
        if (state == DB_READY)
                readies++;
        else
                aways++;
        if (wanted == 0)
                loop_stop(loop);
}

static void too_long(void *context)
{
        (void)context;
        fprintf(stderr, "the loop waits for something that does not come (%d of %d told)\n", told, wanted);
        abort(); /* a test cannot be left from within the loop */
}

static void run_until(int count)
{
        struct loop_watch *guard = loop_timer(loop, 90 * 1000, too_long, NULL);

        wanted = count;
        if (count == 0 || told < count)
                loop_run(loop);
        loop_unwatch(guard);
}

static void wait_ready(void)
{
        while (db_state_of(db) != DB_READY)
                run_until(0);
        told = 0;
}

static void submit(struct db_batch *batch, struct seen *seen)
{
        inside = true;
        db_submit(batch, done, seen);
        inside = false;
}

static struct db_batch *put(struct db_batch *batch, const char *key, const char *value)
{
        batch = batch ? batch : db_batch_new(db);
        db_add(batch, PUT, (const char *const[]){key, value});
        return batch;
}

static struct db_batch *one(size_t statement, const char *value)
{
        struct db_batch *batch = db_batch_new(db);

        db_add(batch, statement, (const char *const[]){value});
        return batch;
}

static void rows_come_back(void **state)
{
        (void)state;
        struct seen seen = {0}, empty = {0};
        struct db_batch *batch = put(put(NULL, "a", "1"), "b", NULL);

        db_add(batch, GET, (const char *const[]){"a"});
        submit(batch, &seen);
        submit(db_batch_new(db), &empty);
        run_until(2);
        assert_int_equal(seen.status, DB_OK);
        assert_int_equal(seen.count, 3);
        assert_string_equal(seen.first, "a");
        assert_int_equal(empty.status, DB_OK);
        assert_int_equal(pg_number("select count(*) from public.t where v is null"), 1);
}

static void check_echo(const struct db_done *result, void *context)
{
        const char *sent = context;

        assert_int_equal(result->status, DB_OK);
        assert_string_equal(db_value(result->rows[0], 0, 0), sent);
        assert_int_equal(db_value_length(result->rows[0], 0, 0), strlen(sent));
        assert_false(db_is_null(result->rows[0], 0, 0));
        assert_true(db_is_null(result->rows[0], 0, 1));
        assert_string_equal(db_value(result->rows[0], 0, 1), "");
        told++;
        stop_when_told();
}

/* Larger than any socket's buffer, both ways: nothing may block. */
static void large_values(void **state)
{
        (void)state;
        char *large = mem_new(8 * 1024 * 1024 + 1, 1);

        memset(large, 'x', 8 * 1024 * 1024);
        db_submit(one(ECHO, large), check_echo, large);
        db_submit(one(ECHO, "'; drop table t; --\xc3\xa9"), check_echo,
                  (void *)(uintptr_t) "'; drop table t; --\xc3\xa9");
        run_until(2);
        free(large);
}

static void a_refusal_writes_nothing(void **state)
{
        (void)state;
        struct seen seen = {0};

        submit(put(put(NULL, "fine", "1"), "long", "more than eight"), &seen);
        run_until(1);
        assert_int_equal(seen.status, DB_REFUSED);
        assert_string_equal(seen.sqlstate, "23514");
        assert_string_equal(seen.constraint, "short");
        assert_non_null(strstr(seen.message, "violates check constraint"));
        assert_int_equal(pg_number("select count(*) from public.t where k = 'fine'"), 0);
}

static void one_fault_is_not_anothers(void **state)
{
        (void)state;
        struct seen seen[20] = {0};
        char key[16];

        for (int i = 0; i < 20; i++) {
                snprintf(key, sizeof(key), "s%d", i);
                submit(put(NULL, key, i == 7 || i == 13 ? "more than eight" : "ok"), &seen[i]);
        }
        run_until(20);
        for (int i = 0; i < 20; i++) {
                assert_int_equal(seen[i].calls, 1);
                assert_int_equal(seen[i].order, i);
                assert_int_equal(seen[i].status, i == 7 || i == 13 ? DB_REFUSED : DB_OK);
        }
        assert_int_equal(pg_number("select count(*) from public.t where k ~ '^s[0-9]'"), 18);
}

/* A constraint that is looked at when the transaction commits: the error comes after every statement's result. */
static void a_commit_is_refused(void **state)
{
        (void)state;
        struct seen bad = {0}, good = {0};

        submit(one(CHECKED_LATE, "nobody"), &bad);
        submit(put(NULL, "parent", "1"), &good);
        run_until(2);
        assert_int_equal(bad.status, DB_REFUSED);
        assert_string_equal(bad.constraint, "child_k_fkey");
        assert_int_equal(good.status, DB_OK);
}

static void commits_are_shared(void **state)
{
        (void)state;
        static struct seen seen[1000];
        char key[16];

        memset(seen, 0, sizeof(seen));
        for (int i = 0; i < 1000; i++) {
                snprintf(key, sizeof(key), "c%d", i);
                submit(put(NULL, key, "1"), &seen[i]);
        }
        run_until(1000);
        for (int i = 0; i < 1000; i++) {
                assert_int_equal(seen[i].status, DB_OK);
                assert_int_equal(seen[i].order, i);
        }
        assert_in_range(pg_number("select count(distinct xmin::text) from public.t where k ~ '^c[0-9]'"), 1, 20);
        assert_int_equal(pg_number("select count(*) from public.t where k ~ '^c[0-9]'"), 1000);
}

static int fills;
static char filled_with[64];

static void fill(struct db_batch *batch, void *context)
{
        struct seen *seen = context;
        char key[32];

        fills++;
        snprintf(key, sizeof(key), "late%d", seen->order);
        strncat(filled_with, key + 4, sizeof(filled_with) - strlen(filled_with) - 1);
        put(batch, key, seen->order == 2 ? "more than eight" : "ok");
}

static void late_batches_are_filled_in_order(void **state)
{
        (void)state;
        struct seen seen[5] = {0};

        fills = 0;
        filled_with[0] = '\0';
        for (int i = 0; i < 5; i++) {
                seen[i].order = i;
                inside = true;
                db_submit_late(db, fill, done, &seen[i]);
                inside = false;
        }
        assert_int_equal(fills, 0);
        run_until(5);
        assert_string_equal(filled_with, "0123401234"); /* together, then each alone */
        for (int i = 0; i < 5; i++)
                assert_int_equal(seen[i].status, i == 2 ? DB_REFUSED : DB_OK);
}

static void too_many_wait(void **state)
{
        (void)state;
        enum { MANY = DB_WAITING_MAX + 500 };
        struct seen *seen = mem_new(MANY, sizeof(*seen));
        size_t gone = 0;

        for (int i = 0; i < MANY; i++)
                submit(one(ECHO, "x"), &seen[i]);
        run_until(MANY);
        for (int i = 0; i < MANY; i++) {
                assert_int_equal(seen[i].calls, 1);
                gone += seen[i].status == DB_GONE;
        }
        assert_int_equal(gone, 500);
        assert_non_null(strstr(seen[MANY - 1].message, "too many"));
        free(seen);
}

struct holder {
        PGconn *connection;
        int ticks;
};

/* What the batch waits for is let go of by the loop, and by nothing else. */
static void count_tick(void *context)
{
        struct holder *holder = context;
        if (++holder->ticks == 20)
                PQclear(PQexec(holder->connection, "rollback"));
}

static void the_loop_goes_on(void **state)
{
        (void)state;
        struct seen seen = {0};
        struct holder holder = {.connection = PQconnectdb(pg_conninfo("postgres"))};
        PGresult *locked = PQexec(holder.connection, "begin; lock table public.t in access exclusive mode");
        assert_int_equal(PQresultStatus(locked), PGRES_COMMAND_OK);
        PQclear(locked);
        struct loop_watch *watch = loop_every(loop, 10, count_tick, &holder);

        submit(put(NULL, "held", "1"), &seen);
        run_until(1);
        loop_unwatch(watch);
        assert_int_equal(seen.status, DB_OK);
        assert_true(holder.ticks >= 20);
        PQfinish(holder.connection);
}

static void kill_backends(void *context)
{
        (void)context;
        pg_sql("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'bulkhead'");
}

static void late_submit(void *context)
{
        submit(one(ECHO, "x"), context);
}

static void a_lost_connection_is_told(void **state)
{
        (void)state;
        struct seen flying = {0}, waiting = {0}, after = {0};
        int before = readies;

        submit(one(SLEEP, "20"), &flying);
        struct loop_watch *late = loop_timer(loop, 100, late_submit, &waiting);
        struct loop_watch *kill_watch = loop_timer(loop, 300, kill_backends, NULL);
        run_until(2);
        loop_unwatch(late);
        loop_unwatch(kill_watch);
        assert_int_equal(flying.status, DB_LOST);
        assert_int_equal(waiting.status, DB_GONE);
        assert_int_equal(db_state_of(db), DB_AWAY);
        submit(one(ECHO, "x"), &after);
        run_until(3);
        assert_int_equal(after.status, DB_GONE);
        assert_true(after.message[0] != '\0');
        wait_ready();
        assert_int_equal(readies, before + 1);
}

static void a_killed_server_comes_back(void **state)
{
        (void)state;
        struct seen seen = {0}, again = {0};

        submit(one(SLEEP, "20"), &seen);
        submit(put(NULL, "unsure", "1"), &again);
        pg_do("kill");
        run_until(2);
        assert_true(seen.status == DB_LOST || seen.status == DB_GONE);
        assert_int_equal(pg_do("again"), 0);
        wait_ready();
        submit(one(ECHO, "back"), &seen);
        run_until(1);
        assert_int_equal(seen.status, DB_OK);
        assert_string_equal(seen.first, "back");
}

/* A server that is there but says nothing. */
static void a_silent_server_is_given_up(void **state)
{
        (void)state;
        struct seen pid = {0}, seen = {0};
        uint64_t begun;

        submit(db_batch_new(db), &seen);
        struct db_batch *batch = db_batch_new(db);
        db_add(batch, PID, NULL);
        submit(batch, &pid);
        run_until(2);
        pid_t backend = (pid_t)strtol(pid.first, NULL, 10);
        assert_int_equal(kill(backend, SIGSTOP), 0);
        db->answer_ms = 300;
        begun = clock_boot_ms();
        submit(one(ECHO, "x"), &seen);
        run_until(3);
        assert_int_equal(seen.status, DB_LOST);
        assert_in_range(clock_boot_ms() - begun, 250, DB_ANSWER_MS - 1);
        kill(backend, SIGCONT);
        db->answer_ms = DB_ANSWER_MS;
        wait_ready();
}

/* A schema that does not fit the program: away, and it says why. */
static void a_wrong_schema_is_away(void **state)
{
        (void)state;
        static const struct db_statement wrong[] = {{"wrong", "select nothing from public.nowhere", 0}};
        struct db *other = db_new(loop, pg_conninfo("postgres"), wrong, 1, NULL, NULL);

        for (int round = 0; round < 1000 && strstr(db_why_away(other), "nowhere") == NULL; round++) {
                struct loop_watch *watch = loop_timer(loop, 30, stop_tick, NULL);
                loop_run(loop);
                loop_unwatch(watch);
                assert_int_not_equal(db_state_of(other), DB_READY);
        }
        assert_int_equal(db_state_of(other), DB_AWAY);
        assert_non_null(strstr(db_why_away(other), "nowhere"));
        db_free(other);
}

static void freeing_with_work_in_hand(void **state)
{
        (void)state;
        struct seen seen = {0};

        submit(one(SLEEP, "5"), &seen);
        struct loop_watch *watch = loop_timer(loop, 50, stop_tick, NULL);
        loop_run(loop);
        submit(one(ECHO, "x"), &seen);
        loop_unwatch(watch);
        db_free(db);
        assert_int_equal(seen.calls, 0);
        db = db_new(loop, pg_conninfo("postgres"), statements, STATEMENTS, changed, NULL);
        wait_ready();
}

static int each(void **state)
{
        (void)state;
        told = 0;
        wait_ready();
        return pg_sql("delete from public.child; delete from public.t") ? 0 : -1;
}

static int begin(void **state)
{
        (void)state;
        crypto_start();
        if (pg_start() ||
            !pg_sql("create table public.t (k text primary key, v text constraint short check (length(v) < 8));"
                    "create table public.child (k text references public.t deferrable initially deferred)"))
                return -1;
        loop = loop_new();
        db = db_new(loop, pg_conninfo("postgres"), statements, STATEMENTS, changed, NULL);
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
                cmocka_unit_test_setup(rows_come_back, each),
                cmocka_unit_test_setup(large_values, each),
                cmocka_unit_test_setup(a_refusal_writes_nothing, each),
                cmocka_unit_test_setup(one_fault_is_not_anothers, each),
                cmocka_unit_test_setup(a_commit_is_refused, each),
                cmocka_unit_test_setup(commits_are_shared, each),
                cmocka_unit_test_setup(late_batches_are_filled_in_order, each),
                cmocka_unit_test_setup(too_many_wait, each),
                cmocka_unit_test_setup(the_loop_goes_on, each),
                cmocka_unit_test_setup(a_lost_connection_is_told, each),
                cmocka_unit_test_setup(a_killed_server_comes_back, each),
                cmocka_unit_test_setup(a_silent_server_is_given_up, each),
                cmocka_unit_test_setup(a_wrong_schema_is_away, each),
                cmocka_unit_test_setup(freeing_with_work_in_hand, each),
        };

        return cmocka_run_group_tests(tests, begin, end);
}
