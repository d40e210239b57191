/* One client: messages out of its stream, back-pressure, and its end.
 * Rights: clerks and the front end; its own socket. */
#include "base/log.h"
#include "base/mem.h"
#include "wire/parts.h"

#include <stdlib.h>
#include <string.h>

/* Who lets so many bytes of answers lie is not asked for more questions. */
enum { WAITING_MAX = 64 * 1024 };

static void ready(int fd, unsigned events, void *context);

void connection_new(struct wire_server *server, int fd, const struct peer *peer)
{
        struct connection *connection = mem_new(1, sizeof *connection);
        *connection = (struct connection){.server = server, .fd = fd, .peer = *peer, .after = server->connections};
        if (server->connections != NULL)
                server->connections->before = connection;
        server->connections = connection;
        server->clients++;
        connection->watch = loop_fd(server->loop, fd, LOOP_READ, ready, connection);
}

static void not_due(struct connection *connection)
{
        struct connection **at = &connection->server->due;
        while (connection->due && *at != NULL && *at != connection)
                at = &(*at)->next_due;
        if (connection->due && *at != NULL)
                *at = connection->next_due;
        connection->due = false;
}

void connection_free(struct connection *connection)
{
        struct wire_server *server = connection->server;
        if (connection->before != NULL)
                connection->before->after = connection->after;
        else
                server->connections = connection->after;
        if (connection->after != NULL)
                connection->after->before = connection->before;
        server->clients--;
        for (struct call *call = connection->first, *next; call != NULL; call = next) {
                next = call->next;
                call_drop(call);
        }
        not_due(connection);
        loop_unwatch(connection->watch);
        loop_unwatch(connection->again);
        stream_free(connection);
        free(connection);
        server_gone(server);
}

/* Whoever was let in as this process was asked to end may be about to ask: one message of theirs is heard. */
static bool drains(const struct connection *connection)
{
        return connection->server->drains && (connection->taken > 0 || !connection->server->hears);
}

static bool may_take(const struct connection *connection)
{
        const struct wire_limits *limits = &connection->server->service.limits;
        return !connection->closing && !connection->broken && !drains(connection) &&
               connection->calls < limits->calls_max && connection->asked < limits->message_max &&
               stream_waits(connection) <= WAITING_MAX;
}

/* Calls every complete message, until a limit. */
static void take_messages(struct connection *connection)
{
        struct buffer *input = &connection->input;
        size_t most = connection->server->service.limits.message_max;
        while (may_take(connection)) {
                size_t have = input->end - input->start, scanned = connection->scanned;
                const char *from = have == 0 ? "" : input->bytes + input->start;
                const char *nul = have > scanned ? memchr(from + scanned, '\0', have - scanned) : NULL;
                size_t length = nul == NULL ? have : (size_t)(nul - from);
                connection->scanned = nul == NULL ? have : 0;
                if (length > most)
                        call_too_large(connection);
                if (nul == NULL || length > most)
                        return;
                call_begin(connection, from, length);
                buffer_took(input, length + 1);
                connection->taken += length + 1;
                if (stream_waits(connection) > WAITING_MAX)
                        stream_flush(connection);
        }
}

/* A call that waits for its client to have taken everything, which it has. */
static struct call *with_room(const struct connection *connection)
{
        struct call *call = connection->first;
        while (call != NULL && (call->room == NULL || call_backlog(call) != 0))
                call = call->next;
        return call;
}

static void tell_room(struct connection *connection)
{
        for (struct call *call; !connection->broken && (call = with_room(connection)) != NULL;) {
                void (*room)(void *) = call->room;
                call->room = NULL;
                room(call->room_context);
        }
}

static bool is_over(const struct connection *connection)
{
        if (connection->broken)
                return true;
        return (connection->closing || drains(connection)) && connection->output.start == connection->output.end &&
               (connection->first == NULL || call_is_watch(connection->first));
}

static void again(void *context);

/* What to wait for. What there is to do at once is left to the loop. */
static void settle(struct connection *connection)
{
        stream_keep(connection);
        if (connection->output.start == connection->output.end)
                buffer_free(&connection->output); /* who only waits needs none */
        bool reads = may_take(connection), waits = connection->output.start != connection->output.end;
        bool unread = connection->input.end - connection->input.start > connection->scanned;
        bool due = is_over(connection) || (reads && unread) || with_room(connection) != NULL;
        if (due && connection->again == NULL)
                connection->again = loop_timer(connection->server->loop, 0, again, connection);
        unsigned listens = due ? 0 : reads ? (unsigned)LOOP_READ : (unsigned)LOOP_CLOSED;
        loop_fd_events(connection->watch, listens | (waits ? (unsigned)LOOP_WRITE : 0u));
}

/* By the loop, and by nobody else: handlers are never called inside each other. May free the connection. */
static void turn(struct connection *connection)
{
        connection->busy = true;
        connection->server->moment++;
        take_messages(connection);
        stream_flush(connection);
        tell_room(connection);
        stream_flush(connection);
        connection->busy = false;
        if (is_over(connection))
                connection_free(connection);
        else
                settle(connection);
}

static void again(void *context)
{
        struct connection *connection = context;
        loop_unwatch(connection->again);
        connection->again = NULL;
        turn(connection);
}

static void ready(int fd, unsigned events, void *context)
{
        (void)fd;
        struct connection *connection = context;
        if ((events & LOOP_CLOSED) != 0)
                connection->broken = true;
        else if ((events & LOOP_READ) != 0)
                stream_receive(connection);
        turn(connection);
}

void connection_drain(struct connection *connection)
{
        if (connection->busy)
                return; /* its turn ends soon */
        if (is_over(connection))
                connection_free(connection);
        else
                settle(connection);
}

void connections_flush(void *context)
{
        struct wire_server *server = context;
        for (struct connection *connection; (connection = server->due) != NULL;) {
                not_due(connection);
                stream_flush(connection);
                settle(connection);
        }
}

void connection_after_reply(struct connection *connection, bool last)
{
        struct wire_server *server = connection->server;
        if (connection->busy || connection->due)
                return;
        if (last && connection->calls > 0) {
                connection->due = true;
                connection->next_due = server->due;
                server->due = connection;
                loop_wake(server->flushing);
                return;
        }
        stream_flush(connection);
        settle(connection);
}
