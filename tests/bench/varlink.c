/* A Varlink round trip with a ticket checked, beside the least that two processes can do with JSON between them:
 * 512 bytes each way over a Unix socket, epoll at both ends, json-c parsing and writing at both ends.
 * The two take turns in one run; prints a line for the figure: name, ours, peer, ratio, target, met.
 * Rights: for benches. */
#include "base/clock.h"
#include "base/crypto.h"
#include "base/mem.h"
#include "sys/file.h"
#include "ticket/sign.h"
#include "wire/wire.h"

#include <json.h>

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MESSAGE_BYTES = 512, ROUNDS = 5, CALLS = 20000 };

static void must(bool good, const char *what)
{
        if (!good) {
                perror(what);
                exit(2);
        }
}

static uint64_t now_ns(void)
{
        struct timespec now;
        (void)clock_gettime(CLOCK_MONOTONIC, &now);
        return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Server on one core, client on the other, for both alike. */
static void pin(int core)
{
        cpu_set_t set;
        CPU_ZERO(&set);
        CPU_SET(core, &set);
        (void)sched_setaffinity(0, sizeof set, &set);
}

static int poll_new(int fd)
{
        int poll = epoll_create1(EPOLL_CLOEXEC);
        struct epoll_event event = {.events = EPOLLIN};
        must(poll >= 0 && epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event) == 0, "epoll");
        return poll;
}

/* Waits and reads; the bytes of one message (ended by NUL). */
static size_t receive(int poll, int fd, char *target, size_t size)
{
        size_t have = 0;
        do {
                struct epoll_event event;
                if (epoll_wait(poll, &event, 1, -1) < 0)
                        return 0;
                ssize_t got = read(fd, target + have, size - have);
                if (got <= 0)
                        return 0;
                have += (size_t)got;
        } while (target[have - 1] != '\0');
        return have;
}

/* --- the peer --- */

static struct json_object *parse(struct json_tokener *tokener, const char *bytes, size_t length)
{
        json_tokener_reset(tokener);
        return json_tokener_parse_ex(tokener, bytes, (int)length);
}

static void write_object(int fd, struct json_object *object)
{
        size_t length;
        const char *text = json_object_to_json_string_length(object, JSON_C_TO_STRING_PLAIN, &length);
        must(file_write_all(fd, text, length + 1) == 0, "write");
}

static void peer_serve(int fd)
{
        char bytes[4096];
        int poll = poll_new(fd);
        struct json_tokener *tokener = json_tokener_new();
        for (size_t length; (length = receive(poll, fd, bytes, sizeof bytes)) != 0;) {
                struct json_object *request = parse(tokener, bytes, length - 1), *parameters = NULL, *text = NULL;
                (void)json_object_object_get_ex(request, "parameters", &parameters);
                (void)json_object_object_get_ex(parameters, "text", &text);
                struct json_object *reply = json_object_new_object(), *result = json_object_new_object();
                json_object_object_add(result, "text", json_object_get(text));
                json_object_object_add(reply, "parameters", result);
                write_object(fd, reply);
                json_object_put(reply);
                json_object_put(request);
        }
        _exit(0);
}

/* --- ours --- */

static struct trust *trust;

static int admit(struct call *call, const struct wire_method *method, struct failure *failure, void *context)
{
        (void)context;
        struct ticket ticket;
        return ticket_check(trust, call_caller(call)->ticket, &ticket, failure) != 0
                       ? -1
                       : ticket_allows(&ticket, method->role, false, false, failure);
}

static void echo(struct call *call)
{
        CLEANUP(json_out_freep) struct json_out *out = json_out_new();
        json_out_object(out);
        json_out_key(out, "text");
        json_out_text(out, json_text(json_member(call_parameters(call), "text"), NULL));
        json_out_object_end(out);
        call_reply(call, out);
}

static const struct wire_method methods[] = {{.name = "Echo", .role = ROLE_OPERATOR, .serve = echo}, {.name = NULL}};
static const struct wire_interface bench_interface = {.name = "nas.bench", .description = "", .methods = methods};
static const struct wire_interface *const interfaces[] = {&bench_interface, NULL};

static void our_serve(int fd)
{
        struct loop *loop = loop_new();
        struct wire_service service = {
                .vendor = "", .product = "", .version = "", .url = "", .interfaces = interfaces, .admit_call = admit};
        must(fcntl(fd, F_SETFL, O_NONBLOCK) == 0, "nonblock");
        wire_server_adopt(wire_server_new(loop, &service), fd);
        (void)loop_run(loop);
        _exit(0);
}

/* --- both --- */

/* The same client for both: writes the request anew each time, parses the whole reply. */
static double rate(void (*serve)(int fd), const char *request)
{
        int pair[2];
        must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0, "socketpair");
        pid_t child = fork();
        if (child == 0) {
                (void)close(pair[0]);
                pin(1);
                serve(pair[1]);
        }
        (void)close(pair[1]);
        pin(0);
        int poll = poll_new(pair[0]);
        char bytes[4096];
        struct json_tokener *tokener = json_tokener_new();
        struct json_object *object = json_tokener_parse(request);
        uint64_t begun = 0;
        for (int i = -1000; i < CALLS; i++) {
                if (i == 0)
                        begun = now_ns();
                write_object(pair[0], object);
                size_t length = receive(poll, pair[0], bytes, sizeof bytes);
                struct json_object *reply = length == 0 ? NULL : parse(tokener, bytes, length - 1), *result = NULL;
                must(json_object_object_get_ex(reply, "parameters", &result) &&
                             json_object_object_get_ex(result, "text", NULL),
                     length == 0 ? "no reply" : bytes);
                json_object_put(reply);
        }
        double seconds = (double)(now_ns() - begun) / 1e9;
        (void)kill(child, SIGKILL);
        (void)waitpid(child, NULL, 0);
        (void)close(poll);
        (void)close(pair[0]);
        json_object_put(object);
        json_tokener_free(tokener);
        return CALLS / seconds;
}

/* A trust file with one key, and a ticket signed with it. */
static void make_trust(char ticket_text[TICKET_TEXT_MAX])
{
        char directory[] = "/tmp/bulkhead-bench-XXXXXX";
        struct signing_key key = {.id = 1};
        uint8_t seed[SEED_BYTES];
        struct trust_content content = {.generation = 1, .key_count = 1, .keys = {{.id = 1}}};
        must(mkdtemp(directory) != NULL && clock_boot_id(content.boot_id) == 0, "trust");
        crypto_random(seed, sizeof seed);
        crypto_key_from_seed(seed, content.keys[0].public_key, key.secret);
        size_t length;
        uint8_t *bytes = trust_write(&content, &length);
        int dir = open(directory, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
        must(file_replace(dir, TRUST_FILE, bytes, length, 0644, (uid_t)-1, (gid_t)-1) == 0, "trust");
        free(bytes);
        trust = trust_open(directory);
        struct ticket ticket = {.subject = 20001,
                                .name = "alice",
                                .role = ROLE_OPERATOR,
                                .source = SOURCE_SESSION,
                                .session = 1,
                                .not_after_ms = clock_boot_ms() + TICKET_LIFE_MS};
        memcpy(ticket.boot_id, content.boot_id, sizeof ticket.boot_id);
        ticket_sign(&ticket, &key, ticket_text);
}

static int compare(const void *a, const void *b)
{
        double one = *(const double *)a, two = *(const double *)b;
        return one < two ? -1 : one > two;
}

int main(void)
{
        crypto_start();
        char ticket[TICKET_TEXT_MAX], request[1024], text[MESSAGE_BYTES];
        make_trust(ticket);
        int bare = snprintf(
                request, sizeof request,
                "{\"method\":\"nas.bench.Echo\",\"parameters\":{\"text\":\"\",\"caller\":{\"ticket\":\"%s\"}}}",
                ticket);
        must(bare > 0 && bare < MESSAGE_BYTES, "a ticket larger than the message");
        memset(text, 'x', sizeof text);
        (void)snprintf(
                request, sizeof request,
                "{\"method\":\"nas.bench.Echo\",\"parameters\":{\"text\":\"%.*s\",\"caller\":{\"ticket\":\"%s\"}}}",
                MESSAGE_BYTES - bare - 1, text, ticket);
        double ours[ROUNDS], peer[ROUNDS];
        for (int i = 0; i < ROUNDS; i++) {
                peer[i] = rate(peer_serve, request);
                ours[i] = rate(our_serve, request);
        }
        qsort(ours, ROUNDS, sizeof ours[0], compare);
        qsort(peer, ROUNDS, sizeof peer[0], compare);
        double ratio = ours[ROUNDS / 2] / peer[ROUNDS / 2];
        printf("Varlink round trips with a ticket checked, a second\t%.0f\t%.0f\t%.2f\t0.60\t%s\n", ours[ROUNDS / 2],
               peer[ROUNDS / 2], ratio, ratio >= 0.6 ? "yes" : "no");
        return 0;
}
