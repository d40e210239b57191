/* Accounts and groups, from files of our own: they lie over /etc/passwd and /etc/group in a mount namespace that only
 * this process sees. Without root the test is skipped by name.
 * Rights: root, to have that namespace; the machine's own files are not touched. */
#include "base/mem.h"
#include "sys/account.h"

#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cmocka.h>

static bool apart;

static void lay(const char *path, const char *text)
{
        char name[] = "/tmp/bulkhead-account-XXXXXX";
        int fd = mkstemp(name);
        assert_true(fd >= 0);
        assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
        close(fd);
        (void)umount2(path, MNT_DETACH); /* what an earlier test laid there */
        assert_int_equal(mount(name, path, "none", MS_BIND, NULL), 0);
        unlink(name);
}

static void machine(const char *passwd, const char *group)
{
        if (!apart)
                skip();
        lay("/etc/passwd", passwd);
        lay("/etc/group", group);
}

static void accounts_are_read(void **state)
{
        (void)state;
        machine("root:x:0:0:root:/root:/bin/bash\n"
                "alice:x:20001:20001:Alice A:/home/alice:/usr/sbin/nologin\n"
                "broken line\n"
                "bob:x:20002:100:Bob:/home/bob:/bin/bash\n"
                "carol:x:30000:30000::/:/bin/bash\n"
                "dave:x:19999:19999::/:/bin/bash\n"
                "erin:x:29999:29999:::",
                "root:x:0:\n"
                "alice:x:20001:\n"
                "bulkhead-viewer:x:990:alice,bob\n"
                "bulkhead-admin:x:991:alice\n"
                "bulkhead-disabled:x:992:bob\n"
                "family:x:20500:alice,bob,carol\n"
                "staff:x:50:alice\n");
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct accounts accounts;
        assert_int_equal(accounts_read(arena, &accounts), 0);
        assert_int_equal(accounts.count, 6);
        assert_int_equal(accounts.group_count, 7);
        const struct account *alice = accounts_named(&accounts, "alice");
        assert_string_equal(alice->full_name, "Alice A");
        assert_string_equal(alice->home, "/home/alice");
        assert_string_equal(alice->shell, "/usr/sbin/nologin");
        assert_ptr_equal(accounts_numbered(&accounts, 20001), alice);
        assert_null(accounts_named(&accounts, "mallory"));
        assert_null(accounts_numbered(&accounts, 20001 + (1ull << 32)));
        /* Ours are those in the range whose group has their number. */
        assert_true(account_is_bulkheads(alice));
        assert_true(account_is_bulkheads(accounts_named(&accounts, "erin")));
        static const char *const others[] = {"root", "bob", "carol", "dave"};
        for (size_t i = 0; i < ARRAY_SIZE(others); i++)
                assert_false(account_is_bulkheads(accounts_named(&accounts, others[i])));
        const struct account_group *family = accounts_group(&accounts, "family");
        assert_int_equal(family->member_count, 3);
        assert_true(account_group_is_bulkheads(family));
        assert_false(account_group_is_bulkheads(accounts_group(&accounts, "staff")));
        assert_ptr_equal(accounts_group_numbered(&accounts, 20500), family);
        assert_null(accounts_group_numbered(&accounts, 20501));
        assert_null(accounts_group(&accounts, "fam"));
        assert_true(accounts_has_member(family, "carol"));
        assert_false(accounts_has_member(family, "caro"));
        assert_false(accounts_has_member(NULL, "alice"));
        assert_int_equal(account_role(&accounts, "alice"), ROLE_ADMIN); /* the highest counts */
        assert_int_equal(account_role(&accounts, "bob"), ROLE_VIEWER);
        assert_int_equal(account_role(&accounts, "carol"), ROLE_NOBODY);
        assert_true(account_enabled(&accounts, "alice"));
        assert_false(account_enabled(&accounts, "bob"));
}

static void empty_files_hold_nobody(void **state)
{
        (void)state;
        machine("", "");
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct accounts accounts;
        assert_int_equal(accounts_read(arena, &accounts), 0);
        assert_int_equal(accounts.count, 0);
        assert_int_equal(accounts.group_count, 0);
        assert_null(accounts_named(&accounts, "root"));
        assert_int_equal(account_role(&accounts, "root"), ROLE_NOBODY);
}

/* Many, and long lines: nothing is cut. */
static void large_files_are_read_whole(void **state)
{
        (void)state;
        char *passwd = mem_new(3000, 64), *group = mem_new(1, 200000);
        size_t passwd_length = 0, group_length = (size_t)snprintf(group, 200000, "family:x:20500:");
        for (int i = 0; i < 3000; i++) {
                passwd_length += (size_t)snprintf(passwd + passwd_length, 64, "u%d:x:%d:%d::/:/bin/sh\n", i, 20000 + i,
                                                  20000 + i);
                group_length += (size_t)snprintf(group + group_length, 64, "%su%d", i == 0 ? "" : ",", i);
        }
        strncat(group, "\n", 2);
        machine(passwd, group);
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct accounts accounts;
        assert_int_equal(accounts_read(arena, &accounts), 0);
        assert_int_equal(accounts.count, 3000);
        for (uint32_t i = 0; i < 3000; i++)
                assert_int_equal(accounts.list[i].uid, 20000 + i);
        assert_int_equal(accounts.groups[0].member_count, 3000);
        assert_true(accounts_has_member(&accounts.groups[0], "u2999"));
        free(passwd);
        free(group);
}

static int set_up(void **state)
{
        (void)state;
        apart = unshare(CLONE_NEWNS) == 0 && mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) == 0;
        return 0;
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(accounts_are_read),
                cmocka_unit_test(empty_files_hold_nobody),
                cmocka_unit_test(large_files_are_read_whole),
        };
        return cmocka_run_group_tests(tests, set_up, NULL);
}
