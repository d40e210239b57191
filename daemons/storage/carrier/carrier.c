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
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void say(const char *name)
{
        int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
        if (fd < 0)
                give_up("%s: %s", name, strerror(errno));
        close(fd);
}

static void carry(uint8_t *buffer, int progress)
{
        int taken = meet("taken", O_WRONLY), sent = meet("sent", O_RDONLY);
        struct stream stream = {.have = 0};
        int result =
                pass(&(struct passing){.from = sent, .to = taken, .progress = progress, .buffer = buffer}, &stream);
        if (result != 0)
                give_up("who receives is gone: %s", strerror(-result));
        if (!stream_is_whole(&stream)) {
                memset(buffer, 0xff, STREAM_COMMAND_BYTES); /* no command, so that it is not taken for whole */
                (void)file_write_all(taken, buffer, STREAM_COMMAND_BYTES);
                give_up("what was sent ended too early");
        }
        say("whole");
        close(taken);
        close(sent);
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
