/* A server from memory, for figures and for hostile clients: the engine and nothing behind it.
 *
 *   http_demo [--tls FOLDER] [--proxy] [--idle MS] [--head MS] [--per-address N] PORT|/PATH
 *
 *   GET /         1 KB            POST /echo     the body, whole       GET /pieces   32 chunks
 *   GET /large    8 MiB, chunked  POST /count    how long it was       GET /entity   with ETag, ranges, gzip
 *   GET /slow     after 200 ms    GET /ws        a WebSocket that echoes; "all TEXT" goes to everybody
 *   GET /counts   open, websockets, requests, refused
 *
 * Rights: for tests; a socket on loopback or at a path. SIGTERM drains. */
#include "base/arena.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/mem.h"
#include "http/server.h"
#include "http/websocket.h"
#include "sys/loop.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { LARGE_BYTES = 8 * 1024 * 1024, PIECE_BYTES = 32 * 1024, WATCHERS_MAX = 20000 };

static struct demo {
        struct loop *loop;
        struct http_server *server;
        char page[1024], piece[PIECE_BYTES];
        struct websocket *watchers[WATCHERS_MAX];
        size_t watcher_count;
} demo;

static void refuse(struct exchange *exchange, int status, const char *why, void *context)
{
        (void)context;
        exchange_field(exchange, "Content-Type", "text/plain");
        exchange_answer(exchange, status, why, strlen(why));
}

static void echo(struct exchange *exchange, const char *bytes, size_t length, void *context)
{
        (void)context;
        exchange_field(exchange, "Content-Type", "application/octet-stream");
        exchange_answer(exchange, 200, bytes, length);
}

static void count(struct exchange *exchange, const char *bytes, size_t length, bool last, void *context)
{
        uint64_t *sum = context;
        (void)bytes;
        *sum += length;
        if (!last)
                return;
        char text[32];
        int size = snprintf(text, sizeof(text), "%llu\n", (unsigned long long)*sum);
        exchange_answer(exchange, 200, text, (size_t)size);
}

/* As much as the client takes now; the rest when there is room. */
static void large(struct exchange *exchange, void *context)
{
        size_t *left = context;
        while (*left > 0) {
                *left -= PIECE_BYTES;
                if (!exchange_answer_piece(exchange, demo.piece, PIECE_BYTES)) {
                        exchange_on_room(exchange, large, context);
                        return;
                }
        }
        exchange_answer_end(exchange);
}

struct later {
        struct exchange *exchange;
        struct loop_watch *timer;
};

static void slow(void *context)
{
        struct later *later = context;
        loop_unwatch(later->timer);
        exchange_answer(later->exchange, 200, "slow\n", 5);
        free(later);
}

static void entity(struct exchange *exchange)
{
        const struct entity is = {.type = "text/plain",
                                  .bytes = demo.piece,
                                  .fd = -1,
                                  .length = PIECE_BYTES,
                                  .etag = "\"demo\"",
                                  .modified = 1700000000};
        exchange_answer_entity(exchange, 200, &is);
}

static void counts(struct exchange *exchange)
{
        const struct http_counts *now = http_server_counts(demo.server);
        char text[160];
        int size = snprintf(text, sizeof(text), "open %u\nwebsockets %u\nrequests %llu\nrefused %llu\n", now->open,
                            now->websockets, (unsigned long long)now->requests, (unsigned long long)now->refused);
        exchange_answer(exchange, 200, text, (size_t)size);
}

/* --- WebSocket --- */

static void said(struct websocket *socket, const char *bytes, size_t length, void *context)
{
        (void)context;
        if (length < 4 || memcmp(bytes, "all ", 4) != 0) {
                websocket_send(socket, bytes, length);
                return;
        }
        struct websocket_frame *frame = websocket_frame_new(bytes, length);
        for (size_t i = 0; i < demo.watcher_count; i++)
                websocket_send_frame(demo.watchers[i], frame);
        websocket_frame_drop(frame);
}

static void left(struct websocket *socket, void *context)
{
        (void)context;
        for (size_t i = 0; i < demo.watcher_count; i++)
                if (demo.watchers[i] == socket) {
                        demo.watchers[i] = demo.watchers[--demo.watcher_count];
                        return;
                }
}

static void watch(struct exchange *exchange)
{
        static const struct websocket_events events = {.text = said, .gone = left};
        int status = websocket_asked(exchange_head(exchange));
        if (status != 0 || demo.watcher_count == WATCHERS_MAX) {
                refuse(exchange, status != 0 ? status : 503, "no WebSocket", NULL);
                return;
        }
        demo.watchers[demo.watcher_count++] = websocket_accept(exchange, NULL, &events, NULL);
}

/* --- routes --- */

static void serve_odd(struct exchange *exchange, struct http_text path)
{
        if (http_text_is(path, "/large")) {
                size_t *size = arena_alloc(exchange_arena(exchange), sizeof(*size));
                *size = LARGE_BYTES;
                exchange_answer_begin(exchange, 200);
                large(exchange, size);
        } else if (http_text_is(path, "/pieces")) {
                exchange_answer_begin(exchange, 200);
                for (int i = 0; i < 32; i++)
                        exchange_answer_piece(exchange, demo.page, 100);
                exchange_answer_end(exchange);
        } else if (http_text_is(path, "/slow")) {
                struct later *later = mem_new(1, sizeof(*later));
                later->exchange = exchange;
                later->timer = loop_timer(demo.loop, 200, slow, later);
        } else if (http_text_is(path, "/entity")) {
                entity(exchange);
        } else if (http_text_is(path, "/counts")) {
                counts(exchange);
        } else {
                refuse(exchange, 404, "no such page", NULL);
        }
}

static void serve(struct exchange *exchange, void *context)
{
        const struct http_head *head = exchange_head(exchange);
        struct http_text path = exchange_path(exchange);
        (void)context;
        if (http_text_is(path, "/echo"))
                exchange_read_all(exchange, 1024 * 1024, echo, NULL);
        else if (http_text_is(path, "/count"))
                exchange_read(exchange, count, arena_alloc(exchange_arena(exchange), sizeof(uint64_t)));
        else if (http_text_is(path, "/ws"))
                watch(exchange);
        else if (head->method != HTTP_GET && head->method != HTTP_HEAD)
                refuse(exchange, 405, "only GET and HEAD", NULL);
        else if (http_text_is(path, "/")) {
                exchange_field(exchange, "Content-Type", "text/plain");
                exchange_answer(exchange, 200, demo.page, sizeof(demo.page));
        } else {
                serve_odd(exchange, path);
        }
}

/* --- standing up --- */

static int listen_at(const char *where)
{
        struct sockaddr_un path = {.sun_family = AF_UNIX};
        struct sockaddr_in6 port = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)strtoul(where, NULL, 10))};
        bool is_path = where[0] == '/';
        int fd = socket(is_path ? AF_UNIX : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1, off = 0;
        (void)snprintf(path.sun_path, sizeof(path.sun_path), "%s", where);
        if (is_path)
                (void)unlink(where);
        (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
        if (!is_path)
                (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
        if (bind(fd, is_path ? (const void *)&path : (const void *)&port, is_path ? sizeof(path) : sizeof(port)) != 0 ||
            listen(fd, 4096) != 0)
                log_fatal("cannot listen at %s: %m", where);
        return fd;
}

static struct tls_identity *identity_in(const char *folder)
{
        static const char *const names[] = {"localhost", "127.0.0.1", "::1"};
        struct failure failure = {0};
        int dir_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        struct tls_identity *identity = dir_fd < 0 ? NULL : tls_identity_read(dir_fd, &failure);
        if (identity == NULL && dir_fd >= 0 && tls_identity_make(dir_fd, names, 3, &failure) == 0)
                identity = tls_identity_read(dir_fd, &failure);
        if (identity == NULL)
                log_fatal("no certificate in %s: %s", folder, failure.message);
        (void)close(dir_fd);
        return identity;
}

static void drain(void *context)
{
        http_server_drain(context);
}

int main(int argc, char **argv)
{
        struct http_service service = {.serve = serve, .refuse = refuse};
        struct http_door door = {0};
        const char *folder = NULL;
        log_open("http_demo");
        crypto_start();
        signal(SIGPIPE, SIG_IGN);
        for (argv++; argc > 2; argc--, argv++) {
                if (strcmp(*argv, "--proxy") == 0) {
                        door.proxy = true;
                        continue;
                }
                const char *value = argv[1];
                if (strcmp(*argv, "--tls") == 0)
                        folder = value;
                else if (strcmp(*argv, "--idle") == 0)
                        service.limits.idle_ms = (unsigned)strtoul(value, NULL, 10);
                else if (strcmp(*argv, "--head") == 0)
                        service.limits.head_ms = (unsigned)strtoul(value, NULL, 10);
                else if (strcmp(*argv, "--per-address") == 0)
                        service.limits.per_address_max = (unsigned)strtoul(value, NULL, 10);
                else
                        log_fatal("what is %s?", *argv);
                argc--, argv++;
        }
        if (*argv == NULL)
                log_fatal("http_demo [--tls FOLDER] [--proxy] [--idle MS] [--head MS] [--per-address N] PORT|/PATH");
        memset(demo.page, 'x', sizeof(demo.page));
        memset(demo.piece, 'y', sizeof(demo.piece));
        demo.loop = loop_new();
        demo.server = http_server_new(demo.loop, &service);
        door.tls = folder != NULL;
        if (folder != NULL)
                http_server_identity(demo.server, identity_in(folder));
        http_server_listen(demo.server, listen_at(*argv), &door);
        loop_signal(demo.loop, SIGTERM, drain, demo.server);
        loop_run(demo.loop);
        http_server_free(demo.server);
        return 0;
}
