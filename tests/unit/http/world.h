/* A server on the real loop with clients at the other ends of socket pairs. Each test says how a request is served. Its
 * clock stands still unless a test says that time goes by: how busy the machine is changes nothing. */
#ifndef BULKHEAD_TESTS_HTTP_WORLD_H
#define BULKHEAD_TESTS_HTTP_WORLD_H

#include "base/crypto.h"
#include "base/mem.h"
#include "http/server.h"
#include "http/server_parts.h"
#include "sys/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum { HEARD_MAX = 4 * 1024 * 1024, PATIENCE_MS = 60 * 1000, ROUNDS = 32 };

static struct world {
        struct loop *loop;
        struct http_server *server;
        struct http_service service;
        struct loop_watch *round;
        int status; /* of the last line that was logged */
        unsigned logged, refused;
        char said[128]; /* what a test's own callbacks note */
} world;

struct client {
        int fd;
        char *heard;
        size_t length;
        bool ended;
        const char *until;
        struct loop_watch *watch;
};

static uint64_t world_clock_ms = 1000 * 1000;
uint64_t __wrap_clock_boot_ms(void);

uint64_t __wrap_clock_boot_ms(void)
{
        return world_clock_ms;
}

static void world_serve(struct exchange *exchange, void *context);

static void world_refuse(struct exchange *exchange, int status, const char *why, void *context)
{
        (void)context;
        world.refused++;
        exchange_field(exchange, "X-Refused", "yes");
        exchange_answer(exchange, status, why, strlen(why));
}

static void world_log(const struct exchange *exchange, int status, uint64_t sent, uint64_t took_us, void *context)
{
        (void)exchange, (void)sent, (void)took_us, (void)context;
        world.status = status;
        world.logged++;
}

static void world_open(const struct http_limits *limits)
{
        signal(SIGPIPE, SIG_IGN);
        crypto_start();
        world = (struct world){.loop = loop_new()};
        world.service = (struct http_service){.serve = world_serve, .refuse = world_refuse, .log = world_log};
        if (limits != NULL)
                world.service.limits = *limits;
        world.server = http_server_new(world.loop, &world.service);
}

static inline int world_set_up(void **state)
{
        (void)state;
        world_open(NULL);
        return 0;
}

static int world_tear_down(void **state)
{
        (void)state;
        http_server_free(world.server);
        loop_free(world.loop);
        return 0;
}

/* --- clients --- */

static inline struct client client_at(const struct http_door *door)
{
        int pair[2];
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
        http_server_adopt(world.server, pair[0], door);
        return (struct client){.fd = pair[1], .heard = mem_new(1, HEARD_MAX)};
}

static inline struct client client_new(void)
{
        return client_at(&(struct http_door){0});
}

static inline void client_done(struct client *client)
{
        if (client->fd >= 0)
                close(client->fd);
        free(client->heard);
        client->fd = -1;
        client->heard = NULL;
}

static inline void stop_loop(void *context)
{
        (void)context;
        loop_stop(world.loop);
}

static inline void pass(unsigned ms)
{
        struct loop_watch *end = loop_timer(world.loop, ms, stop_loop, NULL);
        loop_run(world.loop);
        loop_unwatch(end);
}

static void another_round(void *context)
{
        unsigned *left = context;
        if (--*left == 0)
                loop_stop(world.loop);
        else
                loop_timer_again(world.round, 0);
}

/* Until all that was said has arrived, and what that brought about too. */
static inline void settle(void)
{
        unsigned left = ROUNDS;
        world.round = loop_timer(world.loop, 0, another_round, &left);
        loop_run(world.loop);
        loop_unwatch(TAKE(world.round));
}

/* Time goes by, with a look at all deadlines at its end. */
static inline void lapse(unsigned ms)
{
        world_clock_ms += ms;
        if (world.server->tick != NULL)
                server_tick(world.server);
        settle();
}

static void client_reads(int fd, unsigned events, void *context)
{
        struct client *client = context;
        (void)events;
        ssize_t got = read(fd, client->heard + client->length, HEARD_MAX - 1 - client->length);
        if (got > 0)
                client->length += (size_t)got;
        client->ended = got == 0 || (got < 0 && errno != EAGAIN);
        client->heard[client->length] = '\0';
        if (client->ended || (client->until != NULL && strstr(client->heard, client->until) != NULL))
                loop_stop(world.loop);
}

/* Runs until the client has heard this (NULL: until the end of the connection), or too long. */
static inline const char *hear(struct client *client, const char *until)
{
        client->until = until;
        if (until == NULL || strstr(client->heard, until) == NULL) {
                client->watch = loop_fd(world.loop, client->fd, LOOP_READ, client_reads, client);
                pass(PATIENCE_MS);
                loop_unwatch(client->watch);
        }
        if (until != NULL && strstr(client->heard, until) == NULL)
                fail_msg("not heard: %s, but: %.300s", until, client->heard);
        if (until == NULL && !client->ended)
                fail_msg("not ended, but heard: %.300s", client->heard);
        return client->heard;
}

static inline void forget(struct client *client)
{
        client->length = 0;
        client->heard[0] = '\0';
}

static inline void say_bytes(struct client *client, const char *bytes, size_t length)
{
        assert_int_equal(send(client->fd, bytes, length, MSG_NOSIGNAL), length);
}

static inline void say(struct client *client, const char *text)
{
        say_bytes(client, text, strlen(text));
}

#define assert_has(text, part)                                                                                         \
        do {                                                                                                           \
                if (strstr(text, part) == NULL)                                                                        \
                        fail_msg("no %s in: %.400s", part, text);                                                      \
        } while (0)
#define assert_lacks(text, part) assert_null(strstr(text, part))

#endif
