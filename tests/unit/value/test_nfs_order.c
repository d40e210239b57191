/* Exports as the hand writes them: what the kernel's server is told of each, and files that tell it nothing.
 * Rights: none. */
#include "base/mem.h"
#include "value/nfs_order.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#define FIRST       "# 2026-11-21T16:00:00.000000Z /srv/tank/my data\n"
#define BEGIN       FIRST "EXPORT {\n\tExport_Id = 7;\n\tPath = \"/run/bulkhead/nfs/7\";\n"
#define NAMED(name) "\tPseudo = \"/" name "\";\n"
#define CLIENT(host, how, squash, anonymous, security)                                                                 \
        "\tCLIENT { Clients = " host "; Access_Type = " how "; Squash = " squash "; Anonymous_Uid = " anonymous        \
        "; Anonymous_Gid = " anonymous "; SecType = " security "; }\n"
#define ALL CLIENT("*", "RW", "Root_Squash", "65534", "sys")
#define END "\tFSAL { Name = VFS; }\n}\n"

static const char *line_of(struct arena *arena, const char *file, const char *text)
{
        struct nfs_order order;
        return nfs_order_read(arena, file, arena_text(arena, text, strlen(text)), &order)
                       ? nfs_order_line(arena, &order)
                       : NULL;
}

#define REST(squash, anonymous)                                                                                        \
        squash ",anonuid=" anonymous ",anongid=" anonymous ",sync,insecure,no_subtree_check,mp,fsid=7)"

static void as_exports(void **state)
{
        (void)state;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        assert_string_equal(line_of(arena, "7.on", BEGIN NAMED("photos") ALL END),
                            "/photos *(sec=sys,rw,root_squash,no_all_squash,anonuid=65534,anongid=65534,sync,insecure,"
                            "no_subtree_check,mp,fsid=7)\n");
        assert_string_equal(
                line_of(arena, "7.on",
                        BEGIN NAMED("photos") CLIENT("192.168.1.7", "RO", "All_Squash", "1000", "sys, krb5p")
                                CLIENT("192.168.1.0/24", "RW", "No_Root_Squash", "0", "krb5")
                                        CLIENT("fd00::1", "RW", "Root_Squash", "1", "sys")
                                                CLIENT("@trusted", "RW", "Root_Squash", "1", "sys")
                                                        CLIENT("pc.example.org", "RW", "Root_Squash", "1", "sys") END),
                "/photos 192.168.1.7/32(sec=sys:krb5p,ro," REST(
                        "root_squash,all_squash",
                        "1000") " 192.168.1.0/24(sec=krb5,rw," REST("no_root_squash,no_all_squash",
                                                                    "0") " fd00::1/128(sec=sys,rw," REST("root_squash,"
                                                                                                         "no_all_"
                                                                                                         "squash",
                                                                                                         "1") " @"
                                                                                                              "trusted("
                                                                                                              "sec=sys,"
                                                                                                              "rw"
                                                                                                              "," REST("root_squash,no_all_squash", "1") " pc.example.org(sec=sys,rw," REST(
                                                                                                                      "root_squash,no_all_squash",
                                                                                                                      "1") "\n");
        assert_string_equal(line_of(arena, "7.on", BEGIN NAMED("photos") END), "");
}

/* Where a network begins and ends, as the kernel's server understands it. */
static void hosts(void **state)
{
        (void)state;
        static const char *const pairs[][2] = {
                {"192.168.1.7", "192.168.1.7/32("}, {"fd00::1", "fd00::1/128("}, {"10.0.0.0/8", "10.0.0.0/8("},
                {"0.0.0.0/0", "0.0.0.0/0.0.0.0("},  {"::/0", "::/::("},          {"@trusted", "@trusted("}};
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
                const char *client = arena_printf(arena, CLIENT("%s", "RW", "Root_Squash", "1", "sys"), pairs[i][0]);
                const char *line = line_of(arena, "7.on", arena_printf(arena, BEGIN NAMED("a") "%s" END, client));
                assert_non_null(line);
                assert_int_equal(strncmp(line, "/a ", strlen("/a ")), 0);
                assert_int_equal(strncmp(line + strlen("/a "), pairs[i][1], strlen(pairs[i][1])), 0);
        }
}

/* A byte that might mean something is written as its number. */
static void names(void **state)
{
        (void)state;
        static const char *const pairs[][2] = {{"it's #1", "/it\\047s\\040\\0431 "},
                                               {"Gr\303\266\303\237e", "/Gr\\303\\266\\303\\237e "},
                                               {"a(rw)", "/a\\050rw\\051 "},
                                               {"a@b", "/a\\100b "},
                                               {"a-b_c.d", "/a\\055b\\137c\\056d "}};
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
                const char *line = line_of(arena, "7.on", arena_printf(arena, BEGIN NAMED("%s") ALL END, pairs[i][0]));
                assert_non_null(line);
                assert_memory_equal(line, pairs[i][1], strlen(pairs[i][1]));
        }
}

static void hostile(void **state)
{
        (void)state;
        static const char *const files[] = {"7.off", "7",   "8.on",    "07.on",   "0.on",
                                            "x.on",  ".on", "7.on.on", "70000.on"};
        static const char *const bad[] = {
                "",
                FIRST,
                BEGIN,
                BEGIN NAMED("photos"),
                BEGIN NAMED("photos") ALL,
                BEGIN NAMED("photos") ALL "\tFSAL { Name = VFS; }",
                BEGIN NAMED("photos") ALL END "x",
                BEGIN NAMED("photos") ALL END END,
                BEGIN NAMED("photos") ALL "\tProtocols = 3;\n" END,
                BEGIN NAMED("photos") "Access_Type = RW;\n" END,
                BEGIN NAMED("photos") "\n" END,
                BEGIN NAMED("photos") CLIENT("*(rw)", "RW", "Root_Squash", "1", "sys") END,
                BEGIN NAMED("photos") CLIENT("*", "RW", "Root_Squash", "1", "none") END,
                BEGIN NAMED("../etc") ALL END,
                BEGIN NAMED("a/b") ALL END,
                BEGIN NAMED("") ALL END,
                BEGIN NAMED("..") ALL END,
                BEGIN NAMED("a\"b") ALL END,
                BEGIN NAMED("a\\040b") ALL END,
                BEGIN "\tPseudo = \"/a\"; x\n" ALL END,
                BEGIN ALL NAMED("photos") END,
                "# now /srv/tank/a\nEXPORT {\n\tExport_Id = 7;\n\tPath = \"/run/bulkhead/nfs/7\";\n" NAMED("a") ALL END,
                "# 2026-11-21T16:00:00.000000Z /etc\nEXPORT {\n\tExport_Id = 7;\n\tPath = "
                "\"/run/bulkhead/nfs/7\";\n" NAMED("a") ALL END,
                FIRST "EXPORT {\n\tExport_Id = 8;\n\tPath = \"/run/bulkhead/nfs/7\";\n" NAMED("a") ALL END,
                FIRST "EXPORT {\n\tExport_Id = 7;\n\tPath = \"/etc\";\n" NAMED("a") ALL END,
        };
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        for (size_t i = 0; i < ARRAY_SIZE(files); i++)
                if (line_of(arena, files[i], BEGIN NAMED("photos") ALL END))
                        fail_msg("let pass: %s", files[i]);
        for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
                if (line_of(arena, "7.on", bad[i]))
                        fail_msg("let pass: %s", bad[i]);
        const char *many = BEGIN NAMED("photos");
        for (int i = 0; i <= NFS_CLIENTS_MAX; i++)
                many = arena_printf(arena, "%s" ALL, many);
        assert_null(line_of(arena, "7.on", arena_printf(arena, "%s" END, many)));
}

int main(void)
{
        const struct CMUnitTest tests[] = {cmocka_unit_test(as_exports), cmocka_unit_test(hosts),
                                           cmocka_unit_test(names), cmocka_unit_test(hostile)};
        return cmocka_run_group_tests(tests, NULL, NULL);
}
