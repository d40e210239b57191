/* What a daemon says to the front end, in two pieces: read as replies of a line's calls, one that reads, one that
 * watches. And the reader of one reply beside the reader of JSON.
 * Rights: for tests; a socket below /tmp. */
#include "base/crypto.h"
#include "base/log.h"
#include "base/mem.h"
#include "wire/line_parts.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static unsigned told;

static void answered(const struct wire_answer *answer, void *context)
{
        (void)context;
        told += answer->continues ? 0 : 1;
        ASSERT((answer->failure == NULL) == (answer->parameters != NULL));
        if (answer->parameters != NULL)
                ASSERT(answer->length >= 2 && answer->parameters[0] == '{' &&
                       answer->parameters[answer->length - 1] == '}');
        if (answer->fd >= 0)
                (void)close(answer->fd);
}

static void stop(void *context)
{
        loop_stop(context);
}

static void turn(struct loop *loop)
{
        struct loop_watch *timer = loop_timer(loop, 0, stop, loop);
        (void)loop_run(loop);
        loop_unwatch(timer);
}

/* What is a reply to the strict reader is the same to the quick one. */
static void compare(const char *bytes, size_t length)
{
        struct line_reply reply;
        struct json_place member = {.name = "a"};
        int read = line_reply_read(bytes, length, &member, 1, &reply);
        CLEANUP(json_freep) struct json *message = json_parse(bytes, length, NULL);
        if (json_type_of(message) != JSON_OBJECT || read != 0 || memchr(bytes, '\\', length) != NULL)
                return;
        const struct json *error = json_member(message, "error"), *parameters = json_member(message, "parameters");
        ASSERT(strcmp(reply.error, json_type_of(error) == JSON_TEXT ? json_text(error, NULL) : "") == 0);
        CLEANUP(json_freep) struct json *found = json_parse(reply.parameters, reply.length, NULL);
        ASSERT(json_type_of(found) == JSON_OBJECT && json_length(found) == json_length(parameters));
        ASSERT((member.value != NULL) == json_has(found, member.name));
}

static int listening(struct sockaddr_un *address)
{
        static int listener = -1;
        (void)snprintf(address->sun_path, sizeof address->sun_path, "/tmp/bulkhead-fuzz-line-%d.sock", (int)getpid());
        address->sun_family = AF_UNIX;
        if (listener >= 0)
                return listener;
        (void)unlink(address->sun_path);
        listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        ASSERT(bind(listener, (const struct sockaddr *)address, sizeof *address) == 0 && listen(listener, 16) == 0);
        return listener;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
        struct sockaddr_un address = {0};
        struct wire_line_limits limits = {.message_max = 4096};
        const char *text = length == 0 ? "" : (const char *)bytes;
        crypto_start();
        compare(text, strnlen(text, length));
        int listener = listening(&address), fds[4];
        struct loop *loop = loop_new();
        struct wire_line *line = wire_line_new(loop, address.sun_path, &limits);
        told = 0;
        (void)wire_line_call(line, "nas.fuzz.Echo", "{}", 2, WIRE_MORE, answered, NULL);
        (void)wire_line_call(line, "nas.fuzz.Echo", "{}", 2, WIRE_QUICK, answered, NULL);
        turn(loop);
        size_t count = 0, cut = length == 0 ? 0 : bytes[0] % length;
        while (count < 4 && (fds[count] = accept(listener, NULL, NULL)) >= 0)
                count++;
        for (size_t i = 0; i < count; i++)
                (void)!send(fds[i], text, cut, MSG_NOSIGNAL | MSG_DONTWAIT);
        turn(loop);
        for (size_t i = 0; i < count; i++)
                (void)!send(fds[i], text + cut, length - cut, MSG_NOSIGNAL | MSG_DONTWAIT);
        turn(loop);
        while (count > 0)
                (void)close(fds[--count]);
        ASSERT(told <= 2);
        wire_line_free(line);
        loop_free(loop);
        while ((fds[0] = accept(listener, NULL, NULL)) >= 0)
                (void)close(fds[0]);
        return 0;
}
