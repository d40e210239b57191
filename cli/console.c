/* Root's own line to the users hand: tickets, warrants and the set-up code for who the kernel says is uid 0.
 * Rights: the command line as root; connects to the users hand's socket. */
#include "base/bytes.h"
#include "base/log.h"
#include "base/mem.h"
#include "cli/daemon.h"
#include "plan/record.h"
#include "policy/users_operations.h"
#include "sys/file.h"
#include "sys/socket.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

enum { HAND_WAIT_MS = 20000 };

static int unreachable(struct failure *failure, int error)
{
        return failure_set(failure, FAILURE_UNAVAILABLE, "", "See whether it runs: systemctl status 'bulkhead-*'",
                           "the users hand cannot be reached: %s", strerror(error));
}

/* One record there, one back. */
static int exchange(struct arena *arena, const char *path, const struct request *request, struct reply *ret_reply,
                    struct failure *failure)
{
        int fd CLEANUP_FD = socket_connect(path, SOCK_SEQPACKET);
        size_t length, none = 0;
        const uint8_t *bytes = request_encode(request, arena, &length);
        uint8_t *answer = arena_alloc(arena, RECORD_BYTES_MAX);

        if (fd < 0)
                return unreachable(failure, -fd);
        ssize_t sent = socket_send(fd, bytes, length, NULL, 0);
        if (sent != (ssize_t)length)
                return unreachable(failure, sent < 0 ? (int)-sent : EIO);
        struct pollfd watched = {.fd = fd, .events = POLLIN};
        if (poll(&watched, 1, HAND_WAIT_MS) <= 0)
                return unreachable(failure, ETIMEDOUT);
        ssize_t got = socket_receive(fd, answer, RECORD_BYTES_MAX, NULL, &none);
        if (got <= 0)
                return unreachable(failure, got < 0 ? (int)-got : ECONNRESET);
        if (reply_decode(arena, answer, (size_t)got, ret_reply) < 0 || ret_reply->kind != REPLY_DONE)
                return unreachable(failure, EPROTO);
        if (ret_reply->outcome == OUTCOME_SUCCESS)
                return 0;
        *failure = ret_reply->failure;
        return -1;
}

/* Asks one operation and takes the first field of its answer. */
static int ask(struct arena *arena, const char *directory, uint16_t operation, const char *value, const char **ret_text,
               struct failure *failure)
{
        const char *path = arena_printf(arena, "%s/users-hand.sock", directory);
        struct value values[1] = {{value, (uint16_t)strlen(value)}};
        struct action action = {.operation = operation, .count = *value != '\0', .values = values};
        struct request request = {.kind = RECORD_ASK, .ticket = "", .warrant = ""};
        struct reply reply = {0};
        size_t length;

        request.plan = action_encode(&action, arena, &request.plan_length);
        if (exchange(arena, path, &request, &reply, failure) < 0)
                return -1;
        struct reader reader = reader_of(reply.answer, reply.answer_length);
        const uint8_t *text = reader_field(&reader, &length);
        if (text == NULL)
                return unreachable(failure, EPROTO);
        *ret_text = arena_text(arena, (const char *)text, length);
        return 0;
}

int console_ticket(struct arena *arena, const char *directory, const char **ret_ticket, struct failure *failure)
{
        ASSERT(arena != NULL && directory != NULL && ret_ticket != NULL);
        return ask(arena, directory, USERS_CONSOLE_TICKET, "", ret_ticket, failure);
}

int console_warrant(struct arena *arena, const char *directory, const char *digest, const char **ret_warrant,
                    struct failure *failure)
{
        ASSERT(arena != NULL && directory != NULL && digest != NULL && ret_warrant != NULL);
        return ask(arena, directory, USERS_CONSOLE_CONFIRM, digest, ret_warrant, failure);
}

int console_setup_code(struct arena *arena, const char *directory, const char **ret_code, struct failure *failure)
{
        ASSERT(arena != NULL && directory != NULL && ret_code != NULL);
        return ask(arena, directory, USERS_CONSOLE_SETUP_CODE, "", ret_code, failure);
}
