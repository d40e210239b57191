/* One client's connection: its turns. In a turn it does all that can be done with what was read and what was written:
 * one request after the other, each answered before the next begins.
 * Rights: the front end; its own socket. */
#include "http/server_parts.h"

#include "base/log.h"
#include "base/mem.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>

enum { KEEPERS_MAX = 256 }; /* so many may keep the buffers of TLS between two requests */

static void ready(int fd, unsigned events, void *context);

static void enlist(struct http_server *server, struct connection *connection)
{
        connection->after = server->connections;
        if (server->connections != NULL)
                server->connections->before = connection;
        server->connections = connection;
        server->counts.open++;
        server->counts.accepted++;
        if (server->tick == NULL)
                server->tick = loop_every(server->loop, server->tick_ms, server_tick, server);
}

static void delist(struct http_server *server, struct connection *connection)
{
        if (connection->before != NULL)
                connection->before->after = connection->after;
        else
                server->connections = connection->after;
        if (connection->after != NULL)
                connection->after->before = connection->before;
        server->counts.open--;
}

void connection_new(struct http_server *server, int fd, const struct http_door *door,
                    const struct sockaddr_storage *from)
{
        struct connection *connection = mem_new(1, sizeof(*connection));
        connection->server = server;
        connection->door = door;
        connection->has_ip = address_of(from, connection->ip);
        if (connection->has_ip)
                connection->address = address_enter(&server->addresses, connection->ip, server->limits.per_address_max);
        bool tls = door->tls && server->identity != NULL;
        connection->channel = tls ? channel_tls(fd, server->identity) : channel_plain(fd);
        enlist(server, connection);
        if ((connection->has_ip && connection->address == NULL) || (door->tls && !tls)) {
                server->counts.refused++;
                connection_free(connection); /* not one byte was read */
                return;
        }
        connection->listens = LOOP_READ;
        connection->watch = loop_fd(server->loop, fd, LOOP_READ, ready, connection);
        if (tls)
                connection_expect(connection, PHASE_HANDSHAKE, server->limits.handshake_ms);
        else
                connection_expect(connection, PHASE_IDLE, server->limits.head_ms);
}

static void hang_up(struct connection *connection)
{
        loop_unwatch(TAKE(connection->watch));
        channel_free(TAKE(connection->channel));
        input_free(connection);
        output_free(connection);
}

void connection_free(struct connection *connection)
{
        struct http_server *server = connection->server;
        if (connection->socket != NULL)
                websocket_gone(connection);
        if (connection->exchange != NULL)
                exchange_free(connection->exchange);
        hang_up(connection);
        address_leave(&server->addresses, connection->address);
        delist(server, connection);
        for (struct connection **place = &server->due; connection->due && *place != NULL;)
                if (*place == connection) {
                        *place = connection->next_due;
                        break;
                } else {
                        place = &(*place)->next_due;
                }
        free(connection);
        server_maybe_drained(server);
}

void connection_due(struct connection *connection)
{
        struct http_server *server = connection->server;
        if (connection->due || connection->busy)
                return;
        connection->due = true;
        connection->next_due = server->due;
        server->due = connection;
        if (!server->due_soon)
                loop_timer_now(server->turns);
        server->due_soon = true;
}

void connection_break(struct connection *connection)
{
        connection->broken = true;
        connection_due(connection);
}

void connection_expect(struct connection *connection, enum phase phase, unsigned within_ms)
{
        connection->phase = phase;
        connection->deadline_ms = server_now(connection->server) + within_ms;
}

/* --- the steps of a turn; each says whether there is more to do at once --- */

void connection_linger(struct connection *connection)
{
        channel_shut(connection->channel);
        input_free(connection);
        connection_expect(connection, PHASE_LINGER, connection->server->limits.lingering_ms);
}

/* The answer is out, or the request became a WebSocket. */
static bool next_request(struct connection *connection)
{
        exchange_free(TAKE(connection->exchange));
        if (connection->socket != NULL) {
                connection->phase = PHASE_WEBSOCKET;
                channel_keeps(connection->channel, false);
                return connection->input.start < connection->input.end;
        }
        if (connection->closing) {
                connection_linger(connection);
                return false;
        }
        if (connection->channel != NULL)
                channel_keeps(connection->channel, connection->server->counts.open <= KEEPERS_MAX);
        connection_expect(connection, PHASE_IDLE, connection->server->limits.idle_ms);
        return true;
}

/* The layer above waits for room, and there is some. */
static bool has_room(const struct connection *connection)
{
        const struct exchange *exchange = connection->exchange;
        return exchange != NULL && exchange->room != NULL && !exchange->complete &&
               connection->output.waiting <= connection->server->limits.output_max / 2;
}

static bool serve(struct connection *connection)
{
        struct exchange *exchange = connection->exchange;
        if (exchange->complete && (connection->output.first == NULL || connection->socket != NULL))
                return next_request(connection);
        if (exchange_body(exchange))
                return true;
        if (!has_room(connection))
                return false;
        void (*room)(struct exchange *, void *) = exchange->room;
        exchange->room = NULL;
        room(exchange, exchange->room_context);
        return exchange->complete;
}

static void begin(struct connection *connection, struct exchange *exchange, int length, const char *why)
{
        struct input *input = &connection->input;
        connection->exchange = exchange;
        connection->phase = PHASE_SERVING;
        connection->requests++;
        if (length > 0) {
                input_take(connection, (size_t)length);
                input->base = input->start;
                exchange_begin(exchange);
                return;
        }
        exchange->head = (struct http_head){.minor = 1};
        input_take(connection, input->end - input->start);
        exchange_refuse(exchange, -length, why);
}

static bool read_head(struct connection *connection)
{
        struct input *input = &connection->input;
        size_t have = input->end - input->start;
        const char *why = "";
        if (have == 0)
                return false;
        struct exchange *exchange = exchange_new(connection);
        int length = http_head_read(input->bytes + input->start, have, input->scanned, &exchange->head, &why);
        if (length != 0) {
                begin(connection, exchange, length, why);
                return true;
        }
        exchange_free(exchange);
        input->scanned = have;
        if (connection->phase == PHASE_IDLE)
                connection_expect(connection, PHASE_HEAD, connection->server->limits.head_ms);
        return false;
}

static bool step(struct connection *connection)
{
        if (connection->exchange != NULL)
                return serve(connection);
        switch (connection->phase) {
        case PHASE_HANDSHAKE:
                if (!channel_is_open(connection->channel))
                        return false;
                connection_expect(connection, PHASE_IDLE, connection->server->limits.head_ms);
                return true;
        case PHASE_WEBSOCKET:
                websocket_input(connection);
                return false;
        case PHASE_LINGER:
                input_free(connection);
                return false;
        default:
                return read_head(connection);
        }
}

static bool is_over(const struct connection *connection)
{
        return connection->broken || (connection->ended && connection->exchange == NULL);
}

/* The client is gone. Whoever works on its request is told, or may finish it for nobody. */
static void leave(struct connection *connection)
{
        struct exchange *exchange = connection->exchange;
        connection->broken = true;
        if (exchange != NULL && !exchange->complete && exchange->gone == NULL && !exchange_waits(exchange))
                hang_up(connection);
        else
                connection_free(connection);
}

/* What to wait for. */
static void settle(struct connection *connection)
{
        bool reads = !connection->ended && input_has_room(connection);
        bool writes = connection->output.first != NULL;
        unsigned events = (reads ? channel_wants_read(connection->channel) : 0) |
                          (writes ? channel_wants_write(connection->channel) : 0);
        if (events == connection->listens)
                return;
        /* A client that is quiet while it is served costs no call here: reading stays on until something comes. */
        connection->listens = events;
        loop_fd_events(connection->watch, events);
}

void connection_turn(struct connection *connection)
{
        if (connection->channel == NULL) { /* only its exchange is left */
                if (connection->exchange->complete || exchange_waits(connection->exchange))
                        connection_free(connection);
                return;
        }
        connection->busy = true;
        while (!connection->broken && step(connection))
                ;
        connection->busy = false;
        if (is_over(connection)) {
                leave(connection);
                return;
        }
        if (connection->exchange == NULL)
                input_rest(connection);
        if (connection->socket != NULL)
                websocket_room(connection);
        if (has_room(connection) || (channel_has_more(connection->channel) && input_has_room(connection)))
                connection_due(connection);
        settle(connection);
}

/* http:// to the port for https: whoever does that is told so in plain, instead of a silence that explains nothing. */
static void answer_plainly(struct connection *connection)
{
        channel_become_plain(connection->channel);
        begin(connection, exchange_new(connection), -400,
              "This is the port for https, and the request came as plain HTTP. Use https:// in the address.");
}

static void ready(int fd, unsigned events, void *context)
{
        struct connection *connection = context;
        (void)fd;
        (void)server_now(connection->server);
        if (connection->phase == PHASE_HANDSHAKE && channel_is_addressed_plainly(connection->channel))
                answer_plainly(connection);
        if (connection->output.first != NULL && (events & channel_wants_write(connection->channel)) != 0)
                output_flush(connection);
        if ((events & channel_wants_read(connection->channel)) != 0)
                input_fill(connection);
        connection_turn(connection);
}

/* Who has asked is answered; who has not gets a moment, because the question may be on its way. */
void connection_drain(struct connection *connection)
{
        if (connection->socket != NULL)
                websocket_goodbye(connection);
        else if (connection->phase == PHASE_IDLE && connection->requests > 0)
                connection_expect(connection, PHASE_IDLE, connection->server->limits.lingering_ms / 2);
}
