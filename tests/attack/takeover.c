/* A taken-over front end or clerk: speaks straight to the sockets with everything that such a process has seen, and
 * tries to get a change done that nobody allowed.
 *
 *   takeover clerk SOCKET ATTEMPTS SEED <MATERIAL     as the front end: Varlink calls with forged tickets
 *   takeover hand SOCKET ATTEMPTS SEED <MATERIAL      as the clerk: records with forged tickets and warrants
 *   takeover spend SOCKET THREADS <MATERIAL           one good warrant, many threads at once
 *
 * MATERIAL is lines of "KIND TEXT": good (a live administrator's ticket), low (a live viewer's), dead (revoked),
 * other (a live warrant for another plan), spent (a used warrant), fresh (a good one, for spend), plan (hex: a plan
 * that needs only a ticket), mighty (hex: one that needs a warrant).
 * Every attempt must be refused; the last line is "ATTEMPTS tried, N got through".
 * Rights: for tests. */
#include "base/crypto.h"
#include "base/mem.h"
#include "base/text.h"
#include "json/json.h"
#include "plan/record.h"
#include "sys/socket.h"
#include "ticket/sign.h"
#include "wire/client.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TEXT_SIZE = 512, BATCH = 32 };

static struct {
        char good[TEXT_SIZE], low[TEXT_SIZE], dead[TEXT_SIZE], other[TEXT_SIZE], spent[TEXT_SIZE], fresh[TEXT_SIZE];
        uint8_t plan[4096], mighty[4096];
        size_t plan_length, mighty_length;
} material;

static uint64_t seed;

static uint32_t dice(uint32_t sides)
{
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        return (uint32_t)(seed >> 33) % sides;
}

static void die(const char *what)
{
        fprintf(stderr, "takeover: %s: %s\n", what, strerror(errno));
        exit(2);
}

static void read_material(void)
{
        static char line[9000];
        const struct {
                const char *kind;
                char *text;
        } texts[] = {{"good ", material.good},   {"low ", material.low},     {"dead ", material.dead},
                     {"other ", material.other}, {"spent ", material.spent}, {"fresh ", material.fresh}};
        while (fgets(line, sizeof line, stdin) != NULL) {
                line[strcspn(line, "\n")] = '\0';
                for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
                        if (strncmp(line, texts[i].kind, strlen(texts[i].kind)) == 0)
                                (void)snprintf(texts[i].text, TEXT_SIZE, "%s", line + strlen(texts[i].kind));
                bool mighty = strncmp(line, "mighty ", 7) == 0;
                if (!mighty && strncmp(line, "plan ", 5) != 0)
                        continue;
                const char *hex = line + (mighty ? 7 : 5);
                size_t length = strlen(hex) / 2;
                if (text_unhex(hex, 2 * length, mighty ? material.mighty : material.plan, length) != 0)
                        die("material");
                *(mighty ? &material.mighty_length : &material.plan_length) = length;
        }
}

/* --- forging --- */

/* Flips 1 to 3 bits of what the text encodes. */
static void flip(const char *text, char target[TEXT_SIZE])
{
        uint8_t bytes[TEXT_SIZE];
        long length = text_unbase64(text + 5, strlen(text) - 5, bytes, sizeof bytes);
        if (length <= 0)
                die("material is no ticket");
        for (uint32_t i = dice(3) + 1; i > 0; i--) {
                uint32_t bit = dice((uint32_t)length * 8);
                bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        (void)snprintf(target, 6, "%s", text);
        text_base64(bytes, (size_t)length, target + 5);
        if (strcmp(target, text) == 0) /* two flips of one bit */
                flip(text, target);
}

/* The head of one and the tail of another. */
static void splice(const char *a, const char *b, char target[TEXT_SIZE])
{
        size_t cut = 5 + dice((uint32_t)strlen(a) - 6);
        (void)snprintf(target, TEXT_SIZE, "%.*s%s", (int)cut, a, strlen(b) > cut ? b + cut : "");
        if (strcmp(target, material.good) == 0)
                flip(material.good, target);
}

/* Signed, but by a key of the attacker's, under the number of a real one. */
static void sign_own(char target[TEXT_SIZE])
{
        uint8_t bytes[TEXT_SIZE], seed_bytes[SEED_BYTES], public_key[PUBLIC_KEY_BYTES];
        long length = text_unbase64(material.good + 5, strlen(material.good) - 5, bytes, sizeof bytes);
        struct ticket ticket;
        if (length <= SIGNATURE_BYTES || ticket_decode(bytes, (size_t)length - SIGNATURE_BYTES, &ticket) != 0)
                die("material is no ticket");
        struct signing_key key = {.id = ticket.key_id};
        crypto_random(seed_bytes, sizeof seed_bytes);
        crypto_key_from_seed(seed_bytes, public_key, key.secret);
        ticket.not_after_ms += dice(1000000);
        ticket.scopes = 0;
        char text[TICKET_TEXT_MAX];
        ticket_sign(&ticket, &key, text);
        (void)snprintf(target, TEXT_SIZE, "%s", text);
}

static void forge(char target[TEXT_SIZE])
{
        switch (dice(8)) {
        case 0:
                (void)snprintf(target, TEXT_SIZE, "%s", material.dead);
                break;
        case 1:
                (void)snprintf(target, TEXT_SIZE, "%s", material.low);
                break;
        case 2:
                splice(material.low, material.good, target);
                break;
        case 3:
                splice(material.good, material.dead, target);
                break;
        case 4:
                sign_own(target);
                break;
        case 5: /* the other kind's clothes */
                (void)snprintf(target, TEXT_SIZE, "bht1_%.400s", material.other + 5);
                break;
        case 6:
                (void)snprintf(target, TEXT_SIZE, "%.*s", (int)dice((uint32_t)strlen(material.good)), material.good);
                break;
        default:
                flip(material.good, target);
        }
}

static void forge_warrant(char target[TEXT_SIZE])
{
        switch (dice(5)) {
        case 0:
                target[0] = '\0';
                break;
        case 1:
                (void)snprintf(target, TEXT_SIZE, "%s", material.spent);
                break;
        case 2:
                (void)snprintf(target, TEXT_SIZE, "%s", material.other);
                break;
        case 3:
                (void)snprintf(target, TEXT_SIZE, "bhw1_%.400s", material.good + 5);
                break;
        default:
                flip(dice(2) == 0 ? material.other : material.spent, target);
        }
}

/* --- as the front end --- */

static void call_forged(struct wire_client *client)
{
        static const char *const calls[][2] = {
                {"nas.users.SetPasswordPolicy", "\"minimum\":99,\"admin_totp\":false"},
                {"nas.users.CreateUser", "\"username\":\"mallory\",\"role\":\"operator\""},
                {"nas.users.CreateGroup", "\"name\":\"pirates\""},
                {"nas.users.EndAllSessions", ""},
                {"nas.users.ListUsers", ""},
        };
        char ticket[TEXT_SIZE], parameters[2 * TEXT_SIZE];
        forge(ticket);
        uint32_t which = dice((uint32_t)ARRAY_SIZE(calls));
        (void)snprintf(parameters, sizeof parameters, "{%s%s\"caller\":{\"ticket\":\"%s\"}}", calls[which][1],
                       *calls[which][1] == '\0' ? "" : ",", ticket);
        struct failure failure;
        if (wire_client_call(client, calls[which][0], parameters, false, &failure) != 0)
                die(failure.message);
}

static unsigned long attack_clerk(const char *socket_path, unsigned long attempts)
{
        struct failure failure;
        unsigned long through = 0;
        struct wire_client *client = wire_client_connect(socket_path, &failure);
        if (client == NULL)
                die(failure.message);
        for (unsigned long done = 0; done < attempts; done += BATCH) {
                for (int i = 0; i < BATCH; i++)
                        call_forged(client);
                for (int i = 0; i < BATCH; i++) {
                        struct json *parameters;
                        char *error;
                        bool continues;
                        if (wire_client_reply(client, 30000, &parameters, &error, &continues, &failure) != 0)
                                die(failure.message);
                        if (error == NULL || (strcmp(error, "nas.error.Unauthenticated") != 0 &&
                                              strcmp(error, "nas.error.Denied") != 0)) {
                                fprintf(stderr, "got through: %s\n", error == NULL ? "an answer" : error);
                                through++;
                        }
                        free(error);
                        json_free(parameters);
                }
        }
        wire_client_close(client);
        return through;
}

/* --- as the clerk --- */

/* Sends one record and waits for the last reply: its outcome; REFUSED when the hand closed without a word. */
static enum outcome say(const char *socket_path, const struct request *request, struct arena *arena)
{
        static __thread uint8_t bytes[RECORD_BYTES_MAX];
        size_t length, none = 0;
        const uint8_t *record = request_encode(request, arena, &length);
        int fd = -1;
        for (int tries = 0; tries < 2000 && (fd = socket_connect(socket_path, SOCK_SEQPACKET)) < 0; tries++)
                (void)poll(NULL, 0, 5); /* the queue is full, or the hand is just starting */
        if (fd < 0 || socket_send(fd, record, length, NULL, 0) < 0) {
                if (fd >= 0)
                        (void)close(fd);
                return OUTCOME_UNKNOWN;
        }
        enum outcome outcome = OUTCOME_REFUSED;
        for (;;) {
                struct pollfd watched = {.fd = fd, .events = POLLIN};
                struct reply reply;
                if (poll(&watched, 1, 60000) <= 0) {
                        outcome = OUTCOME_UNKNOWN;
                        break;
                }
                ssize_t got = socket_receive(fd, bytes, sizeof bytes, NULL, &none);
                if (got <= 0)
                        break;
                if (reply_decode(arena, bytes, (size_t)got, &reply) != 0 || reply.kind != REPLY_DONE)
                        continue;
                outcome = reply.outcome;
                break;
        }
        (void)close(fd);
        return outcome;
}

static void forge_record(struct request *request, char ticket[TEXT_SIZE], char warrant[TEXT_SIZE])
{
        *request = (struct request){.kind = RECORD_EXECUTE, .ticket = ticket, .warrant = warrant};
        crypto_random(request->id, sizeof request->id);
        warrant[0] = '\0';
        if (dice(2) == 0) { /* a plan that a ticket would do for, with none that holds */
                forge(ticket);
                request->plan = material.plan;
                request->plan_length = material.plan_length;
        } else { /* a good ticket, and a plan that needs a warrant */
                (void)snprintf(ticket, TEXT_SIZE, "%s", material.good);
                forge_warrant(warrant);
                request->plan = material.mighty;
                request->plan_length = material.mighty_length;
        }
}

/* A record with random bytes changed: the hand closes or refuses. */
static enum outcome say_garbage(const char *socket_path, const struct request *request, struct arena *arena)
{
        size_t length;
        const uint8_t *record = request_encode(request, arena, &length);
        uint8_t *copy = arena_alloc(arena, length);
        memcpy(copy, record, length);
        for (uint32_t i = dice(8) + 1; i > 0; i--)
                copy[dice((uint32_t)length)] = (uint8_t)dice(256);
        int fd = socket_connect(socket_path, SOCK_SEQPACKET);
        if (fd < 0)
                return OUTCOME_REFUSED;
        (void)socket_send(fd, copy, length - dice(4), NULL, 0);
        struct pollfd watched = {.fd = fd, .events = POLLIN};
        uint8_t answer[4096];
        size_t none = 0;
        struct reply reply = {.outcome = OUTCOME_REFUSED};
        ssize_t got = poll(&watched, 1, 60000) > 0 ? socket_receive(fd, answer, sizeof answer, NULL, &none) : 0;
        if (got > 0 && reply_decode(arena, answer, (size_t)got, &reply) != 0)
                reply.outcome = OUTCOME_REFUSED;
        (void)close(fd);
        return reply.kind == REPLY_PROGRESS ? OUTCOME_SUCCESS : reply.outcome;
}

static unsigned long attack_hand(const char *socket_path, unsigned long attempts)
{
        unsigned long through = 0;
        for (unsigned long done = 0; done < attempts; done++) {
                CLEANUP(arena_freep) struct arena *arena = arena_new();
                char ticket[TEXT_SIZE], warrant[TEXT_SIZE];
                struct request request;
                forge_record(&request, ticket, warrant);
                enum outcome outcome =
                        dice(8) == 0 ? say_garbage(socket_path, &request, arena) : say(socket_path, &request, arena);
                if (outcome == OUTCOME_REFUSED)
                        continue;
                fprintf(stderr, "outcome %s, ticket %.20s..., warrant %.20s...\n", outcome_name(outcome), ticket,
                        warrant);
                through++;
        }
        return through;
}

/* --- one warrant, many threads --- */

static const char *spend_socket;
static pthread_barrier_t barrier;

static void *spend(void *context)
{
        (void)context;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct request request = {.kind = RECORD_EXECUTE,
                                  .ticket = material.good,
                                  .warrant = material.fresh,
                                  .plan = material.mighty,
                                  .plan_length = material.mighty_length};
        crypto_random(request.id, sizeof request.id);
        (void)pthread_barrier_wait(&barrier);
        return say(spend_socket, &request, arena) == OUTCOME_REFUSED ? NULL : (void *)1;
}

static unsigned long attack_spend(const char *socket_path, unsigned long threads)
{
        pthread_t *all = mem_new(threads, sizeof *all);
        pthread_attr_t attributes;
        unsigned long spent = 0;
        spend_socket = socket_path;
        if (pthread_attr_init(&attributes) != 0 || pthread_attr_setstacksize(&attributes, 256 * 1024) != 0 ||
            pthread_barrier_init(&barrier, NULL, (unsigned)threads) != 0)
                die("threads");
        for (unsigned long i = 0; i < threads; i++)
                if (pthread_create(&all[i], &attributes, spend, NULL) != 0)
                        die("threads");
        for (unsigned long i = 0; i < threads; i++) {
                void *result;
                (void)pthread_join(all[i], &result);
                spent += result != NULL ? 1 : 0;
        }
        free(all);
        return spent;
}

int main(int argc, char **argv)
{
        if (argc < 4)
                die("usage: takeover clerk|hand|spend SOCKET COUNT [SEED]");
        crypto_start();
        read_material();
        unsigned long count = strtoul(argv[3], NULL, 10), through;
        seed = argc > 4 ? strtoull(argv[4], NULL, 10) : 1;
        if (strcmp(argv[1], "clerk") == 0)
                through = attack_clerk(argv[2], count);
        else if (strcmp(argv[1], "hand") == 0)
                through = attack_hand(argv[2], count);
        else
                through = attack_spend(argv[2], count);
        printf("%lu tried, %lu got through\n", count, through);
        return 0;
}
