/* A blocking Varlink client: one call at a time on one connection.
 * Rights: the command line and tests; connects to a daemon's socket. */
#include "wire/client.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "sys/file.h"
#include "sys/socket.h"
#include "wire/parts.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { READ_BYTES = 64 * 1024, REPLY_MAX = 16 * 1024 * 1024, SEND_MS = 10000 };

struct wire_client {
        int fd;
        struct buffer input;
};

struct wire_client *wire_client_connect(const char *socket_path, struct failure *failure)
{
        int fd = socket_connect(socket_path, SOCK_STREAM);
        if (fd < 0) {
                (void)failure_set(failure, FAILURE_UNAVAILABLE, NULL,
                                  fd == -EACCES ? "become root, or a member of the group that may"
                                                : "see whether its unit runs: systemctl status 'bulkhead-*'",
                                  "%s cannot be reached: %s", socket_path, strerror(-fd));
                return NULL;
        }
        struct wire_client *client = mem_new(1, sizeof *client);
        client->fd = fd;
        return client;
}

void wire_client_close(struct wire_client *client)
{
        if (client == NULL)
                return;
        fd_closep(&client->fd);
        buffer_free(&client->input);
        free(client);
}

void wire_client_closep(struct wire_client **client)
{
        wire_client_close(*client);
}

static int broke(struct failure *failure, const char *why)
{
        return failure_set(failure, FAILURE_UNAVAILABLE, NULL,
                           "try again; what was asked may have been done: look first", "the connection broke: %s", why);
}

static int wait_for(struct wire_client *client, short events, int timeout_ms, struct failure *failure)
{
        struct pollfd watched = {.fd = client->fd, .events = events};
        int ready;
        do
                ready = poll(&watched, 1, timeout_ms);
        while (ready < 0 && errno == EINTR);
        return ready > 0 ? 0 : broke(failure, ready == 0 ? "no answer in time" : strerror(errno));
}

int wire_client_call(struct wire_client *client, const char *method, const char *parameters, bool more,
                     struct failure *failure)
{
        ASSERT(client != NULL && method != NULL && parameters != NULL);
        CLEANUP(json_out_freep) struct json_out *out = json_out_new();
        json_out_object(out);
        json_out_key(out, "method");
        json_out_text(out, method);
        json_out_key(out, "parameters");
        json_out_raw(out, parameters, strlen(parameters));
        if (more) {
                json_out_key(out, "more");
                json_out_boolean(out, true);
        }
        json_out_object_end(out);
        size_t length;
        const char *bytes = json_out_bytes(out, &length);
        length++; /* with its NUL */
        while (length != 0) {
                ssize_t sent = socket_send(client->fd, bytes, length, NULL, 0);
                if (sent == -EAGAIN && wait_for(client, POLLOUT, SEND_MS, failure) == 0)
                        continue;
                if (sent < 0)
                        return sent == -EAGAIN ? -1 : broke(failure, strerror((int)-sent));
                bytes += sent;
                length -= (size_t)sent;
        }
        return 0;
}

static int read_envelope(const char *bytes, size_t length, struct json **ret_parameters, char **ret_error,
                         bool *ret_continues)
{
        CLEANUP(json_freep) struct json *message = json_parse(bytes, length, NULL);
        if (json_type_of(message) != JSON_OBJECT)
                return -1;
        const struct json *error = json_member(message, "error"), *continues = json_member(message, "continues");
        struct json *parameters = json_take(message, "parameters");
        if (parameters == NULL)
                parameters = json_parse("{}", 2, NULL);
        *ret_parameters = parameters;
        *ret_error = json_type_of(error) == JSON_TEXT ? mem_copy_text(json_text(error, NULL)) : NULL;
        *ret_continues = json_type_of(continues) == JSON_BOOLEAN && json_boolean(continues);
        return 0;
}

int wire_client_reply(struct wire_client *client, int timeout_ms, struct json **ret_parameters, char **ret_error,
                      bool *ret_continues, struct failure *failure)
{
        struct buffer *input = &client->input;
        size_t scanned = 0;
        for (;;) {
                size_t have = input->end - input->start;
                char *from = input->bytes + input->start;
                char *nul = have > scanned ? memchr(from + scanned, '\0', have - scanned) : NULL;
                if (nul != NULL) {
                        size_t length = (size_t)(nul - from);
                        int result = read_envelope(from, length, ret_parameters, ret_error, ret_continues);
                        buffer_took(input, length + 1);
                        return result == 0 ? 0 : broke(failure, "the answer is no Varlink reply");
                }
                scanned = have;
                if (have > REPLY_MAX)
                        return broke(failure, "the answer is too large");
                size_t none = 0;
                ssize_t got = socket_receive(client->fd, buffer_room(input, READ_BYTES), READ_BYTES, NULL, &none);
                if (got == -EAGAIN) {
                        if (wait_for(client, POLLIN, timeout_ms, failure) != 0)
                                return -1;
                } else if (got <= 0) {
                        return broke(failure, got == 0 ? "the daemon closed it" : strerror((int)-got));
                } else {
                        input->end += (size_t)got;
                }
        }
}
