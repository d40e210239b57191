/* What another machine says is read for what it is, and for nothing more.
 * Rights: none. */
#include "daemons/storage/far/far.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define ONE "0f7f2a3e-8c43-4a55-9d3b-6f2f1c7a9b10"
#define TWO "1f7f2a3e-8c43-4a55-9d3b-6f2f1c7a9b11"

static void what_is_wrong_is_said_in_words(void **state)
{
        (void)state;
        char why[WHY_SIZE];
        said_why("@@@\r\n@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\r\nHost key verification failed.\r\n",
                 false, why);
        assert_non_null(strstr(why, "not the one that was confirmed"));
        said_why("Host key verification failed.\r\n", false, why);
        assert_non_null(strstr(why, "is not confirmed"));
        said_why("root@attic: Permission denied (publickey).\r\n", false, why);
        assert_non_null(strstr(why, "authorized_keys"));
        said_why("ssh: connect to host attic port 22: Connection refused\r\n\r\n", false, why);
        assert_string_equal(why, "ssh: connect to host attic port 22: Connection refused");
        said_why("", false, why);
        assert_string_equal(why, "the connection broke");
}

/* A program there cannot speak in OpenSSH's name, nor to a terminal. */
static void the_other_machine_speaks_for_itself(void **state)
{
        (void)state;
        char why[WHY_SIZE], lines[4096];
        said_why("first\nPermission denied\x1b[2J\n", true, why);
        assert_string_equal(why, "the other machine says: Permission denied\\x1b[2J");
        memset(lines, 'x', sizeof(lines) - 1);
        lines[sizeof(lines) - 1] = '\0';
        said_why(lines, true, why);
        assert_true(strlen(why) < WHY_SIZE);
}

static void snapshots_are_those_of_the_folder(void **state)
{
        (void)state;
        char out[512];
        static const char list[] = "ID 256 gen 9 top level 5 received_uuid " ONE " path backup/s1\n"
                                   "ID 257 gen 9 top level 5 received_uuid - path backup/s2\n"
                                   "ID 258 gen 9 top level 5 received_uuid " TWO " path backup/.incoming/nightly/s3\n"
                                   "ID 259 gen 9 top level 5 received_uuid " TWO " path elsewhere/s4\n"
                                   "ID 260 gen 9 top level 5 received_uuid " TWO " path s5";
        size_t length = said_snapshots(list, "s1\ns2\ns3\ns5\n", out, sizeof(out));
        assert_string_equal(out, ONE " s1\n" TWO " s5\n");
        assert_int_equal(length, strlen(out));
        assert_int_equal(said_snapshots(list, "s1\ns5\n", out, strlen(ONE " s1\n") + 1), strlen(ONE " s1\n"));
        assert_int_equal(said_snapshots("received_uuid " ONE " path a b\n", "a b\n", out, sizeof(out)), 0);
        assert_int_equal(said_snapshots("", "", out, sizeof(out)), 0);
}

static void names_are_whole_lines(void **state)
{
        (void)state;
        assert_true(said_has("a\ns1\nb", "s1"));
        assert_true(said_has("s1", "s1"));
        assert_false(said_has("s10\nas1\n", "s1"));
        assert_false(said_has("", "s1"));
}

static void only_what_was_received_and_is_closed_is_kept(void **state)
{
        (void)state;
        static const char good[] =
                "backup/s1\n\tName: \t\t\ts1\n\tReceived UUID: \t\t" ONE "\n\tFlags: \t\t\treadonly\n";
        assert_true(said_is_kept(good, ONE));
        assert_false(said_is_kept(good, TWO));
        assert_false(said_is_kept("\tReceived UUID: \t\t" ONE "\n\tFlags: \t\t\t-\n", ONE));
        assert_false(said_is_kept("\tUUID: \t\t" ONE "\n\tFlags: \t\t\treadonly\n", ONE));
        assert_false(said_is_kept("\tReceived UUID: \t\t-\n\tFlags: \t\t\treadonly\n", ONE));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_is_wrong_is_said_in_words), cmocka_unit_test(the_other_machine_speaks_for_itself),
                cmocka_unit_test(snapshots_are_those_of_the_folder), cmocka_unit_test(names_are_whole_lines),
                cmocka_unit_test(only_what_was_received_and_is_closed_is_kept)};
        return cmocka_run_group_tests(tests, NULL, NULL);
}
