/* Time: one tick for all deadlines, because thousands of timers would cost more than looking at everybody now and
 * then. Also whose turn it is.
 * Rights: the front end; none needed. */
#include "http/server_parts.h"

#include "base/clock.h"
#include "base/mem.h"

uint64_t server_now(struct http_server *server)
{
        server->now_ms = clock_boot_ms();
        return server->now_ms;
}

void server_run_due(void *context)
{
        struct http_server *server = context;
        struct connection *due = TAKE(server->due);
        (void)server_now(server);
        server->due_soon = true; /* who becomes due meanwhile waits until others had their events */
        for (struct connection *connection; (connection = due) != NULL;) {
                due = connection->next_due;
                connection->due = false;
                if (connection->channel != NULL && channel_has_more(connection->channel))
                        input_fill(connection);
                connection_turn(connection);
        }
        server->due_soon = server->due != NULL;
        if (server->due_soon)
                loop_timer_again(server->turns, 0);
}

bool pace_is_kept(const struct http_server *server, const struct pace *pace)
{
        uint64_t took_ms = server->now_ms - pace->since_ms;
        return took_ms <= server->limits.grace_ms ||
               pace->moved >= (took_ms - server->limits.grace_ms) * server->limits.body_bytes_per_s / 1000;
}

/* When places become rare, those who only hold one must let go earlier. */
static uint64_t patience(const struct http_server *server, const struct connection *connection)
{
        bool crowded = server->counts.open > server->limits.connections_max / 4 * 3;
        if (!crowded || (connection->phase != PHASE_IDLE && connection->phase != PHASE_HEAD))
                return 0;
        bool served = connection->phase == PHASE_IDLE && connection->requests > 0;
        return (served ? server->limits.idle_ms : server->limits.head_ms) / 4 * 3;
}

static void expired(struct connection *connection)
{
        if (connection->phase == PHASE_HEAD) {
                struct exchange *exchange = exchange_new(connection);
                exchange->head = (struct http_head){.minor = 1};
                connection->exchange = exchange;
                connection->phase = PHASE_SERVING;
                input_take(connection, connection->input.end - connection->input.start);
                exchange_refuse(exchange, 408, "The request's head did not arrive in time.");
                connection_due(connection);
                return;
        }
        connection->server->counts.refused += connection->phase == PHASE_HANDSHAKE;
        connection_break(connection);
}

static void look_at(struct connection *connection)
{
        struct http_server *server = connection->server;
        if (connection->channel == NULL || connection->broken)
                return;
        if (connection->phase == PHASE_IDLE)
                channel_keeps(connection->channel, false); /* no request for a while, or there is one soon */
        if (connection->output.first != NULL && connection->socket == NULL && !pace_is_kept(server, &connection->out)) {
                connection_break(connection);
                return;
        }
        if (connection->socket != NULL && connection->phase == PHASE_WEBSOCKET) {
                websocket_tick(connection, server->now_ms);
        } else if (connection->exchange != NULL) {
                if (exchange_reads(connection->exchange) && !pace_is_kept(server, &connection->in))
                        exchange_refuse(connection->exchange, 408, "The request's body came too slowly.");
        } else if (server->now_ms + patience(server, connection) >= connection->deadline_ms) {
                expired(connection);
        }
}

void server_tick(void *context)
{
        struct http_server *server = context;
        (void)server_now(server);
        for (struct connection *connection = server->connections; connection != NULL; connection = connection->after)
                look_at(connection); /* none is freed but by its turn */
        if (server->connections == NULL)
                loop_unwatch(TAKE(server->tick));
}
