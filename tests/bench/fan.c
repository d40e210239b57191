/* Many who watch: WebSockets that each ask for one thing and then only listen. Tells when a message has reached half of
 * them and the last of them.
 *
 *   fan PORT COUNT REQUEST-FILE FIRST LEAST     FIRST: what each says when it is let in; "": nothing
 *
 * Comes from 127.0.1.1, 127.0.2.1 and so on, 400 from each, as it would come from many machines. Says "ready" when all
 * are in and all is quiet, then after each message of at least LEAST bytes "HALF_ns LAST_ns", in the time of
 * CLOCK_MONOTONIC, until it is ended. Rights: for benches; connections to loopback. */
#include "base/mem.h"
#include "sys/file.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { REQUEST_MAX = 4096, FRAME_MAX = 4096, EACH_ADDRESS = 400, QUIET_MS = 1000, TEXT = 1, PING = 9, PONG = 10 };

struct watcher {
        int fd;
        size_t have;
        unsigned messages;
        uint8_t bytes[FRAME_MAX];
};

static struct {
        struct watcher *watchers;
        unsigned count, reached, turn;
        size_t least;
        int poll;
        uint64_t half_ns;
} fan;

static void must(bool good, const char *what)
{
        if (good)
                return;
        perror(what);
        exit(2);
}

static uint64_t now_ns(void)
{
        struct timespec now;
        (void)clock_gettime(CLOCK_MONOTONIC, &now);
        return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* --- frames --- */

/* Masked with nothing: which mask a client takes is its own affair. */
static void say(const struct watcher *watcher, unsigned opcode, const void *bytes, size_t length)
{
        uint8_t frame[8 + FRAME_MAX] = {(uint8_t)(0x80 | opcode)};
        size_t head = length < 126 ? 6 : 8;
        must(length <= FRAME_MAX, "too long");
        frame[1] = (uint8_t)(0x80 | (length < 126 ? length : 126));
        if (length >= 126) {
                frame[2] = (uint8_t)(length >> 8);
                frame[3] = (uint8_t)(length & 255);
        }
        memcpy(frame + head, bytes, length);
        must(send(watcher->fd, frame, head + length, MSG_NOSIGNAL) == (ssize_t)(head + length), "send");
}

static void take_frame(struct watcher *watcher, unsigned opcode, const uint8_t *bytes, size_t length)
{
        must(opcode == TEXT || opcode == PING, "the server closed");
        if (opcode == PING)
                say(watcher, PONG, bytes, length);
        else if (length >= fan.least && ++watcher->messages == fan.turn)
                fan.reached++;
}

/* What is complete is taken; the rest stays. */
static void take_frames(struct watcher *watcher)
{
        size_t at = 0;
        for (;;) {
                const uint8_t *frame = watcher->bytes + at;
                size_t have = watcher->have - at, head = have >= 2 && frame[1] == 126 ? 4 : 2;
                if (have < head)
                        break;
                size_t length = head == 4 ? (size_t)(frame[2] << 8 | frame[3]) : frame[1];
                must(frame[1] <= 126 && head + length <= FRAME_MAX, "a frame that is too long");
                if (have < head + length)
                        break;
                take_frame(watcher, frame[0] & 15u, frame + head, length);
                at += head + length;
        }
        memmove(watcher->bytes, watcher->bytes + at, watcher->have - at);
        watcher->have -= at;
}

/* --- coming in --- */

static void greet(struct watcher *watcher, const char *request, size_t length)
{
        must(send(watcher->fd, request, length, MSG_NOSIGNAL) == (ssize_t)length, "send");
        for (const uint8_t *end = NULL; end == NULL;) {
                ssize_t got = recv(watcher->fd, watcher->bytes + watcher->have, FRAME_MAX - watcher->have, 0);
                must(got > 0, "the server hung up");
                watcher->have += (size_t)got;
                end = memmem(watcher->bytes, watcher->have, "\r\n\r\n", 4);
                if (end == NULL)
                        continue;
                must(memcmp(watcher->bytes, "HTTP/1.1 101 ", 13) == 0, "not let in");
                watcher->have -= (size_t)(end + 4 - watcher->bytes);
                memmove(watcher->bytes, end + 4, watcher->have);
        }
}

static void come_in(const char *port, const char *request, size_t length, const char *first)
{
        struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)strtoul(port, NULL, 10))};
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        for (unsigned i = 0; i < fan.count; i++) {
                struct watcher *watcher = &fan.watchers[i];
                struct sockaddr_in from = {.sin_family = AF_INET};
                from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + ((i / EACH_ADDRESS + 1) << 8));
                watcher->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
                must(bind(watcher->fd, (const struct sockaddr *)&from, sizeof from) == 0, "bind");
                must(connect(watcher->fd, (const struct sockaddr *)&to, sizeof to) == 0, "connect");
                int yes = 1;
                (void)setsockopt(watcher->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
                greet(watcher, request, length);
                if (*first != '\0')
                        say(watcher, TEXT, first, strlen(first));
                struct epoll_event event = {.events = EPOLLIN, .data.u32 = i};
                must(epoll_ctl(fan.poll, EPOLL_CTL_ADD, watcher->fd, &event) == 0, "epoll");
        }
}

/* --- listening --- true: something came. */

static bool listen_once(int wait_ms)
{
        struct epoll_event events[512];
        int count = epoll_wait(fan.poll, events, ARRAY_SIZE(events), wait_ms);
        must(count >= 0 || errno == EINTR, "epoll_wait");
        for (int i = 0; i < count; i++) {
                struct watcher *watcher = &fan.watchers[events[i].data.u32];
                ssize_t got = recv(watcher->fd, watcher->bytes + watcher->have, FRAME_MAX - watcher->have, 0);
                must(got > 0, "the server hung up");
                watcher->have += (size_t)got;
                take_frames(watcher);
                if (fan.half_ns == 0 && fan.reached * 2 >= fan.count)
                        fan.half_ns = now_ns();
        }
        return count > 0;
}

static void one_turn(void)
{
        fan.turn++;
        fan.reached = 0;
        fan.half_ns = 0;
        while (fan.reached < fan.count)
                (void)listen_once(-1);
        printf("%llu %llu\n", (unsigned long long)fan.half_ns, (unsigned long long)now_ns());
        fflush(stdout);
}

int main(int argc, char **argv)
{
        must(argc == 6, "fan PORT COUNT REQUEST-FILE FIRST LEAST");
        struct rlimit files;
        char request[REQUEST_MAX];
        FILE *file = fopen(argv[3], "re");
        must(file != NULL, argv[3]);
        size_t length = fread(request, 1, sizeof request, file);
        (void)fclose(file);
        must(getrlimit(RLIMIT_NOFILE, &files) == 0, "getrlimit");
        files.rlim_cur = files.rlim_max;
        must(setrlimit(RLIMIT_NOFILE, &files) == 0, "setrlimit");
        fan.count = (unsigned)strtoul(argv[2], NULL, 10);
        fan.least = strtoul(argv[5], NULL, 10);
        fan.watchers = mem_new(fan.count, sizeof *fan.watchers);
        fan.poll = epoll_create1(EPOLL_CLOEXEC);
        come_in(argv[1], request, length, argv[4]);
        while (listen_once(QUIET_MS))
                ;
        for (unsigned i = 0; i < fan.count; i++)
                fan.watchers[i].messages = 0;
        puts("ready");
        fflush(stdout);
        for (;;)
                one_turn();
}
