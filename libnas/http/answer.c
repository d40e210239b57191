/* Answers: a head, and a body whole, from a file or in pieces. A whole answer is one write.
 * Rights: the front end; the connection's own socket and files it was given. */
#include "http/server_parts.h"

#include "base/log.h"
#include "base/mem.h"
#include "sys/file.h"

#include <stdio.h>
#include <string.h>

enum { FIELDS_FIRST = 1024, HEAD_OWN_MAX = 512 };

/* --- putting together --- */

static char *put(char *at, const char *bytes, size_t length)
{
        memcpy(at, bytes, length);
        return at + length;
}

static char *put_text(char *at, const char *text)
{
        return put(at, text, strlen(text));
}

static char *put_number(char *at, uint64_t number)
{
        char digits[20];
        size_t count = 0;
        do
                digits[count++] = (char)('0' + number % 10);
        while ((number /= 10) != 0);
        while (count > 0)
                *at++ = digits[--count];
        return at;
}

static const char *date_of(struct http_server *server)
{
        time_t now = time(NULL);
        if (now != server->date) {
                server->date = now;
                http_date(now, server->date_text);
        }
        return server->date_text;
}

static bool is_text(const char *text)
{
        for (; *text != '\0'; text++)
                if ((unsigned char)*text < ' ' || *text == 0x7f)
                        return false;
        return true;
}

static bool has_body(int status)
{
        return status >= 200 && status != 204 && status != 304;
}

static char *fields_room(struct exchange *exchange, size_t length)
{
        size_t needed = exchange->fields_length + length;
        if (needed > exchange->fields_size) {
                size_t size = exchange->fields_size == 0 ? FIELDS_FIRST : exchange->fields_size;
                while (size < needed)
                        size *= 2;
                char *bytes = arena_alloc(exchange_arena(exchange), size);
                if (exchange->fields_length > 0)
                        memcpy(bytes, exchange->fields, exchange->fields_length);
                exchange->fields = bytes;
                exchange->fields_size = size;
        }
        return exchange->fields + exchange->fields_length;
}

void exchange_field(struct exchange *exchange, const char *name, const char *value)
{
        ASSERT(exchange != NULL && name != NULL && value != NULL && !exchange->begun);
        size_t name_length = strlen(name), value_length = strlen(value);
        /* What could begin another field is not sent at all; nor what would not fit the head. */
        if (!is_text(name) || !is_text(value) ||
            exchange->fields_length + name_length + value_length + 4 > SCRATCH_BYTES / 2)
                return;
        char *at = fields_room(exchange, name_length + value_length + 4);
        at = put(at, name, name_length);
        at = put(at, ": ", 2);
        at = put(at, value, value_length);
        put(at, "\r\n", 2);
        exchange->fields_length += name_length + value_length + 4;
}

void exchange_fields(struct exchange *exchange, const char *lines, size_t length)
{
        ASSERT(exchange != NULL && lines != NULL && !exchange->begun && length <= SCRATCH_BYTES / 4);
        if (exchange->fields_length + length > SCRATCH_BYTES / 2)
                return;
        put(fields_room(exchange, length), lines, length);
        exchange->fields_length += length;
}

enum framing { FRAMING_LENGTH, FRAMING_CHUNKS, FRAMING_CLOSE, FRAMING_NONE };

/* The head into scratch; how long it is. */
static size_t put_head(struct exchange *exchange, int status, enum framing framing, uint64_t length)
{
        struct connection *connection = exchange->connection;
        char *at = connection->server->scratch;
        ASSERT(!exchange->begun && status >= 100 && status <= 599);
        exchange->begun = true;
        exchange->status = status;
        connection->closing |= connection->server->drains;
        at = put_text(at, "HTTP/1.1 ");
        at = put_number(at, (uint64_t)status);
        *at++ = ' ';
        at = put_text(at, http_reason(status));
        at = put_text(at, "\r\nDate: ");
        at = put_text(at, date_of(connection->server));
        at = put(at, "\r\n", 2);
        at = put(at, exchange->fields == NULL ? "" : exchange->fields, exchange->fields_length);
        if (framing == FRAMING_LENGTH)
                at = put(put_number(put_text(at, "Content-Length: "), length), "\r\n", 2);
        if (framing == FRAMING_CHUNKS)
                at = put_text(at, "Transfer-Encoding: chunked\r\n");
        if (connection->closing || framing == FRAMING_CLOSE)
                at = put_text(at, "Connection: close\r\n");
        else if (exchange->head.minor == 0)
                at = put_text(at, "Connection: keep-alive\r\n");
        at = put(at, "\r\n", 2);
        return (size_t)(at - connection->server->scratch);
}

static void finish(struct exchange *exchange)
{
        exchange->complete = true;
        connection_due(exchange->connection);
}

/* --- whole --- */

void exchange_answer(struct exchange *exchange, int status, const void *bytes, size_t length)
{
        ASSERT(exchange != NULL && (bytes != NULL || length == 0) && !exchange->begun);
        struct connection *connection = exchange->connection;
        char *scratch = connection->server->scratch;
        bool sends = has_body(status) && exchange->head.method != HTTP_HEAD;
        exchange_skip_body(exchange);
        size_t head = put_head(exchange, status, has_body(status) ? FRAMING_LENGTH : FRAMING_NONE, length);
        size_t body = sends ? length : 0, together = body < SCRATCH_BYTES - head ? body : SCRATCH_BYTES - head;
        if (together > 0)
                memcpy(scratch + head, bytes, together);
        output_send(connection, scratch, head + together);
        if (together < body)
                output_send(connection, (const char *)bytes + together, body - together);
        exchange->sent = head + body;
        finish(exchange);
}

void exchange_answer_file(struct exchange *exchange, int status, int fd, uint64_t offset, uint64_t length)
{
        ASSERT(exchange != NULL && fd >= 0 && !exchange->begun);
        struct connection *connection = exchange->connection;
        bool sends = has_body(status) && exchange->head.method != HTTP_HEAD;
        exchange_skip_body(exchange);
        size_t head = put_head(exchange, status, FRAMING_LENGTH, length);
        output_send(connection, connection->server->scratch, head);
        output_send_file(connection, fd, offset, sends ? length : 0);
        exchange->sent = head + (sends ? length : 0);
        finish(exchange);
}

/* --- in pieces --- */

void exchange_answer_begin(struct exchange *exchange, int status)
{
        ASSERT(exchange != NULL && !exchange->begun && has_body(status));
        struct connection *connection = exchange->connection;
        exchange->chunked = exchange->head.minor > 0;
        if (!exchange->chunked)
                connection->closing = true;
        size_t head = put_head(exchange, status, exchange->chunked ? FRAMING_CHUNKS : FRAMING_CLOSE, 0);
        output_send(connection, connection->server->scratch, head);
        exchange->sent = head;
}

bool exchange_answer_piece(struct exchange *exchange, const void *bytes, size_t length)
{
        ASSERT(exchange != NULL && exchange->begun && !exchange->complete && (bytes != NULL || length == 0));
        struct connection *connection = exchange->connection;
        char *scratch = connection->server->scratch;
        if (length == 0 || exchange->head.method == HTTP_HEAD)
                return true;
        size_t head = exchange->chunked ? (size_t)snprintf(scratch, 32, "%zx\r\n", length) : 0;
        size_t together = length < SCRATCH_BYTES - 64 ? length : SCRATCH_BYTES - 64, tail = 0;
        memcpy(scratch + head, bytes, together);
        if (together < length) {
                output_send(connection, scratch, head + together);
                output_send(connection, (const char *)bytes + together, length - together);
                together = head = 0;
        }
        if (exchange->chunked) {
                memcpy(scratch + head + together, "\r\n", 2);
                tail = 2;
        }
        output_send(connection, scratch, head + together + tail);
        exchange->sent += length;
        return connection->output.waiting <= connection->server->limits.output_max;
}

void exchange_answer_end(struct exchange *exchange)
{
        ASSERT(exchange != NULL && exchange->begun && !exchange->complete);
        exchange_skip_body(exchange);
        if (exchange->chunked && exchange->head.method != HTTP_HEAD)
                output_send(exchange->connection, "0\r\n\r\n", 5);
        finish(exchange);
}

void exchange_abort(struct exchange *exchange)
{
        ASSERT(exchange != NULL);
        exchange->complete = true;
        exchange->gone = NULL;
        if (exchange->connection->channel == NULL)
                connection_due(exchange->connection);
        else
                connection_break(exchange->connection);
}
