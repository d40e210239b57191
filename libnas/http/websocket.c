/* WebSockets: the greeting, messages, signs of life, and the polite end. While nothing is half there, one has no
 * buffer and no reader.
 * Rights: the front end; the connection's own socket. */
#include "http/websocket_parts.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "tls/sha1.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GREETING "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
enum { KEY_LENGTH = 24, KEY_BYTES = 16, CODE_GOING_AWAY = 1001, CODE_NONE = 1005, REASON_MAX = 123, JITTER_MS = 4096 };

struct websocket {
        struct connection *connection;
        const struct websocket_events *events;
        void *context;
        struct ws_reader *reader; /* NULL: nothing is half there */
        uint64_t next_ms;         /* when to look after it */
        bool silent;              /* since the last ping */
        bool closing;             /* we said goodbye */
        bool finished;            /* so did the client, or it needs not */
        bool behind;              /* wants to hear of room */
        char address[ADDRESS_TEXT];
};

static bool is_key(struct http_text key)
{
        uint8_t bytes[KEY_BYTES + 2];
        char text[KEY_LENGTH];
        if (key.length != KEY_LENGTH || memcmp(key.bytes + KEY_LENGTH - 2, "==", 2) != 0)
                return false;
        for (size_t i = 0; i < KEY_LENGTH - 2; i++) {
                char c = key.bytes[i];
                text[i] = (char)(c == '+' ? '-' : c == '/' ? '_' : c == '-' || c == '_' ? '!' : c);
        }
        return text_unbase64(text, KEY_LENGTH - 2, bytes, sizeof(bytes)) == KEY_BYTES;
}

int websocket_asked(const struct http_head *head)
{
        ASSERT(head != NULL);
        const struct http_text *upgrade = http_head_field(head, "upgrade");
        const struct http_text *version = http_head_field(head, "sec-websocket-version");
        const struct http_text *key = http_head_field(head, "sec-websocket-key");
        if (head->method != HTTP_GET || head->minor == 0 || !head->upgrade || upgrade == NULL ||
            !http_list_has(*upgrade, "websocket"))
                return 426;
        if (version == NULL || !http_text_is(*version, "13"))
                return 426;
        return key == NULL || !is_key(*key) || head->has_length || head->chunked ? 400 : 0;
}

static void greet(struct exchange *exchange, const char *protocol)
{
        struct connection *connection = exchange->connection;
        const struct http_text *key = http_head_field(&exchange->head, "sec-websocket-key");
        char text[KEY_LENGTH + sizeof(GREETING)], accept[SHA1_BASE64_SIZE];
        (void)snprintf(text, sizeof(text), "%.*s" GREETING, KEY_LENGTH, key->bytes);
        sha1_base64(text, strlen(text), accept);
        int length =
                snprintf(connection->server->scratch, SCRATCH_BYTES,
                         "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                         "Sec-WebSocket-Accept: %s\r\n%s%s%s\r\n",
                         accept, protocol == NULL ? "" : "Sec-WebSocket-Protocol: ", protocol == NULL ? "" : protocol,
                         protocol == NULL ? "" : "\r\n");
        ASSERT(length > 0 && length < SCRATCH_BYTES);
        output_send(connection, connection->server->scratch, (size_t)length);
        exchange->sent = (uint64_t)length;
}

struct websocket *websocket_accept(struct exchange *exchange, const char *protocol,
                                   const struct websocket_events *events, void *context)
{
        ASSERT(exchange != NULL && !exchange->begun && events != NULL && events->text != NULL && events->gone != NULL);
        ASSERT(websocket_asked(&exchange->head) == 0);
        struct connection *connection = exchange->connection;
        struct websocket *socket = mem_new(1, sizeof(*socket));
        *socket = (struct websocket){.connection = connection, .events = events, .context = context};
        memcpy(socket->address, exchange->ip_text, sizeof(socket->address));
        /* Many come at once when the server starts; their pings are spread a little. */
        socket->next_ms = server_now(connection->server) + connection->server->limits.ping_ms -
                          ((uintptr_t)socket >> 6) % JITTER_MS * connection->server->limits.ping_ms / JITTER_MS / 8;
        exchange->begun = true;
        exchange->status = 101;
        if (exchange->address != NULL) { /* behind a proxy it goes on to count for its client */
                address_leave(&connection->server->addresses, connection->address);
                connection->address = TAKE(exchange->address);
        }
        greet(exchange, protocol);
        connection->socket = socket;
        connection->closing = true;
        connection->server->counts.websockets++;
        exchange->complete = true;
        connection_due(connection);
        if (connection->server->drains)
                websocket_goodbye(connection);
        return socket;
}

/* --- sending --- */

void websocket_send_frame(struct websocket *socket, struct websocket_frame *frame)
{
        ASSERT(socket != NULL && frame != NULL);
        struct connection *connection = socket->connection;
        if (socket->closing || connection->broken)
                return;
        if (connection->output.waiting + frame->length > WEBSOCKET_OUTPUT_MAX + (uint64_t)WEBSOCKET_MESSAGE_MAX &&
            connection->output.waiting > 0) {
                connection_break(connection); /* it was told often enough that there is no room */
                return;
        }
        output_send_frame(connection, frame);
        socket->behind |= connection->output.waiting > 0;
}

static void send_kind(struct websocket *socket, enum websocket_kind kind, const void *bytes, size_t length)
{
        struct websocket_frame *frame = websocket_frame_of(kind, bytes, length);
        output_send_frame(socket->connection, frame);
        websocket_frame_drop(frame);
}

void websocket_send(struct websocket *socket, const char *text, size_t length)
{
        ASSERT(socket != NULL && (text != NULL || length == 0));
        struct websocket_frame *frame = websocket_frame_new(text, length);
        websocket_send_frame(socket, frame);
        websocket_frame_drop(frame);
}

size_t websocket_backlog(const struct websocket *socket)
{
        ASSERT(socket != NULL);
        return (size_t)socket->connection->output.waiting;
}

void websocket_room(struct connection *connection)
{
        struct websocket *socket = connection->socket;
        if (!socket->behind || connection->output.first != NULL || socket->closing || connection->broken)
                return;
        socket->behind = false;
        if (socket->events->room != NULL)
                socket->events->room(socket, socket->context);
}

/* --- the end --- */

static void say_goodbye(struct websocket *socket, unsigned code, const char *reason)
{
        char bytes[2 + REASON_MAX] = {(char)(code >> 8), (char)(code & 0xff)};
        size_t length = reason == NULL ? 0 : strlen(reason);
        if (socket->closing)
                return;
        socket->closing = true;
        socket->next_ms = server_now(socket->connection->server) + socket->connection->server->limits.lingering_ms;
        length = length > REASON_MAX ? 0 : length; /* not cut: it may be in the middle of a letter */
        if (length > 0)
                memcpy(bytes + 2, reason, length);
        send_kind(socket, WEBSOCKET_CLOSE, bytes, code == CODE_NONE ? 0 : length + 2);
}

void websocket_close(struct websocket *socket, unsigned code, const char *reason)
{
        ASSERT(socket != NULL && code >= 1000 && code <= 4999);
        say_goodbye(socket, code, reason);
        connection_due(socket->connection);
}

void websocket_goodbye(struct connection *connection)
{
        websocket_close(connection->socket, CODE_GOING_AWAY, "This server restarts; come back.");
}

void websocket_gone(struct connection *connection)
{
        struct websocket *socket = TAKE(connection->socket);
        socket->events->gone(socket, socket->context);
        ws_reader_free(socket->reader);
        connection->server->counts.websockets--;
        free(socket);
}

/* --- receiving --- */

static void broken(struct websocket *socket, unsigned code)
{
        say_goodbye(socket, code, NULL);
        socket->finished = true;
}

static void heard(struct websocket *socket, const struct ws_message *message)
{
        socket->silent = false;
        switch (message->kind) {
        case WEBSOCKET_TEXT:
                if (!socket->closing)
                        socket->events->text(socket, message->bytes, message->length, socket->context);
                break;
        case WEBSOCKET_PING:
                if (!socket->closing && socket->connection->output.first == NULL)
                        send_kind(socket, WEBSOCKET_PONG, message->bytes, message->length);
                break;
        case WEBSOCKET_CLOSE:
                say_goodbye(socket, message->code, NULL);
                socket->finished = true;
                break;
        default:
                break;
        }
}

static void read_frames(struct websocket *socket)
{
        struct connection *connection = socket->connection;
        struct http_server *server = connection->server;
        struct input *input = &connection->input;
        struct ws_reader *reader = socket->reader != NULL ? TAKE(socket->reader) : TAKE(server->reader);
        bool fresh = reader == NULL || ws_reader_is_idle(reader);
        if (reader == NULL)
                reader = ws_reader_new();
        ws_reader_give(reader, input->bytes + input->start, input->end - input->start);
        while (!socket->finished && !connection->broken) {
                struct ws_message message = {0};
                enum ws_result result = ws_reader_next(reader, &message);
                if (result == WS_MORE)
                        break;
                if (result == WS_BROKEN)
                        broken(socket, message.code);
                else
                        heard(socket, &message);
        }
        input_take(connection, input->end - input->start);
        if (!ws_reader_is_idle(reader)) {
                if (fresh) /* from now on what is half there must go on to come */
                        connection->in = (struct pace){.since_ms = server->now_ms};
                socket->reader = reader;
        } else if (server->reader == NULL) {
                server->reader = reader;
        } else {
                ws_reader_free(reader);
        }
}

void websocket_input(struct connection *connection)
{
        struct websocket *socket = connection->socket;
        if (connection->input.start < connection->input.end && !socket->finished)
                read_frames(socket);
        else if (connection->input.start < connection->input.end)
                input_take(connection, connection->input.end - connection->input.start);
        if (!socket->finished || connection->output.first != NULL)
                return;
        websocket_gone(connection);
        connection_linger(connection);
}

void websocket_tick(struct connection *connection, uint64_t now_ms)
{
        struct websocket *socket = connection->socket;
        if (socket->reader != NULL && !pace_is_kept(connection->server, &connection->in)) {
                connection_break(connection);
                return;
        }
        if (now_ms < socket->next_ms)
                return;
        socket->next_ms = now_ms + connection->server->limits.ping_ms;
        if (socket->silent || socket->closing) {
                connection_break(connection);
                return;
        }
        socket->silent = true;
        send_kind(socket, WEBSOCKET_PING, NULL, 0);
}

const char *websocket_address(const struct websocket *socket)
{
        ASSERT(socket != NULL);
        return socket->address;
}

void *websocket_context(const struct websocket *socket)
{
        ASSERT(socket != NULL);
        return socket->context;
}
