/* What carries has in common, to a pool of this machine and to another machine: meeting who is at the other end of a
 * pipe, letting pass what may be passed how fast, and saying how far it is.
 * Rights: the storage carrier and the one to other machines; pipes and files in the folder they are started in. */
#include "daemons/storage/carrier/carrier.h"

#include "base/clock.h"
#include "base/log.h"
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { PIPE_BYTES = 1 << 20, MEET_MS = 120 * 1000, SLICE_MS = 20 };

_Noreturn void give_up(const char *format, ...)
{
        va_list values;
        va_start(values, format);
        fputs("ERROR: ", stderr);
        vfprintf(stderr, format, values);
        fputc('\n', stderr);
        va_end(values);
        exit(1);
}

static void wait_ms(uint64_t ms)
{
        struct timespec rest = {.tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000) * 1000000};
        while (nanosleep(&rest, &rest) != 0 && errno == EINTR)
                ;
}

int meet(const char *name, int flags)
{
        const uint64_t until_ms = clock_boot_ms() + MEET_MS;
        int fd = open(name, flags | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
        while (fd < 0 && errno == ENXIO && clock_boot_ms() < until_ms) {
                wait_ms(SLICE_MS);
                fd = open(name, flags | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
        }
        struct pollfd watched = {.fd = fd, .events = POLLIN};
        if (fd < 0)
                give_up("%s: %s", name, strerror(errno));
        if (flags == O_RDONLY && poll(&watched, 1, MEET_MS) <= 0)
                give_up("%s: nothing comes", name);
        if (fcntl(fd, F_SETFL, 0) != 0)
                give_up("%s: %s", name, strerror(errno));
        (void)fcntl(fd, F_SETPIPE_SZ, PIPE_BYTES); /* as large as it may be */
        return fd;
}

size_t take(int fd, uint8_t *bytes, size_t room)
{
        for (;;) {
                ssize_t got = read(fd, bytes, room);
                if (got >= 0)
                        return (size_t)got;
                if (errno != EINTR)
                        give_up("read: %s", strerror(errno));
        }
}

void tell(int fd, const char *what, uint64_t bytes)
{
        char text[64];
        int length = snprintf(text, sizeof(text), "%-10s%20llu\n", what, (unsigned long long)bytes);
        if (pwrite(fd, text, (size_t)length, 0) != length)
                give_up("progress: %s", strerror(errno));
}

static uint64_t rate_of(void)
{
        const char *rate = getenv("RATE");
        return rate ? strtoull(rate, NULL, 10) : 0;
}

size_t fill(int fd, uint8_t *bytes, size_t length)
{
        size_t all = 0;
        for (size_t got; all < length && (got = take(fd, bytes + all, length - all)) > 0;)
                all += got;
        return all;
}

/* From one pipe into the other, without a copy. How many bytes, 0 at the end, -errno; -EINVAL: one of them is no pipe.
 */
static ssize_t move(const struct passing *passing, struct stream *stream)
{
        const size_t unseen = stream_unseen(stream);
        ssize_t moved;
        do
                moved = splice(passing->from, NULL, passing->to, NULL, unseen < CHUNK ? unseen : CHUNK, SPLICE_F_MOVE);
        while (moved < 0 && errno == EINTR);
        if (moved > 0)
                stream_passed(stream, (size_t)moved);
        return moved < 0 ? -errno : moved;
}

static ssize_t copy(const struct passing *passing, struct stream *stream, size_t length)
{
        const size_t got = take(passing->from, passing->buffer, length < CHUNK ? length : CHUNK);
        stream_take(stream, passing->buffer, got);
        if (stream->wrong)
                give_up("what is sent is no stream of btrfs'");
        const int result = file_write_all(passing->to, passing->buffer, got);
        return result == 0 ? (ssize_t)got : result;
}

int pass(const struct passing *passing, struct stream *stream)
{
        ASSERT(passing && stream);
        struct pace pace = {.bytes_a_second = rate_of()};
        uint64_t all = 0, told_ms = 0;
        bool pipes = true;
        for (;;) {
                const ssize_t got = pipes && stream_unseen(stream) > 0
                                            ? move(passing, stream)
                                            : copy(passing, stream, pipes ? stream_wanted(stream) : CHUNK);
                if (got == -EINVAL && pipes) {
                        pipes = false;
                        continue;
                }
                if (got <= 0) {
                        tell(passing->progress, "carried", all);
                        return (int)got;
                }
                all += (uint64_t)got;
                const uint64_t now_ms = clock_boot_ms();
                if (now_ms >= told_ms + TOLD_MS) {
                        tell(passing->progress, "carried", all);
                        told_ms = now_ms;
                }
                const uint64_t rest_ms = pace_wait_ms(&pace, (size_t)got, now_ms);
                if (rest_ms > 0) /* no time at all takes the kernel a while, too */
                        wait_ms(rest_ms);
        }
}
