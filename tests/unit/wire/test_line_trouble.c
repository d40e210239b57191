/* A line in trouble: the daemon is down, hung, dying in the middle, flooding or talking nonsense; callers who give up
 * or have no room. Rights: none; a socket below /tmp. */
#include "tests/unit/wire/line_bench.h"

#include <time.h>

static unsigned now_ms(void)
{
        struct timespec now;
        (void)clock_gettime(CLOCK_MONOTONIC, &now);
        return (unsigned)(now.tv_sec * 1000 + now.tv_nsec / 1000000);
}

static void who_is_down_is_said_to_be_at_once(void **state)
{
        (void)state;
        begin(NULL);
        daemon_end();
        ask("a", WIRE_QUICK);
        ask("b", WIRE_ALONE);
        ask("c", WIRE_MORE);
        turn(5);
        TOLD("a?Unavailable b?Unavailable c?Unavailable ");
        assert_false(wire_line_is_up(line));
        for (int i = 0; i < 30; i++) { /* also between two tries */
                ask("d", WIRE_QUICK);
                turn(1);
                TOLD("d?Unavailable ");
        }
        daemon_begin(16);
        turn(400); /* it looks by itself whether somebody is there again */
        assert_true(wire_line_is_up(line));
        int fd = taken();
        ask("e", WIRE_QUICK);
        turn(2);
        assert_string_equal(hear(fd), LOOK);
        say(fd, "{}|");
        turn(2);
        TOLD("e={} ");
        end();
        (void)close(fd);
}

static void who_hangs_is_given_up(void **state)
{
        (void)state;
        struct wire_line_limits limits = {.timeout_ms = 80};
        begin(&limits);
        ask("a", WIRE_QUICK);
        ask("b", WIRE_ALONE);
        ask("c", WIRE_MORE);
        turn(30);
        ask("d", WIRE_QUICK); /* not behind the first */
        turn(20);
        TOLD("");
        turn(80);
        const char *all = heard_so_far();
        for (const char *const *one = (const char *const[]){"a", "b", "c", "d", NULL}; *one != NULL; one++) {
                char words[32];
                (void)snprintf(words, sizeof words, "%s?Unavailable-late ", *one);
                assert_non_null(strstr(all, words));
        }
        int fd, closed = 0;
        while ((fd = take()) >= 0) {
                while (strchr(hear(fd), '|') != NULL)
                        ;
                closed += strcmp(hear(fd), "(gone)") == 0;
                (void)close(fd);
        }
        assert_int_equal(closed, 4); /* what would still come is of no use */
        turn(20);
        ask("e", WIRE_QUICK);
        turn(5);
        fd = taken();
        say(fd, "{}|");
        turn(5);
        TOLD("e={} ");
        end();
        (void)close(fd);
}

/* A watch has a limit to its first reply only. */
static void a_watch_lasts(void **state)
{
        (void)state;
        struct wire_line_limits limits = {.timeout_ms = 40};
        begin(&limits);
        ask("w", WIRE_MORE);
        turn(2);
        int fd = taken();
        say(fd, "{\"parameters\":{},\"continues\":true}|");
        turn(120);
        TOLD("w={}+ ");
        say(fd, "{\"parameters\":{\"n\":1},\"continues\":true}|{\"error\":\"nas.error.Unauthenticated\"}|");
        turn(5);
        TOLD("w={\"n\":1}+ w!nas.error.Unauthenticated{} ");
        end();
        (void)close(fd);
}

static void nobody_takes_connections(void **state)
{
        (void)state;
        struct wire_line_limits limits = {.timeout_ms = 100};
        begin(&limits);
        daemon_end();
        daemon_begin(0);
        turn(20);
        for (int i = 0; i < 5; i++)
                ask("a", WIRE_ALONE);
        turn(200);
        assert_int_equal(strlen(heard_so_far()), 5 * strlen("a?Unavailable-late "));
        assert_true(wire_line_is_up(line)); /* it is there, and hangs */
        end();
}

static void who_dies_in_the_middle(void **state)
{
        (void)state;
        begin(NULL);
        ask("read", WIRE_QUICK);
        ask("change", WIRE_ALONE);
        ask("watch", WIRE_MORE);
        ask("answered", WIRE_QUICK);
        turn(2);
        int read_fd = -1, fds[3];
        for (int i = 0; i < 3; i++)
                fds[i] = taken();
        for (int i = 0; i < 3; i++)
                if (strcmp(hear(fds[i]), LOOK LOOK) == 0)
                        read_fd = fds[i];
        assert_true(read_fd >= 0);
        say(read_fd, "{\"parameters\":{\"n\":1}}|{\"para"); /* the first is answered, of the second a piece came */
        turn(2);
        for (int i = 0; i < 3; i++)
                (void)close(fds[i]);
        turn(2);
        const char *all = heard_so_far();
        assert_non_null(strstr(all, "read={\"n\":1} "));
        assert_non_null(strstr(all, "change?Unavailable "));
        assert_non_null(strstr(all, "watch?Unavailable "));
        assert_null(strstr(all, "answered"));
        int again = taken();
        assert_string_equal(hear(again), LOOK); /* only that one, and only once more */
        assert_string_equal(hear(again), "");
        assert_int_equal(take(), -1);
        (void)close(again);
        turn(5);
        TOLD("answered?Unavailable ");
        end();
}

/* What was kept for the next call was closed meanwhile: nothing was sent, so even a change may go another way. */
static void a_change_that_was_not_sent_is(void **state)
{
        (void)state;
        begin(NULL);
        turn(5);
        int fd = taken();
        ask("change", WIRE_ALONE);
        (void)close(fd);
        turn(30);
        TOLD("");
        fd = taken();
        assert_string_equal(hear(fd), LOOK);
        (void)close(fd);
        turn(5);
        TOLD("change?Unavailable ");
        end();
}

static void who_hangs_up_at_once_is_left_in_peace(void **state)
{
        (void)state;
        unsigned connections = 0, until = now_ms() + 300;
        begin(NULL);
        ask("a", WIRE_QUICK);
        while (now_ms() < until) {
                for (int fd; (fd = take()) >= 0; connections++)
                        (void)close(fd);
                turn(1);
        }
        assert_true(connections >= 2 && connections <= 8);
        TOLD("a?Unavailable ");
        end();
}

static void nonsense(const char *reply, size_t length)
{
        begin(NULL);
        ask("a", WIRE_QUICK);
        ask("b", WIRE_QUICK);
        turn(2);
        int fd = taken();
        assert_int_equal(send(fd, reply, length, MSG_NOSIGNAL), (ssize_t)length);
        turn(2);
        TOLD("a?Unavailable ");
        (void)hear(fd);
        assert_string_equal(hear(fd), "(gone)");
        (void)close(fd);
        turn(30);
        fd = taken(); /* the other one is asked again */
        say(fd, "{}|");
        turn(2);
        TOLD("b={} ");
        end();
        (void)close(fd);
}

static void nonsense_is_no_answer(void **state)
{
        (void)state;
        static const char *const table[] = {
                "",
                "{",
                "[]",
                "null",
                "{\"parameters\":[]}",
                "{\"parameters\":\"x\"}",
                "{\"parameters\":{}",
                "{\"parameters\":{}}}",
                "{\"error\":1}",
                "{\"error\":\"\"}",
                "{\"error\":\"a\\u0062\"}",
                "{\"error\":\"nas.error\\nNotFound\"}",
                "{\"continues\":1}",
                "{\"continues\":true}", /* nobody asked for more */
                "{\"error\":"
                "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                "aa"
                "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}",
        };
        for (size_t i = 0; i < ARRAY_SIZE(table); i++)
                nonsense(table[i], strlen(table[i]) + 1);
}

static void who_speaks_unasked_is_cut_off(void **state)
{
        (void)state;
        begin(NULL);
        turn(5);
        int fd = taken();
        say(fd, "{}|");
        turn(5);
        assert_string_equal(hear(fd), "(gone)");
        (void)close(fd);
        end();
}

static void a_flood_ends(void **state)
{
        (void)state;
        struct wire_line_limits limits = {.message_max = 100 * 1000};
        static char flood[64 * 1024];
        for (int whole = 0; whole < 2; whole++) { /* a message without end, and one that has one, too late */
                begin(&limits);
                ask("a", WIRE_QUICK);
                turn(2);
                int fd = taken();
                memset(flood, ' ', sizeof flood);
                size_t sent = 0;
                for (int i = 0; i < 40; i++) {
                        size_t size = whole && sent < 100 * 1000 ? 100 * 1000 + 1 - sent : sizeof flood;
                        size = size > sizeof flood ? sizeof flood : size;
                        if (whole && sent + size == 100 * 1000 + 1)
                                memcpy(flood + size - 3, "{}", 3);
                        ssize_t went = send(fd, flood, size, MSG_NOSIGNAL);
                        sent += went > 0 ? (size_t)went : 0;
                        turn(1);
                        if (went < 0 && errno == EPIPE)
                                break;
                }
                assert_true(sent < 500 * 1000);
                const char *all = heard_so_far();
                assert_string_equal(all, whole ? "a={} " : "a?Unavailable ");
                end();
                (void)close(fd);
        }
}

static void too_much_at_once_is_refused(void **state)
{
        (void)state;
        struct wire_line_limits limits = {.backlog_max = 10 * (sizeof LOOK - 1)};
        begin(&limits);
        for (int i = 0; i < 12; i++)
                ask("a", WIRE_QUICK);
        turn(5);
        TOLD("a?Busy a?Busy ");
        int fd = taken();
        for (int i = 0; i < 10; i++)
                say(fd, "{}|");
        turn(5);
        assert_int_equal(strlen(heard_so_far()), 10 * strlen("a={} "));
        char large[400] = "{\"x\":\"";
        memset(large + 6, 'x', sizeof large - 8);
        memcpy(large + sizeof large - 2, "\"}", 2);
        (void)hear(fd);
        wire_line_call(line, "nas.test.Look", large, sizeof large, WIRE_QUICK, tell, (void *)(uintptr_t) "large");
        turn(5);
        TOLD(""); /* one is taken always */
        assert_true(strlen(hear(fd)) > sizeof large);
        say(fd, "{}|");
        turn(5);
        TOLD("large={} ");
        end();
        (void)close(fd);
}

/* --- callers who give up --- */

static struct wire_ask *victim;

static void tell_and_cancel(const struct wire_answer *answer, void *context)
{
        tell(answer, context);
        if (victim != NULL)
                wire_ask_cancel(TAKE(victim));
}

static struct wire_ask *ask_and_cancel(const char *name, enum wire_manner manner)
{
        return wire_line_call(line, "nas.test.Look", "{}", 2, manner, tell_and_cancel, (void *)(uintptr_t)name);
}

static void nothing_is_told_after_a_cancel(void **state)
{
        (void)state;
        static const enum wire_manner manners[] = {WIRE_QUICK, WIRE_ALONE, WIRE_MORE};
        for (size_t i = 0; i < ARRAY_SIZE(manners); i++)
                for (int moment = 0; moment < 4; moment++) {
                        begin(NULL);
                        struct wire_ask *one = ask("a", manners[i]);
                        if (moment == 0)
                                wire_ask_cancel(one);
                        turn(2);
                        int fd = taken();
                        if (moment == 1)
                                wire_ask_cancel(one);
                        say(fd, "{\"par");
                        turn(2);
                        if (moment == 2)
                                wire_ask_cancel(one);
                        (void)send(fd, "ameters\":{}}", 13, MSG_NOSIGNAL);
                        if (moment == 3)
                                wire_ask_cancel(one);
                        turn(2);
                        TOLD("");
                        end();
                        (void)close(fd);
                }
}

static void others_are_answered_after_a_cancel(void **state)
{
        (void)state;
        begin(NULL);
        ask("a", WIRE_QUICK);
        struct wire_ask *one = ask("b", WIRE_QUICK);
        ask("c", WIRE_QUICK);
        turn(2);
        wire_ask_cancel(one);
        int fd = taken();
        say(fd, "{\"parameters\":{\"n\":1}}|{\"parameters\":{\"n\":2}}|{\"parameters\":{\"n\":3}}|");
        turn(2);
        TOLD("a={\"n\":1} c={\"n\":3} ");
        end();
        (void)close(fd);
}

static void a_watch_ends_with_its_connection(void **state)
{
        (void)state;
        begin(NULL);
        struct wire_ask *watch = ask("w", WIRE_MORE);
        turn(2);
        int fd = taken();
        say(fd, "{\"parameters\":{},\"continues\":true}|");
        turn(2);
        wire_ask_cancel(watch);
        turn(2);
        TOLD("w={}+ ");
        assert_string_equal(hear(fd), LOOK_MORE);
        assert_string_equal(hear(fd), "(gone)");
        (void)close(fd);
        /* and from within what it is told, with more behind */
        victim = ask_and_cancel("v", WIRE_MORE);
        turn(2);
        fd = taken();
        say(fd, "{\"continues\":true}|{\"continues\":true}|");
        turn(2);
        TOLD("v={}+ ");
        end();
        (void)close(fd);
}

static void callers_cancel_each_other(void **state)
{
        (void)state;
        static const char *const replies[] = {"{}|{}|{}|", "nonsense|", ""};
        for (size_t i = 0; i <= ARRAY_SIZE(replies); i++) { /* answered, broken, hung up, down */
                struct wire_line_limits limits = {.timeout_ms = 60};
                begin(&limits);
                if (i == 3)
                        daemon_end();
                ask_and_cancel("a", WIRE_QUICK);
                victim = ask("b", WIRE_QUICK);
                struct wire_ask *third = ask("c", WIRE_QUICK);
                turn(2);
                int fd = i == 3 ? -1 : take();
                if (i < 2)
                        say(fd, replies[i]);
                turn(100); /* i == 2: late */
                assert_null(victim);
                const char *all = heard_so_far();
                assert_true(*all == 'a' && strstr(all, " b") == NULL && strstr(all, " c") != NULL);
                (void)third;
                end();
                if (fd >= 0)
                        (void)close(fd);
        }
}

/* A change whose caller went away is sent all the same. */
static void a_cancelled_change_goes_on(void **state)
{
        (void)state;
        begin(NULL);
        struct wire_ask *change = ask("a", WIRE_ALONE);
        turn(1);
        wire_ask_cancel(change);
        turn(2);
        int fd = taken();
        assert_string_equal(hear(fd), LOOK);
        assert_string_equal(hear(fd), "(gone)");
        (void)close(fd);
        end();
}

static void who_has_no_room_is_told_later(void **state)
{
        (void)state;
        begin(NULL);
        struct wire_ask *watch = ask("w", WIRE_MORE);
        turn(2);
        int fd = taken();
        say(fd, "{\"parameters\":{\"n\":0},\"continues\":true}|");
        turn(2);
        TOLD("w={\"n\":0}+ ");
        wire_ask_pause(watch);
        wire_ask_pause(watch);
        unsigned sent = 0;
        for (int i = 0; i < 100000; i++) {
                char text[64];
                int length = snprintf(text, sizeof text, "{\"parameters\":{\"n\":%d},\"continues\":true}", i);
                if (send(fd, text, (size_t)length + 1, MSG_NOSIGNAL) < 0)
                        break;
                sent++;
                if (i % 100 == 0)
                        turn(0);
        }
        assert_true(sent > 100 && sent < 50000); /* the daemon has to wait: nothing is read */
        TOLD("");
        wire_ask_resume(watch);
        unsigned count = 0;
        for (int i = 0; i < 3000 && count < sent; i++) {
                turn(0);
                for (const char *at = heard_so_far(); (at = strstr(at, "}+ ")) != NULL; at++)
                        count++;
        }
        assert_int_equal(count, sent);
        wire_ask_pause(watch);
        wire_ask_cancel(watch);
        turn(2);
        end();
        (void)close(fd);
}

static void tell_and_pause(const struct wire_answer *answer, void *context)
{
        tell(answer, context);
        if (victim != NULL)
                wire_ask_pause(victim);
}

static void a_pause_holds_back_what_has_come(void **state)
{
        (void)state;
        begin(NULL);
        victim = wire_line_call(line, "nas.test.Look", "{}", 2, WIRE_MORE, tell_and_pause, (void *)(uintptr_t) "w");
        turn(2);
        int fd = taken();
        say(fd, "{\"continues\":true}|{\"continues\":true}|{\"continues\":tr");
        turn(5);
        TOLD("w={}+ ");
        wire_ask_resume(victim);
        TOLD("");
        turn(5);
        TOLD("w={}+ ");
        wire_ask_resume(victim);
        turn(5);
        TOLD("");
        say(fd, "ue}|");
        turn(5);
        TOLD("w={}+ ");
        (void)close(fd);
        turn(5);
        TOLD(""); /* not seen before it is read */
        wire_ask_resume(victim);
        victim = NULL;
        turn(5);
        TOLD("w?Unavailable ");
        end();
}

int main(void)
{
        crypto_start();
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(who_is_down_is_said_to_be_at_once),
                cmocka_unit_test(who_hangs_is_given_up),
                cmocka_unit_test(a_watch_lasts),
                cmocka_unit_test(nobody_takes_connections),
                cmocka_unit_test(who_dies_in_the_middle),
                cmocka_unit_test(a_change_that_was_not_sent_is),
                cmocka_unit_test(who_hangs_up_at_once_is_left_in_peace),
                cmocka_unit_test(nonsense_is_no_answer),
                cmocka_unit_test(who_speaks_unasked_is_cut_off),
                cmocka_unit_test(a_flood_ends),
                cmocka_unit_test(too_much_at_once_is_refused),
                cmocka_unit_test(nothing_is_told_after_a_cancel),
                cmocka_unit_test(others_are_answered_after_a_cancel),
                cmocka_unit_test(a_watch_ends_with_its_connection),
                cmocka_unit_test(callers_cancel_each_other),
                cmocka_unit_test(a_cancelled_change_goes_on),
                cmocka_unit_test(who_has_no_room_is_told_later),
                cmocka_unit_test(a_pause_holds_back_what_has_come),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
