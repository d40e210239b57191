/* bulkhead-carrier: between `btrfs send` and `btrfs receive`, which PID 1 starts (bulkhead-send@.service,
 * bulkhead-receive@.service) and which are joined to it by pipes in a folder of its own. It lets pass what may be
 * passed how fast, counts it, and says whether all of it came; then it compares both sides, read whole, byte by byte.
 * The file `whole` and the word "same" in the pipe `verdict` say so; without them nothing that was received is kept.
 *
 * Rights: a user of its own and no capability (systemd/bulkhead-carry@.service); reads and writes pipes and files in
 * the folder that it is started in. */
#include "daemons/storage/carrier/carrier.h"

#include "base/clock.h"
#include "base/mem.h"
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { CHUNK = 256 * 1024, PIPE_BYTES = 1 << 20, MEET_MS = 120 * 1000, SLICE_MS = 20, TOLD_MS = 500 };

/* As btrfs' own tools say it. */
static _Noreturn __attribute__((format(printf, 1, 2))) void give_up(const char *format, ...)
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

/* Until somebody opens the other end. A descriptor, blocking from then on. */
static int meet(const char *name, int flags)
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

/* How many bytes, or 0 at the end. */
static size_t take(int fd, uint8_t *bytes, size_t room)
{
        for (;;) {
                ssize_t got = read(fd, bytes, room);
                if (got >= 0)
                        return (size_t)got;
                if (errno != EINTR)
                        give_up("read: %s", strerror(errno));
        }
}

static void say(const char *name)
{
        int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
        if (fd < 0)
                give_up("%s: %s", name, strerror(errno));
        close(fd);
}

/* For the clerk, which shows it: always as long, so that nobody reads half of two. */
static void tell(int fd, const char *what, uint64_t bytes)
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

static void carry(uint8_t *buffer, int progress)
{
        int taken = meet("taken", O_WRONLY), sent = meet("sent", O_RDONLY);
        struct stream stream = {.have = 0};
        struct pace pace = {.bytes_a_second = rate_of()};
        uint64_t all = 0, told_ms = 0;
        for (size_t got; (got = take(sent, buffer, CHUNK)) > 0;) {
                stream_take(&stream, buffer, got);
                if (stream.wrong)
                        give_up("what is sent is no stream of btrfs'");
                int result = file_write_all(taken, buffer, got);
                if (result != 0)
                        give_up("who receives is gone: %s", strerror(-result));
                all += got;
                uint64_t now_ms = clock_boot_ms();
                if (now_ms >= told_ms + TOLD_MS)
                        tell(progress, "carried", all);
                told_ms = now_ms >= told_ms + TOLD_MS ? now_ms : told_ms;
                wait_ms(pace_wait_ms(&pace, got, now_ms));
        }
        tell(progress, "carried", all);
        if (!stream_is_whole(&stream)) {
                memset(buffer, 0xff, STREAM_COMMAND_BYTES); /* no command, so that it is not taken for whole */
                (void)file_write_all(taken, buffer, STREAM_COMMAND_BYTES);
                give_up("what was sent ended too early");
        }
        say("whole");
        close(taken);
        close(sent);
}

/* As much as there is up to the length: pipes give what they have. */
static size_t fill(int fd, uint8_t *bytes, size_t length)
{
        size_t all = 0;
        for (size_t got; all < length && (got = take(fd, bytes + all, length - all)) > 0;)
                all += got;
        return all;
}

static void compare(uint8_t *buffer, uint8_t *other, int progress)
{
        int here = meet("here", O_RDONLY), there = meet("there", O_RDONLY);
        uint64_t all = 0, told_ms = 0;
        for (size_t length = 1; length > 0;) {
                length = fill(here, buffer, CHUNK);
                if (fill(there, other, CHUNK) != length || memcmp(buffer, other, length) != 0)
                        give_up("what arrived is not what was sent");
                all += length;
                if (clock_boot_ms() >= told_ms + TOLD_MS) {
                        told_ms = clock_boot_ms();
                        tell(progress, "compared", all);
                }
        }
        if (all == 0)
                give_up("there was nothing to compare");
        tell(progress, "compared", all);
        close(here);
        close(there);
        int verdict = meet("verdict", O_WRONLY), result = file_write_all(verdict, "same\n", 5);
        if (result != 0)
                give_up("verdict: %s", strerror(-result));
        close(verdict);
}

int main(void)
{
        signal(SIGPIPE, SIG_IGN);
        int progress = open("progress", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
        if (progress < 0)
                give_up("progress: %s", strerror(errno));
        uint8_t *buffer = mem_new(CHUNK, 1), *other = mem_new(CHUNK, 1);
        carry(buffer, progress);
        compare(buffer, other, progress);
        free(buffer);
        free(other);
        return 0;
}
