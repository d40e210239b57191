/* The server: doors, who is let in, and draining.
 * Rights: the front end; listening sockets that were passed to it. */
#include "http/server_parts.h"
#include "http/websocket_parts.h"

#include "base/crypto.h"
#include "base/log.h"
#include "base/mem.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ACCEPTS_AT_ONCE = 64, TICK_MS_MAX = 1000, TICK_MS_MIN = 10, TURNS_LATER_MS = 3600 * 1000 };

static unsigned least(unsigned a, unsigned b)
{
        return a < b ? a : b;
}

static void fill_limits(struct http_limits *limits)
{
        static const struct http_limits defaults = {.connections_max = 12000,
                                                    .per_address_max = 512,
                                                    .handshake_ms = 5000,
                                                    .head_ms = 10000,
                                                    .idle_ms = 30000,
                                                    .body_bytes_per_s = 4096,
                                                    .grace_ms = 5000,
                                                    .requests_max = 10000,
                                                    .output_max = 256 * 1024,
                                                    .lingering_ms = 2000,
                                                    .ping_ms = WEBSOCKET_PING_MS};
#define FILL(field) limits->field = limits->field != 0 ? limits->field : defaults.field
        FILL(connections_max);
        FILL(per_address_max);
        FILL(handshake_ms);
        FILL(head_ms);
        FILL(idle_ms);
        FILL(body_bytes_per_s);
        FILL(grace_ms);
        FILL(requests_max);
        FILL(output_max);
        FILL(lingering_ms);
        FILL(ping_ms);
#undef FILL
}

struct http_server *http_server_new(struct loop *loop, const struct http_service *service)
{
        ASSERT(loop != NULL && service != NULL && service->serve != NULL && service->refuse != NULL);
        struct http_server *server = mem_new(1, sizeof(*server));
        server->loop = loop;
        server->service = *service;
        server->limits = service->limits;
        fill_limits(&server->limits);
        const struct http_limits *limits = &server->limits;
        unsigned shortest = least(least(limits->handshake_ms, limits->head_ms),
                                  least(least(limits->idle_ms, limits->lingering_ms), limits->ping_ms));
        server->tick_ms = least(shortest / 4 > TICK_MS_MIN ? shortest / 4 : TICK_MS_MIN, TICK_MS_MAX);
        server->scratch = mem_grow(NULL, SCRATCH_BYTES, 1);
        server->random_used = sizeof(server->random);
        server->turns = loop_timer(loop, TURNS_LATER_MS, server_run_due, server);
        crypto_random(&server->addresses.seed, sizeof(server->addresses.seed));
        return server;
}

void http_server_free(struct http_server *server)
{
        if (server == NULL)
                return;
        while (server->connections != NULL)
                connection_free(server->connections);
        for (size_t i = 0; i < server->door_count; i++) {
                loop_unwatch(server->doors[i].watch);
                if (server->doors[i].fd >= 0)
                        (void)close(server->doors[i].fd);
        }
        loop_unwatch(server->tick);
        loop_unwatch(server->reopen);
        loop_unwatch(server->turns);
        tls_identity_free(server->identity);
        addresses_done(&server->addresses);
        while (server->input_count > 0)
                free(server->inputs[--server->input_count]);
        ws_reader_free(server->reader);
        free(server->spare);
        crypto_wipe(server->scratch, SCRATCH_BYTES);
        free(server->scratch);
        free(server);
}

void http_server_identity(struct http_server *server, struct tls_identity *identity)
{
        ASSERT(server != NULL);
        tls_identity_free(server->identity);
        server->identity = identity;
}

const struct http_counts *http_server_counts(const struct http_server *server)
{
        ASSERT(server != NULL);
        return &server->counts;
}

/* --- letting in --- */

static void pause_doors(struct http_server *server, bool pause)
{
        server->accepts_paused = pause;
        for (size_t i = 0; i < server->door_count; i++)
                if (server->doors[i].watch != NULL)
                        loop_fd_events(server->doors[i].watch, pause ? 0 : LOOP_READ);
}

static void try_again(void *context)
{
        struct http_server *server = context;
        if (server->accepts_paused && !server->drains)
                pause_doors(server, false);
        loop_unwatch(TAKE(server->reopen));
}

/* Who is not let in now waits in the kernel's queue. */
static void close_for_a_while(struct http_server *server)
{
        pause_doors(server, true);
        if (server->reopen == NULL)
                server->reopen = loop_timer(server->loop, server->tick_ms, try_again, server);
}

static void knock(int fd, unsigned events, void *context)
{
        struct door *door = context;
        struct http_server *server = door->server;
        (void)events;
        for (unsigned i = 0; i < ACCEPTS_AT_ONCE; i++) {
                struct sockaddr_storage from = {0};
                socklen_t size = sizeof(from);
                if (server->counts.open >= server->limits.connections_max) {
                        close_for_a_while(server);
                        return;
                }
                int client = accept4(fd, (struct sockaddr *)&from, &size, SOCK_CLOEXEC | SOCK_NONBLOCK);
                if (client >= 0) {
                        connection_new(server, client, &door->says, &from);
                        continue;
                }
                if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
                        close_for_a_while(server);
                if (errno != ECONNABORTED && errno != EINTR)
                        return;
        }
}

/* Accepted sockets inherit it from the listening one. */
static void no_delay(int fd)
{
        int on = 1;
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

static struct door *door_new(struct http_server *server, int fd, const struct http_door *says)
{
        ASSERT(server->door_count < DOORS_MAX);
        struct door *door = &server->doors[server->door_count++];
        *door = (struct door){.says = *says, .fd = fd, .server = server};
        return door;
}

void http_server_listen(struct http_server *server, int listening_fd, const struct http_door *door)
{
        ASSERT(server != NULL && listening_fd >= 0 && door != NULL);
        struct door *made = door_new(server, listening_fd, door);
        no_delay(listening_fd);
        made->watch = loop_fd(server->loop, listening_fd, LOOP_READ, knock, made);
}

static bool is_same_door(const struct http_door *one, const struct http_door *other)
{
        return one->tls == other->tls && one->proxy == other->proxy && one->redirect == other->redirect &&
               one->https == other->https && one->acme == other->acme;
}

void http_server_adopt(struct http_server *server, int fd, const struct http_door *door)
{
        ASSERT(server != NULL && fd >= 0 && door != NULL);
        struct sockaddr_storage from = {0};
        socklen_t size = sizeof(from);
        const struct door *made = NULL;
        for (size_t i = 0; i < server->door_count && made == NULL; i++)
                if (server->doors[i].fd < 0 && is_same_door(&server->doors[i].says, door))
                        made = &server->doors[i];
        if (made == NULL)
                made = door_new(server, -1, door);
        (void)getpeername(fd, (struct sockaddr *)&from, &size);
        no_delay(fd);
        connection_new(server, fd, &made->says, &from);
}

/* --- draining --- */

void server_maybe_drained(struct http_server *server)
{
        if (server->drains && server->connections == NULL)
                loop_stop(server->loop);
}

void http_server_drain(struct http_server *server)
{
        ASSERT(server != NULL);
        if (server->drains)
                return;
        server->drains = true;
        /* Not closed: who waits there is served by the next process, which the supervisor gives the same socket. */
        for (size_t i = 0; i < server->door_count; i++)
                loop_unwatch(TAKE(server->doors[i].watch));
        for (struct connection *connection = server->connections; connection != NULL; connection = connection->after)
                connection_drain(connection);
        server_maybe_drained(server);
}
