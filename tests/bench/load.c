/* Requests at a pace: RATE a second over so many kept connections, whether or not the server keeps up; how long each
 * took counts from when it was due (so a server that stops is not spared those that would have come meanwhile).
 *
 *   load PORT CONNECTIONS SECONDS RATE REQUEST-FILE     RATE 0: as fast as answers come
 *
 * In the request "@N@..." becomes six digits that are never the same. Prints
 * "rate p50_us p99_us bad". Rights: for benches; connections to loopback. */
#include "base/mem.h"
#include "sys/file.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { REQUEST_MAX = 4096, REPLY_MAX = 65536, TIMES_MAX = 4 * 1000 * 1000, CONNECTIONS_MAX = 1024 };

struct connection {
        int fd;
        bool busy;
        uint64_t due_ns;
        size_t have, wanted; /* wanted: of the whole answer; 0: its head is not there yet */
        char bytes[REPLY_MAX];
};

static struct {
        struct connection *connections;
        unsigned count;
        char request[REQUEST_MAX];
        size_t length;
        char *number; /* where the number stands in it; NULL */
        unsigned next;
        uint32_t *times_us;
        size_t answered, bad;
        uint64_t rate, begun_ns, end_ns, sent;
} load;

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

static int compare(const void *a, const void *b)
{
        uint32_t one = *(const uint32_t *)a, two = *(const uint32_t *)b;
        return (one > two) - (one < two);
}

static void ask(struct connection *connection, uint64_t due_ns)
{
        if (load.number != NULL) {
                char digits[8];
                (void)snprintf(digits, sizeof digits, "%06u", load.next++ % 1000000);
                memcpy(load.number, digits, 6);
        }
        connection->busy = true;
        connection->due_ns = due_ns;
        connection->have = connection->wanted = 0;
        load.sent++;
        must(send(connection->fd, load.request, load.length, MSG_NOSIGNAL) == (ssize_t)load.length, "send");
}

/* The length of the whole answer, once its head is there. */
static size_t whole(struct connection *connection)
{
        connection->bytes[connection->have] = '\0';
        const char *end = strstr(connection->bytes, "\r\n\r\n");
        if (end == NULL)
                return 0;
        const char *field = strcasestr(connection->bytes, "\r\ncontent-length:");
        size_t body = field != NULL && field < end ? strtoul(field + 17, NULL, 10) : 0;
        load.bad += connection->bytes[9] != '2' ? 1 : 0;
        if (connection->bytes[9] != '2' && load.bad == 1)
                fprintf(stderr, "%.1200s\n", connection->bytes);
        return (size_t)(end - connection->bytes) + 4 + body;
}

static bool take(struct connection *connection)
{
        ssize_t got = recv(connection->fd, connection->bytes + connection->have, REPLY_MAX - 1 - connection->have, 0);
        must(got > 0, "the server hung up");
        connection->have += (size_t)got;
        if (connection->wanted == 0)
                connection->wanted = whole(connection);
        if (connection->wanted == 0 || connection->have < connection->wanted)
                return false;
        connection->busy = false;
        uint64_t took = now_ns() - connection->due_ns;
        if (load.answered < TIMES_MAX)
                load.times_us[load.answered] = (uint32_t)(took / 1000);
        load.answered++;
        return true;
}

/* What is due and finds a free connection; what finds none waits, and its time runs. */
static void send_due(void)
{
        uint64_t now = now_ns();
        static unsigned at;
        for (unsigned tried = 0; tried < load.count && now < load.end_ns; tried++) {
                struct connection *connection = &load.connections[at++ % load.count];
                uint64_t due = load.rate == 0 ? now : load.begun_ns + load.sent * 1000000000u / load.rate;
                if (due > now)
                        return;
                if (!connection->busy)
                        ask(connection, due);
        }
}

static int wait_ms(void)
{
        if (load.rate == 0)
                return 100;
        uint64_t now = now_ns(), due = load.begun_ns + load.sent * 1000000000u / load.rate;
        return due > now + 1000000 ? (int)((due - now) / 1000000) : 0;
}

static void begin(const char *port, int poll)
{
        struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)strtoul(port, NULL, 10))};
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        for (unsigned i = 0; i < load.count; i++) {
                int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;
                must(connect(fd, (const struct sockaddr *)&address, sizeof address) == 0, "connect");
                (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
                load.connections[i].fd = fd;
                struct epoll_event event = {.events = EPOLLIN, .data.u32 = i};
                must(epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event) == 0, "epoll");
        }
}

static void run(int poll)
{
        unsigned busy = 1;
        while (busy != 0) {
                struct epoll_event events[256];
                send_due();
                int count = epoll_wait(poll, events, ARRAY_SIZE(events), wait_ms());
                for (int i = 0; i < count; i++)
                        if (take(&load.connections[events[i].data.u32]) && load.rate == 0 && now_ns() < load.end_ns)
                                ask(&load.connections[events[i].data.u32], now_ns());
                busy = now_ns() < load.end_ns ? 1 : 0;
                for (unsigned i = 0; busy == 0 && i < load.count; i++)
                        busy = load.connections[i].busy ? 1 : 0;
        }
}

int main(int argc, char **argv)
{
        must(argc == 6, "load PORT CONNECTIONS SECONDS RATE REQUEST-FILE");
        FILE *file = fopen(argv[5], "re");
        must(file != NULL, argv[5]);
        load.length = fread(load.request, 1, REQUEST_MAX - 1, file);
        (void)fclose(file);
        load.number = strstr(load.request, "@N@...");
        load.count = (unsigned)strtoul(argv[2], NULL, 10);
        must(load.length != 0 && load.count != 0 && load.count <= CONNECTIONS_MAX, "arguments");
        load.connections = mem_new(load.count, sizeof *load.connections);
        load.times_us = mem_new(TIMES_MAX, sizeof *load.times_us);
        load.rate = strtoull(argv[4], NULL, 10);
        load.next = (unsigned)time(NULL) * 7919u % 1000000u;
        int poll = epoll_create1(EPOLL_CLOEXEC);
        begin(argv[1], poll);
        load.begun_ns = now_ns();
        load.end_ns = load.begun_ns + (uint64_t)(strtod(argv[3], NULL) * 1e9);
        run(poll);
        double seconds = (double)(now_ns() - load.begun_ns) / 1e9;
        size_t count = load.answered < TIMES_MAX ? load.answered : TIMES_MAX;
        must(count != 0, "answers");
        qsort(load.times_us, count, sizeof *load.times_us, compare);
        printf("%.0f %u %u %zu\n", (double)load.answered / seconds, load.times_us[count / 2],
               load.times_us[count * 99 / 100], load.bad);
        return 0;
}
