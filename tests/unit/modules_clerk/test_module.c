/* The modules clerk over a fake hand and a fake program: what is read, done, refused, and what a program may not do.
 * Rights: none. */
#include "base/mem.h"
#include "tests/unit/modules_clerk/machine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct arena *arena;

static const char *as(enum role role, const char *more)
{
        const char *name = role == ROLE_ADMIN ? "ada" : role == ROLE_USER ? "ursel" : "vera";
        return arena_printf(arena, "\"ticket\":\"%s\"%s", fake_ticket(name, 20000 + (uint32_t)role, role, 0), more);
}

static void holds(const char *text, const char *part)
{
        if (!strstr(text, part))
                fail_msg("\"%s\" is not in %s", part, text);
}

static void ends(const char *method, const char *parameters, enum role role, const char *error, const char *message)
{
        struct fake_reply reply = fake_call(method, parameters, as(role, ""));
        assert_non_null(reply.error);
        assert_string_equal(reply.error, error);
        holds(fake_at(&reply, "message"), message);
        fake_reply_free(&reply);
}

static long counted(void)
{
        struct fake_reply reply = fake_call("GetCount", "{}", as(ROLE_VIEWER, ""));
        long count = reply.error ? -1 : strtol(fake_at(&reply, "count"), NULL, 10);
        fake_reply_free(&reply);
        return count;
}

/* What it publishes comes a moment after it is connected to. */
static void until_counted(long wanted)
{
        for (int i = 0; i < 6000 && counted() != wanted; i++)
                fake_run_ms(10);
        assert_int_equal(counted(), wanted);
}

static const char *last_outcome(void)
{
        return fake_sql("select outcome || ' ' || method || ' ' || detail from ledger.modules where kind = 'outcome' "
                        "order by number "
                        "desc limit 1");
}

static void what_is_published_is_read(void **state)
{
        (void)state;
        until_counted(7);
        assert_string_equal(fake_program.first, "{\"state\":null}");
        ends("GetCount", "{\"more\":1}", ROLE_VIEWER, "nas.error.Invalid", "is not known");
        struct fake_client *client = fake_open("GetCount", "{}", as(ROLE_VIEWER, ""), true);
        struct fake_reply reply = fake_next(client);
        assert_string_equal(fake_at(&reply, "count"), "7");
        fake_reply_free(&reply);
        fake_program_say("{\"commit\":{\"word\":\"hi\",\"count\":8}}");
        reply = fake_next(client);
        assert_string_equal(fake_at(&reply, "patch.0.value"), "8");
        fake_reply_free(&reply);
        fake_close(client);
}

static void before_that_it_is_away(void **state)
{
        (void)state;
        fake_program.publishes = NULL;
        fake_machine_clear();
        fake_program.publishes = NULL;
        ends("GetCount", "{}", ROLE_VIEWER, "nas.error.Unavailable", "has not published anything yet");
}

static void an_action_is_written_let_and_done(void **state)
{
        (void)state;
        until_counted(7);
        unsigned executed = fake_hand.executed;
        struct fake_reply reply = fake_call("Add", "{\"why\":\"so\",\"by\":2}", as(ROLE_USER, ""));
        assert_null(reply.error);
        assert_string_equal(fake_at(&reply, "count"), "9");
        fake_reply_free(&reply);
        assert_string_equal(fake_program.heard, "{\"action\":\"Add\",\"parameters\":{\"by\":2,\"why\":\"so\"},"
                                                "\"caller\":{\"name\":\"ursel\",\"role\":\"user\"}}");
        assert_int_equal(fake_hand.executed, executed + 1);
        holds(fake_hand.steps, "Add");
        assert_int_equal(counted(), 9);
        holds(last_outcome(), "success module.toy.Add");
        assert_string_equal(fake_sql("select state::json->>'count' from modules.state where module = 'toy'"), "9");
        holds(fake_sql("select detail from ledger.modules where kind = 'intent' order by number desc limit 1"),
              "with {\\\"by\\\":2,\\\"why\\\":\\\"so\\\"}");
}

static void nothing_wrong_comes_to_it(void **state)
{
        (void)state;
        until_counted(7);
        unsigned executed = fake_hand.executed;
        ends("Add", "{\"by\":\"x\"}", ROLE_USER, "nas.error.Invalid", "must be an integer");
        ends("Add", "{\"by\":10}", ROLE_USER, "nas.error.Invalid", "from 1 to 9");
        ends("Add", "{}", ROLE_USER, "nas.error.Invalid", "is missing");
        ends("Add", "{\"by\":1,\"why\":\"01234567890123456\"}", ROLE_USER, "nas.error.Invalid", "at most 16 bytes");
        ends("Add", "{\"by\":1}", ROLE_VIEWER, "nas.error.Denied", "");
        struct fake_reply reply = fake_call("Add", "{\"by\":1}", as(ROLE_USER, ",\"dry_run\":true"));
        assert_null(reply.error);
        holds(fake_at(&reply, "plan.steps.0.words"), "Have the module toy do Add with {\"by\":1}");
        fake_reply_free(&reply);
        ends("Reset", "{}", ROLE_ADMIN, "nas.error.Confirmation", "");
        fake_hand.mode = FAKE_FAILS;
        ends("Add", "{\"by\":1}", ROLE_USER, "nas.error.Failed", "The fake hand says so.");
        assert_int_equal(fake_program.asked, 0);
        assert_int_equal(fake_hand.executed, executed + 1);
        fake_hand.mode = FAKE_OBEYS;
        ends("Gone", "{}", ROLE_USER, "org.varlink.service.MethodNotFound", "");
}

static void what_destroys_needs_a_warrant(void **state)
{
        (void)state;
        until_counted(7);
        fake_program.answers = "{\"commit\":{\"count\":0}}|{\"done\":{}}|";
        struct fake_reply dry = fake_call("Reset", "{}", as(ROLE_ADMIN, ",\"dry_run\":true"));
        assert_string_equal(fake_at(&dry, "plan.destroys"), "true");
        const char *warrant = fake_warrant(fake_at(&dry, "plan.digest"), 20000 + ROLE_ADMIN);
        struct fake_reply reply =
                fake_call("Reset", "{}", as(ROLE_ADMIN, arena_printf(arena, ",\"warrant\":\"%s\"", warrant)));
        assert_null(reply.error);
        assert_int_equal(counted(), 0);
        assert_string_equal(fake_hand.warrant, warrant);
        fake_reply_free(&reply);
        fake_reply_free(&dry);
}

static void it_refuses_in_words(void **state)
{
        (void)state;
        until_counted(7);
        fake_program.answers = "{\"refused\":\"Not today.\"}|";
        ends("Add", "{\"by\":1}", ROLE_USER, "nas.error.Conflict", "Not today.");
        fake_program.answers = "{\"refused\":\"Too little.\",\"field\":\"by\"}|";
        ends("Add", "{\"by\":1}", ROLE_USER, "nas.error.Invalid", "Too little.");
        holds(last_outcome(), "failed module.toy.Add");
        fake_program.answers = "{\"refused\":\"No such.\",\"field\":\"other\"}|";
        ends("Add", "{\"by\":1}", ROLE_USER, "nas.error.Conflict", "No such.");
}

static void what_it_may_not_do(void **state)
{
        (void)state;
        static const struct {
                const char *says, *told;
        } wrong[] = {{"nonsense|", "talks nonsense"},
                     {"{\"done\":{\"count\":\"x\"}}|", "must be an integer"},
                     {"{\"done\":{}}|", "is missing"},
                     {"{\"commit\":{\"count\":1,\"more\":2}}|", "is not known"},
                     {"{\"commit\":{}}|", "is missing"},
                     {"{\"done\":{\"count\":1},\"commit\":{\"count\":1}}|", "neither"},
                     {"{\"refused\":\"\"}|", "1 to 300 bytes"},
                     {"[]|", "no object"}};
        for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
                fake_machine_clear();
                until_counted(7);
                unsigned asked = fake_hand.asked;
                fake_program.answers = wrong[i].says;
                ends("Add", "{\"by\":1}", ROLE_USER, "nas.error.Failed", wrong[i].told);
                holds(last_outcome(), "failed module.toy.Add");
                fake_run_ms(20);
                assert_int_equal(fake_hand.asked, asked + 1); /* its program is ended */
                assert_string_equal(fake_hand.asked_values, "toy ");
                assert_int_equal(counted(), 7); /* nothing of it was believed */
                fake_program.answers = "{\"done\":{\"count\":1}}|";
                struct fake_reply reply = fake_call("Add", "{\"by\":1}", as(ROLE_USER, ""));
                assert_null(reply.error); /* connected to anew, at once */
                fake_reply_free(&reply);
        }
}

static void one_that_ends_is_come_back_for(void **state)
{
        (void)state;
        until_counted(7);
        fake_program.answers = "";
        ends("Add", "{\"by\":1}", ROLE_USER, "nas.error.Failed", "has ended");
        unsigned connected = fake_program.connected;
        *fake_program.first = '\0';
        for (int i = 0; i < 6000 && !*fake_program.first; i++)
                fake_run_ms(10);
        assert_int_equal(fake_program.connected, connected + 1);
        assert_string_equal(fake_program.first, "{\"state\":{\"count\":7}}"); /* it goes on from there */
}

static void no_more_wait_than_may(void **state)
{
        (void)state;
        struct fake_client *clients[MODULE_ASKS_MAX];
        until_counted(7);
        fake_program.answers = NULL;
        for (size_t i = 0; i < MODULE_ASKS_MAX; i++)
                clients[i] = fake_open("Add", "{\"by\":1}", as(ROLE_USER, ""), false);
        for (int i = 0; i < 6000 && changes_running(clerk.changes) < MODULE_ASKS_MAX; i++)
                fake_run_ms(10);
        fake_run_ms(500);
        ends("Add", "{\"by\":1}", ROLE_USER, "nas.error.Busy", "16 actions");
        assert_int_equal(fake_program.asked, 1); /* one at a time */
        fake_program.answers = "{\"done\":{\"count\":9}}|";
        fake_program_say("{\"done\":{\"count\":9}}");
        for (size_t i = 0; i < MODULE_ASKS_MAX; i++) {
                struct fake_reply reply = fake_next(clients[i]);
                assert_null(reply.error);
                fake_reply_free(&reply);
                fake_close(clients[i]);
        }
}

static void what_was_let_and_not_seen_to_end_has_failed(void **state)
{
        (void)state;
        until_counted(7);
        fake_program_say("{\"commit\":{\"count\":70}}");
        until_counted(70);
        for (int i = 0;
             i < 6000 && fake_number("select count(*) from modules.state where state = '{\"count\":70}'") != 1; i++)
                fake_run_ms(10);
        fake_program.answers = NULL;
        fake_program.publishes = NULL;
        struct fake_client *client = fake_open("Add", "{\"by\":1}", as(ROLE_USER, ""), false);
        for (int i = 0; i < 6000 && fake_program.asked == 0; i++)
                fake_run_ms(10);
        fake_machine_crash();
        fake_restart();
        fake_close(client);
        for (int i = 0; i < 6000 && !strstr(last_outcome(), "not known whether"); i++)
                fake_run_ms(10);
        holds(last_outcome(), "failed module.toy.Add");
        holds(last_outcome(), "It is not known whether it was done");
        until_counted(70); /* from the table: the program says nothing */
}

static void disabled_it_is_no_more(void **state)
{
        (void)state;
        until_counted(7);
        struct fake_client *client = fake_open("GetCount", "{}", as(ROLE_VIEWER, ""), true);
        struct fake_reply reply = fake_next(client);
        fake_reply_free(&reply);
        reply = fake_call("nas.modules.DisableModule", "{\"module\":\"toy\"}", as(ROLE_ADMIN, ""));
        assert_null(reply.error);
        holds(fake_hand.steps, "bulkhead-module@toy.socket");
        assert_string_equal(fake_at(&reply, "module.status"), "off");
        fake_reply_free(&reply);
        reply = fake_next(client);
        assert_string_equal(reply.error, "nas.error.NotFound");
        fake_reply_free(&reply);
        fake_close(client);
        ends("GetCount", "{}", ROLE_VIEWER, "org.varlink.service.InterfaceNotFound", "");
        ends("nas.modules.EnableModule", "{\"module\":\"toy\"}", ROLE_ADMIN, "nas.error.Confirmation", "");
        ends("nas.modules.EnableModule", "{\"module\":\"toy\"}", ROLE_USER, "nas.error.Denied", "");
        ends("nas.modules.GetModule", "{\"module\":\"none\"}", ROLE_VIEWER, "nas.error.NotFound", "no module none");
}

static int begin(void **state)
{
        (void)state;
        arena = arena_new();
        fake_hand.mode = FAKE_OBEYS;
        fake_machine_clear();
        return 0;
}

static int end(void **state)
{
        (void)state;
        arena_free(arena);
        return 0;
}

static int group_begin(void **state)
{
        (void)state;
        fake_machine_clear();
        fake_start();
        return 0;
}

static int group_end(void **state)
{
        (void)state;
        fake_machine_crash();
        fake_stop();
        return 0;
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
        const struct CMUnitTest tests[] = {CASE(what_is_published_is_read),
                                           CASE(before_that_it_is_away),
                                           CASE(an_action_is_written_let_and_done),
                                           CASE(nothing_wrong_comes_to_it),
                                           CASE(what_destroys_needs_a_warrant),
                                           CASE(it_refuses_in_words),
                                           CASE(what_it_may_not_do),
                                           CASE(one_that_ends_is_come_back_for),
                                           CASE(no_more_wait_than_may),
                                           CASE(what_was_let_and_not_seen_to_end_has_failed),
                                           CASE(disabled_it_is_no_more)};
        return cmocka_run_group_tests(tests, group_begin, group_end);
}
