/* The Varlink service, spoken to over a socket pair: framing, order, limits, errors, descriptors.
 * Rights: none. */
#include "base/crypto.h"
#include "base/mem.h"
#include "wire/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

static struct call *held[64];
static size_t held_count, gone_count;
static struct loop *loop;

static void answer(struct call *call, const char *text)
{
        struct json_out *out = json_out_new();
        json_out_object(out);
        json_out_key(out, "text");
        json_out_text(out, text);
        json_out_object_end(out);
        call_reply(call, out);
        json_out_free(out);
}

static void echo(struct call *call)
{
        const struct json *text = json_member(call_parameters(call), "text");
        if (json_length(call_parameters(call)) != 1 || json_type_of(text) != JSON_TEXT) {
                call_invalid_parameter(call, "text");
                return;
        }
        answer(call, json_text(text, NULL));
}

static void who(struct call *call)
{
        answer(call, call_caller(call)->ticket);
}

static void gone(void *context)
{
        (void)context;
        gone_count++;
}

static void hold(struct call *call)
{
        call_on_gone(call, gone, NULL);
        held[held_count++] = call;
}

static void count(struct call *call)
{
        for (int i = 0; i < 3 && call_wants_more(call); i++)
                call_reply_more(call, NULL);
        call_reply(call, NULL);
}

static void refuse(struct call *call)
{
        struct failure failure;
        (void)failure_set(&failure, FAILURE_CONFLICT, "name", "pick another", "alice is taken");
        call_fail(call, &failure);
}

static void read_fd(struct call *call)
{
        char text[16] = "";
        int fd = call_take_fd(call);
        if (fd >= 0) {
                assert_true(read(fd, text, sizeof text - 1) >= 0);
                close(fd);
        }
        answer(call, text);
}

static const struct wire_method methods[] = {
        {.name = "Echo", .serve = echo},
        {.name = "Who", .serve = who},
        {.name = "Hold", .serve = hold},
        {.name = "Count", .serve = count, .flags = METHOD_MORE},
        {.name = "Refuse", .serve = refuse},
        {.name = "ReadFd", .serve = read_fd},
        {.name = NULL},
};
static const struct wire_interface interface = {
        .name = "nas.test", .description = "interface nas.test", .methods = methods};
static const struct wire_interface *const interfaces[] = {&interface, NULL};

struct bench {
        struct wire_server *server;
        int client;
};

static struct bench bench_new(struct wire_limits limits)
{
        struct wire_service service = {
                .vendor = "v", .product = "p", .version = "1", .url = "u", .interfaces = interfaces, .limits = limits};
        loop = loop_new();
        held_count = gone_count = 0;
        struct bench bench = {.server = wire_server_new(loop, &service)};
        int pair[2];
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair), 0);
        wire_server_adopt(bench.server, pair[0]);
        bench.client = pair[1];
        return bench;
}

static void bench_free(struct bench *bench)
{
        wire_server_free(bench->server);
        loop_free(loop);
        if (bench->client >= 0)
                close(bench->client);
}

static void stop(void *context)
{
        loop_stop(context);
}

static void turn(void)
{
        struct loop_watch *timer = loop_timer(loop, 5, stop, loop);
        assert_int_equal(loop_run(loop), 0);
        loop_unwatch(timer);
}

static void say(struct bench *bench, const char *text)
{
        assert_int_equal(send(bench->client, text, strlen(text) + 1, MSG_NOSIGNAL), (ssize_t)strlen(text) + 1);
}

/* Everything answered so far; messages are ended by | instead of NUL. "" when the server closed. */
static const char *hear(struct bench *bench)
{
        static char answer_text[8192];
        turn();
        ssize_t got = recv(bench->client, answer_text, sizeof answer_text - 1, 0);
        if (got <= 0)
                return got == 0 ? "closed" : "nothing";
        for (ssize_t i = 0; i < got; i++)
                if (answer_text[i] == '\0')
                        answer_text[i] = '|';
        answer_text[got] = '\0';
        return answer_text;
}

static void calls_are_answered(void **state)
{
        (void)state;
        struct bench bench = bench_new((struct wire_limits){0});
        say(&bench, "{\"method\":\"nas.test.Echo\",\"parameters\":{\"text\":\"hi\"}}");
        assert_string_equal(hear(&bench), "{\"parameters\":{\"text\":\"hi\"}}|");
        say(&bench, "{\"method\":\"nas.test.Echo\",\"oneway\":true,\"parameters\":{\"text\":\"hi\"}}");
        assert_string_equal(hear(&bench), "nothing");
        say(&bench, "{\"method\":\"nas.test.Who\",\"parameters\":{\"caller\":{\"ticket\":\"t1\"}}}");
        assert_string_equal(hear(&bench), "{\"parameters\":{\"text\":\"t1\"}}|");
        say(&bench, "{\"method\":\"nas.test.Count\",\"more\":true}");
        assert_string_equal(hear(&bench),
                            "{\"parameters\":{},\"continues\":true}|{\"parameters\":{},\"continues\":true}|"
                            "{\"parameters\":{},\"continues\":true}|{\"parameters\":{}}|");
        say(&bench, "{\"method\":\"nas.test.Refuse\"}");
        assert_string_equal(hear(&bench), "{\"error\":\"nas.error.Conflict\",\"parameters\":{\"field\":\"name\","
                                          "\"message\":\"alice is taken\",\"next\":\"pick another\"}}|");
        say(&bench, "{\"method\":\"org.varlink.service.GetInfo\"}");
        assert_string_equal(hear(&bench),
                            "{\"parameters\":{\"vendor\":\"v\",\"product\":\"p\",\"version\":\"1\",\"url\":\"u\","
                            "\"interfaces\":[\"org.varlink.service\",\"nas.test\"]}}|");
        bench_free(&bench);
}

static void what_is_unknown_is_named(void **state)
{
        (void)state;
        static const char *const table[][2] = {
                {"{\"method\":\"nas.none.X\"}", "InterfaceNotFound\",\"parameters\":{\"interface\":\"nas.none\"}}|"},
                {"{\"method\":\"nas.test.X\"}", "MethodNotFound\",\"parameters\":{\"method\":\"X\"}}|"},
                {"{\"method\":\"x\"}", "InterfaceNotFound\",\"parameters\":{\"interface\":\"\"}}|"},
                {"{\"method\":\"nas.test.Who\",\"parameters\":{\"caller\":{\"tickets\":\"\"}}}",
                 "InvalidParameter\",\"parameters\":{\"parameter\":\"caller.tickets\"}}|"},
                {"{\"method\":\"nas.test.Who\",\"parameters\":{\"caller\":7}}",
                 "InvalidParameter\",\"parameters\":{\"parameter\":\"caller\"}}|"},
                {"{\"method\":\"nas.test.Who\",\"parameters\":{\"caller\":{\"request\":\"not a uuid\"}}}",
                 "InvalidParameter\",\"parameters\":{\"parameter\":\"caller.request\"}}|"},
                {"{\"method\":\"nas.test.Echo\",\"parameters\":{\"text\":\"a\",\"x\":1}}", "InvalidParameter"},
        };
        struct bench bench = bench_new((struct wire_limits){0});
        for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
                say(&bench, table[i][0]);
                const char *heard = hear(&bench);
                if (strstr(heard, table[i][1]) == NULL)
                        fail_msg("%s: %s", table[i][0], heard);
        }
        bench_free(&bench);
}

static void nonsense_closes(void **state)
{
        (void)state;
        static const char *const table[] = {"hello",
                                            "[]",
                                            "{}",
                                            "{\"method\":1}",
                                            "{\"method\":\"a.b\",\"parameters\":[]}",
                                            "{\"method\":\"nas.test.Echo\",\"more\":1}",
                                            "{\"method\":\"a\",\"method\":\"a\"}",
                                            "{\"method\":\"nas.test.Echo\",\"upgrade\":true}"};
        for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
                struct bench bench = bench_new((struct wire_limits){0});
                say(&bench, table[i]);
                assert_non_null(strstr(hear(&bench), "{\"error\":\"nas.error.Malformed\""));
                assert_string_equal(hear(&bench), "closed");
                bench_free(&bench);
        }
}

static void answers_keep_the_order_of_the_calls(void **state)
{
        (void)state;
        struct bench bench = bench_new((struct wire_limits){0});
        say(&bench, "{\"method\":\"nas.test.Hold\"}");
        say(&bench, "{\"method\":\"nas.test.Echo\",\"parameters\":{\"text\":\"second\"}}");
        say(&bench, "{\"method\":\"nas.test.Hold\"}");
        say(&bench, "{\"method\":\"nas.test.Echo\",\"parameters\":{\"text\":\"fourth\"}}");
        assert_string_equal(hear(&bench), "nothing");
        assert_int_equal(held_count, 2);
        answer(held[1], "third");
        assert_string_equal(hear(&bench), "nothing");
        answer(held[0], "first");
        assert_string_equal(hear(&bench),
                            "{\"parameters\":{\"text\":\"first\"}}|{\"parameters\":{\"text\":\"second\"}}|"
                            "{\"parameters\":{\"text\":\"third\"}}|{\"parameters\":{\"text\":\"fourth\"}}|");
        bench_free(&bench);
}

static void open_calls_are_limited(void **state)
{
        (void)state;
        struct bench bench = bench_new((struct wire_limits){.calls_max = 2});
        for (int i = 0; i < 4; i++)
                say(&bench, "{\"method\":\"nas.test.Hold\"}");
        assert_string_equal(hear(&bench), "nothing");
        assert_int_equal(held_count, 2);
        answer(held[0], "one");
        assert_string_equal(hear(&bench), "{\"parameters\":{\"text\":\"one\"}}|");
        assert_int_equal(held_count, 3);
        close(bench.client);
        bench.client = -1;
        turn();
        assert_int_equal(gone_count, 2);
        bench_free(&bench);
}

static void messages_are_limited(void **state)
{
        (void)state;
        struct bench bench = bench_new((struct wire_limits){.message_max = 100});
        char flood[512];
        memset(flood, 'x', sizeof flood);
        assert_int_equal(send(bench.client, flood, sizeof flood, MSG_NOSIGNAL), sizeof flood);
        assert_non_null(strstr(hear(&bench), "the message is longer than 100 bytes"));
        assert_string_equal(hear(&bench), "closed");
        bench_free(&bench);
}

static void slow_clients_are_let_go(void **state)
{
        (void)state;
        struct bench bench = bench_new((struct wire_limits){.output_max = 2000});
        char text[1200], call[1400];
        memset(text, 'y', sizeof text - 1);
        text[sizeof text - 1] = '\0';
        (void)snprintf(call, sizeof call, "{\"method\":\"nas.test.Echo\",\"parameters\":{\"text\":\"%s\"}}", text);
        int small = 1;
        assert_int_equal(setsockopt(bench.client, SOL_SOCKET, SO_RCVBUF, &small, sizeof small), 0);
        bool closed = false;
        for (int i = 0; i < 2000 && !closed; i++) {
                closed = send(bench.client, call, strlen(call) + 1, MSG_NOSIGNAL) < 0 && errno == EPIPE;
                if (i % 20 == 0)
                        turn();
        }
        assert_true(closed);
        bench_free(&bench);
}

/* A client of that uid; does it get in? The socket is closed by the caller. */
static bool gets_in(struct bench *bench, uid_t uid, int *ret_fd)
{
        int pair[2];
        assert_int_equal(seteuid(uid), 0);
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair), 0);
        assert_int_equal(seteuid(0), 0);
        wire_server_adopt(bench->server, pair[0]);
        char byte;
        *ret_fd = pair[1];
        return recv(pair[1], &byte, 1, 0) != 0;
}

static void clients_are_limited(void **state)
{
        (void)state;
        enum { FRONT = 4001, OTHER = 4002 };
        if (geteuid() != 0)
                skip();
        struct bench bench = bench_new((struct wire_limits){
                .clients_max = 9, .clients_per_uid_max = 2, .front = FRONT, .front_max = 5}); /* one is there */
        int fds[40];
        unsigned count = 0;
        for (int i = 0; i < 2; i++)
                assert_true(gets_in(&bench, OTHER, &fds[count++]));
        assert_false(gets_in(&bench, OTHER, &fds[count++]));
        for (int i = 0; i < 5; i++)
                assert_true(gets_in(&bench, FRONT, &fds[count++]));
        assert_false(gets_in(&bench, FRONT, &fds[count++]));
        assert_true(gets_in(&bench, OTHER + 1, &fds[count++])); /* the last place of all */
        assert_false(gets_in(&bench, OTHER + 2, &fds[count++]));
        for (int i = 0; i < 15; i++) /* root has its own, and was here already */
                assert_true(gets_in(&bench, 0, &fds[count++]));
        assert_false(gets_in(&bench, 0, &fds[count++]));
        while (count > 0)
                close(fds[--count]);
        bench_free(&bench);
}

static void a_descriptor_reaches_its_call(void **state)
{
        (void)state;
        struct bench bench = bench_new((struct wire_limits){0});
        int pipes[2];
        assert_int_equal(pipe(pipes), 0);
        assert_int_equal(write(pipes[1], "passed", 6), 6);
        static const char call[] = "{\"method\":\"nas.test.ReadFd\"}";
        assert_int_equal(socket_send(bench.client, call, sizeof call, pipes, 1), sizeof call);
        assert_string_equal(hear(&bench), "{\"parameters\":{\"text\":\"passed\"}}|");
        assert_int_equal(socket_send(bench.client, "{", 1, pipes, 1), 1);
        assert_int_equal(socket_send(bench.client, "{", 1, pipes, 1), 1);
        turn();
        assert_string_equal(hear(&bench), "closed");
        close(pipes[0]);
        close(pipes[1]);
        bench_free(&bench);
}

static void calls_may_be_answered_after_their_client_left(void **state)
{
        (void)state;
        struct bench bench = bench_new((struct wire_limits){0});
        say(&bench, "{\"method\":\"nas.test.Hold\"}");
        turn();
        call_on_gone(held[0], NULL, NULL);
        close(bench.client);
        bench.client = -1;
        turn();
        answer(held[0], "nobody hears");
        bench_free(&bench);
}

/* At an upgrade: who was let in a moment before is answered, once; who asked before is let go at once. */
static void who_was_just_let_in_is_heard(void **state)
{
        (void)state;
        static const char call[] = "{\"method\":\"nas.test.Echo\",\"parameters\":{\"text\":\"hi\"}}";
        struct bench bench = bench_new((struct wire_limits){0});
        wire_server_drain(bench.server);
        assert_string_equal(hear(&bench), "nothing");
        say(&bench, call);
        assert_string_equal(hear(&bench), "{\"parameters\":{\"text\":\"hi\"}}|");
        assert_string_equal(hear(&bench), "closed");
        bench_free(&bench);
        bench = bench_new((struct wire_limits){0});
        say(&bench, call);
        assert_string_equal(hear(&bench), "{\"parameters\":{\"text\":\"hi\"}}|");
        wire_server_drain(bench.server);
        assert_string_equal(hear(&bench), "closed");
        bench_free(&bench);
}

static void who_says_nothing_is_not_waited_for(void **state)
{
        (void)state;
        struct bench bench = bench_new((struct wire_limits){0});
        wire_server_drain(bench.server);
        assert_int_equal(loop_run(loop), 0); /* ends by itself, or never */
        assert_string_equal(hear(&bench), "closed");
        bench_free(&bench);
}

int main(void)
{
        crypto_start();
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(calls_are_answered),
                cmocka_unit_test(what_is_unknown_is_named),
                cmocka_unit_test(nonsense_closes),
                cmocka_unit_test(answers_keep_the_order_of_the_calls),
                cmocka_unit_test(open_calls_are_limited),
                cmocka_unit_test(messages_are_limited),
                cmocka_unit_test(slow_clients_are_let_go),
                cmocka_unit_test(clients_are_limited),
                cmocka_unit_test(a_descriptor_reaches_its_call),
                cmocka_unit_test(calls_may_be_answered_after_their_client_left),
                cmocka_unit_test(who_was_just_let_in_is_heard),
                cmocka_unit_test(who_says_nothing_is_not_waited_for),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
