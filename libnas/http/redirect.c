/* The plain door: shows the way to https, and the answers that a certificate authority asks for.
 * Rights: the front end; reads small files below the folder that its policy names. */
#include "http/server_parts.h"

#include "base/log.h"
#include "base/mem.h"
#include "sys/file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHALLENGES "/.well-known/acme-challenge/"
enum { CHALLENGE_MAX = 1024, TOKEN_MAX = 128, HTTPS_PORT = 443 };

static bool is_token(struct http_text text)
{
        for (size_t i = 0; i < text.length; i++) {
                char c = text.bytes[i];
                if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                      c == '_'))
                        return false;
        }
        return text.length > 0 && text.length <= TOKEN_MAX;
}

static void refuse(struct exchange *exchange, int status, const char *why)
{
        const struct http_server *server = exchange->connection->server;
        server->service.refuse(exchange, status, why, server->service.context);
}

/* true: this was for a certificate authority, and it is answered. */
static bool serve_challenge(struct exchange *exchange)
{
        static const struct http_text folder = {CHALLENGES, sizeof(CHALLENGES) - 1};
        const char *root = exchange->connection->door->acme;
        struct http_text path = exchange->head.path;
        if (root == NULL || path.length <= folder.length || memcmp(path.bytes, folder.bytes, folder.length) != 0)
                return false;
        struct http_text token = {path.bytes + folder.length, path.length - folder.length};
        char name[sizeof(CHALLENGES) + TOKEN_MAX];
        uint8_t *bytes = NULL;
        size_t length = 0;
        CLEANUP_FD int dir_fd = is_token(token) ? open(root, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
        (void)snprintf(name, sizeof(name), "%s%.*s", &CHALLENGES[1], (int)token.length, token.bytes);
        if (dir_fd < 0 || file_read_below(dir_fd, name, CHALLENGE_MAX, &bytes, &length) != 0) {
                refuse(exchange, 404, "There is no such challenge.");
                return true;
        }
        exchange_field(exchange, "Content-Type", "text/plain");
        exchange_field(exchange, "X-Content-Type-Options", "nosniff");
        exchange_answer(exchange, 200, bytes, length);
        free(bytes);
        return true;
}

static bool is_name(struct http_text host)
{
        for (size_t i = 0; i < host.length; i++) {
                char c = host.bytes[i];
                if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                      c == '.' || c == '[' || c == ']' || c == ':'))
                        return false;
        }
        return host.length > 0;
}

/* Without the port: that is the plain door's. */
static struct http_text name_of(struct http_text host)
{
        const char *colon = memrchr(host.bytes, ':', host.length);
        const char *bracket = memrchr(host.bytes, ']', host.length);
        if (colon != NULL && (bracket == NULL || bracket < colon))
                host.length = (size_t)(colon - host.bytes);
        return host;
}

/* ":8443", or "" for the usual one. */
static const char *port_of(struct exchange *exchange)
{
        unsigned port = exchange->connection->door->https;
        return port == 0 || port == HTTPS_PORT ? "" : arena_printf(exchange_arena(exchange), ":%u", port);
}

void redirect_serve(struct exchange *exchange)
{
        const struct http_head *head = &exchange->head;
        bool reads = head->method == HTTP_GET || head->method == HTTP_HEAD;
        if (reads && serve_challenge(exchange))
                return;
        struct http_text host = head->host.length > 0 ? name_of(head->host) : head->host;
        if (!is_name(host) || head->path.length == 0 || head->path.bytes[0] != '/') {
                exchange_close_after(exchange);
                refuse(exchange, 400, "Ask this machine by https.");
                return;
        }
        exchange_field(exchange, "Location",
                       arena_printf(exchange_arena(exchange), "https://%.*s%s%.*s%s%.*s", (int)host.length, host.bytes,
                                    port_of(exchange), (int)head->path.length, head->path.bytes,
                                    head->query.length > 0 ? "?" : "", (int)head->query.length, head->query.bytes));
        exchange_close_after(exchange);
        exchange_answer(exchange, 308, NULL, 0);
}
