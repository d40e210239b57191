/* What other programs say, as the doctor takes it: lists of drift, and the checkers of services.
 * Rights: a test; none needed. */
#include "base/mem.h"
#include "base/text.h"
#include "cli/doctor/doctor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct doctor doctor;

static int begin(void **state)
{
        (void)state;
        doctor = (struct doctor){.arena = arena_new(), .root = "", .check = "test"};
        return 0;
}

static int end(void **state)
{
        (void)state;
        arena_free(doctor.arena);
        return 0;
}

static void drift_is_told(void **state)
{
        (void)state;
        static const char two[] =
                "{\"drift\":[{\"id\":\"pool_away.1\",\"name\":\"tank\",\"wanted\":\"/srv/tank\",\"found\":\"\","
                "\"can_restore\":true,\"can_adopt\":true},{\"name\":\"nightly\"}]}";
        assert_true(drift_judge(&doctor, "storage", "drift", "{\"drift\":[]}"));
        assert_int_equal(doctor.count, 1);
        assert_int_equal(doctor.list[0].state, FOUND_GOOD);
        assert_true(drift_judge(&doctor, "storage", "drift", two));
        assert_int_equal(found_count(&doctor, FOUND_WARNING), 2);
        assert_string_equal(doctor.list[1].object, "tank");
        assert_non_null(strstr(doctor.list[1].message, "wanted is /srv/tank; there is nothing"));
        assert_string_equal(doctor.list[1].next,
                            "bulkhead drift restore pool_away.1, or bulkhead drift adopt pool_away.1");
        assert_string_equal(doctor.list[2].next, "see to it by hand");
}

static void what_is_no_list_is_not_taken_for_one(void **state)
{
        (void)state;
        static const char *const none[] = {"", "bulkhead: refused", "[]", "{}", "{\"drift\":{}}", "{\"drift\":[1]}"};
        for (size_t i = 0; i < ARRAY_SIZE(none); i++)
                assert_false(drift_judge(&doctor, "storage", "drift", none[i]));
        assert_int_equal(doctor.count, 0);
}

/* The message, when it is bad; else NULL. */
static const char *bad(int result, const char *said)
{
        doctor.count = 0;
        checker_judge(&doctor, "it", "/etc/x", result, said);
        assert_int_equal(doctor.count, 1);
        if (doctor.list[0].state == FOUND_GOOD)
                return NULL;
        assert_int_equal(doctor.list[0].state, FOUND_BAD);
        assert_string_equal(doctor.list[0].next, "correct /etc/x");
        return doctor.list[0].message;
}

static void checkers_are_heard(void **state)
{
        (void)state;
        assert_null(bad(0, ""));
        assert_null(bad(0, "Loaded services file OK.\nno errors\n"));
        assert_non_null(strstr(bad(1, "Loaded services file OK.\n\nIgnoring invalid value 'BOGUS'\nError loading\n"),
                               ": Ignoring invalid value 'BOGUS'"));
        assert_non_null(strstr(bad(0, "Checking syntax\nproftpd: fatal: unknown directive 'X'\n"),
                               ": proftpd: fatal: unknown directive 'X'"));
        assert_non_null(strstr(bad(255, "\n/etc/x: line 3: Bad option\n"), ": /etc/x: line 3: Bad option"));
        assert_non_null(bad(TOOL_HUNG, ""));
}

/* The finding that it is taken for. */
static const struct finding *of_domain(const char *said)
{
        doctor.count = 0;
        assert_true(domain_judge(&doctor, said));
        assert_int_equal(doctor.count, 1);
        return &doctor.list[0];
}

static void a_domain_is_judged(void **state)
{
        (void)state;
        static const char
                well[] = "{\"domain\":{\"joined\":true,\"realm\":\"A.B\",\"controller\":\"c\",\"trusted\":true,"
                         "\"clock_difference\":2}}",
                away[] = "{\"domain\":{\"joined\":true,\"realm\":\"A.B\",\"message\":\"None answers.\"}}",
                late[] = "{\"domain\":{\"joined\":true,\"realm\":\"A.B\",\"controller\":\"c\",\"trusted\":false,"
                         "\"clock_difference\":-300,\"message\":\"Too far.\"}}",
                lost[] = "{\"domain\":{\"joined\":true,\"realm\":\"A.B\",\"controller\":\"c\",\"trusted\":false,"
                         "\"clock_difference\":299,\"message\":\"Unknown.\"}}";
        assert_int_equal(of_domain("{\"domain\":{\"joined\":false}}")->state, FOUND_GOOD);
        assert_int_equal(of_domain(well)->state, FOUND_GOOD);
        assert_int_equal(of_domain(away)->state, FOUND_BAD);
        assert_string_equal(of_domain(away)->object, "A.B");
        assert_string_equal(of_domain(away)->message, "None answers");
        assert_non_null(strstr(of_domain(away)->next, "/etc/resolv.conf"));
        assert_non_null(strstr(of_domain(late)->next, "set the clock"));
        assert_string_equal(of_domain(lost)->next, "bulkhead smb leave, then bulkhead smb join A.B");
        assert_false(domain_judge(&doctor, "{}"));
        assert_false(domain_judge(&doctor, "bulkhead: no"));
        assert_false(domain_judge(&doctor, "{\"domain\":[]}"));
}

static const struct finding *of_directory(const char *said)
{
        doctor.count = 0;
        assert_true(directory_judge(&doctor, said));
        return &doctor.list[0];
}

static void a_directory_is_judged(void **state)
{
        (void)state;
        static const char well
                [] = "{\"directory\":{\"used\":true,\"reached\":true,\"servers\":[{\"name\":\"a.b\",\"reached\":true}]}"
                     "}",
            away[] = "{\"directory\":{\"used\":true,\"reached\":false,\"servers\":[{\"name\":\"a.b\",\"reached\":false,"
                     "\"message\":\"a.b is away.\",\"next\":\"Look.\"}]}}",
            half[] = "{\"directory\":{\"used\":true,\"reached\":true,\"servers\":[{\"name\":\"a.b\",\"reached\":false,"
                     "\"message\":\"a.b is away.\",\"next\":\"Look.\"},{\"name\":\"c.d\",\"reached\":true}]}}";
        assert_int_equal(of_directory("{\"directory\":{\"used\":false}}")->state, FOUND_GOOD);
        assert_int_equal(of_directory(well)->state, FOUND_GOOD);
        assert_int_equal(of_directory(away)->state, FOUND_BAD);
        assert_string_equal(of_directory(away)->object, "a.b");
        assert_string_equal(of_directory(away)->message, "a.b is away; nobody of the directory gets in");
        assert_string_equal(of_directory(away)->next, "Look.");
        assert_int_equal(of_directory(half)->state, FOUND_WARNING);
        assert_int_equal(of_directory(half)[1].state, FOUND_GOOD);
        assert_false(directory_judge(&doctor, "{}"));
        assert_false(directory_judge(&doctor, "bulkhead: no"));
        assert_false(directory_judge(&doctor, "{\"directory\":{\"used\":true}}"));
}

static const struct finding *of_server(const char *status)
{
        doctor.count = 0;
        tang_judge(&doctor, "vault", "http://tang.example", status);
        assert_int_equal(doctor.count, 1);
        return &doctor.list[0];
}

static void a_server_is_judged(void **state)
{
        (void)state;
        assert_int_equal(of_server("400")->state, FOUND_GOOD);
        assert_int_equal(of_server("404")->state, FOUND_BAD);
        assert_non_null(strstr(of_server("404")->message, "has lost the key"));
        assert_non_null(strstr(of_server("404")->next, "forget-way vault tang"));
        assert_non_null(strstr(of_server("000")->message, "does not answer"));
        assert_non_null(strstr(of_server("502")->message, "no Tang server (502)"));
        assert_string_equal(of_server("502")->object, "vault");
}

/* {"alg":"ECDH-ES","kid":"9iuF..."}, and what is no such. */
static void what_is_sealed_says_by_which_key(void **state)
{
        (void)state;
        static const char header[] = "{\"alg\":\"ECDH-ES\",\"kid\":\"9iuFDmTIYW-zkcGoCcovZ3gAUNPTCrfb8oYNzy5rTRo\"}",
                          other[] = "{\"kid\":\"../../adv\"}";
        char coded[TEXT_BASE64_SIZE(sizeof(header))];
        text_base64(header, strlen(header), coded);
        assert_string_equal(tang_key(doctor.arena, arena_printf(doctor.arena, "%s.rest", coded)),
                            "9iuFDmTIYW-zkcGoCcovZ3gAUNPTCrfb8oYNzy5rTRo");
        text_base64(other, strlen(other), coded);
        assert_null(tang_key(doctor.arena, coded));
        assert_null(tang_key(doctor.arena, ""));
        assert_null(tang_key(doctor.arena, "...."));
        assert_null(tang_key(doctor.arena, "no base64!"));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(drift_is_told, begin, end),
                cmocka_unit_test_setup_teardown(what_is_no_list_is_not_taken_for_one, begin, end),
                cmocka_unit_test_setup_teardown(checkers_are_heard, begin, end),
                cmocka_unit_test_setup_teardown(a_domain_is_judged, begin, end),
                cmocka_unit_test_setup_teardown(a_directory_is_judged, begin, end),
                cmocka_unit_test_setup_teardown(a_server_is_judged, begin, end),
                cmocka_unit_test_setup_teardown(what_is_sealed_says_by_which_key, begin, end),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
