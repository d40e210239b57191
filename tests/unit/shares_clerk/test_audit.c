/* Who did what, as Samba says it: whatever a file is called, it says nothing of another account, share or deed.
 * Rights: none. */
#include "base/mem.h"
#include "daemons/shares/clerk/shares.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct arena *arena;

static struct nas_shares_file_access is_read(const char *text)
{
        struct nas_shares_file_access access;
        if (!access_read(text, strlen(text), arena, &access))
                fail_msg("'%s' is not read", text);
        return access;
}

static void what_was_done(void **state)
{
        static const struct {
                const char *text;
                enum nas_shares_file_access_kind kind;
                const char *file;
        } all[] = {
                {"connect|ok|photos", NAS_SHARES_FILE_ACCESS_KIND_CONNECT, ""},
                {"disconnect|ok|photos", NAS_SHARES_FILE_ACCESS_KIND_DISCONNECT, ""},
                {"create_file|ok|0x120089|file|open|/srv/a", NAS_SHARES_FILE_ACCESS_KIND_OPEN, "/srv/a"},
                {"create_file|ok|0x100080|dir|open|/srv", NAS_SHARES_FILE_ACCESS_KIND_OPEN, "/srv"},
                {"create_file|ok|0x120089|file|create|/srv/a", NAS_SHARES_FILE_ACCESS_KIND_OPEN_WRITE, "/srv/a"},
                {"create_file|ok|0x2|file|open|/srv/a", NAS_SHARES_FILE_ACCESS_KIND_OPEN_WRITE, "/srv/a"},
                {"create_file|ok|0x110080|file|open|/srv/a", NAS_SHARES_FILE_ACCESS_KIND_OPEN_WRITE, "/srv/a"},
                {"create_file|ok|0x40000000|file|open|/srv/a", NAS_SHARES_FILE_ACCESS_KIND_OPEN_WRITE, "/srv/a"},
                {"mkdirat|ok|/srv/d", NAS_SHARES_FILE_ACCESS_KIND_MAKE_FOLDER, "/srv/d"},
                {"mkdirat|ok|/srv/.::TMPNAME:D:704%2517:d:e", NAS_SHARES_FILE_ACCESS_KIND_MAKE_FOLDER, "/srv/d:e"},
                {"mkdirat|ok|.::TMPNAME:D:7", NAS_SHARES_FILE_ACCESS_KIND_MAKE_FOLDER, ".::TMPNAME:D:7"},
                {"mkdirat|ok|/.::TMPNAME:D:7:/x", NAS_SHARES_FILE_ACCESS_KIND_MAKE_FOLDER, "/.::TMPNAME:D:7:/x"},
                {"unlinkat|ok|/srv/d", NAS_SHARES_FILE_ACCESS_KIND_DELETE, "/srv/d"},
                {"renameat|ok|/srv/a|/srv/b", NAS_SHARES_FILE_ACCESS_KIND_RENAME, "/srv/a"},
        };
        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
                struct nas_shares_file_access access =
                        is_read(arena_printf(arena, "alice|192.168.1.7|photos|%s", all[i].text));
                assert_string_equal(access.username, "alice");
                assert_string_equal(access.address, "192.168.1.7");
                assert_string_equal(access.share, "photos");
                assert_int_equal(access.kind, all[i].kind);
                assert_string_equal(access.file, all[i].file);
                assert_true(access.allowed && !access.reason);
        }
        assert_string_equal(is_read("alice|::1|photos|renameat|ok|/srv/a|/srv/b").to, "/srv/b");
}

static void what_was_refused(void **state)
{
        (void)state;
        struct nas_shares_file_access access =
                is_read("bob|::1|photos|create_file|fail (Permission denied)|0x2|file|open|/srv/a");
        assert_false(access.allowed);
        assert_null(access.reason); /* it would be that of another call */
        assert_string_equal(access.file, "/srv/a");
        access = is_read("bob|::1|photos|openat|fail (Permission denied)|r|/srv/closed");
        assert_int_equal(access.kind, NAS_SHARES_FILE_ACCESS_KIND_OPEN);
        assert_string_equal(access.reason, "Permission denied");
        assert_string_equal(access.file, "/srv/closed");
}

/* Names that would be another entry, more than one, or no text. */
static void names_are_only_names(void **state)
{
        static const char *const names[] = {"/srv/x\nbob|10.0.0.1|photos|unlinkat|ok|y",
                                            "|ok|bob|unlinkat",
                                            "/srv/\x1b[2Jx",
                                            "/srv/\xff\xfe",
                                            "/srv/\xe2\x80\xae"
                                            "gpj.exe",
                                            "",
                                            "|"};
        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
                struct nas_shares_file_access access =
                        is_read(arena_printf(arena, "alice|::1|photos|create_file|ok|0x120089|file|open|%s", names[i]));
                assert_string_equal(access.username, "alice");
                assert_int_equal(access.kind, NAS_SHARES_FILE_ACCESS_KIND_OPEN);
                assert_null(access.to);
                for (const char *at = access.file; *at; at++)
                        assert_true((unsigned char)*at >= ' ');
        }
        assert_string_equal(is_read(arena_printf(arena, "a|b|c|unlinkat|ok|%s", names[0])).file,
                            "/srv/x\\x0abob|10.0.0.1|photos|unlinkat|ok|y");
        struct nas_shares_file_access unclear = is_read("a|b|c|renameat|ok|/srv/x|y|/srv/z");
        assert_string_equal(unclear.file, "/srv/x|y|/srv/z");
        assert_null(unclear.to);
        char *length = arena_alloc(arena, 20000);
        memset(length, 'x', 20000 - 1);
        assert_true(strlen(is_read(arena_printf(arena, "a|b|c|unlinkat|ok|%s", length)).file) <= 4096);
        assert_true(strlen(is_read(arena_printf(arena, "%s|b|c|unlinkat|ok|x", length)).username) <= 256);
}

static void others_are_none(void **state)
{
        static const char *const texts[] = {"",
                                            "|",
                                            "alice",
                                            "alice|::1|photos|",
                                            "alice|::1|photos|pread|ok|x",
                                            "a|b|c|openat|fail (No such file or directory)|r|x",
                                            "a|b|c|openat|ok|r|x",
                                            "unlinkat|ok|/srv/a",
                                            "alice|::1|photos|UNLINKAT|ok|x"};
        struct nas_shares_file_access access;
        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
                if (access_read(texts[i], strlen(texts[i]), arena, &access))
                        fail_msg("'%s' is taken for one", texts[i]);
}

static int make(void **state)
{
        (void)state;
        arena = arena_new();
        return 0;
}

static int drop(void **state)
{
        (void)state;
        arena_free(arena);
        return 0;
}

static void how_long_it_is_kept(void **state)
{
        enum { SECONDS = 1000 * 1000 };
        static const int64_t day = INT64_C(86400) * SECONDS;
        (void)state;
        struct audit_rules rules = audit_rules_read(NULL);
        assert_true(rules.days == 90 && rules.most == 1024);
        assert_string_equal(audit_rules_text(&rules, arena),
                            "[Journal]\nSplitMode=none\nMaxRetentionSec=90day\nMaxFileSec=1day\nSystemMaxUse=1024M\n");
        rules = audit_rules_read("[Journal]\nMaxRetentionSec=7day\nSystemMaxUse=x\n");
        assert_true(rules.days == 7 && rules.most == 1024);
        assert_true(audit_is_kept(&rules, 100 * day, 107 * day));
        assert_false(audit_is_kept(&rules, 100 * day - SECONDS, 107 * day));
        assert_true(audit_is_kept(&rules, 100 * day, 99 * day)); /* a clock that was set back */
}

int main(void)
{
        const struct CMUnitTest tests[] = {cmocka_unit_test(how_long_it_is_kept), cmocka_unit_test(what_was_done),
                                           cmocka_unit_test(what_was_refused), cmocka_unit_test(names_are_only_names),
                                           cmocka_unit_test(others_are_none)};
        return cmocka_run_group_tests(tests, make, drop);
}
