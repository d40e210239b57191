/* A change that is rows of the clerk's tables: whole with its two rows of the ledger, or not at all, and no hand asked.
 * Rights: none; a private PostgreSQL and a directory under /tmp. */
#include "tests/unit/state/engine.h"

static void it_is_one_transaction(void **state)
{
        (void)state;
        char sql[256];
        long last = ledger_last();
        const char *heard = ask("Rename", "\"name\":\"alice\",\"label\":\"new\",\"wanted\":\"a row\"", admin(), "");
        assert_string_equal(heard, "{\"parameters\":{\"made\":\"\",\"name\":\"alice\"}}");
        assert_int_equal(w.mirrored, 0);
        assert_int_equal(w.read_again, 1);
        assert_true(nothing_runs());
        assert_string_equal(ledger_since(last), "intent: outcome:success");
        assert_int_equal(w.executed + w.looked_up + w.forgotten, 0);
        assert_int_equal(w.settled, 1);
        assert_int_equal(w.noted, 1);
        snprintf(
                sql, sizeof(sql),
                "select count(distinct xmin::text) from (select xmin from ledger.users where id > %ld union all select "
                "xmin from users.mark where word in ('alice', 'done alice')) as rows",
                last);
        assert_int_equal(pg_number(sql), 1);
        snprintf(sql, sizeof(sql), "select detail from ledger.row where id > %ld and kind = 'intent'", last);
        holds(pg_sql(sql), "write users.api_key: 'the label of key 7: new'");
        holds(ask("ListJobs", "\"limit\":1", admin(), ""), "\"method\":\"nas.test.Rename\"");
}

/* Tables are read again only for what memory cannot follow. */
static void memory_follows(void **state)
{
        (void)state;
        holds(ask("Rename", "\"name\":\"eve\",\"label\":\"new\"", admin(), ""), "\"name\":\"eve\"");
        assert_int_equal(w.mirrored, 1);
        assert_int_equal(w.read_again, 1);
        assert_non_null(pg_sql("delete from users.mark where word = 'done alice'"));
        holds(ask("Rename", "\"name\":\"alice\",\"label\":\"new\"", admin(), ""), "\"name\":\"alice\"");
        assert_int_equal(w.mirrored, 2);
        assert_int_equal(w.read_again, 1);
}

static void what_the_tables_refuse_is_not_in_the_ledger(void **state)
{
        (void)state;
        static const char key[] = ",\"idempotency\":\"a-random-key-of-some-length\"";
        long last = ledger_last();
        assert_non_null(pg_sql("insert into users.mark values ('done bob')"));
        const char *heard = ask("Rename", "\"name\":\"bob\",\"label\":\"new\"", admin(), key);
        holds(heard, "\"error\":\"nas.error.Failed\"");
        holds(heard, "nothing was changed");
        assert_string_equal(ledger_since(last), "");
        assert_non_null(pg_sql("delete from users.mark where word = 'done bob'"));
        heard = ask("Rename", "\"name\":\"bob\",\"label\":\"new\"", admin(), key);
        holds(heard, "\"name\":\"bob\"");
        heard = ask("Rename", "\"name\":\"bob\",\"label\":\"new\"", admin(), key);
        holds(heard, "\"name\":\"bob\""); /* the kept answer: the mark could not be there twice */
        assert_string_equal(ledger_since(last), "intent: outcome:success");
}

/* What the hand asks of its steps is asked here by the clerk. */
static void the_steps_say_who_may(void **state)
{
        (void)state;
        struct ticket ticket = world_ticket(ROLE_USER);
        long last = ledger_last();
        holds(ask("Rename", "\"name\":\"carol\",\"label\":\"x\"", world_sign(&ticket), ""),
              "\"error\":\"nas.error.Denied\"");
        becomes(last, "refusal:refused");
        assert_int_equal(pg_number("select count(*) from users.mark where word = 'carol'"), 0);
        snprintf(ticket.name, sizeof(ticket.name), "carol");
        holds(ask("Rename", "\"name\":\"carol\",\"label\":\"x\"", world_sign(&ticket), ""), "\"name\":\"carol\"");
        ticket.scopes = SCOPE_READ_ONLY;
        holds(ask("Rename", "\"name\":\"carol\",\"label\":\"y\"", world_sign(&ticket), ""),
              "\"error\":\"nas.error.Denied\"");
        becomes(last, "refusal:refused intent: outcome:success refusal:refused");
}

static void without_a_database_nothing_is_done(void **state)
{
        (void)state;
        long last = ledger_last();
        assert_int_equal(pg_do("kill"), 0);
        assert_true(world_until(db_is_away, 10000));
        holds(ask("Rename", "\"name\":\"dave\",\"label\":\"x\"", admin(), ""), "\"error\":\"nas.error.Unavailable\"");
        assert_int_equal(pg_do("again"), 0);
        assert_true(world_until(db_is_ready, 30000));
        assert_string_equal(ledger_since(last), "");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup(it_is_one_transaction, calm),
                cmocka_unit_test_setup(memory_follows, calm),
                cmocka_unit_test_setup(what_the_tables_refuse_is_not_in_the_ledger, calm),
                cmocka_unit_test_setup(the_steps_say_who_may, calm),
                cmocka_unit_test_setup(without_a_database_nothing_is_done, calm),
        };
        return cmocka_run_group_tests(tests, world_begin, world_end);
}
