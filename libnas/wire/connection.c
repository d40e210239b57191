/* One client: framing, order, back-pressure.
 * Rights: clerks and the front end; its own socket. */
#include "base/log.h"
#include "base/mem.h"
#include "sys/file.h"
#include "wire/parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { READ_BYTES = 16 * 1024 };

static void ready(int fd, unsigned events, void *context);

void connection_new(struct wire_server *server, int fd, const struct peer *peer)
{
        struct connection *connection = mem_new(1, sizeof *connection);
        *connection = (struct connection){.server = server,
                                          .fd = fd,
                                          .came_fd = -1,
                                          .output_fd = -1,
                                          .peer = *peer,
                                          .after = server->connections};
        if (server->connections != NULL)
                server->connections->before = connection;
        server->connections = connection;
        server->clients++;
        connection->watch = loop_fd(server->loop, fd, LOOP_READ, ready, connection);
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
        loop_unwatch(connection->watch);
        fd_closep(&connection->fd);
        fd_closep(&connection->came_fd);
        fd_closep(&connection->output_fd);
        buffer_free(&connection->input);
        buffer_free(&connection->output);
        free(connection);
        server_gone(server);
}

/* Sends what waits; what the socket does not take now goes when it is writable. */
static void flush(struct connection *connection)
{
        struct buffer *output = &connection->output;
        while (output->start != output->end && !connection->broken) {
                ssize_t sent = socket_send(connection->fd, output->bytes + output->start, output->end - output->start,
                                           &connection->output_fd, connection->output_fd >= 0 ? 1 : 0);
                if (sent == -EAGAIN)
                        break;
                if (sent < 0) {
                        connection->broken = true;
                        break;
                }
                fd_closep(&connection->output_fd);
                buffer_took(output, (size_t)sent);
        }
        size_t limit = connection->server->service.limits.output_max;
        if (output->end - output->start > limit)
                connection->broken = true;
}

static bool may_read(const struct connection *connection)
{
        return !connection->closing && !connection->server->drains &&
               connection->calls < connection->server->service.limits.calls_max;
}

/* Calls every complete message; stops at the limit of open calls. */
static void take_messages(struct connection *connection)
{
        struct buffer *input = &connection->input;
        while (may_read(connection) && !connection->broken) {
                char *from = input->bytes + input->start;
                size_t have = input->end - input->start;
                char *nul = have > connection->scanned
                                    ? memchr(from + connection->scanned, '\0', have - connection->scanned)
                                    : NULL;
                if (nul == NULL) {
                        connection->scanned = have;
                        if (have > connection->server->service.limits.message_max)
                                connection->broken = true;
                        return;
                }
                connection->scanned = 0;
                size_t length = (size_t)(nul - from);
                if (length > connection->server->service.limits.message_max) {
                        connection->broken = true;
                        return;
                }
                call_begin(connection, from, length);
                buffer_took(input, length + 1);
        }
}

/* After anything happened: flush, decide what to wait for, or end. May free the connection. */
static void settle(struct connection *connection)
{
        connection->busy = true;
        take_messages(connection);
        connection->busy = false;
        flush(connection);
        bool waits = connection->output.start != connection->output.end;
        bool over = (connection->closing || connection->server->drains) && connection->first == NULL && !waits;
        if (connection->broken || over)
                connection_free(connection);
        else
                loop_fd_events(connection->watch,
                               (unsigned)(may_read(connection) ? LOOP_READ : LOOP_CLOSED) | (waits ? LOOP_WRITE : 0u));
}

static void receive(struct connection *connection)
{
        int came[1] = {-1};
        size_t count = 1;
        char *target = buffer_room(&connection->input, READ_BYTES);
        ssize_t got = socket_receive(connection->fd, target, READ_BYTES, came, &count);
        if (got == -EAGAIN)
                return;
        if (got <= 0) {
                connection->broken = true;
                return;
        }
        connection->input.end += (size_t)got;
        if (count == 0)
                return;
        if (connection->came_fd >= 0) { /* two descriptors before one message ended: whose are they? */
                (void)close(came[0]);
                connection->broken = true;
                return;
        }
        connection->came_fd = came[0];
}

static void ready(int fd, unsigned events, void *context)
{
        (void)fd;
        struct connection *connection = context;
        if ((events & LOOP_CLOSED) != 0)
                connection->broken = true;
        if ((events & LOOP_READ) != 0)
                receive(connection);
        if (!connection->broken)
                settle(connection);
        else
                connection_free(connection);
}

void connection_move(struct connection *connection, struct call *call)
{
        if (call->held.end != call->held.start) {
                buffer_put(&connection->output, call->held.bytes + call->held.start, call->held.end - call->held.start);
                buffer_took(&call->held, call->held.end - call->held.start);
        }
        if (call->held_fd >= 0) {
                fd_closep(&connection->output_fd);
                connection->output_fd = call->held_fd;
                call->held_fd = -1;
        }
}

void connection_after_reply(struct connection *connection)
{
        if (!connection->busy)
                settle(connection);
}
