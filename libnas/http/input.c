/* What a client sent and nobody has used yet. A connection has a buffer only while something is half there: whole ones
 * go back to the server, which lends them to the next, and a piece of a head that trickles in waits in a snug one.
 * Rights: the front end; the connection's own socket. */
#include "http/server_parts.h"

#include "base/crypto.h"
#include "base/log.h"
#include "base/mem.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { SNUG_MAX = 2048, MOVE_FROM = 4096 };

/* Requests hold secrets: what was used is wiped. */
static void give_back(struct http_server *server, char *bytes, size_t used, size_t size)
{
        if (bytes == NULL)
                return;
        crypto_wipe(bytes, used);
        if (size == INPUT_BYTES && server->input_count < INPUTS_KEPT)
                server->inputs[server->input_count++] = bytes;
        else
                free(bytes);
}

void input_free(struct connection *connection)
{
        struct input *input = &connection->input;
        give_back(connection->server, input->bytes, input->end, input->size);
        *input = (struct input){0};
}

/* A whole buffer, with what the snug one had. */
static void make_whole(struct connection *connection)
{
        struct http_server *server = connection->server;
        struct input *input = &connection->input;
        if (input->size == INPUT_BYTES)
                return;
        char *bytes = server->input_count > 0 ? server->inputs[--server->input_count] : mem_grow(NULL, INPUT_BYTES, 1);
        size_t have = input->end - input->start, scanned = input->scanned;
        ASSERT(input->base == 0);
        if (have > 0)
                memcpy(bytes, input->bytes + input->start, have);
        input_free(connection);
        *input = (struct input){.bytes = bytes, .end = have, .size = INPUT_BYTES, .scanned = scanned};
}

bool input_has_room(const struct connection *connection)
{
        const struct input *input = &connection->input;
        return input->size < INPUT_BYTES || input->end - input->start < input->size - input->base;
}

/* As much room as there can be, without moving what a head's views point into. */
static void make_room(struct input *input)
{
        if (input->start == input->base || (input->start != input->end && input->size - input->end >= MOVE_FROM))
                return;
        size_t have = input->end - input->start;
        memmove(input->bytes + input->base, input->bytes + input->start, have);
        input->start = input->base;
        input->end = input->base + have;
}

void input_fill(struct connection *connection)
{
        struct input *input = &connection->input;
        if (connection->ended || connection->broken || !input_has_room(connection))
                return;
        make_whole(connection);
        make_room(input);
        do {
                ssize_t got = channel_read(connection->channel, input->bytes + input->end, input->size - input->end);
                if (got == 0)
                        connection->ended = true;
                if (got < 0 && got != -EAGAIN)
                        connection->broken = true;
                if (got <= 0)
                        break;
                input->end += (size_t)got;
                connection->in.moved += (uint64_t)got;
                connection->server->counts.bytes_in += (uint64_t)got;
        } while (input->end < input->size && channel_has_more(connection->channel));
}

void input_take(struct connection *connection, size_t length)
{
        struct input *input = &connection->input;
        ASSERT(length <= input->end - input->start);
        input->start += length;
        input->scanned = 0;
}

void input_rest(struct connection *connection)
{
        struct input *input = &connection->input;
        size_t have = input->end - input->start;
        input->base = 0;
        if (have == 0) {
                input_free(connection);
                return;
        }
        if (input->start >= MOVE_FROM)
                make_room(input);
        if (have > SNUG_MAX || input->size != INPUT_BYTES || connection->busy)
                return;
        char *bytes = mem_grow(NULL, have, 1);
        size_t scanned = input->scanned;
        memcpy(bytes, input->bytes + input->start, have);
        input_free(connection);
        *input = (struct input){.bytes = bytes, .end = have, .size = have, .scanned = scanned};
}
