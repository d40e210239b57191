/* The chain's writer against a real server: order, recovery, exactly once.
 * Rights: none; a private PostgreSQL under /tmp. */
#include "base/crypto.h"
#include "base/mem.h"
#include "db/parts.h"
#include "ledger/verify.h"
#include "tests/lib/pg.h"

#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>

#include <cmocka.h>

enum { MARK = LEDGER_STATEMENT_COUNT, SLEEP, ALL, STATEMENTS };

static const struct db_statement statements[] = {
        LEDGER_STATEMENTS("users"),
        {"mark", "insert into users.mark (request) values ($1)", 1},
        {"sleep", "select pg_sleep(0.6)", 0},
        {"all",
         "select " LEDGER_COLUMNS " from (select 'users' as chain, * from ledger.users) as row order by number, id", 0},
};

struct append {
        char request[32];
        int calls;
        enum db_status status;
        int64_t id;
        char message[256];
};

static struct loop *loop;
static struct db *db;
static struct ledger *ledger;
static int told, wanted, serial, verified_rows;
static bool resume = true, inside, pairs; /* pairs: every other row has a second one */

static void changed(enum db_state state, void *context)
{
        (void)context;
        if (state == DB_READY && resume)
                ledger_resume(ledger);
        if (wanted == 0)
                loop_stop(loop);
}

static void written(enum db_status status, int64_t id, const char *message, void *context)
{
        struct append *append = context;

        assert_false(inside);
        append->calls++;
        append->status = status;
        append->id = id;
        snprintf(append->message, sizeof(append->message), "%s", message);
        if (++told >= wanted)
                loop_stop(loop);
}

static void stop_tick(void *context)
{
        (void)context;
        loop_stop(loop);
}

static void too_long(void *context)
{
        (void)context;
        fprintf(stderr, "the loop waits for something that does not come (%d of %d)\n", told, wanted);
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
}

static void mark(struct db_batch *batch, void *context)
{
        struct append *append = context;

        db_add(batch, MARK, (const char *const[]){append->request});
}

static void mark_and_sleep(struct db_batch *batch, void *context)
{
        mark(batch, context);
        db_add(batch, SLEEP, NULL);
}

static void add(struct append *append, db_fill *also)
{
        struct ledger_row row = {
                .kind = LEDGER_INTENT,
                .request = append->request,
                .plan = "",
                .actor = 20000,
                .actor_name = "alice",
                .source = "console",
                .method = "nas.users.CreateUser",
                .object = "user bob",
                .outcome = "",
                .detail = "{}",
        };

        struct ledger_row second = row;

        *append = (struct append){.id = -1};
        snprintf(append->request, sizeof(append->request), "r%d", serial++);
        second.kind = LEDGER_OUTCOME;
        second.request = "second";
        second.outcome = append->request;
        inside = true;
        if (pairs && serial % 2)
                ledger_append_pair(ledger, &row, &second, also, written, append);
        else
                ledger_append(ledger, &row, also, written, append);
        inside = false;
}

static void verify_rows(const struct db_done *done, void *context)
{
        struct verifier verifier;
        struct ledger_row row;
        char message[256];

        (void)context;
        loop_stop(loop);
        verified_rows = -1;
        if (done->status != DB_OK)
                return; /* the last cut connection was noticed only now */
        verifier_begin(&verifier, "users");
        verified_rows = db_rows_count(done->rows[0]);
        for (int i = 0; i < verified_rows; i++) {
                assert_int_equal(ledger_row_read(done->rows[0], i, &row), 0);
                if (verifier_row(&verifier, &row, message, sizeof(message)) != VERDICT_GOOD)
                        fail_msg("%s", message);
        }
}

/* The whole chain holds; the number of its rows. */
static int verify(void)
{
        verified_rows = -1;
        while (verified_rows < 0) {
                struct db_batch *batch = db_batch_new(db);

                db_add(batch, ALL, NULL);
                db_submit(batch, verify_rows, NULL);
                wanted = INT32_MAX;
                loop_run(loop);
                wait_ready();
        }
        return verified_rows;
}

static long stored(const struct append *append)
{
        char sql[128];

        snprintf(sql, sizeof(sql), "select count(*) from ledger.users where request = '%s'", append->request);
        return pg_number(sql);
}

/* Told OK: there once, with its mark. Told anything else: not there. */
static void check_truth(const struct append *append)
{
        char sql[256];
        long expected = append->status == DB_OK;

        assert_int_equal(append->calls, 1);
        assert_int_equal(stored(append), expected);
        snprintf(sql, sizeof(sql), "select id from ledger.users where request = '%s'", append->request);
        if (expected)
                assert_int_equal(pg_number(sql), append->id);
        snprintf(sql, sizeof(sql), "select count(*) from users.mark where request = '%s'", append->request);
        assert_int_equal(pg_number(sql), expected);
}

static void many_rows_one_chain(void **state)
{
        (void)state;
        static struct append appends[500];
        int before = verify();
        uint64_t number;
        uint8_t hash[HASH_BYTES];

        for (int i = 0; i < 500; i++)
                add(&appends[i], mark);
        told = 0;
        run_until(500);
        for (int i = 0; i < 500; i += 50)
                check_truth(&appends[i]);
        assert_int_equal(appends[499].id - appends[0].id, 499);
        assert_int_equal(verify(), before + 500);
        ledger_head(ledger, &number, hash);
        assert_int_equal(number, before + 500);
}

/* What else goes into the transaction is refused: the row is not there, and the chain has no gap. */
static void a_refused_row_leaves_no_gap(void **state)
{
        (void)state;
        struct append appends[10];

        assert_non_null(pg_sql("insert into users.mark values ('twice')"));
        for (int i = 0; i < 10; i++) {
                add(&appends[i], mark);
                if (i == 4)
                        memcpy(appends[i].request, "twice", sizeof "twice");
        }
        run_until(10);
        for (int i = 0; i < 10; i++)
                assert_int_equal(appends[i].status, i == 4 ? DB_REFUSED : DB_OK);
        assert_non_null(strstr(appends[4].message, "duplicate key"));
        for (int i = 0; i < 10; i++)
                if (i != 4)
                        check_truth(&appends[i]);
        verify();
}

/* Two rows in one: both with what else is in the transaction, or none. */
static void a_pair_is_whole(void **state)
{
        (void)state;
        struct append appends[10];
        char sql[192];

        pairs = true;
        assert_non_null(pg_sql("insert into users.mark values ('both')"));
        int before = verify();
        serial += serial % 2;
        told = 0;
        for (int i = 0; i < 10; i++) {
                add(&appends[i], mark);
                if (i == 4)
                        memcpy(appends[i].request, "both", sizeof "both");
        }
        run_until(10);
        for (int i = 0; i < 10; i++)
                assert_int_equal(appends[i].status, i == 4 ? DB_REFUSED : DB_OK);
        for (int i = 0; i < 10; i++) {
                snprintf(sql, sizeof(sql),
                         "select count(*) from ledger.users a join ledger.users b on b.outcome = a.request and "
                         "b.number = "
                         "a.number + 1 and b.id = a.id + 1 where a.id = %ld",
                         (long)appends[i].id);
                assert_int_equal(i == 4 ? 0 : pg_number(sql), i % 2 == 0 && i != 4);
        }
        assert_int_equal(verify(), before + 9 + 4);
        pairs = false;
}

static void a_long_or_broken_text_is_written(void **state)
{
        (void)state;
        char name[200];
        struct append append = {.id = -1};
        struct ledger_row row = {
                .kind = LEDGER_REFUSAL,
                .request = "fit",
                .plan = "",
                .actor = UINT32_MAX,
                .actor_name = "no\xff\xfe",
                .source = "",
                .method = name,
                .object = "",
                .outcome = "refused",
                .detail = "\xc3\xa9",
        };

        memset(name, 'm', sizeof(name));
        memcpy(name + 127, "\xc3\xa9", 3);
        ledger_append(ledger, &row, NULL, written, &append);
        run_until(1);
        assert_int_equal(append.status, DB_OK);
        assert_string_equal(pg_sql("select actor_name || ' ' || length(method) || ' ' || detail from ledger.users "
                                   "where request = 'fit'"),
                            "no?? 127 \xc3\xa9");
        verify();
}

/* Rows asked for when the database is there but the head is not known yet. */
static void rows_wait_for_the_head(void **state)
{
        (void)state;
        struct append first, second;

        resume = false;
        pg_sql("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'bulkhead'");
        while (db_state_of(db) == DB_READY)
                run_until(0);
        add(&first, mark);
        run_until(1);
        assert_int_equal(first.status, DB_GONE);
        check_truth(&first);
        wait_ready();
        resume = true;
        told = 0;
        add(&first, mark);
        add(&second, mark);
        run_until(2);
        check_truth(&first);
        check_truth(&second);
        assert_int_equal(first.status, DB_OK);
        verify();
}

/* Somebody else with our role wrote to our chain. */
static void a_moved_head_is_found_again(void **state)
{
        (void)state;
        struct append append;
        PGconn *other = PQconnectdb(pg_conninfo("bulkhead-users"));
        PGresult *result = PQexec(other, "insert into ledger.users (number, at, kind, request, plan, actor, "
                                         "actor_name, source, method, object, "
                                         "outcome, detail, digest, before, hash) select max(number) + 1, "
                                         "now(), 'event', '', '', 0, '', '', "
                                         "'', '', '', '', '', '', decode(repeat('ab', 32), 'hex') from ledger.users");

        assert_int_equal(PQresultStatus(result), PGRES_COMMAND_OK);
        PQclear(result);
        PQfinish(other);
        add(&append, mark);
        run_until(1);
        assert_int_equal(append.status, DB_OK);
        check_truth(&append);
        assert_int_equal(pg_number("select count(*) from ledger.users a join ledger.users b on "
                                   "b.number = a.number - 1 and b.hash = a.before where a.number = "
                                   "(select max(number) from ledger.users)"),
                         1);
        /* The foreign row's hash is nonsense; take it out so that the other tests can verify. */
        assert_non_null(
                pg_sql("set session_replication_role = replica; delete from users.mark; delete from ledger.users; "
                       "delete from ledger.head"));
        ledger_resume(ledger);
}

static long stands_at(void)
{
        return pg_number("select number from ledger.head h where chain = 'users' and exists "
                         "(select from ledger.users r where r.number = h.number and r.hash = h.hash)");
}

/* A moment after the last row the database says where the chain stands; nobody can say it is further. */
static void the_head_is_kept(void **state)
{
        (void)state;
        struct append appends[20];
        uint64_t number;
        uint8_t hash[HASH_BYTES];

        for (int i = 0; i < 20; i++)
                add(&appends[i], mark);
        run_until(20);
        ledger_head(ledger, &number, hash);
        for (int round = 0; round < 1000 && stands_at() != (long)number; round++) {
                struct loop_watch *watch = loop_timer(loop, 30, stop_tick, NULL);
                loop_run(loop);
                loop_unwatch(watch);
        }
        assert_int_equal(stands_at(), number);
        PGconn *users = PQconnectdb(pg_conninfo("bulkhead-users"));
        PQclear(PQexec(users, "select ledger.users_stands(1, (select hash from ledger.users where number = 1))"));
        PQclear(PQexec(users, "select ledger.users_stands(100000, decode(repeat('ab', 32), 'hex'))"));
        PQfinish(users);
        assert_int_equal(stands_at(), number);
}

/* The connection is given up while the server is still at it; it commits later. */
static void a_late_commit_counts_once(void **state)
{
        (void)state;
        struct append appends[3];

        for (int i = 0; i < 3; i++)
                add(&appends[i], i == 1 ? mark_and_sleep : mark);
        db->answer_ms = 200;
        while (db_state_of(db) == DB_READY)
                run_until(0);
        db->answer_ms = DB_ANSWER_MS;
        assert_int_equal(told, 0);
        run_until(3);
        for (int i = 0; i < 3; i++) {
                assert_int_equal(appends[i].status, DB_OK);
                check_truth(&appends[i]);
        }
        verify();
}

/* The commit happened, and its answer was on its way when the connection broke. */
static void an_unheard_commit_counts_once(void **state)
{
        (void)state;
        struct append appends[3];

        pairs = true;
        for (int i = 0; i < 3; i++)
                add(&appends[i], mark);
        pairs = false;
        while (db->flying.length < 3 && told == 0) { /* where the chain stands may be on its way before them */
                struct loop_watch *watch = loop_timer(loop, 0, stop_tick, NULL);
                loop_run(loop);
                loop_unwatch(watch);
        }
        assert_int_equal(told, 0);
        while (stored(&appends[2]) != 1)
                usleep(1000);
        link_lose(db, "cut by the test");
        assert_int_equal(told, 0);
        run_until(3);
        for (int i = 0; i < 3; i++) {
                assert_int_equal(appends[i].status, DB_OK);
                check_truth(&appends[i]);
        }
        verify();
}

static pid_t frozen;

static void thaw(void *context)
{
        (void)context;
        kill(frozen, SIGCONT);
}

/* The same, but the first try is frozen before it begins, and cannot be ended until it thaws. */
static void a_frozen_try_is_waited_for(void **state)
{
        (void)state;
        struct append appends[3];

        frozen = (pid_t)pg_number("select pid from pg_stat_activity where application_name = 'bulkhead'");
        assert_int_equal(kill(frozen, SIGSTOP), 0);
        for (int i = 0; i < 3; i++)
                add(&appends[i], mark);
        db->answer_ms = 200;
        while (db_state_of(db) == DB_READY)
                run_until(0);
        db->answer_ms = DB_ANSWER_MS;
        struct loop_watch *watch = loop_timer(loop, 1500, thaw, NULL);
        run_until(3);
        loop_unwatch(watch);
        for (int i = 0; i < 3; i++) {
                assert_int_equal(appends[i].status, DB_OK);
                check_truth(&appends[i]);
        }
        verify();
}

static void kill_backends(void *context)
{
        (void)context;
        pg_sql("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'bulkhead'");
}

static void connections_cut_at_random(void **state)
{
        (void)state;
        static struct append appends[40];
        int lost = 0;

        for (unsigned round = 0; round < 25; round++) {
                wait_ready();
                told = 0;
                pairs = round % 2;
                for (int i = 0; i < 40; i++)
                        add(&appends[i], mark);
                pairs = false;
                struct loop_watch *watch = loop_timer(loop, round % 6, kill_backends, NULL);
                run_until(40);
                loop_unwatch(watch);
                for (int i = 0; i < 40; i++) {
                        assert_int_equal(appends[i].calls, 1);
                        lost += appends[i].status != DB_OK;
                }
                for (int i = 0; i < 40; i += 13)
                        check_truth(&appends[i]);
        }
        wait_ready();
        assert_int_equal(pg_number("select count(*) from ledger.users where request like 'r%'"),
                         pg_number("select count(*) from users.mark where request like 'r%'"));
        assert_int_equal(
                pg_number("select count(*) from ledger.users b where request = 'second' and not exists (select "
                          "from ledger.users a where a.request = b.outcome and a.number + 1 = b.number)"),
                0);
        verify();
        print_message("%d of 1000 were told that the database was away\n", lost);
}

static void nobody_else_writes_here(void **state)
{
        (void)state;
        static const char *const forbidden[] = {
                "update ledger.users set detail = ''",
                "delete from ledger.users",
                "truncate ledger.users",
                "update ledger.head set number = 0",
                "delete from ledger.head",

                "select * from ledger.users_default",
                "delete from ledger.users_default",
                "drop table ledger.users",
                "alter table ledger.users disable trigger all",
                "create table users.x (a int)",
                "set role bulkhead_owner",
                "set session_replication_role = replica",
                "update ledger.checkpoint set number = 1",
                "update ledger.monitor set detail = ''",
                "select * from ledger.monitor",
                "select * from ledger.row",
                "insert into ledger.users (id) values (1)",
                "insert into ledger.users_default (number) values (1)",
                "insert into ledger.monitor (number, at, kind, request, plan, actor, actor_name, source, method, "
                "object, "
                "outcome, detail, digest, before, hash) select 1, now(), 'event', '', '', 0, '', '', '', '', '', '', "
                "hash, "
                "hash, hash from ledger.head where chain = 'monitor'",
                "select ledger.monitor_stands(1, '')",
                "select ledger.resume('monitor')",
                "select ledger.partitions()",
                "select ledger.chain('mine')",
                "select ledger.show_all()",
        };

        assert_non_null(pg_sql("insert into ledger.head values ('monitor', 0, decode(repeat('00', 32), 'hex'))"));
        PGconn *connection = PQconnectdb(pg_conninfo("bulkhead-users"));
        for (size_t i = 0; i < ARRAY_SIZE(forbidden); i++) {
                PGresult *result = PQexec(connection, forbidden[i]);
                const char *code = PQresultErrorField(result, PG_DIAG_SQLSTATE);

                if (!code || strcmp(code, "42501") != 0)
                        fail_msg("%s: %s", forbidden[i], PQresultErrorMessage(result));
                PQclear(result);
        }
        PQfinish(connection);
        /* Nor does the owner by mistake. */
        assert_null(pg_sql("update ledger.users set detail = ''"));
        assert_null(pg_sql("delete from ledger.users_default; delete from ledger.users"));
        assert_null(pg_sql("truncate ledger.users"));
        assert_null(pg_sql("truncate ledger.users_default"));
}

static void only_one_chain_is_seen(void **state)
{
        (void)state;
        PGconn *users = PQconnectdb(pg_conninfo("bulkhead-users"));
        PGconn *monitor = PQconnectdb(pg_conninfo("bulkhead-monitor"));
        PGresult *a = PQexec(users, "select count(*) from ledger.users");
        PGresult *b = PQexec(monitor, "select count(*) from ledger.row where chain = 'users'");
        PGresult *c = PQexec(monitor, "select * from users.account");
        PGresult *d = PQexec(monitor, "insert into ledger.users (number) values (1)");
        PGresult *e = PQexec(monitor, "select * from ledger.users");

        assert_string_not_equal(PQgetvalue(a, 0, 0), "0");
        assert_string_equal(PQgetvalue(a, 0, 0), PQgetvalue(b, 0, 0));
        assert_string_equal(PQresultErrorField(c, PG_DIAG_SQLSTATE), "42501");
        assert_string_equal(PQresultErrorField(d, PG_DIAG_SQLSTATE), "42501");
        assert_string_equal(PQresultErrorField(e, PG_DIAG_SQLSTATE), "42501");
        PQclear(a);
        PQclear(b);
        PQclear(c);
        PQclear(d);
        PQclear(e);
        PQfinish(users);
        PQfinish(monitor);
}

/* What a daemon's own file does to have a chain. */
static void a_chain_is_one_line(void **state)
{
        (void)state;
        assert_non_null(pg_sql("set role bulkhead_owner; select ledger.chain('pumps')"));
        assert_int_equal(pg_number("select count(*) from pg_inherits where inhparent = 'ledger.pumps'::regclass"),
                         pg_number("select count(*) from pg_inherits where inhparent = 'ledger.users'::regclass"));
        assert_non_null(
                pg_sql("insert into ledger.pumps (number, at, kind, request, plan, actor, actor_name, source, method, "
                       "object, outcome, detail, digest, before, hash) values (1, now(), 'event', '', '', 0, '', '', "
                       "'', '', '', '', '', '', 'x')"));
        assert_int_equal(pg_number("select count(*) from ledger.row where chain = 'pumps' and number = 1"), 1);
        assert_non_null(pg_sql("select ledger.pumps_stands(1, 'x')"));
        assert_int_equal(pg_number("select number from ledger.head where chain = 'pumps'"), 1);
        assert_null(pg_sql("update ledger.pumps set actor = 1"));
        assert_null(pg_sql("select ledger.chain('pumps')"));
        static const char *const none[] = {"row", "head", "checkpoint", "", "a_b", "A", "a; drop table x"};
        for (size_t i = 0; i < ARRAY_SIZE(none); i++) {
                char sql[64];

                snprintf(sql, sizeof(sql), "select ledger.chain('%s')", none[i]);
                assert_null(pg_sql(sql));
        }
}

/* The name of a chain that is known only at run time. */
static void statements_of_a_name(void **state)
{
        (void)state;
        struct db_statement named[LEDGER_STATEMENT_COUNT];

        ledger_statements("users", named);
        for (size_t i = 0; i < LEDGER_STATEMENT_COUNT; i++) {
                assert_string_equal(named[i].sql, statements[i].sql);
                assert_string_equal(named[i].name, statements[i].name);
                assert_int_equal(named[i].params, statements[i].params);
        }
        ledger_statements_free(named);
}

static int each(void **state)
{
        (void)state;
        wait_ready();
        told = 0;
        return 0;
}

static int begin(void **state)
{
        (void)state;
        crypto_start();
        if (pg_start() || !pg_sql("create table users.mark (request text primary key); "
                                  "grant insert on users.mark to \"bulkhead-users\""))
                return -1;
        loop = loop_new();
        db = db_new(loop, pg_conninfo("bulkhead-users"), statements, ARRAY_SIZE(statements), changed, NULL);
        ledger = ledger_new(loop, db, "users", 0);
        return 0;
}

static int end(void **state)
{
        (void)state;
        ledger_free(ledger);
        db_free(db);
        loop_free(loop);
        return pg_do("stop");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup(many_rows_one_chain, each),
                cmocka_unit_test_setup(a_refused_row_leaves_no_gap, each),
                cmocka_unit_test_setup(a_pair_is_whole, each),
                cmocka_unit_test_setup(a_long_or_broken_text_is_written, each),
                cmocka_unit_test_setup(rows_wait_for_the_head, each),
                cmocka_unit_test_setup(a_moved_head_is_found_again, each),
                cmocka_unit_test_setup(the_head_is_kept, each),
                cmocka_unit_test_setup(a_late_commit_counts_once, each),
                cmocka_unit_test_setup(an_unheard_commit_counts_once, each),
                cmocka_unit_test_setup(a_frozen_try_is_waited_for, each),
                cmocka_unit_test_setup(connections_cut_at_random, each),
                cmocka_unit_test_setup(nobody_else_writes_here, each),
                cmocka_unit_test_setup(only_one_chain_is_seen, each),
                cmocka_unit_test(a_chain_is_one_line),
                cmocka_unit_test(statements_of_a_name),
        };

        return cmocka_run_group_tests(tests, begin, end);
}
