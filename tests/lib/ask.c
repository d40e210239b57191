/* Says one record to a hand, as whoever runs it, and prints the answer: "OUTCOME FAILURE-CODE ANSWER-IN-HEX MESSAGE".
 *
 *   ask SOCKET [--ticket TEXT] [--warrant TEXT] OPERATION [VALUE...]      one operation that answers
 *   ask SOCKET [--ticket TEXT] [--warrant TEXT] --plan HEX                run a plan
 *   ask --plan HAND OPERATION [VALUE...] [, OPERATION [VALUE...]]...        "DIGEST PLAN", both in hex
 *
 * Rights: for tests. */
#include "policy/policies.h"

#include "base/crypto.h"
#include "base/mem.h"
#include "base/text.h"
#include "plan/record.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

__attribute__((noreturn)) static void die(const char *what)
{
        fprintf(stderr, "ask: %s: %s\n", what, strerror(errno));
        exit(1);
}

static uint16_t operation_number(const struct operations *operations, const char *name)
{
        for (uint16_t i = 0; i < operations->count; i++)
                if (operations->list[i].name != NULL && strcmp(operations->list[i].name, name) == 0)
                        return i;
        die(name);
}

static const struct operations *hand_operations(const char *hand)
{
        const struct operations *operations = operations_of(hand);
        if (operations == NULL)
                die(hand);
        return operations;
}

/* ".../users-hand.sock": "users" */
static const char *hand_name(const char *path, struct arena *arena)
{
        const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;
        const char *end = strstr(name, "-hand.sock");
        return arena_text(arena, name, end != NULL ? (size_t)(end - name) : strlen(name));
}

static uint8_t *unhex(const char *text, struct arena *arena, size_t *ret_length)
{
        *ret_length = strlen(text) / 2;
        uint8_t *bytes = arena_alloc(arena, *ret_length + 1);
        if (text_unhex(text, strlen(text), bytes, *ret_length) < 0)
                die("not hexadecimal");
        return bytes;
}

static void set_action(struct request *request, const char *hand, char **argv, struct arena *arena)
{
        struct value values[PLAN_VALUES_MAX];
        struct action action = {.operation = operation_number(hand_operations(hand), argv[0]), .values = values};
        for (argv++; *argv != NULL && action.count < PLAN_VALUES_MAX; argv++)
                values[action.count++] = (struct value){.text = *argv, .length = (uint16_t)strlen(*argv)};
        request->kind = RECORD_ASK;
        request->plan = action_encode(&action, arena, &request->plan_length);
}

static int connect_to(const char *path)
{
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
        int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
        if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
                die(path);
        return fd;
}

static void print_reply(const struct reply *reply)
{
        char *hex = mem_new(reply->answer_length * 2 + 1, 1);
        text_hex(reply->answer, reply->answer_length, hex);
        printf("%s %s %s %s\n", outcome_name(reply->outcome), failure_code_name(reply->failure.code),
               hex[0] != '\0' ? hex : "-", reply->failure.message);
        free(hex);
}

static int talk(const char *path, const struct request *request, struct arena *arena)
{
        static uint8_t answer[RECORD_BYTES_MAX];
        size_t length;
        const uint8_t *bytes = request_encode(request, arena, &length);
        int fd = connect_to(path), space = RECORD_BYTES_MAX * 2;
        setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &space, sizeof(space));
        if (send(fd, bytes, length, MSG_NOSIGNAL) < 0)
                die("send");
        for (;;) {
                struct reply reply;
                ssize_t got = recv(fd, answer, sizeof(answer), 0);
                if (got <= 0)
                        die("the hand went away");
                if (reply_decode(arena, answer, (size_t)got, &reply) < 0)
                        die("a reply that cannot be read");
                if (reply.kind == REPLY_PROGRESS)
                        continue;
                print_reply(&reply);
                return reply.outcome == OUTCOME_SUCCESS ? 0 : 3;
        }
}

/* Steps as words, separated by commas. */
static int print_plan(const char *hand, char **words, struct arena *arena)
{
        const struct operations *operations = hand_operations(hand);
        struct plan *plan = plan_new(arena, operations);
        while (*words != NULL) {
                const char *values[PLAN_VALUES_MAX];
                struct failure failure = {0};
                uint16_t operation = operation_number(operations, *words++);
                size_t count = 0;
                for (; *words != NULL && strcmp(*words, ",") != 0 && count < PLAN_VALUES_MAX; words++)
                        values[count++] = *words;
                if (plan_step_values(plan, &failure, operation, values, count) < 0)
                        die(failure.message);
                words += *words != NULL;
        }
        uint8_t key[32], digest[HASH_BYTES];
        size_t length;
        crypto_random(key, sizeof(key));
        plan_seal(plan, key);
        const uint8_t *bytes = plan_encode(plan, arena, &length);
        char *hex = arena_alloc(arena, 2 * length + 1), digest_hex[2 * HASH_BYTES + 1];
        plan_digest(bytes, length, digest);
        text_hex(digest, sizeof(digest), digest_hex);
        text_hex(bytes, length, hex);
        return printf("%s %s\n", digest_hex, hex) < 0;
}

int main(int argc, char **argv)
{
        struct request request = {.ticket = "", .warrant = ""};
        struct arena *arena = arena_new();
        crypto_start();
        if (argc > 3 && strcmp(argv[1], "--plan") == 0)
                return print_plan(argv[2], argv + 3, arena);
        if (argc < 3)
                die("ask SOCKET [--ticket TEXT] [--warrant TEXT] OPERATION [VALUE...] | --plan HEX");
        crypto_random(request.id, sizeof(request.id));
        char **at = argv + 2;
        for (; at[0] != NULL && at[1] != NULL && strncmp(*at, "--", 2) == 0 && strcmp(*at, "--plan") != 0; at += 2)
                *(strcmp(*at, "--ticket") == 0 ? &request.ticket : &request.warrant) = at[1];
        if (at[0] == NULL)
                die("no operation");
        if (strcmp(at[0], "--plan") == 0 && at[1] != NULL) {
                request.kind = RECORD_EXECUTE;
                request.plan = unhex(at[1], arena, &request.plan_length);
        } else {
                set_action(&request, hand_name(argv[1], arena), at, arena);
        }
        return talk(argv[1], &request, arena);
}
