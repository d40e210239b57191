/* bulkhead-far: takes what `btrfs send` sends of a snapshot (bulkhead-send@.service) to `btrfs receive` on another
 * machine, over SSH. It arrives in a folder of its own there; only when all of it came, it says that it was received as
 * what was sent, and its whole content has the same SHA-256 on both sides, is it put where it belongs. What was half
 * received goes. What is asked for there are words that a person could type; none needs quoting in any shell.
 *
 * Rights: a user of its own, the network, no capability (systemd/bulkhead-far@.service); its keys, and what it was told
 * by other machines. */
#include "daemons/storage/carrier/carrier.h"
#include "daemons/storage/far/commands.h"
#include "daemons/storage/far/far.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "base/mem.h"
#include "base/text.h"
#include "sys/file.h"
#include "value/types.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BOOT_FILE "/proc/sys/kernel/random/boot_id"
enum { ANSWER_SIZE = 8 << 20, UUID_SIZE = 37 };

struct order {
        char remote[REMOTE_NAME_SIZE], path[REMOTE_PATH_SIZE];
        const char *name, *snapshot;
        char *answer; /* ANSWER_SIZE bytes */
        char why[WHY_SIZE];
};

static void start(const struct order *order, struct ssh *ssh, enum command command, bool input)
{
        char text[COMMAND_SIZE];
        if (!command_fill(command, &(struct command_values){order->path, order->name, order->snapshot}, text))
                give_up("a command is too long");
        ssh_start(ssh, order->remote, text, input);
}

/* Its answer is in order->answer, or why there is none in order->why. */
static bool ask(struct order *order, enum command command)
{
        struct ssh ssh;
        start(order, &ssh, command, false);
        return program_end(&ssh, order->answer, ANSWER_SIZE, order->why);
}

static bool clean(struct order *order)
{
        return ask(order, COMMAND_PLACE) && ask(order, COMMAND_CLEAN);
}

/* Which snapshots are there, for the clerk; without an answer it knows what it knew. */
static bool look(struct order *order)
{
        char name[sizeof(".there") + REMOTE_NAME_SIZE];
        if (!ask(order, COMMAND_NAMES))
                return false;
        char *names = mem_copy_text(order->answer), *lines = mem_new(ANSWER_SIZE, 1);
        if (!ask(order, COMMAND_LIST))
                return false; /* this process ends */
        /* Where that is comes first: an order of the same name may come to lead elsewhere. */
        size_t length = (size_t)snprintf(lines, ANSWER_SIZE, "%s:%s\n", order->remote, order->path);
        length += said_snapshots(order->answer, names, lines + length, ANSWER_SIZE - length);
        snprintf(name, sizeof(name), "%s.there", order->name);
        int folder = file_directory(SAID);
        return folder >= 0 && file_put(folder, name, lines, length, 0644) == 0;
}

static void send_all(struct order *order, uint8_t *buffer, int progress, char uuid[UUID_SIZE])
{
        struct stream stream = {.have = 0};
        struct ssh ssh;
        uint8_t number[STREAM_UUID_BYTES];
        char hex[2 * STREAM_UUID_BYTES + 1];
        int sent = meet("sent", O_RDONLY);
        start(order, &ssh, COMMAND_RECEIVE, true);
        int result =
                pass(&(struct passing){.from = sent, .to = ssh.input, .progress = progress, .buffer = buffer}, &stream);
        close(sent);
        if (result == 0 && !stream_is_whole(&stream)) {
                memset(buffer, 0xff, STREAM_COMMAND_BYTES); /* no command, so that it is not taken for whole */
                (void)file_write_all(ssh.input, buffer, STREAM_COMMAND_BYTES);
        }
        if (!program_end(&ssh, NULL, 0, order->why) && result != 0)
                give_up("%s", order->why);
        if (!stream_is_whole(&stream))
                give_up("what was sent ended too early");
        if (order->why[0])
                give_up("%s", order->why);
        if (!stream_uuid(&stream, number))
                give_up("what is sent does not say what it is");
        text_hex(number, sizeof(number), hex);
        snprintf(uuid, UUID_SIZE, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
}

/* Both sides are read at the same time, each where it lies. */
static void compare(struct order *order, uint8_t *buffer, int progress)
{
        struct ssh ssh;
        struct crypto_hasher hasher;
        uint8_t hash[HASH_BYTES];
        char hex[2 * HASH_BYTES + 1];
        uint64_t all = 0, told_ms = 0;
        start(order, &ssh, COMMAND_ARCHIVE, false);
        int here = meet("here", O_RDONLY);
        crypto_hash_begin(&hasher);
        for (size_t got; (got = take(here, buffer, CHUNK)) > 0; all += got) {
                crypto_hash_add(&hasher, buffer, got);
                if (clock_boot_ms() >= told_ms + TOLD_MS) {
                        told_ms = clock_boot_ms();
                        tell(progress, "compared", all);
                }
        }
        tell(progress, "compared", all);
        close(here);
        crypto_hash_end(&hasher, hash);
        text_hex(hash, sizeof(hash), hex);
        if (!program_end(&ssh, order->answer, ANSWER_SIZE, order->why))
                give_up("%s", order->why);
        if (all == 0)
                give_up("there was nothing to compare");
        if (strncmp(order->answer, hex, sizeof(hex) - 1) != 0)
                give_up("what arrived is not what was sent");
}

static void send_it(struct order *order)
{
        char uuid[UUID_SIZE];
        int progress = open("progress", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
        uint8_t *buffer = mem_new(CHUNK, 1);
        if (progress < 0)
                give_up("progress: %m");
        if (!clean(order) || !ask(order, COMMAND_NAMES))
                give_up("%s", order->why);
        if (said_has(order->answer, order->snapshot))
                give_up("there is a snapshot of its name there already");
        send_all(order, buffer, progress, uuid);
        if (!ask(order, COMMAND_SHOW_RECEIVED))
                give_up("%s", order->why);
        if (!said_is_kept(order->answer, uuid))
                give_up("what arrived does not say that it is what was sent");
        compare(order, buffer, progress);
        if (!ask(order, COMMAND_KEEP) || !ask(order, COMMAND_SHOW_KEPT))
                give_up("%s", order->why);
        if (!said_is_kept(order->answer, uuid))
                give_up("what was put in its place does not say that it is what was sent");
        free(buffer);
}

/* Whoever sends is not left waiting at a pipe that nobody reads: one that waits is let go, and breaks off when this
 * process ends; one that comes later finds none. */
static void close_pipes(void)
{
        static const char *const pipes[] = {"sent", "here"};
        for (size_t i = 0; i < ARRAY_SIZE(pipes); i++)
                if (open(pipes[i], O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW) >= 0)
                        unlink(pipes[i]);
}

/* Whatever became of it: what was half received goes, and what is there is written down. */
static void tidy(struct order *order)
{
        close_pipes();
        if (clean(order))
                (void)look(order);
}

/* The first lines of what the unit says, anew each time: what it said the last time goes. */
static int begin(void)
{
        const char *work = getenv("WORK");
        char boot[UUID_SIZE] = "";
        const int fd = open(BOOT_FILE, O_RDONLY | O_CLOEXEC);
        if (!work || fd < 0 || read(fd, boot, sizeof(boot) - 1) != sizeof(boot) - 1 || ftruncate(STDOUT_FILENO, 0) != 0)
                give_up("there is nothing to begin");
        close(fd);
        printf("started %lld\n%s\n%s\n", (long long)clock_real_s(), boot, work);
        return 0;
}

static bool is_name(const char *name)
{
        return name && value_check(&value_schedule, "", name, strlen(name), NULL) == 0;
}

int main(int count, char **words)
{
        signal(SIGPIPE, SIG_IGN);
        crypto_start();
        const char *verb = count == 3 && is_name(words[2]) ? words[1] : "";
        if (strcmp(verb, "meet") == 0)
                return remote_meet(words[2]);
        if (strcmp(verb, "begin") == 0)
                return begin();
        const char *to = getenv("TO");
        struct order order = {.name = words[2], .snapshot = getenv("SNAPSHOT"), .why = ""};
        if (!*verb || !to || !remote_split(to, order.remote, order.path) || !order.snapshot ||
            value_check(&value_snapshot, "", order.snapshot, strlen(order.snapshot), NULL) != 0)
                give_up("it is not known what to do");
        order.answer = mem_new(ANSWER_SIZE, 1);
        if (strcmp(verb, "send") == 0)
                send_it(&order);
        else
                tidy(&order);
        return 0;
}
