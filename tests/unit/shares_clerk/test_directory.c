/* A directory as its file says it, and as tools tell of it.
 * Rights: a test; none needed. */
#include "base/mem.h"
#include "daemons/shares/clerk/directory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct directory of(struct arena *arena, const char *text)
{
        return directory_read(arena_text(arena, text, strlen(text)));
}

static void is_read_as_it_is_written(void **state)
{
        (void)state;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        static const char file[] =
                "LDAPURI=ldaps://ldap.example.org\nLDAPBASE=dc=example,dc=org\nLDAPBINDDN=cn=a reader,dc=org\n";
        const struct directory one = of(arena, file);
        assert_string_equal(one.server, "ldap.example.org");
        assert_string_equal(one.base, "dc=example,dc=org");
        assert_string_equal(one.bind, "cn=a reader,dc=org");
        assert_string_equal(directory_text(&one, arena), file);
}

static void what_makes_no_sense_is_none(void **state)
{
        (void)state;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        static const char *const none[] = {"", "LDAPURI=ldaps://ldap.example.org\nLDAPBASE=dc=org\n",
                                           "LDAPURI=ldap://ldap.example.org\nLDAPBASE=dc=org\nLDAPBINDDN=cn=x\n",
                                           "LDAPURI=ldaps://ldap.example.org\nLDAPBASE=$(x)\nLDAPBINDDN=cn=x\n"};
        for (size_t i = 0; i < ARRAY_SIZE(none); i++)
                assert_null(of(arena, none[i]).server);
        assert_null(directory_read(NULL).server);
}

static void the_field_that_is_wrong_is_named(void **state)
{
        (void)state;
        static const struct {
                const char *printed, *field;
        } cases[] = {
                {"ldap_sasl_bind(SIMPLE): Can't contact LDAP server (-1)\n\tadditional info: (unknown error code)",
                 "server"},
                {"ldap_sasl_bind(SIMPLE): Can't contact LDAP server (-1)\n\tadditional info: The TLS certificate "
                 "verify failed",
                 "ca"},
                {"TLS: peer cert untrusted or revoked (0x42)\nCan't contact LDAP server (-1)", "ca"},
                {"Can't contact LDAP server (-1)\nTLS: hostname does not match name in peer certificate", "server"},
                {"ldap_bind: Invalid credentials (49)", "password"},
                {"ldap_bind: Invalid DN syntax (34)\n\tadditional info: invalid DN", "bind"},
                {"", "server"}};
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                struct failure failure = {0};
                directory_explain(cases[i].printed, &failure);
                assert_string_equal(failure.field, cases[i].field);
                assert_true(failure.code != FAILURE_NONE && *failure.message && *failure.next);
        }
}

static void numbers_are_read(void **state)
{
        (void)state;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        static const char both[] = "carol@directory:*:100001:1800000000:carol:/nonexistent:/usr/sbin/nologin\n"
                                   "carol@directory:*:100500:dave@directory\n";
        assert_string_equal(directory_number_read(both, "carol@directory", arena), "100001 carol@directory");
        assert_string_equal(directory_number_read(both, "@carol@directory", arena), "100500 @carol@directory");
        assert_null(directory_number_read(both, "dave@directory", arena));
        assert_null(directory_number_read("carol@directory:*:20001:1:c:/:/\n", "carol@directory", arena));
        assert_null(directory_number_read("carol@directory:*:-1:1:c:/:/\n", "carol@directory", arena));
        assert_null(directory_number_read("carol@directory:*:100500:x\n", "carol@directory", arena));
        assert_null(directory_number_read("carol@directory\n::\n\n:", "carol@directory", arena));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(is_read_as_it_is_written),
                cmocka_unit_test(what_makes_no_sense_is_none),
                cmocka_unit_test(the_field_that_is_wrong_is_named),
                cmocka_unit_test(numbers_are_read),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
