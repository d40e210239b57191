/* A clerk's line to its hand: each request on a SOCK_SEQPACKET connection of its own, a few at a time, the rest in
 * a queue. Connecting is tried again for a while, because a hand that was idle is started by its socket.
 * Rights: in clerks; connects to the hand's socket and makes pipes, nothing else. */
#include "state/hand.h"

#include "base/log.h"
#include "base/mem.h"
#include "sys/file.h"
#include "sys/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { RETRY_MS = 50, CONNECT_TRIES = 40, ANSWER_DEADLINE_MS = 60 * 1000 };

struct hand_order {
        struct hand_line *line;
        struct hand_order *next; /* in the queue or among those under way */
        uint8_t *record;
        size_t length;
        bool execute, sent, abort_wanted, over, crowded;
        int fd, output_fd;
        struct loop_watch *watch, *output_watch, *timer;
        unsigned tries;
        char *output;
        size_t output_length, output_room, output_max;
        hand_progress *progress;
        hand_done *done;
        void *context;
};

struct hand_line {
        struct loop *loop;
        char *path;
        struct hand_order *waiting, *under_way;
        unsigned open, queued;
        bool soon;
        uint8_t buffer[RECORD_BYTES_MAX];
};

struct hand_line *hand_line_new(struct loop *loop, const char *socket_path)
{
        ASSERT(loop && socket_path);
        struct hand_line *line = mem_new(1, sizeof(*line));
        line->loop = loop;
        line->path = mem_copy_text(socket_path);
        return line;
}

static void order_close(struct hand_order *order)
{
        loop_unwatch(TAKE(order->watch));
        loop_unwatch(TAKE(order->output_watch));
        loop_unwatch(TAKE(order->timer));
        fd_closep(&order->fd);
        fd_closep(&order->output_fd);
        order->fd = order->output_fd = -1;
}

static void order_free(struct hand_order *order)
{
        order_close(order);
        crypto_wipe(order->record, order->length);
        free(order->record);
        free(order->output);
        free(order);
}

void hand_line_free(struct hand_line *line)
{
        if (!line)
                return;
        struct hand_order **lists[] = {&line->waiting, &line->under_way};
        for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
                while (*lists[i]) {
                        struct hand_order *order = *lists[i];
                        *lists[i] = order->next;
                        order_free(order);
                }
        free(line->path);
        free(line);
}

static void unlink_order(struct hand_order **list, const struct hand_order *order)
{
        while (*list && *list != order)
                list = &(*list)->next;
        if (*list)
                *list = order->next;
}

static void begin_waiting(void *context);

static void begin_soon(struct hand_line *line)
{
        if (line->soon)
                return;
        line->soon = true;
        loop_soon(line->loop, begin_waiting, line);
}

/* Takes the rest of what tools printed, then tells whoever asked. The order is gone after it. */
static void read_output(int fd, unsigned events, void *context);
static void order_end(struct hand_order *order, const struct reply *reply)
{
        struct hand_line *line = order->line;
        if (order->output_fd >= 0)
                read_output(order->output_fd, LOOP_READ, order);
        order->over = true;
        order_close(order);
        unlink_order(&line->under_way, order);
        line->open--;
        order->done(reply, order->output ? order->output : "", order->output_length, order->context);
        order_free(order);
        if (line->waiting)
                begin_soon(line);
}

/* Ends an order of which nothing was sent. */
static void order_unsent(struct hand_order *order, enum outcome outcome, enum failure_code code, const char *message)
{
        struct reply reply = {.kind = REPLY_DONE, .outcome = outcome};
        failure_set(&reply.failure, code, "", "Try again in a moment.", "%s; nothing was changed.", message);
        order_end(order, &reply);
}

static void make_room(struct hand_order *order, size_t more)
{
        if (order->output_length + more < order->output_room)
                return;
        order->output_room = 2 * (order->output_length + more) + 1;
        order->output = mem_grow(order->output, order->output_room, 1);
}

static void read_output(int fd, unsigned events, void *context)
{
        struct hand_order *order = context;
        char chunk[16 * 1024];
        (void)events;
        for (;;) {
                ssize_t got = read(fd, chunk, sizeof(chunk));
                if (got < 0 && errno == EINTR)
                        continue;
                if (got <= 0) {
                        if (got == 0)
                                loop_unwatch(TAKE(order->output_watch));
                        return;
                }
                size_t room = order->output_max - order->output_length;
                size_t keep = (size_t)got < room ? (size_t)got : room;
                if (keep > 0) {
                        make_room(order, keep);
                        memcpy(order->output + order->output_length, chunk, keep);
                        order->output_length += keep;
                        order->output[order->output_length] = '\0';
                }
        }
}

static void send_abort(struct hand_order *order)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct request request = {.kind = RECORD_ABORT, .ticket = "", .warrant = ""};
        size_t length;
        const uint8_t *record = request_encode(&request, arena, &length);
        /* When the socket is full or gone the reply is on its way anyhow. */
        (void)socket_send(order->fd, record, length, NULL, 0);
        order->abort_wanted = false;
}

static void on_readable(int fd, unsigned events, void *context)
{
        struct hand_order *order = context;
        struct hand_line *line = order->line;
        size_t fd_count = 0;
        (void)events;
        ssize_t got = socket_receive(fd, line->buffer, sizeof(line->buffer), NULL, &fd_count);
        if (got == -EAGAIN || got == -EINTR)
                return;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct reply reply;
        if (got <= 0 || reply_decode(arena, line->buffer, (size_t)got, &reply) != 0) {
                order_end(order, NULL);
                return;
        }
        crypto_wipe(line->buffer, (size_t)got); /* tickets and credentials pass here */
        if (reply.kind == REPLY_DONE)
                order_end(order, &reply);
        else if (order->progress)
                order->progress(reply.step, reply.steps, order->context);
}

static void deadline(void *context)
{
        order_end(context, NULL);
}

/* The pipe for what tools print: the read end stays here, the write end travels. -1 when there is none. */
static int make_pipe(struct hand_order *order)
{
        int ends[2];
        if (order->output_max == 0 || pipe2(ends, O_CLOEXEC) != 0)
                return -1;
        order->output_fd = ends[0];
        fcntl(ends[0], F_SETFL, O_NONBLOCK);
        return ends[1];
}

static void order_begin(void *context);

static void again_later(struct hand_order *order)
{
        fd_closep(&order->fd);
        fd_closep(&order->output_fd);
        order->fd = order->output_fd = -1;
        if (++order->tries > CONNECT_TRIES) {
                order_unsent(order, OUTCOME_REFUSED, FAILURE_UNAVAILABLE, "The hand cannot be reached");
                return;
        }
        loop_unwatch(TAKE(order->timer));
        order->timer = loop_timer(order->line->loop, RETRY_MS, order_begin, order);
}

static void order_begin(void *context)
{
        struct hand_order *order = context;
        struct loop *loop = order->line->loop;
        if (order->abort_wanted) {
                order_unsent(order, OUTCOME_ABORTED, FAILURE_ABORTED, "Stopped before it began");
                return;
        }
        order->fd = socket_connect(order->line->path, SOCK_SEQPACKET);
        if (order->fd < 0) {
                again_later(order);
                return;
        }
        CLEANUP_FD int write_end = make_pipe(order);
        ssize_t sent = socket_send(order->fd, order->record, order->length, &write_end, write_end >= 0);
        if (sent != (ssize_t)order->length) {
                again_later(order);
                return;
        }
        order->sent = true;
        loop_unwatch(TAKE(order->timer));
        order->watch = loop_fd(loop, order->fd, LOOP_READ, on_readable, order);
        if (order->output_fd >= 0)
                order->output_watch = loop_fd(loop, order->output_fd, LOOP_READ, read_output, order);
        if (!order->execute)
                order->timer = loop_timer(loop, ANSWER_DEADLINE_MS, deadline, order);
}

static void begin_waiting(void *context)
{
        struct hand_line *line = context;
        line->soon = false;
        while (line->waiting && line->open < HAND_ORDERS_MAX) {
                struct hand_order *order = line->waiting;
                line->waiting = order->next;
                line->queued--;
                order->next = line->under_way;
                line->under_way = order;
                line->open++;
                if (order->crowded)
                        order_unsent(order, OUTCOME_REFUSED, FAILURE_BUSY, "Too many are waiting for the hand");
                else
                        order_begin(order);
        }
}

struct hand_order *hand_send(struct hand_line *line, const struct request *request, hand_progress *progress,
                             hand_done *done, void *context)
{
        ASSERT(line && request && done);
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct hand_order *order = mem_new(1, sizeof(*order));
        const uint8_t *record = request_encode(request, arena, &order->length);
        order->record = mem_new(order->length, 1);
        memcpy(order->record, record, order->length);
        order->line = line;
        order->fd = order->output_fd = -1;
        order->execute = request->kind == RECORD_EXECUTE;
        order->output_max = order->execute && request->prints ? HAND_OUTPUT_MAX : 0;
        order->crowded = line->queued >= HAND_QUEUE_MAX;
        order->progress = progress;
        order->done = done;
        order->context = context;
        struct hand_order **last = &line->waiting;
        while (*last)
                last = &(*last)->next;
        *last = order;
        line->queued++;
        begin_soon(line);
        return order;
}

struct hand_order *hand_ask_much(struct hand_line *line, const struct request *request, size_t output_max,
                                 hand_done *done, void *context)
{
        ASSERT(request->kind == RECORD_ASK);
        struct hand_order *order = hand_send(line, request, NULL, done, context);
        order->output_max = output_max;
        return order;
}

void hand_abort(struct hand_order *order)
{
        ASSERT(order);
        order->abort_wanted = true;
        if (order->sent && !order->over)
                send_abort(order);
}
