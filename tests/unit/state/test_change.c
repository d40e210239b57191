/* One change from plan to outcome: what is written, what the hand is told, what the caller hears, whatever goes away
 * in the middle.
 * Rights: none; a private PostgreSQL and a directory under /tmp. */
#include "tests/unit/state/engine.h"

static void a_dry_run_shows_and_does_nothing(void **state)
{
        (void)state;
        long last = ledger_last();
        const char *heard = ask("Make", "\"name\":\"dry\"", admin(), ",\"dry_run\":true");
        holds(heard, "\"warrant\":false,\"destroys\":false,\"who\":\"nobody yet\"");
        holds(heard, "\"literal\":\"/usr/sbin/groupadd --gid=20500 -- dry\"");
        holds(heard, "\"undo\":\"/usr/sbin/groupdel -- dry\"");
        char digest[2 * HASH_BYTES + 1], again[2 * HASH_BYTES + 1];
        digest_of(heard, digest);
        heard = ask("Make", "\"name\":\"dry\"", admin(), ",\"dry_run\":true");
        digest_of(heard, again);
        assert_string_equal(again, digest); /* the same plan is the same plan */
        heard = ask("Make", "\"name\":\"dry2\"", admin(), ",\"dry_run\":true");
        digest_of(heard, again);
        assert_string_not_equal(again, digest);
        assert_int_equal(w.executed, 0);
        assert_string_equal(ledger_since(last), "");
}

static void a_change_is_written_done_and_written(void **state)
{
        (void)state;
        long last = ledger_last();
        char ticket[TICKET_TEXT_MAX];
        snprintf(ticket, sizeof(ticket), "%s", admin());
        const char *heard = ask("Make", "\"name\":\"one\"", ticket, ",\"address\":\"192.0.2.1\"");
        assert_string_equal(heard, "{\"parameters\":{\"made\":\"made\",\"name\":\"one\"}}");
        assert_true(world_until(is_forgotten, PATIENCE_MS));
        assert_string_equal(ledger_since(last), "intent: outcome:success");
        assert_string_equal(w.proof, ticket); /* the caller's own ticket went on to the hand */
        assert_int_equal(w.executed, 1);
        assert_int_equal(w.acted, 1);
        assert_int_equal(w.noted, 2);
        char sql[512];
        snprintf(sql, sizeof(sql),
                 "select string_agg(distinct actor || actor_name || source || method || object || plan, ' ') "
                 "from ledger.row where id > %ld",
                 last);
        const char *same = pg_sql(sql);
        assert_memory_equal(same, "20001alicesession 17 from 192.0.2.1nas.test.Makegroup one", 57);
        assert_null(strchr(same + 57, ' ')); /* one and the same plan in both */
        assert_int_equal(pg_number("select count(*) from users.mark where word in ('one', 'done one')"), 2);
        snprintf(sql, sizeof(sql), "select detail from ledger.row where id > %ld and kind = 'intent'", last);
        holds(pg_sql(sql), "/usr/sbin/groupadd --gid=20500 -- one");
}

static void progress_is_told(void **state)
{
        (void)state;
        say("Make", "\"name\":\"watched\"", admin(), "", ",\"more\":true");
        holds(hear(), "{\"parameters\":{\"job\":");
        const char *heard = hear();
        holds(heard, "\"progress\":{\"step\":1,\"steps\":1,\"percent\":0,\"words\":\"Create the group watched with "
                     "number 20500\"}");
        holds(heard, "\"continues\":true");
        assert_string_equal(hear(), "{\"parameters\":{\"made\":\"made\",\"name\":\"watched\"}}");
        assert_true(world_until(is_forgotten, PATIENCE_MS));
        heard = ask("MakeJob", "\"name\":\"job\"", admin(), "");
        holds(heard, "{\"parameters\":{\"job\":");
        assert_null(strstr(heard, "made")); /* answered before it was done */
        assert_true(world_until(is_forgotten, PATIENCE_MS));
}

static void nothing_to_do_is_no_change(void **state)
{
        (void)state;
        long last = ledger_last();
        assert_string_equal(ask("Nothing", "", admin(), ""), "{\"parameters\":{}}");
        assert_string_equal(ask("Nothing", "\"name\":\"x\"", admin(), ""),
                            "{\"parameters\":{\"made\":\"\",\"name\":\"x\"}}");
        assert_string_equal(ledger_since(last), "");
}

static void what_fails_is_told_and_written(void **state)
{
        (void)state;
        long last = ledger_last();
        w.does = FAKE_FAILS;
        const char *heard = ask("Make", "\"name\":\"fails\"", admin(), "");
        holds(heard, "\"error\":\"nas.error.Conflict\"");
        holds(heard, "the tool said no");
        assert_true(world_until(is_forgotten, PATIENCE_MS));
        assert_string_equal(ledger_since(last), "intent: outcome:failed");
        assert_int_equal(w.settled, 0);
        char sql[256];
        snprintf(sql, sizeof(sql), "select detail from ledger.row where id > %ld and kind = 'outcome'", last);
        const char *detail = pg_sql(sql);
        holds(detail, "\"error\":\"Conflict\",\"message\":\"the tool said no\"");
        holds(detail, "tool: \\\\x1b[31mno"); /* what tools print is hostile */
        heard = ask("Make", "\"name\":\"bad name\"", admin(), "");
        holds(heard, "\"error\":\"nas.error.Invalid\"");
        holds(heard, "\"field\":\"name\"");
        becomes(last, "intent: outcome:failed refusal:refused");
}

static void a_warrant_is_for_one_plan(void **state)
{
        (void)state;
        char other[2 * HASH_BYTES + 1], caller[WARRANT_TEXT_MAX + 32];
        long last = ledger_last();
        digest_of(ask("Drop", "\"name\":\"bob\"", admin(), ",\"dry_run\":true"), other);
        const char *heard = ask("Drop", "\"name\":\"carol\"", admin(), "");
        holds(heard, "\"error\":\"nas.error.Confirmation\"");
        holds(heard, "\"warrant\":true,\"destroys\":true");
        assert_string_equal(ledger_since(last), ""); /* being asked is no refusal */
        char digest[2 * HASH_BYTES + 1];
        digest_of(heard, digest);
        snprintf(caller, sizeof(caller), ",\"warrant\":\"%s\"", world_warrant(other));
        holds(ask("Drop", "\"name\":\"carol\"", admin(), caller), "\"error\":\"nas.error.Confirmation\"");
        becomes(last, "refusal:refused");
        assert_int_equal(w.executed, 0);
        const char *warrant = world_warrant(digest);
        snprintf(caller, sizeof(caller), ",\"warrant\":\"%s\"", warrant);
        assert_string_equal(ask("Drop", "\"name\":\"carol\"", admin(), caller), "{\"parameters\":{}}");
        assert_string_equal(w.warrant, warrant);
        assert_true(world_until(is_forgotten, PATIENCE_MS));
        assert_string_equal(ledger_since(last), "refusal:refused intent: outcome:success");
        struct ticket keeps = world_ticket(ROLE_ADMIN);
        keeps.scopes = SCOPE_NO_DESTROY;
        holds(ask("Drop", "\"name\":\"carol\"", world_sign(&keeps), caller), "\"error\":\"nas.error.Denied\"");
        becomes(last, "refusal:refused intent: outcome:success refusal:refused");
}

static void an_intent_that_cannot_be_written_is_not_done(void **state)
{
        (void)state;
        long last = ledger_last();
        assert_non_null(pg_sql("insert into users.mark values ('taken')"));
        const char *heard =
                ask("Make", "\"name\":\"taken\"", admin(), ",\"idempotency\":\"a-random-key-of-some-length\"");
        holds(heard, "\"error\":\"nas.error.Failed\"");
        holds(heard, "nothing was changed");
        assert_int_equal(w.executed, 0);
        assert_string_equal(ledger_since(last), "");
        assert_non_null(pg_sql("delete from users.mark where word = 'taken'"));
        holds(ask("Make", "\"name\":\"taken\"", admin(), ",\"idempotency\":\"a-random-key-of-some-length\""), "made");
        assert_true(world_until(is_forgotten, PATIENCE_MS));
}

static void an_outcome_is_written_even_alone(void **state)
{
        (void)state;
        long last = ledger_last();
        assert_non_null(pg_sql("insert into users.mark values ('done alone')"));
        holds(ask("Make", "\"name\":\"alone\"", admin(), ""), "made"); /* what settle adds is refused */
        assert_true(world_until(is_forgotten, PATIENCE_MS));
        assert_string_equal(ledger_since(last), "intent: outcome:success");
}

/* As with a full disk: the database is there all the time, and writes nothing for a while. */
static void an_outcome_is_written_when_there_is_room(void **state)
{
        (void)state;
        long last = ledger_last();
        w.forgotten = 0;
        assert_non_null(pg_sql("alter table ledger.users add constraint room check (kind <> 'outcome') not valid"));
        holds(ask("Make", "\"name\":\"crowded\"", admin(), ""), "made");
        world_until(never, 100);
        assert_string_equal(ledger_since(last), "intent:");
        assert_int_equal(w.forgotten, 0); /* the hand keeps its journal till then */
        assert_non_null(pg_sql("alter table ledger.users drop constraint room"));
        assert_true(world_until(is_forgotten, PATIENCE_MS));
        assert_string_equal(ledger_since(last), "intent: outcome:success");
}

/* The hand is gone before it answered. It is asked until it knows. */
static void what_became_of_it_is_looked_up(void **state)
{
        (void)state;
        static const struct {
                enum fake_does does;
                const char *outcomes, *heard, *written;
                unsigned asked;
        } table[] = {
                {FAKE_VANISHES, "vus", "{\"parameters\":{\"made\":\"made\"", "intent: outcome:success", 3},
                {FAKE_VANISHES, "f", "undone", "intent: outcome:failed", 1},
                {FAKE_BABBLES, "n", "It never began", "intent: outcome:failed", 1},
        };
        for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
                char name[32];
                calm(NULL);
                long last = ledger_last();
                w.does = table[i].does;
                w.outcomes = table[i].outcomes;
                snprintf(name, sizeof(name), "\"name\":\"lost%zu\"", i);
                holds(ask("Make", name, admin(), ""), table[i].heard);
                assert_true(world_until(is_forgotten, PATIENCE_MS));
                assert_int_equal(w.looked_up, table[i].asked);
                assert_string_equal(ledger_since(last), table[i].written);
        }
}

static void a_client_that_leaves_stops_nothing(void **state)
{
        (void)state;
        long last = ledger_last();
        w.does = FAKE_HOLDS;
        say("Make", "\"name\":\"left\"", admin(), "", "");
        assert_true(world_until(hand_has_it, PATIENCE_MS));
        assert_true(changes_claim(w.changes, USERS_GROUP_MAKE, 0, "left"));
        assert_false(changes_claim(w.changes, USERS_GROUP_MAKE, 0, "right"));
        assert_false(changes_claim(w.changes, USERS_GROUP_DROP, 0, "left"));
        assert_int_equal(shutdown(w.client, SHUT_RDWR), 0);
        world_until(never, 50);
        assert_null(w.changes->runs->call);
        for (int i = 0; i < FAKES_MAX; i++)
                if (w.fake_watches[i])
                        fake_done(w.fake_fds[i], OUTCOME_SUCCESS, FAILURE_NONE, "");
        assert_true(world_until(is_forgotten, PATIENCE_MS));
        assert_string_equal(ledger_since(last), "intent: outcome:success");
        restart();
}

/* The clerk dies in the middle; the next one finds the intent without an outcome and asks the hand. */
static void a_restart_closes_what_was_open(void **state)
{
        (void)state;
        static const struct {
                const char *outcomes, *written, *job;
        } table[] = {{"us", "intent: outcome:success", "\"state\":\"success\""},
                     {"n", "intent: outcome:failed", "\"state\":\"failed\""},
                     {"a", "intent: outcome:aborted", "\"state\":\"aborted\""}};
        for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
                char name[32], caller[64];
                calm(NULL);
                long last = ledger_last();
                w.does = FAKE_HOLDS;
                snprintf(caller, sizeof(caller), ",\"idempotency\":\"0123456789abcdef%zu\"", i);
                snprintf(name, sizeof(name), "\"name\":\"open%zu\"", i);
                say("Make", name, admin(), caller, "");
                assert_true(world_until(hand_has_it, PATIENCE_MS));
                w.outcomes = table[i].outcomes;
                restart();
                assert_true(world_until(is_forgotten, 10000));
                assert_string_equal(ledger_since(last), table[i].written);
                holds(ask("ListJobs", "\"limit\":1", admin(), ""), table[i].job);
        }
}

static void without_a_database_nothing_is_changed(void **state)
{
        (void)state;
        long last = ledger_last();
        w.does = FAKE_HOLDS;
        say("Make", "\"name\":\"cut\"", admin(), "", "");
        assert_true(world_until(hand_has_it, PATIENCE_MS));
        assert_int_equal(pg_do("kill"), 0);
        assert_true(world_until(db_is_away, 10000));
        /* What has begun is answered, though it cannot be written yet. */
        for (int i = 0; i < FAKES_MAX; i++)
                if (w.fake_watches[i])
                        fake_done(w.fake_fds[i], OUTCOME_SUCCESS, FAILURE_NONE, "");
        holds(hear(), "made");
        assert_int_equal(w.forgotten, 0); /* the hand keeps its journal till then */
        holds(ask("Make", "\"name\":\"away\"", admin(), ""), "\"error\":\"nas.error.Unavailable\"");
        holds(ask("Look", "", admin(), ""), "\"role\":\"admin\""); /* reading goes on */
        assert_int_equal(w.executed, 1);
        assert_int_equal(pg_do("again"), 0);
        assert_true(world_until(is_forgotten, 30000));
        assert_string_equal(ledger_since(last), "intent: outcome:success");
}

static void a_hand_out_of_reach_does_nothing(void **state)
{
        (void)state;
        long last = ledger_last();
        assert_int_equal(unlink(w.socket), 0);
        const char *heard = ask("Make", "\"name\":\"alone2\"", admin(), "");
        holds(heard, "\"error\":\"nas.error.Unavailable\"");
        holds(heard, "nothing was changed");
        assert_string_equal(ledger_since(last), "intent: outcome:refused");
        loop_unwatch(TAKE(w.listener_watch));
        close(w.listener);
        fake_listen();
        world_until(never, 100);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup(a_dry_run_shows_and_does_nothing, calm),
                cmocka_unit_test_setup(a_change_is_written_done_and_written, calm),
                cmocka_unit_test_setup(progress_is_told, calm),
                cmocka_unit_test_setup(nothing_to_do_is_no_change, calm),
                cmocka_unit_test_setup(what_fails_is_told_and_written, calm),
                cmocka_unit_test_setup(a_warrant_is_for_one_plan, calm),
                cmocka_unit_test_setup(an_intent_that_cannot_be_written_is_not_done, calm),
                cmocka_unit_test_setup(an_outcome_is_written_even_alone, calm),
                cmocka_unit_test_setup(an_outcome_is_written_when_there_is_room, calm),
                cmocka_unit_test_setup(what_became_of_it_is_looked_up, calm),
                cmocka_unit_test_setup(a_client_that_leaves_stops_nothing, calm),
                cmocka_unit_test_setup(a_restart_closes_what_was_open, calm),
                cmocka_unit_test_setup(without_a_database_nothing_is_changed, calm),
                cmocka_unit_test_setup(a_hand_out_of_reach_does_nothing, calm),
        };
        crypto_start();
        return cmocka_run_group_tests(tests, world_begin, world_end);
}
