/* Who may come in and who is turned out again; refusals in the ledger; repeated requests; jobs.
 * Rights: none; a private PostgreSQL and a directory under /tmp. */
#include "tests/unit/state/engine.h"

static bool fresh_second(void)
{
        return w.changes->refused_now == 0;
}

/* Root's own tickets hold for root's own processes only. */
static void a_console_ticket_stays_on_the_console(void **state)
{
        (void)state;
        char heard[256];
        struct ticket ticket = world_ticket(ROLE_ADMIN);
        ticket.source = SOURCE_CONSOLE;
        ticket.subject = ticket.epoch = 0;
        ticket.session = 0;
        if (getuid() == 0) {
                ask_beside("Look", "", world_sign(&ticket), "", heard, sizeof(heard));
                holds(heard, "\"console\"");
                assert_int_equal(seteuid(20001), 0); /* whom the kernel names as the peer */
        }
        ask_beside("Look", "", world_sign(&ticket), "", heard, sizeof(heard));
        assert_int_equal(seteuid(getuid()), 0);
        holds(heard, "nas.error.Unauthenticated");
}

static void the_ticket_decides(void **state)
{
        (void)state;
        assert_true(world_until(fresh_second, PATIENCE_MS));
        long last = ledger_last();
        holds(ask("Look", "", admin(), ""), "{\"source\":\"session 17\",\"role\":\"admin\"}");
        holds(ask("Look", "", admin(), ",\"address\":\"192.0.2.7\""), "\"session 17 from 192.0.2.7\"");
        holds(ask("Look", "", admin(), ",\"address\":\"not one\""), "\"session 17\"");
        struct ticket ticket = world_ticket(ROLE_VIEWER);
        holds(ask("Look", "", world_sign(&ticket), ""), "\"role\":\"viewer\"");
        ticket.source = SOURCE_KEY;
        holds(ask("Look", "", world_sign(&ticket), ""), "\"key 17\"");
        holds(ask("Greet", "", "", ""), "{\"source\":\"nobody\",\"role\":\"nobody\"}");
        holds(ask("Greet", "", "bht1_stale", ""), "\"role\":\"nobody\"");
        world_until(never, 50);
        assert_string_equal(ledger_since(last), "");
        holds(ask("Look", "", "", ""), "nas.error.Unauthenticated");
        holds(ask("Look", "", "bht1_nonsense", ""), "nas.error.Unauthenticated");
        ticket = world_ticket(ROLE_VIEWER);
        holds(ask("Make", "\"name\":\"v\"", world_sign(&ticket), ""), "nas.error.Denied");
        ticket = world_ticket(ROLE_ADMIN);
        ticket.scopes = SCOPE_READ_ONLY;
        holds(ask("Make", "\"name\":\"v\"", world_sign(&ticket), ""), "nas.error.Denied");
        holds(ask("Make", "\"name\":\"v\"", world_sign(&ticket), ",\"dry_run\":true"),
              "groupadd"); /* trying is reading */
        becomes(last, "refusal:refused refusal:refused refusal:refused refusal:refused");
        holds(ask("Look", "", admin(), ",\"dry_run\":true"), "caller.dry_run");
        assert_int_equal(w.executed, 0);
}

/* Many refusals at once: so many rows, and one that counts the rest. */
static void refusals_do_not_fill_the_disk(void **state)
{
        (void)state;
        assert_true(world_until(fresh_second, PATIENCE_MS));
        long last = ledger_last();
        for (int i = 0; i < CHANGES_REFUSALS_PER_S + 15; i++)
                holds(ask("Look", "", "", ""), "Unauthenticated");
        world_until(never, 2500);
        char sql[256];
        snprintf(sql, sizeof(sql), "select count(*) from ledger.row where id > %ld and kind = 'refusal'", last);
        long rows = pg_number(sql);
        assert_in_range(rows, CHANGES_REFUSALS_PER_S + 1, CHANGES_REFUSALS_PER_S + 8); /* a second may end in between */
        snprintf(sql, sizeof(sql),
                 "select sum(case when object like '%% more refusals' then split_part(object, ' ', 1)::int else 1 end) "
                 "from ledger.row where id > %ld and kind = 'refusal'",
                 last);
        assert_int_equal(pg_number(sql), CHANGES_REFUSALS_PER_S + 15);
        /* After so many in an hour one row a minute counts them all. */
        w.changes->refused_hour = CHANGES_REFUSALS_PER_HOUR;
        w.changes->refused_s = 1;
        last = ledger_last();
        for (int i = 0; i < 7; i++)
                holds(ask("Look", "", "", ""), "Unauthenticated");
        world_until(never, 2500);
        snprintf(sql, sizeof(sql), "select count(*) from ledger.row where id > %ld", last);
        assert_int_equal(pg_number(sql), 0);
        w.changes->refused_s = CHANGES_REFUSALS_COUNTED_S - 1;
        world_until(never, 2500);
        assert_int_equal(pg_number(sql), 1);
        w.changes->refused_s = 3599;
        world_until(never, 1500);
        assert_int_equal(w.changes->refused_hour, 0);
}

static void the_same_request_is_done_once(void **state)
{
        (void)state;
        static const char key[] = ",\"idempotency\":\"one-random-key-0001\"",
                          held[] = ",\"idempotency\":\"one-random-key-0002\"";
        static const char issued[] = ",\"idempotency\":\"one-random-key-0003\"";
        char first[256];
        holds(ask("Make", "\"name\":\"x\"", admin(), ",\"idempotency\":\"short\""), "caller.idempotency");
        snprintf(first, sizeof(first), "%.200s", ask("Make", "\"name\":\"once\"", admin(), key));
        assert_true(world_until(is_forgotten, PATIENCE_MS));
        for (int i = 0; i < 3; i++) {
                assert_string_equal(ask("Make", "\"name\":\"once\"", admin(), key), first);
                if (i == 1)
                        restart();
        }
        holds(ask("Make", "\"name\":\"twice\"", admin(), key), "was used for another request");
        holds(ask("Issue", "\"name\":\"once\"", admin(), key), "was used for another request");
        assert_int_equal(w.executed, 1);
        holds(ask("Issue", "\"name\":\"secret\"", admin(), issued), "made");
        assert_true(world_until(nothing_runs, PATIENCE_MS));
        holds(ask("Issue", "\"name\":\"secret\"", admin(), issued), "nas.error.Conflict");
        assert_int_equal(pg_number("select count(*) from users.repeat where state = 'issued' and reply is null"), 1);
        assert_int_equal(pg_number("select count(*) from users.repeat where key like '%random%'"), 0);
        w.does = FAKE_HOLDS;
        say("Make", "\"name\":\"held\"", admin(), held, "");
        assert_true(world_until(hand_has_it, PATIENCE_MS));
        ask_beside("Make", "\"name\":\"held\"", admin(), held, first, sizeof(first));
        holds(first, "still being worked on");
}

static int64_t running_job(void)
{
        assert_non_null(w.changes->runs);
        return w.changes->runs->job;
}

static void jobs_are_seen_and_stopped(void **state)
{
        (void)state;
        char id[32];
        long last = ledger_last();
        w.does = FAKE_HOLDS;
        w.executed = 0;
        holds(ask("MakeJob", "\"name\":\"long\"", admin(), ""), "\"job\":");
        assert_true(world_until(hand_has_it, PATIENCE_MS));
        snprintf(id, sizeof(id), "\"id\":%lld", (long long)running_job());
        holds(ask("GetJob", id, admin(), ""), "\"description\":\"group long\",\"state\":\"running\"");
        holds(ask("ListJobs", "", admin(), ""), "\"abortable\":true");
        struct ticket other = world_ticket(ROLE_USER);
        other.subject = 20002;
        other.epoch = 0;
        holds(ask("GetJob", id, world_sign(&other), ""), "nas.error.NotFound"); /* not even that it is there */
        assert_null(strstr(ask("ListJobs", "", world_sign(&other), ""), "group long"));
        holds(ask("AbortJob", id, world_sign(&other), ""), "nas.error.Denied");
        holds(ask("AbortJob", "\"id\":999999", admin(), ""), "nas.error.NotFound");
        assert_int_equal(w.aborted, 0);
        assert_string_equal(ask("AbortJob", id, admin(), ""), "{\"parameters\":{}}");
        assert_true(world_until(is_forgotten, PATIENCE_MS));
        assert_int_equal(w.aborted, 1);
        assert_string_equal(ledger_since(last), "intent: refusal:refused outcome:aborted");
        holds(ask("GetJob", id, admin(), ""), "\"state\":\"aborted\"");
        holds(ask("AbortJob", id, admin(), ""), "It is over already");
        /* Older ones than those in memory come from the ledger. */
        w.changes->finished_count = 0;
        holds(ask("GetJob", id, admin(), ""), "\"state\":\"aborted\"");
        holds(ask("GetJob", id, world_sign(&other), ""), "nas.error.NotFound");
        holds(ask("GetJob", "\"id\":999999", admin(), ""), "nas.error.NotFound");
        restart();
        holds(ask("ListJobs", "\"limit\":1", admin(), ""), "\"state\":\"aborted\"");
}

static void a_watch_hears_differences_until_it_is_revoked(void **state)
{
        (void)state;
        struct folders trusted;
        assert_int_equal(gate_prepare(&trusted, w.directory), 0);
        w.guard = gate_hold(w.loop, w.trust, w.changes, &trusted);
        say("ListJobs", "\"limit\":3", admin(), "", ",\"more\":true");
        holds(hear(), "\"continues\":true");
        topic_changed(w.changes->jobs); /* nothing is different: nothing is said */
        world_until(never, 20);
        assert_false(client_has_heard());
        changes_event(w.changes,
                      &(struct change_event){.method = "m",
                                             .object = "o",
                                             .outcome = "success",
                                             .detail = "{}",
                                             .actor_name = "",
                                             .source = "",
                                             .request = ""},
                      NULL, NULL, NULL);
        w.does = FAKE_HOLDS;
        char job[256];
        ask_beside("MakeJob", "\"name\":\"seen\"", admin(), "", job, sizeof(job));
        holds(job, "\"job\":");
        assert_true(world_until(hand_has_it, PATIENCE_MS));
        holds(hear(), "\"patch\":[{\"op\":\"");
        /* Signed out: the watch ends and the change is stopped, within a second. */
        long last = ledger_last();
        w.epochs[0].epoch++;
        world_publish();
        uint64_t begun = clock_boot_ms();
        while (strstr(hear(), "nas.error.Unauthenticated") == NULL)
                ;
        assert_true(clock_boot_ms() - begun < 1000);
        assert_true(world_until(is_forgotten, PATIENCE_MS));
        assert_int_equal(w.aborted, 1);
        becomes(last, "outcome:aborted");
        assert_null(strstr(w.heard[w.heard_count - 1], "continues")); /* nothing came after that */
        assert_int_equal(pg_number("select count(*) from ledger.row where kind = 'event' and method = 'm'"), 1);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup(the_ticket_decides, calm),
                cmocka_unit_test_setup(a_console_ticket_stays_on_the_console, calm),
                cmocka_unit_test_setup(refusals_do_not_fill_the_disk, calm),
                cmocka_unit_test_setup(jobs_are_seen_and_stopped, calm),
                cmocka_unit_test_setup(a_watch_hears_differences_until_it_is_revoked, calm),
                cmocka_unit_test_setup(the_same_request_is_done_once, calm),
        };
        crypto_start();
        return cmocka_run_group_tests(tests, world_begin, world_end);
}
