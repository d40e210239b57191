/* The skeleton of every hand: the order of start-up, then one record at a time, then gone.
 * Rights: hands only. Whatever a clerk sends, the worst it gets is a closed connection. */
#include "serve/hand.h"

#include "act/execute.h"
#include "base/log.h"
#include "jail/jail.h"
#include "sys/account.h"
#include "sys/activation.h"
#include "sys/file.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECTIONS_MAX = 32, SILENT_MS = 10000, LISTEN_FD = 3 };

struct connection {
        int fd; /* -1: free */
        struct peer peer;
        uint64_t since_ms;
};

struct server {
        struct act_hand act;
        struct connection connections[CONNECTIONS_MAX];
        struct connection *busy; /* whose plan is running */
        uint64_t last_ms;        /* when there was work */
        uint8_t record[RECORD_BYTES_MAX];
};

static void send_reply(const struct connection *connection, const struct reply *reply, struct arena *arena)
{
        size_t length;
        const uint8_t *bytes = reply_encode(reply, arena, &length);
        (void)socket_send(connection->fd, bytes, length, NULL, 0); /* who has gone away looks it up later */
}

static bool serve_some(struct server *server, int timeout_ms);

/* Between two steps: progress, an abort, and quick answers to others. */
static bool between(void *context, unsigned step, unsigned steps)
{
        struct server *server = context;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct reply progress = {.kind = REPLY_PROGRESS, .step = (uint16_t)step, .steps = (uint16_t)steps};
        send_reply(server->busy, &progress, arena);
        activation_alive();
        return serve_some(server, 0);
}

/* Does this record ask for nothing but what may be done between the steps of another plan? */
static bool fits_between(const struct server *server, size_t length)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct request request;
        if (request_decode(arena, server->record, length, &request) != 0 || request.kind != RECORD_EXECUTE)
                return false;
        const struct plan *plan = plan_decode(arena, request.plan, request.plan_length, NULL);
        return plan && plan_fits_between(plan);
}

/* While a plan runs its own connection may abort it and others may ask; their plans wait, but for the short ones
 * that take rights away. */
static bool must_wait(struct server *server, const struct connection *connection)
{
        if (!server->busy || server->busy == connection)
                return false;
        ssize_t length = recv(connection->fd, server->record, sizeof(server->record), MSG_PEEK | MSG_DONTWAIT);
        bool waits = length > 0 && server->record[0] != RECORD_ASK &&
                     (server->act.running > 1 || !fits_between(server, (size_t)length));
        crypto_wipe(server->record, length > 0 ? (size_t)length : 0);
        return waits;
}

/* A plan whose clerk died before it began is not begun: the next clerk is told, or was told already, that it never
 * was. */
static bool hung_up(const struct connection *connection)
{
        struct pollfd polled = {.fd = connection->fd};
        return poll(&polled, 1, 0) == 1 && (polled.revents & POLLHUP);
}

/* True: this was the running plan's own connection, and it asks to stop. */
static bool serve_record(struct server *server, struct connection *connection)
{
        int descriptor = -1;
        size_t count = 1;
        ssize_t length = socket_receive(connection->fd, server->record, sizeof(server->record), &descriptor, &count);
        CLEANUP_FD int output = count == 1 ? descriptor : -1;
        if (length == -EAGAIN)
                return false;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct act_order order = {
                .arena = arena, .peer = connection->peer, .output_fd = output, .between = between, .context = server};
        bool good = length > 0 && request_decode(arena, server->record, (size_t)length, &order.request) == 0;
        crypto_wipe(server->record, length > 0 ? (size_t)length : 0);
        if (connection == server->busy)
                return good && order.request.kind == RECORD_ABORT;
        bool plan = good && order.request.kind == RECORD_EXECUTE;
        if (plan && hung_up(connection))
                plan = good = false;
        struct connection *outer = server->busy;
        server->busy = plan ? connection : outer;
        struct reply reply;
        good = good && act_serve(&server->act, &order, &reply);
        fd_closep(&output); /* the end of the output comes before the reply */
        if (good)
                send_reply(connection, &reply, arena);
        server->busy = outer;
        fd_closep(&connection->fd);
        server->last_ms = clock_boot_ms();
        return false;
}

static void accept_one(struct server *server)
{
        struct connection *place = NULL;
        for (size_t i = 0; i < CONNECTIONS_MAX; i++)
                if (server->connections[i].fd < 0)
                        place = &server->connections[i];
        if (!place)
                return;
        struct connection fresh = {.fd = accept4(LISTEN_FD, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK),
                                   .since_ms = clock_boot_ms()};
        if (fresh.fd >= 0 &&
            (socket_peer(fresh.fd, &fresh.peer) != 0 || (fresh.peer.uid != server->act.clerk && fresh.peer.uid != 0)))
                fd_closep(&fresh.fd);
        *place = fresh;
        server->last_ms = fresh.since_ms; /* who has just come in is waited for */
}

/* One look at all connections; true: the running plan is to be stopped. */
static bool serve_some(struct server *server, int timeout_ms)
{
        struct pollfd polled[CONNECTIONS_MAX + 1];
        sigset_t none;
        bool stop = false;
        for (size_t i = 0; i < CONNECTIONS_MAX; i++)
                polled[i] = (struct pollfd){.fd = server->connections[i].fd, .events = POLLIN};
        polled[CONNECTIONS_MAX] = (struct pollfd){.fd = LISTEN_FD, .events = POLLIN};
        sigemptyset(&none);
        struct timespec timeout = {.tv_sec = timeout_ms / 1000};
        /* Only while waiting for work may a signal end us: a plan is never cut off by a polite stop. */
        if (ppoll(polled, CONNECTIONS_MAX + 1, &timeout, server->busy ? NULL : &none) < 0 && errno != EINTR)
                log_fatal("poll: %s", strerror(errno));
        for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
                struct connection *connection = &server->connections[i];
                if (connection->fd < 0)
                        continue;
                if (polled[i].revents && !must_wait(server, connection))
                        stop |= serve_record(server, connection);
                else if (!polled[i].revents && clock_boot_ms() - connection->since_ms > SILENT_MS &&
                         connection != server->busy)
                        fd_closep(&connection->fd);
        }
        if (polled[CONNECTIONS_MAX].revents)
                accept_one(server);
        return stop;
}

static void serve_until_idle(struct server *server, unsigned idle_s)
{
        server->last_ms = clock_boot_ms();
        while (clock_boot_ms() - server->last_ms < idle_s * 1000ull) {
                serve_some(server, 1000);
                activation_alive();
        }
}

int hand_main(const struct hand *hand)
{
        ASSERT(hand);
        static struct server server;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct failure failure = {0};
        struct accounts accounts;
        void *state = NULL;
        sigset_t all;
        sigfillset(&all);
        sigprocmask(SIG_BLOCK, &all, NULL);
        log_open(hand->policy->name);
        crypto_start();
        activation_start();
        for (size_t i = 0; i < CONNECTIONS_MAX; i++)
                server.connections[i].fd = -1;
        const struct account *clerk =
                accounts_read(arena, &accounts) == 0 ? accounts_named(&accounts, hand->clerk->user) : NULL;
        if (activation_sockets() != 1 || !clerk)
                log_fatal("This program is started by its socket, for the user %s.", hand->clerk->user);
        if (jail_inspect(hand->policy, &failure) != 0 || (hand->prepare && hand->prepare(&state, &failure) != 0) ||
            act_open(&server.act, hand, state, clerk->uid, &failure) != 0 ||
            jail_enter_and_prove(hand->policy, &failure) != 0)
                log_fatal("%s", failure.message);
        activation_notify("READY=1"); /* first: what is resumed may take its time, and is watched like anything else */
        act_resume(&server.act);
        serve_until_idle(&server, hand->policy->idle_exit_s);
        activation_notify("STOPPING=1");
        return 0;
}
