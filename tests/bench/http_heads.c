/* How fast heads are read: lines of "head TAB bytes TAB ns TAB MB/s", a median of rounds, whole and as they trickle.
 *
 * Rights: for figures; none. */
#include "base/log.h"
#include "base/mem.h"
#include "http/head.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROUNDS = 15, TIMES = 40000 };

static const struct {
        const char *what, *text;
} heads[] = {
        {"wrk", "GET /api/storage/pools HTTP/1.1\r\nHost: 127.0.0.1:8443\r\n\r\n"},
        {"curl",
         "POST /api/users?dry_run=true HTTP/1.1\r\nHost: nas.local\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\n"
         "Authorization: Bearer bhk_0123456789abcdef_0123456789abcdef0123456789abcdef_01234567\r\n"
         "Content-Type: application/json\r\nContent-Length: 52\r\n\r\n"},
        {"browser", "GET /api/storage/pools?fields=name,size&sort=-size HTTP/1.1\r\nHost: nas.local\r\n"
                    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n"
                    "Accept: application/json, text/plain, */*\r\nAccept-Language: de,en-US;q=0.7,en;q=0.3\r\n"
                    "Accept-Encoding: gzip, deflate, br, zstd\r\nX-CSRF-Token: 0123456789abcdef0123456789abcdef\r\n"
                    "Connection: keep-alive\r\nReferer: https://nas.local/storage\r\n"
                    "Cookie: __Host-bulkhead-session=bhs_0123456789abcdef0123456789abcdef0123456789abcdef; "
                    "__Host-bulkhead-csrf=0123456789abcdef0123456789abcdef\r\nSec-Fetch-Dest: empty\r\n"
                    "Sec-Fetch-Mode: cors\r\nSec-Fetch-Site: same-origin\r\nIf-None-Match: \"0123456789abcdef\"\r\n"
                    "Priority: u=0\r\n\r\n"},
};

static struct http_head head;

static uint64_t now_ns(void)
{
        struct timespec now;
        (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
        return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static int by_size(const void *one, const void *other)
{
        double a = *(const double *)one, b = *(const double *)other;
        return (a > b) - (a < b);
}

static double once(const char *text, size_t length, size_t step)
{
        const char *why;
        unsigned times = step == 0 ? TIMES : TIMES / 20;
        uint64_t before = now_ns();
        for (unsigned i = 0; i < times; i++) {
                int result = 0;
                size_t have = step == 0 ? length : step, scanned = 0;
                for (; (result = http_head_read(text, have, scanned, &head, &why)) == 0; scanned = have, have += step)
                        ASSERT(have < length);
                ASSERT(result == (int)length);
        }
        return (double)(now_ns() - before) / times;
}

static double median(const char *text, size_t length, size_t step)
{
        double rounds[ROUNDS];
        for (size_t i = 0; i < ROUNDS; i++)
                rounds[i] = once(text, length, step);
        qsort(rounds, ROUNDS, sizeof(*rounds), by_size);
        return rounds[ROUNDS / 2];
}

int main(void)
{
        for (size_t i = 0; i < ARRAY_SIZE(heads); i++) {
                size_t length = strlen(heads[i].text);
                double whole = median(heads[i].text, length, 0), trickled = median(heads[i].text, length, 1);
                printf("%s\t%zu\t%.0f\t%.0f\n", heads[i].what, length, whole, (double)length * 1000 / whole);
                printf("%s, byte by byte\t%zu\t%.0f\t%.0f\n", heads[i].what, length, trickled,
                       (double)length * 1000 / trickled);
        }
        return 0;
}
