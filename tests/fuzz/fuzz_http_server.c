/* A whole connection, from its bytes to its end, on the real loop: nothing that a client sends breaks the engine, and
 * when it is gone nothing is left of it. The first byte says how the service behaves.
 * Rights: none; a socket pair. */
#include "base/crypto.h"
#include "base/log.h"
#include "http/server_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static unsigned behaviour;

static void whole(struct exchange *exchange, const char *bytes, size_t length, void *context)
{
        (void)context;
        exchange_answer(exchange, 200, bytes, length);
}

static void piece(struct exchange *exchange, const char *bytes, size_t length, bool last, void *context)
{
        (void)context;
        if (exchange_answer_piece(exchange, bytes, length) && (behaviour & 1) != 0) {
                exchange_pause(exchange);
                exchange_resume(exchange);
        }
        if (last)
                exchange_answer_end(exchange);
}

static void text(struct websocket *socket, const char *bytes, size_t length, void *context)
{
        (void)context;
        websocket_send(socket, bytes, length);
}

static void gone(struct websocket *socket, void *context)
{
        (void)socket, (void)context;
}

static void serve(struct exchange *exchange, void *context)
{
        static const struct websocket_events events = {.text = text, .gone = gone};
        (void)context;
        if (websocket_asked(exchange_head(exchange)) == 0) {
                websocket_accept(exchange, NULL, &events, NULL);
        } else if ((behaviour & 6) == 2) {
                exchange_read_all(exchange, 5000, whole, NULL);
        } else if ((behaviour & 6) == 4) {
                exchange_answer_begin(exchange, 200);
                exchange_read(exchange, piece, NULL);
        } else {
                struct http_text path = exchange_path(exchange);
                const struct entity entity = {
                        .type = "text/plain", .bytes = path.bytes, .fd = -1, .length = path.length, .etag = "\"a\""};
                exchange_answer_entity(exchange, 200, &entity);
        }
}

static void refuse(struct exchange *exchange, int status, const char *why, void *context)
{
        (void)context;
        exchange_answer(exchange, status, why, strlen(why));
}

static void stop(void *context)
{
        loop_stop(context);
}

static void turn(struct loop *loop, int client_fd)
{
        char heard[4096];
        for (int i = 0; i < 3; i++) {
                struct loop_watch *end = loop_timer(loop, 0, stop, loop);
                loop_run(loop);
                loop_unwatch(end);
                while (recv(client_fd, heard, sizeof(heard), 0) > 0)
                        ;
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
        static const struct http_service service = {.serve = serve, .refuse = refuse};
        int pair[2];
        if (length < 2 || length > 60000)
                return 0;
        signal(SIGPIPE, SIG_IGN);
        crypto_start();
        behaviour = bytes[0];
        const struct http_door door = {.proxy = (behaviour & 8) != 0, .redirect = (behaviour & 16) != 0};
        size_t step = (behaviour & 32) != 0 ? (size_t)1 + bytes[1] : length;
        ASSERT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) == 0);
        struct loop *loop = loop_new();
        struct http_server *server = http_server_new(loop, &service);
        http_server_adopt(server, pair[0], &door);
        for (size_t at = 1; at < length; at += step) {
                if (send(pair[1], bytes + at, length - at < step ? length - at : step, MSG_NOSIGNAL) < 0)
                        break;
                turn(loop, pair[1]);
        }
        close(pair[1]);
        for (int i = 0; i < 5 && server->connections != NULL; i++)
                turn(loop, -1);
        ASSERT(server->connections == NULL && server->counts.open == 0 && server->counts.websockets == 0);
        http_server_free(server);
        loop_free(loop);
        return 0;
}
