/* The service: listening, letting clients in, and leaving in order.
 * Rights: clerks and the front end; the listening socket that the supervisor passed. */
#include "base/log.h"
#include "base/mem.h"
#include "sys/file.h"
#include "wire/parts.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { DRAIN_MS = 5000, HEAR_MS = 250, ACCEPT_AT_ONCE = 16, REST_MS = 100, ROOT_ALWAYS = 16 };

static void set_default(size_t *limit, size_t value)
{
        if (*limit == 0)
                *limit = value;
}

static void set_default_count(unsigned *limit, unsigned value)
{
        if (*limit == 0)
                *limit = value;
}

struct wire_server *wire_server_new(struct loop *loop, const struct wire_service *service)
{
        ASSERT(loop != NULL && service->interfaces != NULL);
        struct wire_server *server = mem_new(1, sizeof *server);
        *server = (struct wire_server){.loop = loop, .service = *service, .listening = -1};
        server->flushing = loop_task(loop, connections_flush, server);
        set_default(&server->service.limits.message_max, 1024 * 1024);
        set_default(&server->service.limits.output_max, 4 * 1024 * 1024);
        set_default_count(&server->service.limits.clients_max, 256);
        set_default_count(&server->service.limits.clients_per_uid_max, 128);
        set_default_count(&server->service.limits.front_max, server->service.limits.clients_per_uid_max);
        set_default_count(&server->service.limits.calls_max, 64);
        return server;
}

static bool has_room(const struct wire_server *server, const struct peer *peer)
{
        const struct wire_limits *limits = &server->service.limits;
        unsigned same = 0, most = limits->clients_per_uid_max;
        for (const struct connection *one = server->connections; one != NULL; one = one->after)
                same += one->peer.uid == peer->uid ? 1 : 0;
        if (peer->uid == 0)
                return server->clients < limits->clients_max || same < ROOT_ALWAYS;
        if (peer->uid == limits->front)
                most = limits->front_max;
        return server->clients < limits->clients_max && same < most;
}

void wire_server_adopt(struct wire_server *server, int connected_fd)
{
        CLEANUP_FD int fd = connected_fd;
        struct peer peer;
        const struct wire_service *service = &server->service;
        if (server->drains || socket_peer(fd, &peer) != 0 || !has_room(server, &peer) ||
            (service->admit_peer != NULL && !service->admit_peer(&peer, service->context)))
                return;
        connection_new(server, fd, &peer);
        fd = -1;
}

static void rested(void *context)
{
        struct wire_server *server = context;
        loop_unwatch(server->resting);
        server->resting = NULL;
        loop_fd_events(server->accepting, LOOP_READ);
}

/* No descriptor or memory is left for whoever waits. Not to ask again and again until there is. */
static void rest(struct wire_server *server)
{
        loop_fd_events(server->accepting, 0);
        server->resting = loop_timer(server->loop, REST_MS, rested, server);
}

static void accept_clients(int fd, unsigned events, void *context)
{
        (void)events;
        for (int i = 0; i < ACCEPT_AT_ONCE; i++) {
                int client = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
                if (client >= 0) {
                        wire_server_adopt(context, client);
                } else if (errno != EINTR && errno != ECONNABORTED) {
                        if (errno != EAGAIN)
                                rest(context);
                        return;
                }
        }
}

void wire_server_listen(struct wire_server *server, int listening_fd)
{
        ASSERT(server->listening < 0 && listening_fd >= 0);
        server->listening = listening_fd;
        server->accepting = loop_fd(server->loop, listening_fd, LOOP_READ, accept_clients, server);
}

void server_gone(struct wire_server *server)
{
        if (server->drains && server->connections == NULL)
                loop_stop(server->loop);
}

static void drained(void *context)
{
        loop_stop(((struct wire_server *)context)->loop);
}

static void drain_all(struct wire_server *server)
{
        for (struct connection *one = server->connections, *next; one != NULL; one = next) {
                next = one->after;
                connection_drain(one); /* whose watch ends comes back to whoever serves next */
        }
}

static void heard(void *context)
{
        struct wire_server *server = context;
        loop_unwatch(TAKE(server->hearing));
        server->hears = false;
        drain_all(server);
}

void wire_server_drain(struct wire_server *server)
{
        if (server->drains)
                return;
        server->drains = true;
        loop_unwatch(server->accepting);
        loop_unwatch(server->resting);
        server->accepting = server->resting = NULL;
        server->draining = loop_timer(server->loop, DRAIN_MS, drained, server);
        server->hearing = loop_timer(server->loop, HEAR_MS, heard, server);
        server->hears = true;
        drain_all(server);
        if (server->connections == NULL)
                loop_stop(server->loop);
}

void wire_server_free(struct wire_server *server)
{
        if (server == NULL)
                return;
        while (server->connections != NULL)
                connection_free(server->connections);
        loop_unwatch(server->accepting);
        loop_unwatch(server->draining);
        loop_unwatch(server->hearing);
        loop_unwatch(server->resting);
        loop_unwatch(server->flushing);
        fd_closep(&server->listening);
        free(server->scratch);
        free(server);
}
