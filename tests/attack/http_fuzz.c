/* Throws mutated requests at a running server: http_fuzz SOCKET COUNT SEED [TICKET]. Some carry the ticket, so that
 * they get past the door: to lists, to bodies, to the stream. Each goes out on a connection of its own whose sending
 * side is then closed, so the server has to answer or close; who does neither within TIMEOUT_MS hangs. Prints what came
 * back, by status, and "hung N, refused N" (refused: no connection). The same seed sends the same bytes. Rights: a
 * test; the one Unix socket. */
#include "base/clock.h"
#include "base/mem.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { AT_ONCE = 48, REQUEST_MAX = 16 * 1024, TIMEOUT_MS = 20000, STATUS_MAX = 600 };

#define TICKET "@ticket@"
static const char *ticket = "bht1_AAAA";

static const char *const seeds[] = {
#define SIGNED_IN "Host: localhost\r\nAuthorization: Bearer " TICKET "\r\n"
#define CHANGES   SIGNED_IN "Content-Type: application/json\r\nContent-Length: "
        "GET /api/users?limit=2&sort=-role,username&fields=id,groups&id__in=1,20000 HTTP/1.1\r\n" SIGNED_IN "\r\n",
        "GET /api/shares/smb?name__prefix=a&offset=1&limit=9 HTTP/1.1\r\n" SIGNED_IN "If-None-Match: \"x\"\r\n\r\n",
        "GET /api/jobs?state=success&limit=3&cursor=WyIiLDEsMV0 HTTP/1.1\r\n" SIGNED_IN "Range: bytes=0-9\r\n\r\n",
        "GET /api/logging/audit?limit=2&kind=intent&cursor=AAAAAAAAAAw HTTP/1.1\r\n" SIGNED_IN "\r\n",
        "POST /api/groups?dry_run=true HTTP/1.1\r\n" CHANGES "15\r\n\r\n{\"name\":\"none\"}",
        "PATCH /api/users/nobody?dry_run=true HTTP/1.1\r\n" SIGNED_IN "If-Match: \"a\"\r\nIdempotency-Key: "
        "aaaaaaaaaaaaaaaa\r\nContent-Type: application/json\r\nContent-Length: 51\r\n\r\n"
        "{\"full_name\":\"\\u00e9\",\"role\":\"user\",\"enabled\":true}",
        "GET /api/stream HTTP/1.1\r\n" SIGNED_IN
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        /* masked with nothing, so that what is altered stays altered JSON */
        "\x81\xaa@@@@{\"id\":1,\"watch\":\"nas.users.ListGroups\"}   "
        "\x01\x90@@@@{\"id\":2,\"call\":\"\x80\x90@@@@nas.users.Me\"}  \x89\x80@@@@\x88\x82@@@@\x03\xe8",
        "GET /api/users?limit=10&sort=-username&fields=id HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n",
        "HEAD /api/openapi.json HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\nIf-None-Match: \"x\"\r\n\r\n",
        "POST /api/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
        "41\r\n\r\n"
        "{\"username\":\"alice\",\"password\":\"secret-1\"}",
        "POST /api/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: "
        "chunked\r\n"
        "\r\n5\r\n{\"use\r\n3;a=b\r\nrna\r\n0\r\nX: y\r\n\r\n",
        "PUT /api/auth/password-policy HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: "
        "2\r\n\r\n{}",
        "OPTIONS * HTTP/1.1\r\nHost: [::1]:443\r\nConnection: keep-alive, Upgrade\r\n\r\n",
        "GET /api/stream HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n\x81\x85\x01\x02\x03\x04zzzzz",
        "GET /api/docs/ HTTP/1.0\r\nRange: bytes=0-10,20-\r\nCookie: __Host-bulkhead-session=bhs_x; a=b\r\n\r\n",
        "DELETE /api/users/al%C3%AFce HTTP/1.1\r\nHost: localhost\r\nOrigin: https://localhost\r\nX-CSRF-Token: "
        "00\r\n\r\n"
        "GET /api/system/live HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET http://localhost/api/system/live HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 1.2.3.4\r\n\r\n",
};
static const char *const bits[] = {
        "\r\n",
        "\n",
        "\r",
        "\0",
        " ",
        "\t",
        ":",
        "%00",
        "%2e%2e/",
        "/../",
        "//",
        "0x10",
        "-1",
        "+5",
        "18446744073709551616",
        "99999999999",
        "Transfer-Encoding: chunked\r\n",
        "Content-Length: 3\r\n",
        "Transfer-Encoding: identity\r\n",
        "Host: evil\r\n",
        " HTTP/1.1\r\n",
        "HTTP/2.0",
        "\xff\xfe",
        "\xc0\x80",
        "a=b;",
        "chunked, chunked",
        "\"",
        "[[[[[[[[",
        "{\"a\":",
        "Connection: close\r\n",
        "Expect: 100-continue\r\n",
        "\r\n\r\n",
        "0\r\n\r\n",
        "fffffffffffffffff\r\n",
        "\x88\x82\x00\x00\x00\x00\x03\xe8",
};

static uint64_t state;

static uint32_t any(uint32_t below)
{
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        return (uint32_t)((state >> 16) % below);
}

struct request {
        size_t length;
        char bytes[REQUEST_MAX];
};

static void insert(struct request *request, size_t at, const char *bytes, size_t length)
{
        if (request->length + length > REQUEST_MAX)
                return;
        memmove(request->bytes + at + length, request->bytes + at, request->length - at);
        memcpy(request->bytes + at, bytes, length);
        request->length += length;
}

static void remove_some(struct request *request, size_t at)
{
        size_t length = any(20) + 1;
        if (at + length > request->length)
                length = request->length - at;
        memmove(request->bytes + at, request->bytes + at + length, request->length - at - length);
        request->length -= length;
}

static void repeat_some(struct request *request, size_t at)
{
        char piece[64];
        size_t length = any(sizeof piece) + 1, times = any(8) == 0 ? any(200) : any(4);
        if (at + length > request->length)
                length = request->length - at;
        memcpy(piece, request->bytes + at, length);
        for (size_t i = 0; i < times; i++)
                insert(request, at, piece, length);
}

static void mutate(struct request *request)
{
        size_t at = request->length == 0 ? 0 : any((uint32_t)request->length);
        const char *bit = bits[any(ARRAY_SIZE(bits))];
        switch (request->length == 0 ? 1 : any(6)) {
        case 0:
                request->bytes[at] = (char)(request->bytes[at] ^ (1 << any(8)));
                break;
        case 1:
                insert(request, at, bit, *bit == '\0' ? 1 : strlen(bit));
                break;
        case 2:
                remove_some(request, at);
                break;
        case 3:
                repeat_some(request, at);
                break;
        case 4:
                request->bytes[at] = (char)any(256);
                break;
        default:
                request->length = at + 1;
                break;
        }
}

/* With the ticket in it; "@@@@" is a mask of nothing. */
static void put_seed(struct request *request, const char *seed)
{
        static const char mask[4];
        while (*seed != '\0') {
                bool is_ticket = strncmp(seed, TICKET, strlen(TICKET)) == 0, is_mask = strncmp(seed, "@@@@", 4) == 0;
                const char *bytes = is_ticket ? ticket : is_mask ? mask : seed;
                insert(request, request->length, bytes, is_ticket ? strlen(ticket) : is_mask ? sizeof mask : 1);
                seed += is_ticket ? strlen(TICKET) : is_mask ? sizeof mask : 1;
        }
}

static void make(struct request *request)
{
        const char *seed = seeds[any(ARRAY_SIZE(seeds))];
        request->length = 0;
        put_seed(request, seed);
        for (uint32_t i = any(8) == 0 ? 0 : any(6) + 1; i > 0; i--)
                mutate(request);
}

struct attempt {
        int fd; /* -1: free */
        struct request request;
        size_t sent, got;
        char head[16];
        uint64_t since_ms;
};

static unsigned long answered[STATUS_MAX], closed, hung, refused;

static void begin(struct attempt *attempt, const struct sockaddr_un *address)
{
        make(&attempt->request);
        attempt->sent = attempt->got = 0;
        attempt->since_ms = clock_boot_ms();
        attempt->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (attempt->fd >= 0 && connect(attempt->fd, (const struct sockaddr *)address, sizeof *address) == 0)
                return;
        refused++;
        if (attempt->fd >= 0)
                close(attempt->fd);
        attempt->fd = -1;
        (void)usleep(1000);
}

static void end(struct attempt *attempt)
{
        int status = 0;
        if (attempt->got >= 12 && memcmp(attempt->head, "HTTP/1.1 ", 9) == 0)
                status = (int)strtol(attempt->head + 9, NULL, 10);
        if (status > 0 && status < STATUS_MAX)
                answered[status]++;
        else
                closed++;
        close(attempt->fd);
        attempt->fd = -1;
}

static void send_some(struct attempt *attempt)
{
        ssize_t went = send(attempt->fd, attempt->request.bytes + attempt->sent,
                            attempt->request.length - attempt->sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (went > 0)
                attempt->sent += (size_t)went;
        else if (errno != EAGAIN)
                attempt->sent = attempt->request.length; /* it was refused before it was all out */
        if (attempt->sent == attempt->request.length)
                (void)shutdown(attempt->fd, SHUT_WR);
}

static void receive_some(struct attempt *attempt)
{
        char bytes[16384];
        ssize_t got = recv(attempt->fd, bytes, sizeof bytes, MSG_DONTWAIT);
        if (got < 0 && errno == EAGAIN)
                return;
        if (got <= 0) {
                end(attempt);
                return;
        }
        for (ssize_t i = 0; i < got && attempt->got < sizeof attempt->head; i++)
                attempt->head[attempt->got++] = bytes[i];
}

static void turn(struct attempt *attempts)
{
        struct pollfd polled[AT_ONCE];
        for (int i = 0; i < AT_ONCE; i++) {
                bool sending = attempts[i].sent < attempts[i].request.length;
                polled[i] = (struct pollfd){.fd = attempts[i].fd, .events = (short)(POLLIN | (sending ? POLLOUT : 0))};
        }
        (void)poll(polled, AT_ONCE, 100);
        for (int i = 0; i < AT_ONCE; i++) {
                struct attempt *attempt = &attempts[i];
                if (attempt->fd >= 0 && (polled[i].revents & POLLOUT) != 0)
                        send_some(attempt);
                if (attempt->fd >= 0 && (polled[i].revents & (POLLIN | POLLHUP | POLLERR)) != 0)
                        receive_some(attempt);
                if (attempt->fd >= 0 && clock_boot_ms() - attempt->since_ms > TIMEOUT_MS) {
                        hung++;
                        printf("hung: %.*s\n", (int)attempt->request.length, attempt->request.bytes);
                        end(attempt);
                }
        }
}

int main(int argc, char **argv)
{
        if (argc != 4 && argc != 5)
                return 2;
        if (argc == 5)
                ticket = argv[4];
        static struct attempt attempts[AT_ONCE];
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        (void)snprintf(address.sun_path, sizeof address.sun_path, "%s", argv[1]);
        unsigned long count = strtoul(argv[2], NULL, 10), begun = 0, busy = 1;
        state = strtoull(argv[3], NULL, 10) * 2654435761u + 1;
        for (int i = 0; i < AT_ONCE; i++)
                attempts[i].fd = -1;
        while (busy > 0 && refused < 1000) {
                busy = 0;
                for (int i = 0; i < AT_ONCE; i++) {
                        if (attempts[i].fd < 0 && begun < count) {
                                begin(&attempts[i], &address);
                                begun += attempts[i].fd >= 0 ? 1 : 0;
                        }
                        busy += attempts[i].fd >= 0 || begun < count ? 1 : 0;
                }
                turn(attempts);
        }
        printf("sent %lu\nclosed %lu\n", begun, closed);
        for (int status = 0; status < STATUS_MAX; status++)
                if (answered[status] > 0)
                        printf("%d %lu\n", status, answered[status]);
        printf("hung %lu, refused %lu\n", hung, refused);
        return hung > 0 || refused > 0 ? 1 : 0;
}
