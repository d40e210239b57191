/* What is asked of another machine is recognized there, and nothing else is.
 * Rights: none. */
#include "daemons/storage/far/commands.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define PATH "/srv/backup"
static const struct command_values values = {PATH, "nightly", "s1_GMT-2026.01.31-02.30.00"};

static void each_command_is_recognized(void **state)
{
        (void)state;
        char text[COMMAND_SIZE];
        const char *words[COMMAND_WORDS_MAX + 1];
        for (unsigned i = 0; i < COMMAND_COUNT; i++) {
                assert_true(command_fill((enum command)i, &values, text));
                assert_null(strpbrk(text, "\"'`$\\|&;<>()*?[]#~!\n\t"));
                assert_int_equal(command_find(text, PATH), i);
                assert_int_equal(i == COMMAND_VERSION ? COMMAND_COUNT : command_find(text, "/srv/other"),
                                 COMMAND_COUNT);
                assert_true(command_split(text, words) && words[0] && words[1]);
        }
}

/* Each of them with one byte more, less or other, at every place. */
static void nothing_near_them_is(void **state)
{
        (void)state;
        char good[COMMAND_SIZE], text[COMMAND_SIZE + 1];
        static const char others[] = " /.;-{\n";
        for (unsigned i = 0; i < COMMAND_COUNT; i++) {
                assert_true(command_fill((enum command)i, &values, good));
                const size_t length = strlen(good);
                for (size_t at = 0; at <= length; at++)
                        for (const char *other = others; *other; other++) {
                                memcpy(text, good, at);
                                text[at] = *other;
                                memcpy(text + at + 1, good + at, length - at + 1);
                                const enum command found = command_find(text, PATH);
                                /* Only a snapshot's name may have gone on. */
                                assert_true(found == COMMAND_COUNT || (found == i && strchr(".-", *other)));
                        }
        }
}

static void no_other_place_is_reached(void **state)
{
        (void)state;
        static const char *const wrong[] = {
                "",
                "btrfs",
                "btrfs --version; id",
                "btrfs receive --quiet /srv/backup",
                "btrfs receive --quiet /srv/backup/.incoming/../x",
                "btrfs receive --quiet /srv/backup/.incoming/nightly /etc",
                "btrfs receive --quiet -f /etc/shadow /srv/backup/.incoming/nightly",
                "btrfs receive --quiet /srv/backup2/.incoming/nightly",
                "btrfs subvolume show /srv/backup/..",
                "btrfs subvolume show /srv/backup/s1/s2",
                "btrfs -q subvolume snapshot -r /srv/backup/.incoming/nightly/s1 /srv/backup/s2",
                "btrfs -q subvolume snapshot -r /srv/backup/.incoming/a/s1 /etc/s1",
                "ls /srv/backup /root",
                "ls /srv/secret",
                "ls  /srv/backup",
                "find /srv/backup/.incoming/nightly -mindepth 1 -maxdepth 1 -inum 256 -exec rm -rf {} +",
        };
        for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
                assert_int_equal(command_find(wrong[i], PATH), COMMAND_COUNT);
}

int main(void)
{
        const struct CMUnitTest tests[] = {cmocka_unit_test(each_command_is_recognized),
                                           cmocka_unit_test(nothing_near_them_is),
                                           cmocka_unit_test(no_other_place_is_reached)};
        return cmocka_run_group_tests(tests, NULL, NULL);
}
