/* The bytes of one connection and the descriptors between them: what is received, and what is sent when the client
 * takes it. A descriptor travels with the bytes of its own message, also when calls are pipelined.
 * Rights: clerks and the front end; its own socket. */
#include "base/crypto.h"
#include "base/log.h"
#include "base/mem.h"
#include "sys/file.h"
#include "wire/parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { READ_BYTES = 64 * 1024 };

/* The kernel ends a reading behind the piece that brought descriptors, so they belong to the message that its last byte
 * is part of. A second one before that message has ended: at most one comes with a message. */
static void keep_fd(struct connection *connection, int fd, const char *bytes, size_t length)
{
        const char *nul = memchr(bytes, '\0', length);
        bool same = nul == NULL || nul == bytes + length - 1;
        if (connection->came_count != 0 && (same || connection->came_count == ARRAY_SIZE(connection->came))) {
                fd_closep(&fd);
                connection->broken = true;
                return;
        }
        connection->came[connection->came_count++] = (struct came){.fd = fd, .end = connection->received};
}

/* Where to receive: behind what is kept, or in the server's own room. */
static char *target_of(struct connection *connection)
{
        struct wire_server *server = connection->server;
        ASSERT(!connection->borrows);
        if (connection->input.start != connection->input.end)
                return buffer_room(&connection->input, READ_BYTES);
        buffer_free(&connection->input);
        if (server->scratch == NULL)
                server->scratch = mem_new(READ_BYTES, 1);
        connection->borrows = true;
        connection->input = (struct buffer){.bytes = server->scratch, .size = READ_BYTES};
        return server->scratch;
}

void stream_keep(struct connection *connection)
{
        if (!connection->borrows)
                return;
        struct buffer borrowed = connection->input;
        connection->borrows = false;
        connection->input = (struct buffer){0};
        buffer_put(&connection->input, borrowed.bytes + borrowed.start, borrowed.end - borrowed.start);
        crypto_wipe(borrowed.bytes + borrowed.start, borrowed.end - borrowed.start);
}

void stream_receive(struct connection *connection)
{
        int came[1] = {-1};
        size_t count = 1;
        char *target = target_of(connection);
        ssize_t got = socket_receive(connection->fd, target, READ_BYTES, came, &count);
        if (got == -EAGAIN)
                return;
        if (got <= 0) {
                connection->broken = true;
                return;
        }
        connection->input.end += (size_t)got;
        connection->received += (size_t)got;
        if (count != 0)
                keep_fd(connection, came[0], target, (size_t)got);
}

int stream_take_fd(struct connection *connection, uint64_t end)
{
        if (connection->came_count == 0 || connection->came[0].end > end)
                return -1;
        int fd = connection->came[0].fd;
        connection->came[0] = connection->came[1];
        connection->came_count--;
        return fd;
}

/* How much may go out at once, and with which descriptor. */
static size_t next_piece(const struct connection *connection, int *ret_fd)
{
        const struct passing *passing = connection->passing;
        size_t waits = connection->output.end - connection->output.start;
        *ret_fd = -1;
        if (passing == NULL)
                return waits;
        if (passing->from > connection->sent)
                return (size_t)(passing->from - connection->sent);
        *ret_fd = passing->fd;
        return (size_t)(passing->to - passing->from);
}

static void passed(struct connection *connection)
{
        struct passing *passing = connection->passing;
        connection->passing = passing->next;
        fd_closep(&passing->fd);
        free(passing);
}

void stream_flush(struct connection *connection)
{
        struct buffer *output = &connection->output;
        while (output->start != output->end && !connection->broken) {
                int fd;
                size_t length = next_piece(connection, &fd);
                ssize_t went = socket_send(connection->fd, output->bytes + output->start, length, &fd, fd >= 0 ? 1 : 0);
                if (went == -EAGAIN)
                        break;
                if (went < 0) {
                        connection->broken = true;
                        break;
                }
                if (fd >= 0)
                        passed(connection);
                connection->sent += (size_t)went;
                buffer_took(output, (size_t)went);
        }
        if (output->end - output->start > connection->server->service.limits.output_max)
                connection->broken = true;
}

static void pass(struct connection *connection, int fd, uint64_t from, uint64_t to)
{
        struct passing *passing = mem_new(1, sizeof *passing), **link = &connection->passing;
        *passing = (struct passing){.fd = fd, .from = from, .to = to};
        while (*link != NULL)
                link = &(*link)->next;
        *link = passing;
}

void stream_move(struct connection *connection, struct call *call)
{
        size_t length = call->held.end - call->held.start;
        if (length == 0)
                return;
        if (call->held_fd >= 0) {
                pass(connection, call->held_fd, connection->put + call->held_fd_at, connection->put + length);
                call->held_fd = -1;
        }
        buffer_put(&connection->output, call->held.bytes + call->held.start, length);
        buffer_free(&call->held);
        connection->put += length;
}

size_t stream_waits(const struct connection *connection)
{
        size_t waits = connection->output.end - connection->output.start;
        for (const struct call *call = connection->first; call != NULL; call = call->next)
                waits += call->held.end - call->held.start;
        return waits;
}

void stream_free(struct connection *connection)
{
        stream_keep(connection);
        while (connection->came_count != 0) {
                int fd = stream_take_fd(connection, UINT64_MAX);
                fd_closep(&fd);
        }
        while (connection->passing != NULL)
                passed(connection);
        buffer_free(&connection->input);
        buffer_free(&connection->output);
        fd_closep(&connection->fd);
}
