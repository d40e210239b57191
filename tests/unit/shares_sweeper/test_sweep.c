/* Emptying a recycle bin: what goes and what stays, and bins that were prepared to lead elsewhere.
 * Rights: none; files under /tmp. */
#include "base/mem.h"
#include "daemons/shares/sweeper/sweeper.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { DAY_S = 86400, HOUR_S = 3600, KIBIBYTE = 1024 };
static char top[64];
static int bin = -1, outside = -1;

static int make(void **state)
{
        (void)state;
        snprintf(top, sizeof(top), "/tmp/sweeper-XXXXXX");
        assert_non_null(mkdtemp(top));
        int folder = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        assert_true(mkdirat(folder, "bin", 0700) == 0 && mkdirat(folder, "outside", 0700) == 0);
        bin = openat(folder, "bin", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        outside = openat(folder, "outside", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        close(folder);
        return 0;
}

static void unmake_below(int folder)
{
        DIR *listing = fdopendir(folder);
        for (struct dirent *entry; (entry = readdir(listing));) {
                if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
                        continue;
                if (unlinkat(dirfd(listing), entry->d_name, 0) == 0)
                        continue;
                unmake_below(openat(dirfd(listing), entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
                unlinkat(dirfd(listing), entry->d_name, AT_REMOVEDIR);
        }
        closedir(listing);
}

static int unmake(void **state)
{
        (void)state;
        close(bin);
        close(outside);
        unmake_below(open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        return rmdir(top);
}

static void file(int folder, const char *name, size_t bytes)
{
        char *text = mem_new(bytes + 1, 1);
        memset(text, 'x', bytes);
        int fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        assert_true(fd >= 0 && write(fd, text, bytes) == (ssize_t)bytes && fsync(fd) == 0);
        close(fd);
        free(text);
}

static bool there(int folder, const char *name)
{
        return faccessat(folder, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static const struct rules after_a_week = {.days = 7};

static void what_is_old_goes(void **state)
{
        (void)state;
        file(bin, "a", 10);
        assert_int_equal(mkdirat(bin, "inner", 0700), 0);
        file(bin, "inner/b", 10);
        const struct timespec long_ago[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
        assert_int_equal(utimensat(bin, "a", long_ago, 0), 0); /* its owner may say so; it came here just now */
        assert_int_equal(sweep(bin, &after_a_week, time(NULL) + 6 * DAY_S), 0);
        assert_true(there(bin, "a") && there(bin, "inner/b"));
        assert_int_equal(sweep(bin, &after_a_week, time(NULL) + 8 * DAY_S), 2);
        assert_false(there(bin, "a") || there(bin, "inner"));
}

static void folders_are_there_for_a_while(void **state)
{
        (void)state;
        assert_int_equal(mkdirat(bin, "new", 0700), 0);
        assert_int_equal(sweep(bin, &after_a_week, time(NULL)), 0);
        assert_true(there(bin, "new")); /* something may be about to be moved into it */
        assert_int_equal(sweep(bin, &after_a_week, time(NULL) + 2 * HOUR_S), 0);
        assert_false(there(bin, "new"));
}

/* Files that follow came later, by the file system's clock: many come in one second. */
static void a_moment(void)
{
        usleep(20000);
}

static void the_oldest_go_first(void **state)
{
        static const struct rules much = {.most_size = 200 * KIBIBYTE}, little = {.most_size = 1},
                                  most = {.most_size = 1000 * KIBIBYTE, .days = 1};
        (void)state;
        file(bin, "first", 100 * KIBIBYTE);
        a_moment();
        file(bin, "second", 100 * KIBIBYTE);
        a_moment();
        file(bin, "third", 100 * KIBIBYTE);
        assert_int_equal(sweep(bin, &most, time(NULL)), 0);
        assert_int_equal(sweep(bin, &much, time(NULL)), 1);
        assert_true(!there(bin, "first") && there(bin, "second") && there(bin, "third"));
        assert_int_equal(sweep(bin, &little, time(NULL)), 2);
}

static void what_leads_elsewhere_leads_nowhere(void **state)
{
        (void)state;
        char target[128];
        file(outside, "precious", 10);
        assert_int_equal(mkdirat(outside, "folder", 0700), 0);
        file(outside, "folder/precious", 10);
        snprintf(target, sizeof(target), "%s/outside", top);
        assert_int_equal(symlinkat(target, bin, "to a folder"), 0);
        assert_int_equal(symlinkat("../outside/precious", bin, "to a file"), 0);
        assert_int_equal(symlinkat("/", bin, "to the top"), 0);
        assert_int_equal(symlinkat(".", bin, "to itself"), 0);
        assert_int_equal(linkat(outside, "precious", bin, "another name", 0), 0);
        assert_int_equal(mkfifoat(bin, "pipe", 0600), 0);
        assert_int_equal(mkdirat(bin, "inner", 0700), 0);
        assert_int_equal(symlinkat("../../outside", bin, "inner/up"), 0);
        assert_int_equal(sweep(bin, &after_a_week, time(NULL) + 8 * DAY_S), 7);
        assert_true(there(outside, "precious") && there(outside, "folder/precious"));
        assert_false(there(bin, "to a folder") || there(bin, "pipe") || there(bin, "inner"));
}

static void a_deep_tree_ends(void **state)
{
        enum { DEEP = 300 };
        (void)state;
        int at = dup(bin);
        for (int i = 0; i < DEEP; i++) {
                assert_int_equal(mkdirat(at, "d", 0700), 0);
                int next = openat(at, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
                close(at);
                at = next;
        }
        file(at, "deep", 10);
        file(bin, "d/d/near", 10);
        assert_int_equal(sweep(bin, &after_a_week, time(NULL) + 8 * DAY_S), 1); /* it is not walked for ever */
        assert_true(there(at, "deep") && there(bin, "d/d") && !there(bin, "d/d/near"));
        close(at);
}

static void rules_are_read(void **state)
{
        struct rules rules;
        (void)state;
        assert_true(rules_read(
                "# 1 x\n[a]\n\tpath = /srv/tank/a\n\tbulkhead:recycle days = 30\n\tbulkhead:recycle max = 2G\n",
                &rules));
        assert_string_equal(rules.path, "/srv/tank/a");
        assert_int_equal(rules.days, 30);
        assert_true(rules.most_size == 2ull << 30);
        assert_false(rules.homes);
        assert_true(rules_read("# 1 x\n[a]\n\tpath = /srv/tank/a/%u\n\tbulkhead:recycle days = 30\n", &rules) &&
                    rules.homes);
        assert_string_equal(rules.path, "/srv/tank/a");
        static const char *const none[] = {"",
                                           "# 1 x\n[a]\n\tpath = /srv/tank/a\n",
                                           "\tbulkhead:recycle days = 30\n",
                                           "\n\tpath = /etc/%u\n\tbulkhead:recycle days = 30\n",
                                           "\n\tpath = /srv/tank/%u/%u\n\tbulkhead:recycle days = 30\n",
                                           "\n\tpath = /etc\n\tbulkhead:recycle days = 30\n",
                                           "\n\tpath = /srv/tank/../..\n\tbulkhead:recycle days = 3\n",
                                           "\n\tpath = /srv/tank/a\n\tbulkhead:recycle days = -3\n",
                                           "\n\tpath = /srv/tank/a\n\tbulkhead:recycle days = \n"};
        for (size_t i = 0; i < ARRAY_SIZE(none); i++)
                assert_false(rules_read(none[i], &rules));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(what_is_old_goes, make, unmake),
                cmocka_unit_test_setup_teardown(folders_are_there_for_a_while, make, unmake),
                cmocka_unit_test_setup_teardown(the_oldest_go_first, make, unmake),
                cmocka_unit_test_setup_teardown(what_leads_elsewhere_leads_nowhere, make, unmake),
                cmocka_unit_test_setup_teardown(a_deep_tree_ends, make, unmake),
                cmocka_unit_test(rules_are_read),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
