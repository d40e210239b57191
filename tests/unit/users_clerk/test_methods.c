/* The users clerk over a fake hand: every method's good way, its literal steps, and what it refuses.
 * Rights: none; a private PostgreSQL under /tmp. */
#include "tests/unit/users_clerk/common.h"

static void creating_a_user(void **state)
{
        (void)state;
        long intents = rows("intent"), outcomes = rows("outcome");
        unsigned forgotten = fake_hand.forgotten;
        struct fake_reply reply = fake_call("CreateUser", "{\"username\":\"carol\",\"role\":\"operator\"}", alice(""));
        assert_null(reply.error);
        assert_string_equal(fake_at(&reply, "user.username"), "carol");
        assert_string_equal(fake_at(&reply, "user.role"), "operator");
        fake_reply_free(&reply);
        assert_true(fake_machine_has("bulkhead-operator", "carol"));
        assert_int_equal(rows("intent"), intents + 1);
        assert_int_equal(rows("outcome"), outcomes + 1);
        for (int i = 0; i < 4500 && fake_hand.forgotten <= forgotten; i++)
                fake_run_ms(20);
        assert_int_equal(fake_hand.forgotten, forgotten + 1); /* the hand may drop its journal */
        reply = fake_call("GetUser", "{\"username\":\"carol\"}", alice(""));
        assert_string_not_equal(fake_at(&reply, "user.created"), "");
        assert_string_equal(fake_at(&reply, "user.totp"), "false");
        assert_string_equal(fake_at(&reply, "user.smb"), ""); /* nothing was published: not known */
        fake_reply_free(&reply);
        reply = fake_call("ListUsers", "{}", alice(""));
        assert_string_equal(fake_at(&reply, "users"), "3");
        fake_reply_free(&reply);
}

static void a_dry_run(void **state)
{
        (void)state;
        unsigned executed = fake_hand.executed;
        long intents = rows("intent");
        struct fake_reply reply = fake_call("CreateUser", "{\"username\":\"dan\",\"password\":\"" PASSWORD "\"}",
                                            alice("\"dry_run\":true"));
        assert_string_equal(fake_at(&reply, "plan.steps"), "4");
        assert_string_equal(fake_at(&reply, "plan.warrant"), "false");
        assert_non_null(strstr(fake_at(&reply, "plan.steps.0.literal"), "groupadd --gid="));
        assert_non_null(strstr(fake_at(&reply, "plan.steps.0.undo"), "groupdel -- dan"));
        assert_null(strstr(fake_at(&reply, "plan.steps.3.literal"), PASSWORD));
        snprintf(text, sizeof(text), "{\"plan\":\"%s\"}", fake_at(&reply, "plan.plan"));
        struct fake_reply shown = fake_call("Describe", text, zoe(""));
        assert_string_equal(fake_at(&shown, "digest"), fake_at(&reply, "plan.digest"));
        assert_string_equal(fake_at(&shown, "steps.1.words"), fake_at(&reply, "plan.steps.1.words"));
        assert_non_null(strstr(fake_at(&shown, "steps.1.says"), "{name}"));
        assert_string_equal(fake_at(&shown, "steps.1.values.0.name"), "name");
        assert_string_equal(fake_at(&shown, "steps.1.values.0.is"), "user_name");
        assert_string_equal(fake_at(&shown, "steps.1.values.0.value"), "dan");
        fake_reply_free(&shown);
        fake_reply_free(&reply);
        assert_int_equal(fake_hand.executed, executed);
        assert_int_equal(rows("intent"), intents);
        expect("ListUsers", "{}", alice("\"dry_run\":true"), "Invalid");
        expect("Describe", "{\"plan\":\"AAAA\"}", zoe(""), "Invalid");
}

static void warrants(void **state)
{
        (void)state;
        const char *wish = "{\"username\":\"zoe\"}";
        struct fake_reply reply = fake_call("DeleteUser", wish, alice(""));
        assert_string_equal(said(&reply), "Confirmation");
        assert_string_equal(fake_at(&reply, "plan.destroys"), "true");
        snprintf(text, sizeof(text), "{\"digest\":\"%s\",\"plan\":\"%s\",\"password\":\"x\"}",
                 fake_at(&reply, "plan.digest"), fake_at(&reply, "plan.plan"));
        fake_reply_free(&reply);
        reply = fake_call("Confirm", text, alice(""));
        assert_null(reply.error);
        assert_string_equal(fake_at(&reply, "steps"), "6");
        char warrant[512];
        snprintf(warrant, sizeof(warrant), "\"warrant\":\"%s\"", fake_at(&reply, "warrant"));
        fake_reply_free(&reply);
        text[11] = text[11] == '0' ? '1' : '0'; /* another digest than the plan's */
        expect("Confirm", text, alice(""), "Invalid");
        long refusals = rows("refusal");
        expect("DeleteUser", "{\"username\":\"alice\"}", alice(warrant), "Conflict");
        expect("SetPassword", "{\"username\":\"zoe\",\"password\":\"" PASSWORD "\"}", alice(warrant), "Confirmation");
        until_rows("refusal", refusals + 2);
        expect("DeleteUser", wish, alice(warrant), "");
        assert_false(fake_machine_has("zoe", ""));
        assert_string_not_equal(fake_hand.warrant, "");
}

static void every_change_comes_down_to_its_steps(void **state)
{
        (void)state;
        expect_steps("UpdateUser", "{\"username\":\"zoe\",\"role\":\"viewer\",\"shell\":true}",
                     "/usr/sbin/usermod --shell=/bin/bash -- zoe\n"
                     "/usr/sbin/usermod --append --groups=bulkhead-viewer -- zoe\n"
                     "/usr/sbin/usermod --remove --groups=bulkhead-user -- zoe\nsign_out zoe 20001\n");
        expect_steps(
                "UpdateUser", "{\"username\":\"zoe\",\"enabled\":false}",
                "/usr/sbin/usermod --append --groups=bulkhead-disabled --expiredate=1 -- zoe\nsign_out zoe 20001\n");
        expect_steps("AddMember", "{\"name\":\"family\",\"username\":\"zoe\"}",
                     "/usr/sbin/usermod --append --groups=family -- zoe\n");
        expect_steps("AddMember", "{\"name\":\"family\",\"username\":\"zoe\"}", "");
        expect_steps("RemoveMember", "{\"name\":\"family\",\"username\":\"zoe\"}",
                     "/usr/sbin/usermod --remove --groups=family -- zoe\n");
        expect_steps("DeleteGroup", "{\"name\":\"family\"}", "/usr/sbin/groupdel -- family\n");
        expect_steps("EndAllSessions", "{}", "sign_out_all\n");
        expect_steps("RotateSigningKey", "{}", "signing_key_rotate\n");
        expect_steps("RemoveSmbPassword", "{\"username\":\"zoe\"}", "smb_password_drop zoe 20001\n");
        struct fake_reply reply =
                confirmed("SetSmbPassword", "{\"username\":\"alice\",\"password\":\"" PASSWORD "\"}", "");
        assert_null(reply.error);
        assert_null(strstr(fake_hand.steps, PASSWORD));
        assert_non_null(strstr(fake_hand.steps, "smb_password_set alice 20000 "));
        fake_reply_free(&reply);
        expect("SetSmbPassword", "{\"username\":\"zoe\",\"password\":\"" PASSWORD "\"}", alice(""), "Conflict");
        expect("SetSmbPassword", "{\"username\":\"alice\",\"password\":\"short\"}", alice(""), "Invalid");
        reply = confirmed("SetPassword", "{\"username\":\"zoe\",\"password\":\"" PASSWORD "\"}", "");
        assert_null(reply.error);
        assert_null(strstr(fake_hand.steps, PASSWORD));
        assert_non_null(strstr(fake_hand.steps, "password_set zoe 20001 "));
        assert_non_null(strstr(fake_hand.steps, "\nsign_out zoe 20001\n"));
        fake_reply_free(&reply);
        reply = confirmed("SetSshKeys", "{\"username\":\"zoe\",\"ssh_keys\":[\"" KEY "\"]}", "");
        assert_null(reply.error);
        assert_non_null(strstr(fake_hand.steps, "/var/lib/bulkhead/ssh-keys/zoe"));
        fake_reply_free(&reply);
        reply = confirmed("SetPasswordPolicy", "{\"minimum\":20,\"admin_totp\":true}", "");
        assert_null(reply.error);
        fake_reply_free(&reply);
}

static void what_does_not_exist_is_not_found(void **state)
{
        (void)state;
        static const char *const calls[][2] = {
                {"GetUser", "{\"username\":\"nemo\"}"},
                {"UpdateUser", "{\"username\":\"nemo\"}"},
                {"DeleteUser", "{\"username\":\"nemo\"}"},
                {"DeleteGroup", "{\"name\":\"nemo\"}"},
                {"AddMember", "{\"name\":\"family\",\"username\":\"nemo\"}"},
                {"RevokeKey", "{\"id\":999}"},
                {"EndSession", "{\"id\":999}"},
                {"DisableTotp", "{\"username\":\"nemo\"}"},
                {"nas.job.GetJob", "{\"id\":999999}"},
                {"nas.job.AbortJob", "{\"id\":999999}"},
                {"SetPassword", "{\"username\":\"nemo\",\"password\":\"" PASSWORD "\"}"},
        };
        for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
                expect(calls[i][0], calls[i][1], alice(""), "NotFound");
        /* Others' things are as if they were not there. */
        expect("DisableTotp", "{\"username\":\"alice\"}", zoe(""), "NotFound");
        expect("SetSshKeys", "{\"username\":\"alice\",\"ssh_keys\":[]}", zoe(""), "NotFound");
        expect("ListSshKeys", "{\"username\":\"alice\"}", zoe(""), "NotFound");
}

static void who_may_not(void **state)
{
        (void)state;
        fake_run_ms(50);
        long refusals = rows("refusal");
        expect("ListUsers", "{}", zoe(""), "Denied");
        expect("CreateUser", "{\"username\":\"eve\"}", zoe(""), "Denied");
        expect("ListUsers", "{}", "", "Unauthenticated");
        expect("ListUsers", "{}", "\"ticket\":\"bht1_AAAA\"", "Unauthenticated");
        const char *reader = as(fake_ticket("alice", 20000, ROLE_ADMIN, SCOPE_READ_ONLY), "");
        expect("ListUsers", "{}", reader, "");
        expect("CreateGroup", "{\"name\":\"band\"}", reader, "Denied");
        const char *keeper = as(fake_ticket("alice", 20000, ROLE_ADMIN, SCOPE_NO_DESTROY), "");
        expect("DeleteUser", "{\"username\":\"zoe\"}", keeper, "Denied");
        until_rows("refusal", refusals + 6);
        fake_revoke(20001);
        char stale[1024];
        snprintf(stale, sizeof(stale), "%s", zoe(""));
        expect("Me", "{}", stale, "");
        fake_revoke(20001);
        expect("Me", "{}", stale, "Unauthenticated");
}

static void signing_in(void **state)
{
        (void)state;
        long events = rows("event");
        struct fake_reply reply = fake_call("Login", "{\"username\":\"alice\",\"password\":\"" PASSWORD "\"}",
                                            "\"address\":\"192.0.2.1\"");
        assert_null(reply.error);
        assert_string_equal(fake_at(&reply, "token"), "bht1_ticket");
        assert_string_equal(fake_at(&reply, "session"), "bhs_session");
        assert_string_equal(fake_at(&reply, "device"), "bhd_device");
        assert_string_equal(fake_at(&reply, "user.username"), "alice");
        assert_string_equal(fake_hand.asked_values, "alice " PASSWORD "  192.0.2.1  ");
        fake_reply_free(&reply);
        until_rows("event", events + 1);
        fake_run_ms(100);
        reply = fake_call("ListSessions", "{}", alice(""));
        assert_string_equal(fake_at(&reply, "sessions.0.id"), "4711");
        assert_string_equal(fake_at(&reply, "sessions.0.address"), "192.0.2.1");
        fake_reply_free(&reply);
        expect("EndSession", "{\"id\":4711}", zoe(""), "NotFound");
        expect_steps("EndSession", "{\"id\":4711}", "credential_end alice 4711\n");
        expect("EndSession", "{\"id\":4711}", alice(""), "NotFound");
        fake_hand.mode = FAKE_REFUSES;
        expect("Login", "{\"username\":\"alice\",\"password\":\"x\"}", "", "Unauthenticated");
        expect("Login", "{\"username\":\"nemo\",\"password\":\"x\"}", "", "Unauthenticated");
        fake_hand.mode = FAKE_OBEYS;
        expect("Exchange", "{\"credential\":\"bhk_7_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8_gBMRjQ\"}", "", "");
        expect("Refresh", "{}", alice(""), "");
        expect_steps("Logout", "{}", "credential_end alice 24000\n");
        fake_hand.mode = FAKE_AWAY;
        expect("Login", "{\"username\":\"alice\",\"password\":\"x\"}", "", "Unavailable");
}

static void one_password_at_a_time(void **state)
{
        (void)state;
        struct fake_client *clients[20];
        unsigned busy = 0;
        fake_hand.mode = FAKE_HOLDS;
        for (size_t i = 0; i < ARRAY_SIZE(clients); i++)
                clients[i] = fake_open("Login", "{\"username\":\"alice\",\"password\":\"x\"}", "", false);
        for (int again = 0; again < 1000 && busy < 3; again++) {
                fake_run_ms(100);
                busy = 0;
                for (size_t i = 0; i < ARRAY_SIZE(clients); i++)
                        busy += !fake_waits(clients[i], 1);
        }
        assert_int_equal(busy, 3); /* one under way, sixteen wait */
        unsigned asked = fake_hand.asked;
        fake_hand_release();
        for (size_t i = 0; i < ARRAY_SIZE(clients); i++) {
                struct fake_reply reply = fake_next(clients[i]);
                assert_true(!reply.error || strcmp(said(&reply), "Busy") == 0);
                fake_reply_free(&reply);
                fake_close(clients[i]);
        }
        assert_int_equal(fake_hand.asked, asked + 17);
}

static void keys_and_second_factors(void **state)
{
        (void)state;
        struct fake_reply reply = confirmed("CreateKey",
                                            "{\"name\":\"HA\",\"role\":\"operator\",\"no_destroy\":true,"
                                            "\"networks\":[\"10.0.0.0/8\"]}",
                                            "");
        assert_null(reply.error);
        assert_string_equal(fake_at(&reply, "secret"), "bhk_1_made");
        assert_string_equal(fake_at(&reply, "key.name"), "HA");
        assert_non_null(strstr(fake_hand.steps, " operator no_destroy "));
        snprintf(text, sizeof(text), "{\"id\":%s}", fake_at(&reply, "key.id"));
        fake_reply_free(&reply);
        reply = fake_call("ListKeys", "{}", alice(""));
        assert_string_equal(fake_at(&reply, "keys.0.networks.0"), "10.0.0.0/8");
        fake_reply_free(&reply);
        expect("RevokeKey", text, zoe(""), "NotFound");
        expect("RevokeKey", text, alice(""), "");
        expect("RevokeKey", text, alice(""), "NotFound");
        expect("CreateKey", "{\"name\":\"x\",\"role\":\"operator\"}", zoe(""), "Denied");
        expect("CreateKey", "{\"name\":\"x\",\"role\":\"user\",\"expires\":\"2001-01-01T00:00:00Z\"}", zoe(""),
               "Invalid");
        expect("CreateKey", "{\"name\":\"x\",\"role\":\"user\"}", as(fake_ticket("root", 0, ROLE_ADMIN, 0), ""),
               "Conflict");
        expect("EnrolTotp", "{\"password\":\"x\"}", zoe(""), "");
        reply = fake_call("ConfirmTotp", "{\"code\":\"123456\"}", zoe(""));
        assert_string_equal(fake_at(&reply, "recovery"), "aaaa-bbbb cccc-dddd");
        fake_reply_free(&reply);
        assert_null(strstr(fake_hand.steps, "123456"));
        expect_steps("DisableTotp", "{\"username\":\"zoe\"}", "totp_drop zoe 20001\n");
}

static void setting_up(void **state)
{
        (void)state;
        const char *wish =
                "{\"setup_code\":\"abcd-efgh-abcd-efgh-abcd-efgh\",\"username\":\"first\",\"password\":\"" PASSWORD
                "\"}";
        expect("SetupState", "{}", "", "");
        struct fake_reply reply = fake_call("Setup", wish, "");
        if (strcmp(said(&reply), "Invalid") == 0) /* another form of code: take the type's example */
                fail_msg("%s %s", fake_at(&reply, "field"), fake_at(&reply, "message"));
        assert_string_equal(said(&reply), "Conflict");
        fake_reply_free(&reply);
        fake_machine_set("zoe:x:20001:20001::/home/zoe:/bin/bash\n", "zoe:x:20001:\nbulkhead-admin:x:990:\n");
        reply = fake_call("Setup", wish, "");
        if (reply.error)
                fail_msg("%s: %s", reply.error, fake_at(&reply, "message"));
        assert_string_equal(fake_at(&reply, "user.role"), "admin");
        fake_reply_free(&reply);
        assert_non_null(strstr(fake_hand.steps, "setup_done\n"));
        assert_string_not_equal(fake_hand.ticket, "");
        assert_string_equal(
                fake_sql("select actor_name from ledger.row where kind = 'intent' order by id desc limit 1"), "setup");
}

static void importing_is_a_job(void **state)
{
        (void)state;
        struct fake_reply reply = confirmed(
                "ImportUsers", "{\"csv\":\"username,full name,role,groups\\nu1,,user,family\\nu2,,user,\\n\"}", "");
        assert_null(reply.error);
        snprintf(text, sizeof(text), "{\"id\":%s}", fake_at(&reply, "job"));
        fake_reply_free(&reply);
        until_rows("outcome", rows("intent"));
        fake_run_ms(50);
        assert_true(fake_machine_has("family", "u1"));
        reply = fake_call("nas.job.GetJob", text, alice(""));
        assert_string_equal(fake_at(&reply, "job.state"), "success");
        assert_string_equal(fake_at(&reply, "job.description"), "2 users");
        fake_reply_free(&reply);
        expect("nas.job.GetJob", text, zoe(""), "NotFound");
        expect("nas.job.AbortJob", text, alice(""), "Conflict");
        reply = fake_call("nas.job.ListJobs", "{\"limit\":1}", alice(""));
        assert_string_equal(fake_at(&reply, "jobs"), "1");
        fake_reply_free(&reply);
        reply = fake_call("ExportUsers", "{}", alice(""));
        assert_non_null(strstr(fake_at(&reply, "csv"), "u1,,user,family\r\n"));
        fake_reply_free(&reply);
}

static void plans_are_named_in_the_order_of_time(void **state)
{
        (void)state;
        assert_true(fake_number("select count(distinct plan) from ledger.row where kind = 'intent'") > 10);
        assert_int_equal(fake_number("select count(*) from (select plan, lag(plan) over (order by id) as before "
                                     "from ledger.row where kind = 'intent') as rows where plan < before"),
                         0);
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
                TEST(creating_a_user),
                TEST(a_dry_run),
                TEST(warrants),
                TEST(every_change_comes_down_to_its_steps),
                TEST(what_does_not_exist_is_not_found),
                TEST(who_may_not),
                TEST(signing_in),
                TEST(one_password_at_a_time),
                TEST(keys_and_second_factors),
                TEST(setting_up),
                TEST(importing_is_a_job),
                TEST(plans_are_named_in_the_order_of_time),
                TEST(nothing_secret_was_written),
        };
        return cmocka_run_group_tests(tests, start, stop);
}
