/* What a client has not taken yet: pieces of answers, parts of files, frames that many share. Whatever can go at once
 * goes at once and is never copied.
 * Rights: the front end; the connection's own socket and files it was given. */
#include "http/server_parts.h"

#include "base/crypto.h"
#include "base/log.h"
#include "base/mem.h"
#include "http/websocket_parts.h"
#include "sys/file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_AT_ONCE = 512 * 1024 };

struct segment {
        struct segment *next;
        struct websocket_frame *frame; /* bytes are in it */
        int fd;                        /* or in this file; else they follow */
        uint64_t offset, left;
        char bytes[];
};

static struct segment *segment_new(struct connection *connection, size_t room)
{
        struct segment *segment = mem_new(1, sizeof(*segment) + room);
        struct output *output = &connection->output;
        segment->fd = -1;
        if (output->last != NULL)
                output->last->next = segment;
        else
                output->first = segment;
        output->last = segment;
        return segment;
}

static void drop_first(struct output *output)
{
        struct segment *segment = output->first;
        output->first = segment->next;
        if (output->first == NULL)
                output->last = NULL;
        if (segment->frame != NULL)
                websocket_frame_drop(segment->frame);
        fd_closep(&segment->fd);
        free(segment);
}

void output_free(struct connection *connection)
{
        while (connection->output.first != NULL)
                drop_first(&connection->output);
        connection->output.waiting = 0;
}

static void count_sent(struct connection *connection, uint64_t bytes)
{
        connection->out.moved += bytes;
        connection->server->counts.bytes_out += bytes;
}

/* How much went out at once. */
static size_t write_now(struct connection *connection, const char *bytes, size_t length)
{
        size_t sent = 0;
        while (sent < length) {
                ssize_t wrote = channel_write(connection->channel, bytes + sent, length - sent);
                if (wrote < 0 && wrote != -EAGAIN)
                        connection_break(connection);
                if (wrote < 0)
                        break;
                sent += (size_t)wrote;
        }
        count_sent(connection, sent);
        return sent;
}

static bool goes_at_once(const struct connection *connection)
{
        return connection->output.first == NULL;
}

/* From now on the client must take it at some pace. */
static void waits(struct connection *connection, uint64_t bytes)
{
        if (connection->output.waiting == 0)
                connection->out = (struct pace){.since_ms = connection->server->now_ms};
        connection->output.waiting += bytes;
        connection_due(connection); /* listens for room */
}

void output_send(struct connection *connection, const void *bytes, size_t length)
{
        if (connection->broken || length == 0)
                return;
        size_t sent = goes_at_once(connection) ? write_now(connection, bytes, length) : 0;
        if (connection->broken || sent == length)
                return;
        waits(connection, length - sent);
        struct segment *segment = segment_new(connection, length - sent);
        segment->left = length - sent;
        memcpy(segment->bytes, (const char *)bytes + sent, length - sent);
}

void output_send_frame(struct connection *connection, struct websocket_frame *frame)
{
        if (connection->broken)
                return;
        size_t sent = goes_at_once(connection) ? write_now(connection, frame->bytes, frame->length) : 0;
        if (connection->broken || sent == frame->length)
                return;
        waits(connection, frame->length - sent);
        struct segment *segment = segment_new(connection, 0);
        segment->frame = frame;
        frame->holders++;
        segment->offset = sent;
        segment->left = frame->length - sent;
}

void output_send_file(struct connection *connection, int fd, uint64_t offset, uint64_t length)
{
        if (connection->broken || length == 0) {
                fd_closep(&fd);
                return;
        }
        if (connection->output.first == NULL)
                connection->out = (struct pace){.since_ms = connection->server->now_ms};
        struct segment *segment = segment_new(connection, 0);
        segment->fd = fd;
        segment->offset = offset;
        segment->left = length;
        connection_due(connection);
}

/* Bytes that went, or -errno. */
static ssize_t send_segment(struct connection *connection, const struct segment *segment)
{
        if (segment->fd >= 0)
                return channel_send_file(connection->channel, segment->fd, (off_t)segment->offset,
                                         segment->left < FILE_AT_ONCE ? (size_t)segment->left : FILE_AT_ONCE);
        const char *bytes = segment->frame != NULL ? segment->frame->bytes : segment->bytes;
        return channel_write(connection->channel, bytes + segment->offset, (size_t)segment->left);
}

void output_flush(struct connection *connection)
{
        struct output *output = &connection->output;
        uint64_t moved = 0;
        while (output->first != NULL && !connection->broken && moved < FILE_AT_ONCE) {
                struct segment *segment = output->first;
                ssize_t sent = send_segment(connection, segment);
                if (sent < 0 && sent != -EAGAIN)
                        connection->broken = true; /* also a file that has become shorter: its length was promised */
                if (sent < 0)
                        break;
                segment->offset += (uint64_t)sent;
                segment->left -= (uint64_t)sent;
                if (segment->fd < 0)
                        output->waiting -= (uint64_t)sent;
                moved += (uint64_t)sent;
                if (segment->left == 0)
                        drop_first(output);
        }
        count_sent(connection, moved);
}
