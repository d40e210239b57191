/* A line when all goes well: which call goes over which connection, replies in order, watches, descriptors; and many
 * calls of all manners to a real service that breaks off now and then.
 * Rights: none; a socket below /tmp. */
#include "tests/unit/wire/line_bench.h"

static void calls_of_a_turn_share_one_connection(void **state)
{
        (void)state;
        begin(NULL);
        turn(5);
        int fd = taken();
        assert_true(fd >= 0 && wire_line_is_up(line)); /* made ahead of the first call */
        ask("a", WIRE_QUICK);
        ask("b", WIRE_QUICK);
        ask("c", WIRE_QUICK);
        assert_string_equal(hear(fd), ""); /* not from within the call */
        turn(5);
        assert_string_equal(hear(fd), LOOK LOOK LOOK);
        say(fd, "{\"parameters\":{\"n\":1}}|{\"error\":\"nas.error.NotFound\",\"parameters\":{\"field\":\"x\"}}|{}|");
        turn(5);
        TOLD("a={\"n\":1} b!nas.error.NotFound{\"field\":\"x\"} c={} ");
        ask("d", WIRE_QUICK);
        turn(1);
        assert_string_equal(hear(fd), LOOK);
        say(fd, "{\"parameters\":{}}|");
        turn(5);
        TOLD("d={} ");
        assert_int_equal(take(), -1);
        end();
        assert_string_equal(hear(fd), "(gone)");
        (void)close(fd);
}

static void note_members(const struct wire_answer *answer, void *context)
{
        const struct json_place *list = &answer->members[1];

        (void)snprintf(context, 64, "%s %.*s %zu", answer->members[0].value == NULL ? "no" : "next", (int)list->length,
                       list->value == NULL ? "" : list->value, list->items);
}

/* Those of its own parameters, whatever else the reply has. */
static void members_are_found_while_it_is_read(void **state)
{
        (void)state;
        struct json_place members[] = {{.name = "next"}, {.name = "list"}};
        char found[64] = "";
        begin(NULL);
        wire_ask_wants(wire_line_call(line, "nas.test.Look", "{}", 2, WIRE_QUICK, note_members, found), members, 2);
        struct wire_ask *gone = wire_line_call(line, "nas.test.Look", "{}", 2, WIRE_QUICK, note_members, found);
        wire_ask_wants(gone, members, 2);
        turn(5);
        int fd = taken();
        assert_string_equal(hear(fd), LOOK LOOK);
        say(fd, "{\"parameters\":{\"list\":[1,{\"next\":2}]},\"next\":3}|");
        turn(5);
        assert_string_equal(found, "no [1,{\"next\":2}] 2");
        wire_ask_cancel(gone);
        memset(members, 0, sizeof members); /* they are the caller's again */
        say(fd, "{\"parameters\":{\"list\":[]}}|");
        turn(5);
        assert_null(members[1].value);
        end();
        (void)close(fd);
}

static void what_takes_long_holds_up_nobody(void **state)
{
        (void)state;
        begin(NULL);
        ask("slow", WIRE_QUICK);
        turn(10);
        int slow = take();
        ask("next", WIRE_QUICK);
        turn(5);
        int next = take();
        assert_true(slow >= 0 && next >= 0);
        assert_string_equal(hear(slow), LOOK);
        assert_string_equal(hear(next), LOOK);
        say(next, "{\"parameters\":{\"n\":2}}|");
        turn(5);
        TOLD("next={\"n\":2} ");
        ask("third", WIRE_QUICK); /* over the one that is free again */
        turn(5);
        assert_string_equal(hear(next), LOOK);
        say(slow, "{\"parameters\":{\"n\":1}}|");
        say(next, "{\"parameters\":{\"n\":3}}|");
        turn(5);
        const char *both = heard_so_far();
        assert_true(strstr(both, "slow={\"n\":1}") != NULL && strstr(both, "third={\"n\":3}") != NULL);
        assert_int_equal(take(), -1);
        end();
        (void)close(slow);
        (void)close(next);
}

static void changes_and_watches_have_one_of_their_own(void **state)
{
        (void)state;
        int fds[3];
        begin(NULL);
        ask("change", WIRE_ALONE);
        ask("watch", WIRE_MORE);
        ask("read", WIRE_QUICK);
        turn(5);
        for (int i = 0; i < 3; i++)
                fds[i] = taken();
        assert_int_equal(take(), -1);
        assert_string_equal(hear(fds[0]), LOOK);
        assert_string_equal(hear(fds[1]), LOOK_MORE);
        assert_string_equal(hear(fds[2]), LOOK);
        ask("again", WIRE_QUICK);
        turn(1);
        say(fds[1], "{\"parameters\":{\"n\":1},\"continues\":true}|{\"continues\":true,\"parameters\":{\"n\":2}}|");
        turn(5);
        TOLD("watch={\"n\":1}+ watch={\"n\":2}+ ");
        say(fds[0], "{\"parameters\":{}}|");
        say(fds[1], "{\"parameters\":{\"n\":3},\"continues\":false}|");
        turn(5);
        const char *all = heard_so_far();
        assert_true(strstr(all, "change={} ") != NULL && strstr(all, "watch={\"n\":3} ") != NULL);
        end();
        for (int i = 0; i < 3; i++)
                (void)close(fds[i]);
}

static void changes_of_one_method_and_moment_share(void **state)
{
        (void)state;
        static const char other[] = "{\"method\":\"nas.test.Other\",\"parameters\":{}}|";
        int fds[3];
        begin(NULL);
        struct wire_ask *first = ask("a", WIRE_CHANGE);
        ask("b", WIRE_CHANGE);
        (void)wire_line_call(line, "nas.test.Other", "{}", 2, WIRE_CHANGE, tell, (void *)(uintptr_t) "o");
        ask("c", WIRE_CHANGE);
        turn(5);
        ask("later", WIRE_CHANGE); /* those before it may take long */
        turn(5);
        for (int i = 0; i < 3; i++)
                fds[i] = taken();
        assert_int_equal(take(), -1);
        assert_string_equal(hear(fds[0]), LOOK LOOK LOOK);
        assert_string_equal(hear(fds[1]), other);
        assert_string_equal(hear(fds[2]), LOOK);
        wire_ask_cancel(first); /* the others are still waited for */
        turn(5);
        say(fds[1], "{\"parameters\":{}}|");
        say(fds[0], "{\"parameters\":{\"n\":1}}|{\"parameters\":{\"n\":2}}|");
        turn(5);
        const char *both = heard_so_far();
        assert_true(strstr(both, "o={}") != NULL && strstr(both, "b={\"n\":2}") != NULL && strstr(both, "a=") == NULL);
        (void)close(fds[0]); /* was it done? nobody knows: it is not asked again */
        turn(5);
        TOLD("c?Unavailable ");
        say(fds[2], "{\"parameters\":{\"n\":3}}|");
        turn(5);
        TOLD("later={\"n\":3} ");
        end();
        (void)close(fds[1]);
        (void)close(fds[2]);
}

static void a_few_are_kept(void **state)
{
        (void)state;
        int fds[40];
        unsigned open_ones = 0;
        begin(NULL);
        for (int i = 0; i < 40; i++)
                ask("x", WIRE_ALONE);
        turn(5);
        for (int i = 0; i < 40; i++) {
                fds[i] = taken();
                assert_string_equal(hear(fds[i]), LOOK);
                say(fds[i], "{}|");
        }
        turn(10);
        assert_int_equal(strlen(heard_so_far()), 40 * strlen("x={} "));
        for (int i = 0; i < 40; i++)
                open_ones += strcmp(hear(fds[i]), "(gone)") != 0;
        assert_int_equal(open_ones, 32);
        ask("y", WIRE_ALONE);
        turn(5);
        assert_int_equal(take(), -1); /* one of those */
        end();
        for (int i = 0; i < 20; i++)
                (void)close(fds[i]);
}

static void there_are_only_so_many(void **state)
{
        (void)state;
        struct wire_line_limits limits = {.connections_max = 5, .waiting_max = 3, .timeout_ms = 400};
        int fds[5];
        begin(&limits);
        for (int i = 0; i < 7; i++)
                ask("w", WIRE_MORE);
        ask("q", WIRE_QUICK); /* the last two are not for those that keep theirs */
        turn(5);
        TOLD("w?Busy ");
        for (int i = 0; i < 4; i++)
                fds[i] = taken();
        assert_int_equal(take(), -1);
        for (int i = 0; i < 3; i++)
                assert_string_equal(hear(fds[i]), LOOK_MORE);
        assert_string_equal(hear(fds[3]), LOOK);
        say(fds[3], "{}|");
        say(fds[0], "{\"parameters\":{}}|"); /* one ends: the next has its connection */
        turn(5);
        assert_non_null(strstr(heard_so_far(), "w={} "));
        assert_string_equal(hear(fds[0]), LOOK_MORE);
        end();
        for (int i = 0; i < 4; i++)
                (void)close(fds[i]);
}

static void replies_come_in_pieces(void **state)
{
        (void)state;
        static const char replies[] = "{\"parameters\":{\"text\":\"abc\"}}|{\"parameters\":{\"text\":\"d\\\"e}\"}}|";
        for (size_t piece = 1; piece < sizeof replies - 1; piece += 7) {
                begin(NULL);
                ask("a", WIRE_QUICK);
                ask("b", WIRE_QUICK);
                turn(2);
                int fd = taken();
                for (size_t at = 0; at < strlen(replies); at += piece) {
                        char part[sizeof replies] = "";
                        memcpy(part, replies + at, at + piece > strlen(replies) ? strlen(replies) - at : piece);
                        say(fd, part);
                        turn(0);
                }
                turn(2);
                TOLD("a={\"text\":\"abc\"} b={\"text\":\"d\\\"e}\"} ");
                end();
                (void)close(fd);
        }
}

static void a_large_reply_is_whole(void **state)
{
        (void)state;
        enum { LARGE = 300 * 1000 };
        static const char head[] = "{\"parameters\":{\"text\":\"", tail[] = "\"}}";
        char *text = mem_new(LARGE + sizeof head + sizeof tail, 1);
        memset(text, 'x', LARGE + sizeof head + sizeof tail);
        memcpy(text, head, sizeof head - 1);
        memcpy(text + LARGE, tail, sizeof tail);
        begin(NULL);
        ask("a", WIRE_QUICK);
        turn(2);
        int fd = taken();
        for (size_t at = 0, length = LARGE + sizeof tail; at < length; turn(1)) {
                ssize_t went = send(fd, text + at, length - at, MSG_NOSIGNAL);
                at += went > 0 ? (size_t)went : 0;
        }
        turn(2);
        assert_int_equal(strlen(heard_so_far()), sizeof told - 1); /* as much of it as fits there */
        free(text);
        end();
        (void)close(fd);
}

/* A descriptor goes to the reply it came with. */
static void descriptors_come_with_their_reply(void **state)
{
        (void)state;
        int pipe_fds[2];
        begin(NULL);
        ask("a", WIRE_QUICK);
        ask("b", WIRE_QUICK);
        struct wire_ask *unwanted = ask("c", WIRE_QUICK);
        turn(2);
        int fd = taken();
        assert_int_equal(pipe(pipe_fds), 0);
        say(fd, "{}|");
        static const char with[] = "{\"parameters\":{\"fd\":1}}";
        assert_int_equal(socket_send(fd, with, sizeof with, &pipe_fds[1], 1), sizeof with);
        turn(2);
        wire_ask_cancel(unwanted);
        assert_int_equal(socket_send(fd, with, sizeof with, &pipe_fds[1], 1), sizeof with);
        (void)close(pipe_fds[1]);
        turn(2);
        TOLD("a={} b={\"fd\":1} ");
        char byte;
        assert_int_equal(read(pipe_fds[0], &byte, 1), 0); /* all copies are closed, the unwanted one too */
        (void)close(pipe_fds[0]);
        ask("d", WIRE_QUICK); /* two for one message are too many */
        turn(2);
        int two[2] = {open("/dev/null", O_RDONLY | O_CLOEXEC), open("/dev/null", O_RDONLY | O_CLOEXEC)};
        assert_int_equal(socket_send(fd, "{", 1, &two[0], 1), 1);
        turn(2);
        assert_int_equal(socket_send(fd, "}", 2, &two[1], 1), 2);
        turn(2);
        TOLD("d?Unavailable ");
        (void)close(two[0]);
        (void)close(two[1]);
        end();
        (void)close(fd);
}

/* --- all at once, with a real service --- */

enum { SOAK_ASKS = 4000 };

static struct soak {
        struct wire_ask *ask;
        unsigned number, answers;
        bool over, cancelled, changes;
} soaks[SOAK_ASKS];
static unsigned soak_made, soak_over, soak_lost, soak_served[SOAK_ASKS];
static uint64_t seed = 88172645463325252u;

static unsigned below(unsigned limit)
{
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        return (unsigned)(seed % limit);
}

static void soak_serve(struct call *call)
{
        const struct json *number = json_member(call_parameters(call), "n");
        soak_served[json_integer(number)]++;
        CLEANUP(json_out_freep) struct json_out *out = json_out_new();
        json_out_value(out, call_parameters(call));
        for (unsigned i = below(4); call_wants_more(call) && i > 0; i--)
                call_reply_more(call, out);
        call_reply(call, out);
}

static void soak_told(const struct wire_answer *answer, void *context)
{
        struct soak *soak = context;
        char expected[32];
        assert_false(soak->over || soak->cancelled);
        if (answer->failure == NULL) {
                (void)snprintf(expected, sizeof expected, "{\"n\":%u}", soak->number);
                assert_int_equal(answer->length, strlen(expected));
                assert_memory_equal(answer->parameters, expected, answer->length);
        } else {
                soak_lost++;
        }
        soak->over = !answer->continues;
        soak_over += soak->over;
        soak->answers++;
}

static const struct wire_method soak_methods[] = {{.name = "Look", .serve = soak_serve, .flags = METHOD_MORE},
                                                  {.name = NULL}};
static const struct wire_interface soak_interface = {.name = "nas.test", .description = "", .methods = soak_methods};
static const struct wire_interface *const soak_interfaces[] = {&soak_interface, NULL};

static struct wire_server *soak_server(void)
{
        struct wire_service service = {
                .vendor = "", .product = "", .version = "", .url = "", .interfaces = soak_interfaces};
        struct wire_server *server = wire_server_new(loop, &service);
        wire_server_listen(server, fcntl(listener, F_DUPFD_CLOEXEC, 3));
        return server;
}

static void soak_one(void)
{
        struct soak *soak = &soaks[soak_made];
        char parameters[32];
        *soak = (struct soak){.number = soak_made};
        (void)snprintf(parameters, sizeof parameters, "{\"n\":%u}", soak_made++);
        unsigned kind = below(10);
        enum wire_manner manner = kind < 6 ? WIRE_QUICK : kind < 8 ? WIRE_MORE : kind < 9 ? WIRE_CHANGE : WIRE_ALONE;
        soak->changes = manner == WIRE_ALONE || manner == WIRE_CHANGE;
        soak->ask = wire_line_call(line, "nas.test.Look", parameters, strlen(parameters), manner, soak_told, soak);
        if (manner == WIRE_MORE && below(3) == 0) {
                wire_ask_pause(soak->ask);
                wire_ask_resume(soak->ask);
        }
}

static void many_at_once_are_answered_once(void **state)
{
        (void)state;
        struct wire_line_limits limits = {.connections_max = 12, .waiting_max = SOAK_ASKS};
        begin(&limits);
        struct wire_server *server = soak_server();
        soak_made = soak_over = soak_lost = 0;
        unsigned cancelled = 0;
        while (soak_made < SOAK_ASKS) {
                for (unsigned i = below(40); i > 0 && soak_made < SOAK_ASKS; i--)
                        soak_one();
                if (below(2) == 0)
                        turn(0);
                struct soak *some = &soaks[soak_made == 0 ? 0 : below(soak_made)];
                if (some->ask != NULL && !some->over && !some->cancelled) {
                        some->cancelled = true;
                        cancelled++;
                        wire_ask_cancel(some->ask);
                }
                if (below(100) == 0) { /* it dies, and another takes its place */
                        wire_server_free(server);
                        server = soak_server();
                }
        }
        for (int i = 0; i < 2000 && soak_over + cancelled < soak_made; i++)
                turn(1);
        assert_int_equal(soak_over + cancelled, soak_made);
        for (unsigned i = 0; i < soak_made; i++)
                assert_true(soak_served[i] <= (soaks[i].changes ? 1 : 2)); /* a change never twice */
        wire_server_free(server);
        end();
}

int main(void)
{
        crypto_start();
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(calls_of_a_turn_share_one_connection),
                cmocka_unit_test(members_are_found_while_it_is_read),
                cmocka_unit_test(what_takes_long_holds_up_nobody),
                cmocka_unit_test(changes_and_watches_have_one_of_their_own),
                cmocka_unit_test(changes_of_one_method_and_moment_share),
                cmocka_unit_test(a_few_are_kept),
                cmocka_unit_test(there_are_only_so_many),
                cmocka_unit_test(replies_come_in_pieces),
                cmocka_unit_test(a_large_reply_is_whole),
                cmocka_unit_test(descriptors_come_with_their_reply),
                cmocka_unit_test(many_at_once_are_answered_once),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
