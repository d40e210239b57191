/* Arbitrary bytes from a client of a Varlink service, in pieces.
 * Rights: for tests. */
#include "base/crypto.h"
#include "sys/loop.h"
#include "wire/wire.h"

#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

static void echo(struct call *call)
{
        struct json_out *out = json_out_new();
        json_out_value(out, call_parameters(call));
        if (call_wants_more(call))
                call_reply_more(call, out);
        call_reply(call, out);
        json_out_free(out);
}

static const struct wire_method methods[] = {{.name = "Echo", .serve = echo, .flags = METHOD_MORE}, {.name = NULL}};
static const struct wire_interface fuzz_interface = {.name = "nas.fuzz", .description = "", .methods = methods};
static const struct wire_interface *const interfaces[] = {&fuzz_interface, NULL};

static void stop(void *context)
{
        loop_stop(context);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
        crypto_start();
        struct loop *loop = loop_new();
        struct wire_service service = {.interfaces = interfaces, .limits = {.message_max = 4096, .calls_max = 8}};
        struct wire_server *server = wire_server_new(loop, &service);
        int pair[2];
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) != 0)
                return 0;
        wire_server_adopt(server, pair[0]);
        /* The first byte says where the stream is cut. */
        size_t cut = length == 0 ? 0 : bytes[0] % length;
        for (int part = 0; part < 2; part++) {
                const uint8_t *from = part == 0 ? bytes : bytes + cut;
                size_t size = part == 0 ? cut : length - cut;
                if (size != 0)
                        (void)!send(pair[1], from, size, MSG_NOSIGNAL);
                struct loop_watch *timer = loop_timer(loop, 0, stop, loop);
                (void)loop_run(loop);
                loop_unwatch(timer);
        }
        (void)close(pair[1]);
        wire_server_free(server);
        loop_free(loop);
        return 0;
}
