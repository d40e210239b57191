/* The change engine in trouble, seen through the users clerk over a fake hand: what is asked twice, hand away or shot,
 * clerk shot, client gone, database gone, tickets taken back.
 * Rights: none; a private PostgreSQL under /tmp. */
#include "tests/unit/users_clerk/common.h"

static void the_same_request_again(void **state)
{
        (void)state;
        const char *key = "\"idempotency\":\"0b50ad1c-77c5-4a41-8f57-0c28ab9d4c3e\"";
        unsigned executed = fake_hand.executed;
        for (int i = 0; i < 2; i++) {
                struct fake_reply reply = fake_call("CreateUser", "{\"username\":\"ida\"}", alice(key));
                assert_null(reply.error);
                assert_string_equal(fake_at(&reply, "user.username"), "ida");
                fake_reply_free(&reply);
        }
        expect("CreateUser", "{\"username\":\"ivy\"}", alice(key), "Conflict");
        assert_int_equal(fake_hand.executed, executed + 1);
        fake_restart();
        struct fake_reply reply = fake_call("CreateUser", "{\"username\":\"ida\"}", alice(key));
        assert_string_equal(fake_at(&reply, "user.username"), "ida");
        fake_reply_free(&reply);
        assert_int_equal(fake_hand.executed, executed + 1);
        expect("CreateUser", "{\"username\":\"ida\"}", alice("\"idempotency\":\"short\""), "Invalid");
        key = "\"idempotency\":\"7b50ad1c-77c5-4a41-8f57-0c28ab9d4c3e\"";
        fake_hand.mode = FAKE_FAILS;
        expect("CreateUser", "{\"username\":\"ivy\"}", alice(key), "Failed");
        fake_hand.mode = FAKE_OBEYS;
        expect("CreateUser", "{\"username\":\"ivy\"}", alice(key),
               ""); /* nothing had been done: it may be tried again */
        key = "\"idempotency\":\"8b50ad1c-77c5-4a41-8f57-0c28ab9d4c3e\"";
        reply = confirmed("CreateKey", "{\"name\":\"once\",\"role\":\"user\"}", key);
        assert_null(reply.error);
        fake_reply_free(&reply);
        expect("CreateKey", "{\"name\":\"once\",\"role\":\"user\"}", alice(key), "Conflict");
        assert_int_equal(fake_number("select count(*) from users.repeat where reply like '%bhk_%'"), 0);
}

static const char *last_outcome(void)
{
        return fake_sql("select outcome from ledger.row where kind = 'outcome' order by id desc limit 1");
}

static void a_step_fails(void **state)
{
        (void)state;
        fake_hand.mode = FAKE_FAILS;
        expect("CreateUser", "{\"username\":\"fay\"}", alice(""), "Failed");
        assert_string_equal(last_outcome(), "failed");
        assert_int_equal(fake_number("select count(*) from users.account where name = 'fay'"), 0);
}

static void the_hand_goes_away(void **state)
{
        (void)state;
        unsigned looked = fake_hand.looked_up;
        fake_hand.mode = FAKE_DIES;
        expect("CreateUser", "{\"username\":\"gil\"}", alice(""), "Failed");
        assert_string_equal(last_outcome(), "failed");
        fake_hand.mode = FAKE_DIES_DONE;
        expect("CreateUser", "{\"username\":\"gil\"}", alice(""), "");
        assert_string_equal(last_outcome(), "success");
        assert_int_equal(fake_hand.looked_up, looked + 2);
        assert_int_equal(fake_number("select count(*) from users.account where name = 'gil'"), 1);
        fake_hand.mode = FAKE_AWAY;
        expect("CreateUser", "{\"username\":\"hal\"}", alice(""), "Unavailable");
        assert_string_equal(last_outcome(), "refused");
}

static void the_clerk_is_shot(void **state)
{
        (void)state;
        fake_hand.mode = FAKE_HOLDS;
        struct fake_client *client = fake_open("CreateUser", "{\"username\":\"kim\"}", alice(""), false);
        assert_true(fake_waits(client, 200));
        long outcomes = rows("outcome");
        fake_restart(); /* the old clerk is gone before the hand began */
        fake_close(client);
        until_rows("outcome", outcomes + 1);
        assert_string_equal(last_outcome(), "failed"); /* it never began */
        struct fake_reply reply = fake_call("nas.job.ListJobs", "{}", alice(""));
        assert_string_equal(fake_at(&reply, "jobs.0.state"), "failed");
        assert_string_equal(fake_at(&reply, "jobs.0.description"), "user kim");
        fake_reply_free(&reply);
}

static void a_client_goes_away(void **state)
{
        (void)state;
        fake_hand.mode = FAKE_HOLDS;
        struct fake_client *client = fake_open("CreateUser", "{\"username\":\"lou\"}", alice(""), false);
        long outcomes = rows("outcome");
        assert_true(fake_waits(client, 200));
        fake_close(client);
        fake_run_ms(50);
        fake_hand_release();
        until_rows("outcome", outcomes + 1);
        assert_true(fake_machine_has("bulkhead-user", "lou"));
        assert_string_equal(last_outcome(), "success");
}

static void jobs_are_stopped(void **state)
{
        (void)state;
        fake_hand.mode = FAKE_HOLDS;
        struct fake_client *client = fake_open("CreateUser", "{\"username\":\"max\"}", alice(""), true);
        struct fake_reply reply = fake_next(client);
        snprintf(text, sizeof(text), "{\"id\":%s}", fake_at(&reply, "job"));
        assert_true(reply.continues);
        fake_reply_free(&reply);
        expect("nas.job.AbortJob", text, zoe(""), "Denied");
        expect("CreateUser", "{\"username\":\"max\"}", alice(""), "Conflict"); /* just being made */
        expect("nas.job.AbortJob", text, alice(""), "");
        fake_hand_release();
        do {
                reply = fake_next(client);
                if (reply.continues)
                        fake_reply_free(&reply);
        } while (reply.continues);
        assert_string_equal(said(&reply), "Aborted");
        fake_reply_free(&reply);
        fake_close(client);
        assert_string_equal(last_outcome(), "aborted");
}

static void who_is_signed_out_loses_watch_and_job(void **state)
{
        (void)state;
        struct fake_client *watch = fake_open("ListGroups", "{}", zoe(""), true);
        struct fake_reply reply = fake_next(watch);
        assert_true(reply.continues);
        fake_reply_free(&reply);
        expect("CreateGroup", "{\"name\":\"band\"}", alice(""), "");
        reply = fake_next(watch);
        assert_string_equal(fake_at(&reply, "patch"), "1");
        fake_reply_free(&reply);
        fake_hand.mode = FAKE_HOLDS;
        unsigned aborted = fake_hand.aborted;
        struct fake_client *job = fake_open("SetSshKeys", "{\"username\":\"zoe\",\"ssh_keys\":[]}", zoe(""), false);
        assert_true(fake_waits(job, 100));
        fake_revoke(20001);
        assert_false(fake_waits(watch, 1000)); /* within a second */
        reply = fake_next(watch);
        assert_string_equal(said(&reply), "Unauthenticated");
        fake_reply_free(&reply);
        assert_int_equal(fake_hand.aborted, aborted + 1);
        fake_hand_release();
        reply = fake_next(job);
        assert_string_equal(said(&reply), "Aborted");
        fake_reply_free(&reply);
        fake_close(watch);
        fake_close(job);
}

static void without_the_database(void **state)
{
        (void)state;
        assert_int_equal(fake_database("kill"), 0);
        fake_run_ms(300);
        expect("ListUsers", "{}", alice(""), "");
        expect("ListSessions", "{}", alice(""), "");
        expect("CreateUser", "{\"username\":\"ned\"}", alice(""), "Unavailable");
        assert_false(fake_machine_has("bulkhead-user", "ned"));
        expect("Login", "{\"username\":\"alice\",\"password\":\"x\"}", "", "");
        assert_int_equal(fake_database("again"), 0);
        for (int i = 0; i < 600 && db_state_of(clerk.db) != DB_READY; i++)
                fake_run_ms(20);
        fake_run_ms(1500);
        expect("CreateUser", "{\"username\":\"ned\"}", alice(""), "");
        assert_string_equal(fake_sql("select object from ledger.row where kind = 'event' order by id desc limit 1"),
                            "user alice");
}

static void nothing_secret_was_written(void **state)
{
        (void)state;
        static const char *const tables[] = {"ledger.row", "users.api_key", "users.session", "users.repeat"};
        for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
                char sql[256];
                snprintf(sql, sizeof(sql),
                         "select count(*) from %s t where t::text ~ 'correct horse|bhk_1|bht1|bhs_|123456'", tables[i]);
                assert_int_equal(fake_number(sql), 0);
        }
        assert_int_equal(
                fake_number("select count(*) from ledger.row i where kind = 'intent' and (select count(*) from "
                            "ledger.row o where o.plan = i.plan and o.kind = 'outcome') <> 1"),
                0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(the_same_request_again),
                TEST(a_step_fails),
                TEST(the_hand_goes_away),
                TEST(the_clerk_is_shot),
                TEST(a_client_goes_away),
                TEST(jobs_are_stopped),
                TEST(who_is_signed_out_loses_watch_and_job),
                TEST(without_the_database),
                TEST(nothing_secret_was_written),
        };
        return cmocka_run_group_tests(tests, start, stop);
}
