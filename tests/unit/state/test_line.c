/* A clerk's line to its hand against a hand played by the test: answers, progress, output, a hand that goes away or
 * is not there, and the queue.
 * Rights: none; a socket under /tmp. */
#include "base/mem.h"
#include "state/hand.h"
#include "sys/socket.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

enum { ORDERS_MAX = 600 };

static struct loop *loop;
static struct hand_line *line;
static char path[64];
static int listening = -1;

static struct seen { /* what the line told about one order */
        int called;
        bool unknown;
        enum outcome outcome;
        enum failure_code code;
        char answer[64];
        size_t output_length;
        char output[64];
        unsigned progress[4], steps;
        size_t progress_count;
} seen[ORDERS_MAX];

static void stop(void *context)
{
        (void)context;
        loop_stop(loop);
}

static void run_ms(unsigned ms)
{
        struct loop_watch *timer = loop_timer(loop, ms, stop, NULL);
        loop_run(loop);
        loop_unwatch(timer);
}

/* As long as it takes: a busy machine is given time. */
static void run_until_called(const struct seen *order)
{
        for (int i = 0; i < 3000 && order->called == 0; i++)
                run_ms(10);
        assert_int_equal(order->called, 1);
}

static void told(const struct reply *reply, const char *output, size_t output_length, void *context)
{
        struct seen *order = context;
        order->called++;
        order->unknown = reply == NULL;
        order->output_length = output_length;
        snprintf(order->output, sizeof(order->output), "%.*s", (int)(output_length < 60 ? output_length : 60), output);
        if (!reply)
                return;
        order->outcome = reply->outcome;
        order->code = reply->failure.code;
        snprintf(order->answer, sizeof(order->answer), "%.*s", (int)reply->answer_length, (const char *)reply->answer);
}

static void progressed(unsigned step, unsigned steps, void *context)
{
        struct seen *order = context;
        order->progress[order->progress_count++ % 4] = step;
        order->steps = steps;
}

static struct hand_order *order_send(struct seen *order, enum record_kind kind)
{
        struct request request = {
                .kind = kind, .id = {9}, .ticket = "t", .warrant = "", .plan = (const uint8_t *)"plan"};
        request.prints = kind == RECORD_EXECUTE;
        request.plan_length = kind == RECORD_EXECUTE || kind == RECORD_ASK ? 4 : 0;
        return hand_send(line, &request, progressed, told, order);
}

static void listen_now(void)
{
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
        listening = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        assert_int_equal(bind(listening, (struct sockaddr *)&address, sizeof(address)), 0);
        assert_int_equal(listen(listening, 64), 0);
}

static int set_up(void **state)
{
        (void)state;
        memset(seen, 0, sizeof(seen));
        snprintf(path, sizeof(path), "/tmp/bulkhead-line.%d", (int)getpid());
        loop = loop_new();
        line = hand_line_new(loop, path);
        listen_now();
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        hand_line_free(line);
        loop_free(loop);
        if (listening >= 0)
                close(listening);
        unlink(path);
        return 0;
}

/* The hand's side: the next connection and its record. */
static int take(struct arena *arena, struct request *ret_request, int *ret_output)
{
        uint8_t record[4096];
        size_t count = 1;
        *ret_output = -1;
        int fd = accept4(listening, NULL, NULL, SOCK_CLOEXEC);
        for (int i = 0; i < 3000 && fd < 0; i++) { /* a busy machine takes its time */
                run_ms(5);
                fd = accept4(listening, NULL, NULL, SOCK_CLOEXEC);
        }
        assert_true(fd >= 0);
        ssize_t length = socket_receive(fd, record, sizeof(record), ret_output, &count);
        assert_true(length > 0);
        assert_int_equal(request_decode(arena, record, (size_t)length, ret_request), 0);
        return fd;
}

static void say(int fd, enum reply_kind kind, enum outcome outcome, const char *answer)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct reply reply = {
                .kind = kind, .step = 2, .steps = 3, .outcome = outcome, .answer = (const uint8_t *)answer};
        reply.answer_length = strlen(answer);
        size_t length;
        const uint8_t *bytes = reply_encode(&reply, arena, &length);
        assert_int_equal(socket_send(fd, bytes, length, NULL, 0), (ssize_t)length);
}

static void an_order_is_answered(void **state)
{
        (void)state;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct request request;
        int output;
        order_send(&seen[0], RECORD_EXECUTE);
        assert_int_equal(seen[0].called, 0); /* never from within */
        run_ms(20);
        int fd = take(arena, &request, &output);
        assert_int_equal(request.kind, RECORD_EXECUTE);
        assert_string_equal(request.ticket, "t");
        assert_true(output >= 0);
        say(fd, REPLY_PROGRESS, OUTCOME_UNKNOWN, "");
        assert_int_equal(write(output, "made it", 7), 7);
        for (int i = 0; i < 3000 && seen[0].progress_count == 0; i++)
                run_ms(10);
        assert_int_equal(seen[0].progress_count, 1);
        assert_true(seen[0].progress[0] == 2 && seen[0].steps == 3 && seen[0].called == 0);
        close(output);
        say(fd, REPLY_DONE, OUTCOME_SUCCESS, "answer");
        run_until_called(&seen[0]);
        assert_int_equal(seen[0].outcome, OUTCOME_SUCCESS);
        assert_string_equal(seen[0].answer, "answer");
        assert_string_equal(seen[0].output, "made it");
        close(fd);
}

static void much_output_is_cut(void **state)
{
        (void)state;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct request request;
        static const char chunk[16384];
        int output;
        order_send(&seen[0], RECORD_EXECUTE);
        run_ms(20);
        int fd = take(arena, &request, &output);
        for (int i = 0; i < 12; i++) { /* more than a pipe holds: it must be emptied meanwhile */
                assert_int_equal(write(output, chunk, sizeof(chunk)), (ssize_t)sizeof(chunk));
                run_ms(5);
        }
        close(output);
        say(fd, REPLY_DONE, OUTCOME_SUCCESS, "");
        run_until_called(&seen[0]);
        assert_int_equal(seen[0].output_length, HAND_OUTPUT_MAX);
        close(fd);
}

static void a_hand_that_goes_away_leaves_it_unknown(void **state)
{
        (void)state;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct request request;
        int output;
        order_send(&seen[0], RECORD_EXECUTE);
        run_ms(20);
        close(take(arena, &request, &output));
        close(output);
        run_until_called(&seen[0]);
        assert_true(seen[0].unknown);
        order_send(&seen[1], RECORD_LOOKUP);
        run_ms(20);
        int fd = take(arena, &request, &output);
        assert_int_equal(output, -1); /* only tools print */
        assert_int_equal(socket_send(fd, "nonsense", 8, NULL, 0), 8);
        run_until_called(&seen[1]);
        assert_true(seen[1].unknown);
        close(fd);
}

static void a_hand_that_is_not_there_is_no_unknown(void **state)
{
        (void)state;
        close(listening);
        listening = -1;
        unlink(path);
        order_send(&seen[0], RECORD_EXECUTE);
        run_ms(500);
        assert_int_equal(seen[0].called, 0); /* a hand that is being started gets its time */
        run_until_called(&seen[0]);
        assert_false(seen[0].unknown);
        assert_int_equal(seen[0].outcome, OUTCOME_REFUSED);
        assert_int_equal(seen[0].code, FAILURE_UNAVAILABLE);
        order_send(&seen[1], RECORD_EXECUTE);
        run_ms(200);
        listen_now();
        run_ms(200);
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct request request;
        int output, fd = take(arena, &request, &output);
        say(fd, REPLY_DONE, OUTCOME_SUCCESS, "late");
        run_until_called(&seen[1]);
        assert_string_equal(seen[1].answer, "late");
        close(fd);
        close(output);
}

static void orders_are_stopped(void **state)
{
        (void)state;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct request request, stop_request;
        uint8_t record[4096];
        int output;
        hand_abort(order_send(&seen[0], RECORD_EXECUTE)); /* before it was sent */
        run_until_called(&seen[0]);
        assert_true(seen[0].outcome == OUTCOME_ABORTED);
        assert_true(accept4(listening, NULL, NULL, SOCK_CLOEXEC) < 0);
        struct hand_order *order = order_send(&seen[1], RECORD_EXECUTE);
        run_ms(20);
        int fd = take(arena, &request, &output);
        hand_abort(order);
        size_t count = 0;
        ssize_t length = socket_receive(fd, record, sizeof(record), NULL, &count);
        assert_int_equal(request_decode(arena, record, (size_t)length, &stop_request), 0);
        assert_int_equal(stop_request.kind, RECORD_ABORT);
        say(fd, REPLY_DONE, OUTCOME_ABORTED, "");
        run_until_called(&seen[1]);
        assert_true(seen[1].outcome == OUTCOME_ABORTED);
        close(fd);
        close(output);
}

static void a_few_at_a_time_and_not_too_many(void **state)
{
        (void)state;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct request request;
        int fds[HAND_ORDERS_MAX], output, busy = 0, open = 0;
        for (size_t i = 0; i < ORDERS_MAX; i++)
                order_send(&seen[i], RECORD_ASK);
        run_ms(50);
        for (; open < HAND_ORDERS_MAX; open++)
                fds[open] = take(arena, &request, &output);
        assert_true(accept4(listening, NULL, NULL, SOCK_CLOEXEC) < 0);
        say(fds[0], REPLY_DONE, OUTCOME_SUCCESS, "");
        run_ms(20);
        close(fds[0]);
        fds[0] = take(arena, &request, &output); /* the next one takes its place */
        for (size_t i = 0; i < HAND_QUEUE_MAX + 8 && busy == 0; i++) {
                say(fds[i % HAND_ORDERS_MAX], REPLY_DONE, OUTCOME_SUCCESS, "");
                run_ms(2);
                close(fds[i % HAND_ORDERS_MAX]);
                for (size_t k = 0; k < ORDERS_MAX; k++)
                        busy += seen[k].code == FAILURE_BUSY;
                if (busy == 0)
                        fds[i % HAND_ORDERS_MAX] = take(arena, &request, &output);
        }
        assert_int_equal(busy, ORDERS_MAX - HAND_QUEUE_MAX);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
        const struct CMUnitTest tests[] = {
                TEST(an_order_is_answered),
                TEST(much_output_is_cut),
                TEST(a_hand_that_goes_away_leaves_it_unknown),
                TEST(a_hand_that_is_not_there_is_no_unknown),
                TEST(orders_are_stopped),
                TEST(a_few_at_a_time_and_not_too_many),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
