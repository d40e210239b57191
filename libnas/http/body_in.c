/* The body of a request on its way up: whole, or piece by piece as it comes. Nothing is read before somebody asks.
 * Rights: the front end; none needed. */
#include "http/server_parts.h"

#include "base/crypto.h"
#include "base/log.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

enum { WHOLE_FIRST = 8 * 1024 };

static bool is_asked_for(const struct exchange *exchange)
{
        return exchange->piece != NULL || exchange->done != NULL;
}

bool exchange_reads(const struct exchange *exchange)
{
        return is_asked_for(exchange) && !exchange->paused && !exchange->body.done && !exchange->complete;
}

bool exchange_waits(const struct exchange *exchange)
{
        return is_asked_for(exchange) && !exchange->body.done && !exchange->paused;
}

static void say_continue(struct exchange *exchange)
{
        static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
        struct connection *connection = exchange->connection;
        const struct input *input = &connection->input;
        if (!exchange->head.expects_continue || exchange->continued || exchange->begun || exchange->body.done ||
            input->start < input->end)
                return;
        exchange->continued = true;
        output_send(connection, go_on, sizeof(go_on) - 1);
}

static void ask(struct exchange *exchange)
{
        exchange->connection->in = (struct pace){.since_ms = server_now(exchange->connection->server)};
        say_continue(exchange);
        connection_due(exchange->connection);
}

/* --- whole --- */

static void too_large(struct exchange *exchange)
{
        exchange_refuse(exchange, 413, "The body is larger than this request may have.");
}

/* It is all there, and nothing needs to be copied. */
static bool done_in_place(struct exchange *exchange)
{
        struct connection *connection = exchange->connection;
        struct input *input = &connection->input;
        if (exchange->head.chunked || input->end - input->start < exchange->head.length)
                return false;
        const char *bytes = input->bytes == NULL ? "" : input->bytes + input->start;
        size_t length = (size_t)exchange->head.length;
        input_take(connection, length);
        input->base = input->start;
        exchange->body.done = true;
        void (*done)(struct exchange *, const char *, size_t, void *) = TAKE(exchange->done);
        done(exchange, bytes, length, exchange->body_context);
        return true;
}

void exchange_read_all(struct exchange *exchange, size_t max,
                       void (*done)(struct exchange *exchange, const char *bytes, size_t length, void *context),
                       void *context)
{
        ASSERT(exchange != NULL && done != NULL && !is_asked_for(exchange) && !exchange->complete);
        exchange->done = done;
        exchange->body_context = context;
        exchange->whole_max = max;
        if (exchange->head.length > max)
                too_large(exchange);
        else if (!done_in_place(exchange))
                ask(exchange);
}

/* Secrets may be in it: what is outgrown is wiped. */
static void grow(struct exchange *exchange, size_t length)
{
        size_t size = exchange->whole_size == 0 ? WHOLE_FIRST : exchange->whole_size;
        if (exchange->whole_size >= length && exchange->whole != NULL)
                return;
        while (size < length)
                size *= 2;
        char *bytes = mem_grow(NULL, size, 1);
        if (exchange->whole != NULL) {
                memcpy(bytes, exchange->whole, exchange->whole_length);
                crypto_wipe(exchange->whole, exchange->whole_length);
                free(exchange->whole);
        }
        exchange->whole = bytes;
        exchange->whole_size = size;
}

static void keep(struct exchange *exchange, const char *bytes, size_t length, bool last)
{
        if (length > exchange->whole_max - exchange->whole_length) {
                too_large(exchange);
                return;
        }
        grow(exchange, exchange->whole_length + length);
        if (length > 0)
                memcpy(exchange->whole + exchange->whole_length, bytes, length);
        exchange->whole_length += length;
        if (!last)
                return;
        void (*done)(struct exchange *, const char *, size_t, void *) = TAKE(exchange->done);
        done(exchange, exchange->whole, exchange->whole_length, exchange->body_context);
}

/* --- piece by piece --- */

void exchange_read(struct exchange *exchange,
                   void (*piece)(struct exchange *exchange, const char *bytes, size_t length, bool last, void *context),
                   void *context)
{
        ASSERT(exchange != NULL && piece != NULL && !is_asked_for(exchange) && !exchange->complete);
        exchange->piece = piece;
        exchange->body_context = context;
        ask(exchange);
}

void exchange_pause(struct exchange *exchange)
{
        ASSERT(exchange != NULL);
        exchange->paused = true;
}

void exchange_resume(struct exchange *exchange)
{
        ASSERT(exchange != NULL);
        if (!exchange->paused)
                return;
        exchange->paused = false;
        ask(exchange);
}

static void tell(struct exchange *exchange, const char *bytes, size_t length)
{
        bool last = exchange->body.done;
        if (exchange->done != NULL) {
                keep(exchange, bytes, length, last);
                return;
        }
        void (*piece)(struct exchange *, const char *, size_t, bool, void *) = exchange->piece;
        if (last)
                exchange->piece = NULL;
        piece(exchange, bytes, length, last, exchange->body_context);
}

/* A body without a single byte: it ends at once. */
static bool tell_empty(struct exchange *exchange)
{
        if (!is_asked_for(exchange) || !exchange->body.done || exchange->paused)
                return false;
        tell(exchange, "", 0);
        return true;
}

bool exchange_body(struct exchange *exchange)
{
        struct connection *connection = exchange->connection;
        struct input *input = &connection->input;
        if (!exchange_reads(exchange))
                return !exchange->complete && tell_empty(exchange);
        const char *payload = NULL;
        size_t length = 0, have = input->end - input->start;
        ssize_t used =
                have == 0 ? 0 : http_body_take(&exchange->body, input->bytes + input->start, have, &payload, &length);
        if (used < 0) {
                exchange_refuse(exchange, 400, "The body's chunks are malformed.");
                return true;
        }
        if (used > 0)
                input_take(connection, (size_t)used);
        if (length > 0 || exchange->body.done)
                tell(exchange, payload == NULL ? "" : payload, length);
        else if (used == 0 && (connection->ended || !input_has_room(connection)))
                connection->broken = true; /* cut off, or a line in it that never ends */
        return used > 0 && !connection->broken;
}

/* What nobody wanted: taken when it is all there; else the connection ends, rather than reading it for nothing. */
void exchange_skip_body(struct exchange *exchange)
{
        struct connection *connection = exchange->connection;
        struct input *input = &connection->input;
        const char *payload;
        size_t length;
        while (!exchange->body.done && input->start < input->end) {
                ssize_t used = http_body_take(&exchange->body, input->bytes + input->start, input->end - input->start,
                                              &payload, &length);
                if (used <= 0)
                        break;
                input_take(connection, (size_t)used);
        }
        if (!exchange->body.done)
                connection->closing = true;
}
