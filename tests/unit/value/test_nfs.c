/* Clients of exports: what people say, what the server is told, and what would make it be told something else.
 * Rights: none. */
#include "base/mem.h"
#include "value/nfs.h"
#include "value/types.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static bool is(const struct value_type *type, const char *text)
{
        return value_check(type, "field", text, strlen(text), NULL) == 0;
}

static void both_ways(void **state)
{
        (void)state;
        static const char *const pairs[][2] = {
                {"*", "* rw squash=root anon=65534:65534 sec=sys"},
                {"192.168.1.0/24 ro", "192.168.1.0/24 ro squash=root anon=65534:65534 sec=sys"},
                {"fd00::1 squash=all anon=1000:100", "fd00::1 rw squash=all anon=1000:100 sec=sys"},
                {"pc.example.org sec=krb5p:krb5i squash=none rw",
                 "pc.example.org rw squash=none anon=65534:65534 sec=krb5i:krb5p"},
                {"@trusted anon=0:4294967294", "@trusted rw squash=root anon=0:4294967294 sec=sys"},
        };
        for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
                struct nfs_client client, again;
                char text[NFS_CLIENT_SIZE], block[NFS_CLIENT_SIZE];
                assert_true(nfs_client_read(pairs[i][0], strlen(pairs[i][0]), &client));
                nfs_client_write(&client, text);
                assert_string_equal(text, pairs[i][1]);
                nfs_block_write(&client, block);
                assert_true(is(&value_nfs_block, block));
                assert_true(nfs_block_read(block, strlen(block), &again));
                nfs_client_write(&again, text);
                assert_string_equal(text, pairs[i][1]);
        }
}

static void hostile_clients(void **state)
{
        (void)state;
        static const char *const bad[] = {"",
                                          " ",
                                          "rw",
                                          "10.0.0.1/24",
                                          "10.0.0.0/24 rw ro",
                                          "10.0.0.0/24  rw",
                                          "10.0.0.0/24 rw ",
                                          "* squash=no_root_squash",
                                          "* squash=",
                                          "* anon=1",
                                          "* anon=-1:0",
                                          "* anon=0:4294967295",
                                          "* anon=01:1",
                                          "* anon=1:1:1",
                                          "* sec=none",
                                          "* sec=sys:sys",
                                          "* sec=",
                                          "* sec=sys,krb5",
                                          "*.example.org",
                                          "*; Squash = None",
                                          "* } EXPORT {",
                                          "@",
                                          "@a b",
                                          "@a;b",
                                          "a\nb",
                                          "# rw",
                                          "%include \"/etc/shadow\"",
                                          "10.0.0.1,10.0.0.2"};
        for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
                if (is(&value_nfs_client, bad[i]))
                        fail_msg("let pass: %s", bad[i]);
        struct nfs_client client;
        assert_false(nfs_client_read("*\0 rw", 5, &client));
}

#define BLOCK(host, access, squash, rest)                                                                              \
        "CLIENT { Clients = " host "; Access_Type = " access "; Squash = " squash                                      \
        "; Anonymous_Uid = 1; Anonymous_Gid = 1; SecType = sys; }" rest

static void hostile_blocks(void **state)
{
        (void)state;
        static const char *const bad[] = {
                BLOCK("*", "RW", "Root_Squash", " "),
                BLOCK("*", "RW", "Root_Squash", " FSAL { Name = MEM; }"),
                BLOCK("*", "RW", "Root_Squash", "\n\tPath = \"/\";"),
                BLOCK("*", "MDONLY", "Root_Squash", ""),
                BLOCK("*", "RW", "root_squash", ""),
                BLOCK("*", "RW; Squash = None", "Root_Squash", ""),
                BLOCK("*, 10.0.0.1", "RW", "Root_Squash", ""),
                BLOCK("* ", "RW", "Root_Squash", ""),
                "CLIENT { Clients = *; }",
                "Path = \"/etc\";",
                "",
        };
        assert_true(is(&value_nfs_block, BLOCK("*", "RW", "Root_Squash", "")));
        for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
                if (is(&value_nfs_block, bad[i]))
                        fail_msg("let pass: %s", bad[i]);
}

static void what_is_exported(void **state)
{
        (void)state;
        static const char *const good[] = {"/srv/tank/photos", "/srv/tank/a/b c"};
        static const char *const bad[] = {"/srv/tank",        "/srv",          "/srv/",         "/srv/tank/",
                                          "/srv/../etc",      "/etc",          "/srv/tank/.a",  "/srv//a",
                                          "/srv/tank/a/../b", "/srv/tank/a,b", "/srv/tank/a\"", "/srv/tank/\n",
                                          "/srv/tank/a%sb",   "srv/tank"};
        for (size_t i = 0; i < ARRAY_SIZE(good); i++)
                assert_true(is(&value_nfs_path, good[i]));
        for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
                if (is(&value_nfs_path, bad[i]))
                        fail_msg("let pass: %s", bad[i]);
        assert_true(is(&value_nfs_number, "1") && is(&value_nfs_number, "65535"));
        assert_false(is(&value_nfs_number, "0") || is(&value_nfs_number, "65536") || is(&value_nfs_number, "01") ||
                     is(&value_nfs_number, "../1"));
}

int main(void)
{
        const struct CMUnitTest tests[] = {cmocka_unit_test(both_ways), cmocka_unit_test(hostile_clients),
                                           cmocka_unit_test(hostile_blocks), cmocka_unit_test(what_is_exported)};
        return cmocka_run_group_tests(tests, NULL, NULL);
}
