/* One request and its answer: what is known of it, from its first byte to its last.
 * Rights: the front end; none needed. */
#include "http/server_parts.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

struct exchange *exchange_new(struct connection *connection)
{
        struct http_server *server = connection->server;
        struct exchange *exchange = TAKE(server->spare);
        if (exchange == NULL)
                exchange = mem_grow(NULL, 1, sizeof(*exchange));
        memset(exchange, 0, offsetof(struct exchange, head)); /* the head is filled by its reader */
        exchange->connection = connection;
        return exchange;
}

void exchange_free(struct exchange *exchange)
{
        struct http_server *server = exchange->connection->server;
        if (exchange->gone != NULL && !exchange->complete)
                exchange->gone(exchange, exchange->gone_context);
        if (exchange->began_us != 0 && server->service.log != NULL) {
                int64_t took_us = clock_real_us() - exchange->began_us;
                server->service.log(exchange, exchange->complete ? exchange->status : 499, exchange->sent,
                                    took_us > 0 ? (uint64_t)took_us : 0, server->service.context);
        }
        address_leave(&server->addresses, exchange->address);
        arena_free(exchange->arena);
        if (exchange->whole != NULL)
                crypto_wipe(exchange->whole, exchange->whole_size);
        free(exchange->whole);
        if (server->spare == NULL)
                server->spare = exchange;
        else
                free(exchange);
}

static struct http_text without_slash(struct http_text path)
{
        if (path.length > 1 && path.bytes[path.length - 1] == '/')
                path.length--;
        return path;
}

static void set_address(struct exchange *exchange)
{
        const struct connection *connection = exchange->connection;
        exchange->secure = connection->door->tls;
        if (connection->door->proxy)
                exchange_forwarded(exchange);
        else if (connection->has_ip)
                address_write(connection->ip, exchange->ip_text);
}

/* A proxy's connection is not its client's: whom it forwards for may have as many requests open as others may have
 * connections. */
static bool is_crowd(struct exchange *exchange)
{
        struct http_server *server = exchange->connection->server;
        uint8_t ip[16];
        struct http_text text = {exchange->ip_text, strlen(exchange->ip_text)};
        if (!exchange->connection->door->proxy || !http_address_read(text, ip))
                return false;
        exchange->address = address_enter(&server->addresses, ip, server->limits.per_address_max);
        return exchange->address == NULL;
}

void exchange_begin(struct exchange *exchange)
{
        struct connection *connection = exchange->connection;
        struct http_server *server = connection->server;
        exchange->began_us = clock_real_us();
        exchange->path = without_slash(exchange->head.path);
        server->counts.requests++;
        if (!exchange->head.keep_alive || server->drains || connection->requests >= server->limits.requests_max)
                connection->closing = true;
        http_body_begin(&exchange->body, &exchange->head);
        if (!exchange->head.chunked && exchange->head.length == 0)
                exchange->body.done = true;
        set_address(exchange);
        if (is_crowd(exchange))
                exchange_refuse(exchange, 429, "Too many requests of this address are open.");
        else if (connection->door->redirect)
                redirect_serve(exchange);
        else
                server->service.serve(exchange, server->service.context);
}

void exchange_refuse(struct exchange *exchange, int status, const char *why)
{
        struct connection *connection = exchange->connection;
        struct http_server *server = connection->server;
        if (exchange->complete)
                return;
        if (exchange->begun) {
                exchange_abort(exchange);
                return;
        }
        if (exchange->began_us == 0)
                exchange->began_us = clock_real_us();
        server->counts.refused++;
        connection->closing = true;
        exchange->piece = NULL;
        exchange->done = NULL;
        exchange->room = NULL;
        server->service.refuse(exchange, status, why, server->service.context);
        ASSERT(exchange->complete);
}

/* --- what the layer above asks --- */

const struct http_head *exchange_head(const struct exchange *exchange)
{
        ASSERT(exchange != NULL);
        return &exchange->head;
}

struct arena *exchange_arena(struct exchange *exchange)
{
        ASSERT(exchange != NULL);
        if (exchange->arena == NULL)
                exchange->arena = arena_new();
        return exchange->arena;
}

struct http_server *exchange_server(const struct exchange *exchange)
{
        ASSERT(exchange != NULL);
        return exchange->connection->server;
}

struct http_text exchange_path(const struct exchange *exchange)
{
        ASSERT(exchange != NULL);
        return exchange->path;
}

const char *exchange_address(const struct exchange *exchange)
{
        ASSERT(exchange != NULL);
        return exchange->ip_text;
}

bool exchange_is_secure(const struct exchange *exchange)
{
        ASSERT(exchange != NULL);
        return exchange->secure;
}

void exchange_set(struct exchange *exchange, void *own)
{
        ASSERT(exchange != NULL);
        exchange->own = own;
}

void *exchange_own(const struct exchange *exchange)
{
        ASSERT(exchange != NULL);
        return exchange->own;
}

void exchange_on_gone(struct exchange *exchange, void (*gone)(struct exchange *exchange, void *context), void *context)
{
        ASSERT(exchange != NULL);
        exchange->gone = gone;
        exchange->gone_context = context;
}

void exchange_on_room(struct exchange *exchange, void (*room)(struct exchange *exchange, void *context), void *context)
{
        ASSERT(exchange != NULL);
        exchange->room = room;
        exchange->room_context = context;
        connection_due(exchange->connection);
}

void exchange_close_after(struct exchange *exchange)
{
        ASSERT(exchange != NULL);
        exchange->connection->closing = true;
}

/* --- the request's id --- */

static bool is_uuid(struct http_text text)
{
        if (text.length != REQUEST_ID_SIZE - 1)
                return false;
        for (size_t i = 0; i < text.length; i++) {
                char c = text.bytes[i];
                bool dash = i == 8 || i == 13 || i == 18 || i == 23;
                bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
                if (dash ? c != '-' : !digit)
                        return false;
        }
        return true;
}

static void make_uuid(struct http_server *server, char ret_text[REQUEST_ID_SIZE])
{
        static const char digits[] = "0123456789abcdef";
        if (server->random_used + 16 > sizeof(server->random)) {
                crypto_random(server->random, sizeof(server->random)); /* many ids by one call */
                server->random_used = 0;
        }
        uint8_t *bytes = server->random + server->random_used;
        server->random_used += 16;
        bytes[6] = (uint8_t)((bytes[6] & 0x0f) | 0x40);
        bytes[8] = (uint8_t)((bytes[8] & 0x3f) | 0x80);
        char *at = ret_text;
        for (int i = 0; i < 16; i++) {
                if (i == 4 || i == 6 || i == 8 || i == 10)
                        *at++ = '-';
                *at++ = digits[bytes[i] >> 4];
                *at++ = digits[bytes[i] & 15];
        }
        *at = '\0';
}

const char *exchange_request_id(struct exchange *exchange)
{
        ASSERT(exchange != NULL);
        if (exchange->request_id[0] != '\0')
                return exchange->request_id;
        const struct http_text *given = http_head_field(&exchange->head, "x-request-id");
        if (given != NULL && is_uuid(*given))
                memcpy(exchange->request_id, given->bytes, given->length);
        else
                make_uuid(exchange->connection->server, exchange->request_id);
        return exchange->request_id;
}
