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
        assert_int_equal(one.server_count, 1);
        assert_string_equal(one.servers[0], "ldap.example.org");
        assert_false(one.start_tls);
        assert_string_equal(one.base, "dc=example,dc=org");
        assert_string_equal(one.bind, "cn=a reader,dc=org");
        assert_string_equal(directory_text(&one, arena), file);
}

static void several_servers_are_read_in_their_order(void **state)
{
        (void)state;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        static const char file[] = "LDAPURI=ldap://b.org,ldap://a.org\nLDAPBASE=dc=org\nLDAPBINDDN=cn=x\n";
        const struct directory one = of(arena, file);
        assert_true(one.start_tls);
        assert_int_equal(one.server_count, 2);
        assert_string_equal(one.servers[0], "b.org");
        assert_string_equal(one.servers[1], "a.org");
        assert_string_equal(directory_text(&one, arena), file);
}

static void what_makes_no_sense_is_none(void **state)
{
        (void)state;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        static const char *const none[] = {"", "LDAPURI=ldaps://ldap.example.org\nLDAPBASE=dc=org\n",
                                           "LDAPURI=ldapi://ldap.example.org\nLDAPBASE=dc=org\nLDAPBINDDN=cn=x\n",
                                           "LDAPURI=ldaps://ldap.example.org\nLDAPBASE=$(x)\nLDAPBINDDN=cn=x\n"};
        for (size_t i = 0; i < ARRAY_SIZE(none); i++)
                assert_int_equal(of(arena, none[i]).server_count, 0);
        assert_int_equal(directory_read(NULL).server_count, 0);
}

static void the_field_that_is_wrong_is_named(void **state)
{
        (void)state;
        static const struct directory directory = {.servers = {"a.org", "b.org"}, .server_count = 2};
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
                {"TLS: peer cert untrusted or revoked (0x402)\nCan't contact LDAP server (-1)", "server"},
                {"TLS: peer cert untrusted or revoked (0x442)\nCan't contact LDAP server (-1)", "ca"},
                {"ldap_start_tls: Protocol error (2)\n\tadditional info: unsupported extended operation", "start_tls"},
                {"ldap_bind: Invalid credentials (49)", "password"},
                {"dn:cn=reader,dc=org\nNo such object (32)\n", "base"},
                {"anonymous\ndn:cn=reader,dc=org\n", "base"},
                {"ldap_bind: Invalid DN syntax (34)\n\tadditional info: invalid DN", "bind"},
                {"", "server"}};
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                struct failure failure = {0};
                directory_explain(&directory, "a.org", cases[i].printed, &failure);
                assert_string_equal(failure.field, cases[i].field);
                assert_true(failure.code != FAILURE_NONE && *failure.message && *failure.next);
        }
        struct failure failure = {0};
        directory_explain(&directory, "b.org", "Can't contact LDAP server (-1)", &failure);
        assert_string_equal(failure.field, "others");
        assert_string_equal(failure.message, "b.org does not answer with TLS on port 636.");
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
                cmocka_unit_test(several_servers_are_read_in_their_order),
                cmocka_unit_test(what_makes_no_sense_is_none),
                cmocka_unit_test(the_field_that_is_wrong_is_named),
                cmocka_unit_test(numbers_are_read),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
