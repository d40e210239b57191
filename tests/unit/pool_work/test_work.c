/* What md is told and tells, over a folder that is made up; and of which array a pool is. Rights: none; writes below /tmp.
 */
#include "base/mem.h"
#include "sys/file.h"
#include "systemd/pool-work/work.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

volatile sig_atomic_t work_stops;

static struct {
        int sys;
        char path[32];
        unsigned ticks;
        const char *after, *told; /* what md says after a moment; what it was told last */
} t;

static void put(const char *name, const char *text)
{
        assert_int_equal(file_put(t.sys, name, text, strlen(text), 0644), 0);
}

static int set_up(void **state)
{
        (void)state;
        snprintf(t.path, sizeof(t.path), "/tmp/md.XXXXXX");
        if (!mkdtemp(t.path) || (t.sys = open(t.path, O_PATH | O_DIRECTORY | O_CLOEXEC)) < 0)
                return -1;
        work_stops = 0;
        t.ticks = 0;
        put("sync_action", "idle\n");
        put("degraded", "0\n");
        put("mismatch_cnt", "128\n");
        put("reshape_position", "none\n");
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        static const char *const names[] = {"sync_action", "degraded", "mismatch_cnt", "reshape_position"};
        for (size_t i = 0; i < ARRAY_SIZE(names); i++)
                (void)unlinkat(t.sys, names[i], 0);
        close(t.sys);
        return rmdir(t.path);
}

static void action_is(const char *word)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        const char *text = file_text_below(t.sys, "sync_action", 64, arena);
        assert_non_null(text);
        assert_memory_equal(text, word, strlen(word));
}

/* md at work for three moments; what it then says, in t.after. */
static void tick(void)
{
        if (++t.ticks <= 3)
                return;
        put("sync_action", t.after);
        put("reshape_position", "none\n");
}

static void stop_then(void)
{
        work_stops = 1;
}

static void lose_a_disk(void)
{
        put("degraded", "1\n");
        put("sync_action", "idle\n");
}

static void disks_are_compared(void **state)
{
        (void)state;
        uint64_t differences = 0;
        t.after = "idle\n";
        assert_int_equal(array_check(t.sys, tick, &differences), 0);
        assert_true(differences == 128 && t.ticks == 4);
        differences = 7;
        assert_int_equal(array_check(t.sys, stop_then, &differences), -ECANCELED);
        action_is("idle");
        work_stops = 0;
        assert_int_equal(array_check(t.sys, lose_a_disk, &differences), -ENODEV);
        assert_int_equal(differences, 7);
        unlinkat(t.sys, "sync_action", 0);
        assert_int_equal(array_check(t.sys, tick, &differences), -ENOENT);
}

/* While it is written anew, and while that waits to go on after a start. */
static void what_is_spread_is_waited_for(void **state)
{
        (void)state;
        t.after = "idle\n";
        assert_int_equal(array_settle(t.sys, tick), 0);
        assert_true(t.ticks <= 3);
        put("sync_action", "reshape\n");
        put("reshape_position", "4096\n");
        t.ticks = 0;
        assert_int_equal(array_settle(t.sys, tick), 0);
        assert_true(t.ticks > 4);
        put("reshape_position", "4096\n"); /* stands still: nobody has continued it */
        t.ticks = 0;
        assert_int_equal(array_settle(t.sys, tick), 0);
        assert_true(t.ticks > 4);
        put("sync_action", "reshape\n");
        assert_int_equal(array_settle(t.sys, stop_then), -ECANCELED);
        action_is("reshape");
        work_stops = 0;
        put("sync_action", "resync\n"); /* of new room: no reason to wait */
        t.ticks = 0;
        assert_int_equal(array_settle(t.sys, tick), 0);
        assert_true(t.ticks <= 3);
}

static void of_which_array_it_is(void **state)
{
        (void)state;
        char source[PATH_MAX];
        static const char table[] = "22 1 0:21 / /proc rw shared:1 - proc proc rw\n"
                                    "40 1 8:16 / /srv/tank rw - ext4 /dev/sdb rw\n"
                                    "41 1 9:127 / /srv/tanker rw,nosuid shared:7 master:3 - xfs /dev/md126 rw\n"
                                    "42 40 0:44 / /srv/tank rw,nosuid - btrfs /dev/md127 rw,subvolid=5\n"
                                    "43 1 0:45 / /srv rw - tmpfs tmpfs rw\n";
        assert_true(mount_source(table, "/srv/tank", source));
        assert_string_equal(source, "/dev/md127");
        assert_true(mount_source(table, "/srv/tanker", source));
        assert_string_equal(source, "/dev/md126");
        assert_false(mount_source(table, "/srv/tan", source));
        assert_false(mount_source("", "/srv/tank", source));
        assert_false(mount_source("1 2 3", "/srv/tank", source));
        assert_false(mount_source("40 1 8:16 / /srv/tank rw\n1 1 1:1 / / rw - ext4 /dev/sda rw", "/srv/tank", source));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(disks_are_compared, set_up, tear_down),
                cmocka_unit_test_setup_teardown(what_is_spread_is_waited_for, set_up, tear_down),
                cmocka_unit_test(of_which_array_it_is),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
