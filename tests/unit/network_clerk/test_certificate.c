/* The network clerk over a fake hand: what is shown, planned, refused, and what goes on by itself.
 * Rights: none. */
#include "base/clock.h"
#include "base/mem.h"
#include "tests/lib/certificates.h"
#include "tests/unit/network_clerk/machine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { DAY_S = 86400 };

static struct {
        struct arena *arena;
        struct made middle;
} t;

/* --- who asks, and with what --- */

static const char *as(const char *name, uint32_t uid, enum role role, const char *more)
{
        return arena_printf(t.arena, "\"ticket\":\"%s\"%s%s", fake_ticket(name, uid, role, 0), *more ? "," : "", more);
}

static const char *ada(const char *more)
{
        return as("ada", 20000, ROLE_ADMIN, more);
}

static const char *escaped(const char *pem)
{
        char *text = arena_alloc(t.arena, 2 * strlen(pem) + 1), *at = text;
        for (; *pem; pem++) {
                if (*pem == '\n')
                        *at++ = '\\';
                *at++ = *pem == '\n' ? 'n' : *pem;
        }
        return text;
}

static struct made leaf(const char *hosts, long from_s, long to_s)
{
        return made_new(
                t.arena,
                &(struct recipe){.name = "nas", .hosts = hosts, .by = &t.middle, .from_s = from_s, .to_s = to_s});
}

static const char *chain_of(const struct made *made)
{
        return arena_printf(t.arena, "%s%s", made->pem, t.middle.pem);
}

static const char *upload(const struct made *made, const char *key)
{
        return arena_printf(t.arena, "{\"chain\":\"%s\",\"key\":\"%s\"}", escaped(chain_of(made)), escaped(key));
}

/* A call confirmed as asked for. */
static struct fake_reply confirmed(const char *method, const char *parameters)
{
        struct fake_reply dry = fake_call(method, parameters, ada("\"dry_run\":true"));
        assert_null(dry.error);
        const char *warrant =
                arena_printf(t.arena, "\"warrant\":\"%s\"", fake_warrant(fake_at(&dry, "plan.digest"), 20000));
        fake_reply_free(&dry);
        return fake_call(method, parameters, ada(warrant));
}

static struct fake_reply show(void)
{
        return fake_call("GetCertificate", "{}", ada(""));
}

static void shows(const char *path, const char *wanted)
{
        struct fake_reply reply = show();
        assert_null(reply.error);
        assert_string_equal(fake_at(&reply, path), wanted);
        fake_reply_free(&reply);
}

static void fails(struct fake_reply reply, const char *error, const char *word)
{
        assert_non_null(reply.error);
        assert_string_equal(reply.error, error);
        if (!strstr(fake_at(&reply, "message"), word))
                fail_msg("'%s' does not say '%s'", fake_at(&reply, "message"), word);
        fake_reply_free(&reply);
}

static int set_up(void **state)
{
        (void)state;
        fake_machine_clear();
        fake_hand.mode = FAKE_OBEYS;
        fake_hand.steps[0] = fake_hand.asked_values[0] = '\0';
        return 0;
}

/* --- showing --- */

static void nothing_is_shown_as_nothing(void **state)
{
        (void)state;
        struct fake_reply reply = show();
        assert_null(reply.error);
        assert_int_equal(json_length(reply.parameters), 0);
        fake_reply_free(&reply);
}

static void the_installed_one_wins(void **state)
{
        (void)state;
        struct made own = made_new(t.arena, &(struct recipe){.name = "own", .hosts = "DNS:nas.local"});
        struct made nas = leaf("DNS:nas.example.org", 0, 0);
        fake_machine_put(PLACE_SELF_SIGNED, own.pem);
        shows("certificate.source", "self_signed");
        shows("certificate.warnings.0", "self_signed");
        shows("certificate.names.0", "nas.local");
        fake_machine_put(PLACE_INSTALLED, chain_of(&nas));
        shows("certificate.source", "installed");
        shows("certificate.issuer", "CN=Middle");
        shows("certificate.warnings", "0");
        fake_machine_put(PLACE_FETCHED, chain_of(&nas));
        shows("certificate.source", "acme");
        made_free(&own);
        made_free(&nas);
}

static void days_and_warnings(void **state)
{
        (void)state;
        static const struct {
                long from_s, to_s;
                const char *days, *warning;
        } cases[] = {{-DAY_S, 90 * DAY_S + 60, "90", ""},
                     {-DAY_S, 14 * DAY_S + 60, "14", ""},
                     {-DAY_S, 14 * DAY_S - 60, "13", "expires_soon"},
                     {-DAY_S, 60, "0", "expires_soon"},
                     {-2 * DAY_S, -60, "-1", "expired"},
                     {-3 * DAY_S, -DAY_S - 60, "-2", "expired"},
                     {DAY_S, 90 * DAY_S + 60, "90", "not_yet_valid"}};
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                struct made nas = leaf("DNS:nas.example.org", cases[i].from_s, cases[i].to_s);
                fake_machine_put(PLACE_INSTALLED, chain_of(&nas));
                shows("certificate.days_left", cases[i].days);
                shows(*cases[i].warning ? "certificate.warnings.0" : "certificate.warnings",
                      *cases[i].warning ? cases[i].warning : "0");
                made_free(&nas);
        }
        struct made nas = leaf("DNS:nas.example.org", 0, 0);
        fake_machine_put(PLACE_INSTALLED, nas.pem);
        shows("certificate.warnings.0", "incomplete");
        made_free(&nas);
}

/* --- changing --- */

static void installing_is_one_confirmed_step(void **state)
{
        (void)state;
        struct made nas = leaf("DNS:nas.example.org", 0, 0);
        const char *parameters = upload(&nas, nas.key_pem);
        struct fake_reply reply = fake_call("InstallCertificate", parameters, ada(""));
        assert_string_equal(reply.error, "nas.error.Confirmation");
        assert_string_equal(fake_at(&reply, "plan.warrant"), "true");
        assert_string_equal(fake_at(&reply, "plan.destroys"), "false");
        fake_reply_free(&reply);
        reply = confirmed("InstallCertificate", parameters);
        assert_null(reply.error);
        assert_string_equal(fake_at(&reply, "certificate.source"), "installed");
        fake_reply_free(&reply);
        assert_memory_equal(fake_hand.steps, "certificate_put ", 16);
        assert_null(strstr(fake_hand.steps, "PRIVATE"));
        assert_int_equal(fake_number("select count(*) from ledger.row where detail like '%PRIVATE%'"), 0);
        made_free(&nas);
}

static void what_cannot_be_served_is_refused(void **state)
{
        (void)state;
        struct made nas = leaf("DNS:nas.example.org", 0, 0), other = leaf("DNS:nas.example.org", 0, 0);
        struct made old = leaf("DNS:nas.example.org", -2 * DAY_S, -60);
        fails(fake_call("InstallCertificate", upload(&nas, other.key_pem), ada("")), "nas.error.Invalid",
              "not the key of this certificate");
        fails(fake_call("InstallCertificate", upload(&old, old.key_pem), ada("")), "nas.error.Invalid", "expired on");
        fails(fake_call("InstallCertificate", "{\"chain\":\"x\",\"key\":\"y\"}", ada("")), "nas.error.Invalid",
              "must be");
        fails(fake_call("InstallCertificate", upload(&nas, nas.key_pem), as("olga", 20002, ROLE_OPERATOR, "")),
              "nas.error.Denied", "");
        assert_string_equal(fake_hand.steps, "");
        made_free(&nas);
        made_free(&other);
        made_free(&old);
}

static void removing_needs_one(void **state)
{
        (void)state;
        struct made nas = leaf("DNS:nas.example.org", 0, 0);
        fails(fake_call("RemoveCertificate", "{}", ada("")), "nas.error.Conflict", "There is none");
        fake_machine_put(PLACE_INSTALLED, chain_of(&nas));
        struct fake_reply reply = confirmed("RemoveCertificate", "{}");
        assert_null(reply.error);
        fake_reply_free(&reply);
        assert_string_equal(fake_hand.steps, "certificate_drop\n");
        made_free(&nas);
}

/* --- what comes by itself --- */

#define WISH                                                                                                           \
        "{\"names\":[\"nas.example.org\",\"files.example.org\"],\"email\":\"ada@example.org\",\"terms_accepted\":%s,"  \
        "\"directory\":\"https://ca.example/dir\"}"

static struct fake_reply enrol(void)
{
        return confirmed("EnrolAcme", arena_printf(t.arena, WISH, "true"));
}

static void enrolled(void)
{
        struct fake_reply reply = enrol();
        assert_null(reply.error);
        fake_reply_free(&reply);
}

/* As if the client had ended just now. */
static void ended(bool good, const char *message)
{
        fake_machine.acme.ended_us = clock_real_us();
        fake_machine.acme.good = good;
        fake_machine.acme.message = message;
        live_reload();
}

static void enrolling_writes_settings_and_orders(void **state)
{
        (void)state;
        struct fake_reply reply = enrol();
        assert_null(reply.error);
        assert_string_equal(fake_at(&reply, "acme.state"), "ordered");
        assert_string_equal(fake_at(&reply, "acme.names.1"), "files.example.org");
        fake_reply_free(&reply);
        const char *wanted = "write /var/lib/bulkhead/acme/settings: 'ACME_SERVER=https://ca.example/dir\\x0a"
                             "ACME_EMAIL=ada@example.org\\x0aACME_NAME=nas.example.org\\x0a"
                             "ACME_DOMAINS=\\\\x0a--domains=nas.example.org \\\\x0a--domains=files.example.org \\'\n"
                             "acme_order\n";
        if (strcmp(fake_hand.steps, wanted) != 0)
                fail_msg("%s\nis not\n%s", fake_hand.steps, wanted);
        assert_string_equal(fake_sql("select directory || ' ' || names || ' ' || email from network.acme"),
                            "https://ca.example/dir nas.example.org,files.example.org ada@example.org");
}

static void terms_are_accepted_or_nothing_is(void **state)
{
        (void)state;
        fails(fake_call("EnrolAcme", arena_printf(t.arena, WISH, "false"), ada("")), "nas.error.Invalid",
              "must be yes");
        fails(fake_call("RenewAcme", "{}", ada("")), "nas.error.Conflict", "No certificates are fetched");
        fails(fake_call("StopAcme", "{}", ada("")), "nas.error.Conflict", "No certificates are fetched");
        assert_string_equal(fake_hand.steps, "");
}

static void a_fitting_one_is_taken(void **state)
{
        (void)state;
        struct made half = leaf("DNS:nas.example.org", 0, 0), expired = leaf("DNS:*.example.org", -2 * DAY_S, -60);
        struct made good = leaf("DNS:*.example.org", 0, 0);
        struct made own = made_new(t.arena, &(struct recipe){.name = "own", .hosts = "DNS:*.example.org"});
        enrolled();
        fake_machine_put(PLACE_FETCHED, own.pem); /* of no authority at all */
        fake_run_ms(50);
        fake_machine_put(PLACE_FETCHED, chain_of(&half)); /* not for all names */
        fake_run_ms(50);
        fake_machine_put(PLACE_FETCHED, chain_of(&expired));
        fake_run_ms(50);
        assert_int_equal(fake_machine.taken, 0);
        fake_machine_put(PLACE_FETCHED, chain_of(&good));
        ended(true, "");
        fake_run_ms(200);
        assert_int_equal(fake_machine.taken, 1);
        shows("certificate.source", "acme");
        shows("acme.state", "good");
        assert_int_equal(fake_number("select count(*) from ledger.row where kind = 'event' and method = "
                                     "'nas.network.TakeCertificate'"),
                         1);
        fake_run_ms(1200); /* and not again */
        assert_int_equal(fake_machine.taken, 1);
        made_free(&half);
        made_free(&own);
        made_free(&expired);
        made_free(&good);
}

static void an_old_one_is_not_taken(void **state)
{
        (void)state;
        struct made good = leaf("DNS:*.example.org", 0, 0);
        fake_machine_put(PLACE_FETCHED, chain_of(&good)); /* before anybody enrolled: of other settings */
        fake_run_ms(50);
        enrolled();
        fake_run_ms(50);
        assert_int_equal(fake_machine.taken, 0);
        made_free(&good);
}

static void failing_is_told_once(void **state)
{
        (void)state;
        long before = fake_number("select count(*) from ledger.row where method = 'nas.network.FetchCertificate'");
        struct made own = made_new(t.arena, &(struct recipe){.name = "own", .hosts = "DNS:nas.local"});
        fake_machine_put(PLACE_SELF_SIGNED, own.pem);
        enrolled();
        fake_run_ms(50);
        ended(false, "acme: error: 400");
        fake_run_ms(100);
        live_reload();
        fake_run_ms(100);
        shows("acme.state", "failed");
        shows("acme.message", "acme: error: 400");
        shows("certificate.warnings.1", "acme_failed");
        assert_int_equal(fake_number("select count(*) from ledger.row where method = 'nas.network.FetchCertificate'"),
                         before + 1);
        ended(false, "");
        struct fake_reply reply = show();
        assert_non_null(strstr(fake_at(&reply, "acme.message"), "is lego installed?"));
        fake_reply_free(&reply);
        made_free(&own);
}

/* How it stands: how long ago it was ordered, how long the fetched one lived and lives. */
static unsigned ordered_after(long ordered_s, long from_s, long to_s)
{
        struct made good = leaf("DNS:*.example.org", from_s, to_s);
        set_up(NULL);
        enrolled();
        fake_machine_put(PLACE_FETCHED, chain_of(&good));
        fake_run_ms(50); /* taken */
        assert_int_equal(fake_machine.taken, 1);
        fake_machine.acme.settled_us = fake_machine.acme.ordered_us - (ordered_s + 1000) * 1000000LL;
        fake_machine.acme.ordered_us -= ordered_s * 1000000LL;
        ended(true, "");
        fake_run_ms(50);
        made_free(&good);
        return fake_machine.ordered;
}

static void it_is_renewed_when_a_third_is_left(void **state)
{
        (void)state;
        assert_int_equal(ordered_after(59 * DAY_S, -59 * DAY_S, 31 * DAY_S), 0);
        assert_int_equal(ordered_after(61 * DAY_S, -61 * DAY_S, 29 * DAY_S), 1);
        assert_int_equal(ordered_after(5 * 3600, -61 * DAY_S, 29 * DAY_S), 0); /* tried lately */
        assert_int_equal(ordered_after(7 * 3600, -61 * DAY_S, 29 * DAY_S), 1);
        assert_int_equal(ordered_after(20 * 60, -89 * DAY_S, 4 * 3600), 0);
        assert_int_equal(ordered_after(31 * 60, -89 * DAY_S, 4 * 3600), 1); /* more often when time runs out */
}

static void lost_and_failed_orders_are_repeated(void **state)
{
        (void)state;
        enrolled();
        fake_run_ms(50);
        assert_int_equal(fake_machine.ordered, 0);
        fake_machine.acme.ordered_us = 0; /* settled, but the order was lost */
        live_reload();
        fake_run_ms(50);
        assert_int_equal(fake_machine.ordered, 1);
        ended(false, "");
        fake_run_ms(50);
        assert_int_equal(fake_machine.ordered, 1);
        fake_machine.acme.settled_us -= 2 * 3600 * 1000000LL;
        fake_machine.acme.ordered_us -= 3601 * 1000000LL; /* failed an hour ago */
        live_reload();
        fake_run_ms(50);
        assert_int_equal(fake_machine.ordered, 2);
}

static void a_hand_that_refuses_is_left_alone(void **state)
{
        (void)state;
        struct made good = leaf("DNS:*.example.org", 0, 0);
        enrolled();
        fake_hand.mode = FAKE_AWAY;
        unsigned asked = fake_hand.asked;
        fake_machine_put(PLACE_FETCHED, chain_of(&good));
        fake_run_ms(2500);
        assert_int_equal(fake_machine.taken, 0);
        assert_int_equal(fake_hand.asked, asked);
        shows("acme.state", "ordered");
        made_free(&good);
}

static void an_upload_ends_fetching(void **state)
{
        (void)state;
        struct made nas = leaf("DNS:nas.example.org", 0, 0);
        fake_run_ms(1);
        enrolled();
        struct fake_reply reply = confirmed("InstallCertificate", upload(&nas, nas.key_pem));
        assert_null(reply.error);
        fake_reply_free(&reply);
        assert_non_null(strstr(fake_hand.steps, "\nwrite /var/lib/bulkhead/acme/settings: ''\n"));
        shows("acme", "");
        assert_int_equal(fake_number("select count(*) from network.acme where stopped is not null"), 1);
        made_free(&nas);
}

/* --- the two texts --- */

static void settings_are_read_strictly(void **state)
{
        (void)state;
        struct acme acme = {.message = ""};
        char good[] = "ACME_SERVER=https://ca.example/dir\nACME_EMAIL=a@example.org\nACME_NAME=a.example.org\n"
                      "ACME_DOMAINS=\\\n--domains=a.example.org \\\n--domains=b.example.org \\\n\n";
        assert_true(acme_read_settings(good, &acme));
        assert_int_equal(acme.name_count, 2);
        assert_string_equal(acme.names[1], "b.example.org");
        assert_string_equal(acme.email, "a@example.org");
        char *bad[] = {(char[]){""}, (char[]){"ACME_SERVER=x\nACME_EMAIL=y\n"},
                       (char[]){"ACME_SERVER=x\nACME_EMAIL=y\n--domains=NOT A NAME \\\n"}, (char[]){"==\n=\n"}};
        for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
                struct acme untouched = {.message = "as it was"};
                assert_false(acme_read_settings(bad[i], &untouched));
                assert_string_equal(untouched.message, "as it was");
                assert_false(untouched.enrolled);
        }
}

static void logs_end_with_a_word(void **state)
{
        (void)state;
        static const struct {
                const char *text;
                bool over, good;
                const char *message;
        } cases[] = {{"", false, false, ""},
                     {"\n\n", false, false, ""},
                     {"working\n", false, false, ""},
                     {"success\n", true, true, ""},
                     {"a\nb\nsuccess\n", true, true, "a b "},
                     {"acme: error\n\tdetail\nexit-code\n\n", true, false, "acme: error  detail "},
                     {"timeout", true, false, ""},
                     {"success\nstill working", false, false, ""},
                     {"not success", false, false, ""}};
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                char text[128];
                struct acme acme = {.message = ""};
                snprintf(text, sizeof(text), "%s", cases[i].text);
                assert_int_equal(acme_read_log(text, &acme), cases[i].over);
                assert_int_equal(acme.good, cases[i].good);
                assert_string_equal(acme.message, cases[i].message);
        }
}

static int begin(void **state)
{
        (void)state;
        t.arena = arena_new();
        t.middle = made_new(t.arena, &(struct recipe){.name = "Middle", .authority = true});
        fake_start();
        return 0;
}

static int end(void **state)
{
        (void)state;
        fake_stop();
        made_free(&t.middle);
        arena_free(t.arena);
        return 0;
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup(nothing_is_shown_as_nothing, set_up),
                cmocka_unit_test_setup(the_installed_one_wins, set_up),
                cmocka_unit_test_setup(days_and_warnings, set_up),
                cmocka_unit_test_setup(installing_is_one_confirmed_step, set_up),
                cmocka_unit_test_setup(what_cannot_be_served_is_refused, set_up),
                cmocka_unit_test_setup(removing_needs_one, set_up),
                cmocka_unit_test_setup(enrolling_writes_settings_and_orders, set_up),
                cmocka_unit_test_setup(terms_are_accepted_or_nothing_is, set_up),
                cmocka_unit_test_setup(a_fitting_one_is_taken, set_up),
                cmocka_unit_test_setup(an_old_one_is_not_taken, set_up),
                cmocka_unit_test_setup(failing_is_told_once, set_up),
                cmocka_unit_test_setup(it_is_renewed_when_a_third_is_left, set_up),
                cmocka_unit_test_setup(lost_and_failed_orders_are_repeated, set_up),
                cmocka_unit_test_setup(a_hand_that_refuses_is_left_alone, set_up),
                cmocka_unit_test_setup(an_upload_ends_fetching, set_up),
                cmocka_unit_test(settings_are_read_strictly),
                cmocka_unit_test(logs_end_with_a_word),
        };
        return cmocka_run_group_tests(tests, begin, end);
}
