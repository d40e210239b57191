/* bulkhead-zfs-look: says, again and again, what ZFS tells of a pool: a line of the pool, a line of all that is in it,
 * its state with each of its disks, and a number that is another one when the file systems and snapshots in it are.
 * Those are many, and nobody asks for all of them again and again.
 *
 *     zfs-look POOL
 *     zfs-look POOL now      once, beside the one that does it again and again: something was just changed
 *
 * Who asks of a pool whose disks are gone may wait for ever. So nobody does but a child of this one; and while it
 * waits, nothing is known of the pool.
 *
 * Rights: none but the device by which ZFS is asked; run by PID 1 while the pool is in use, with standard output where
 * the storage clerk reads it. */
#include "base/mem.h"
#include "sys/activation.h"
#include "sys/child.h"
#include "sys/file.h"
#include "value/types.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SAID_MAX = 64 * 1024, ANSWER_MS = 10000, EVERY_S = 5, SUM_MAX = 32, WORDS_MAX = 8 };

struct said {
        char text[SAID_MAX];
        size_t length;
};

/* The pool's name follows each. */
static const char *const questions[][WORDS_MAX] = {
        {"/usr/sbin/zpool", "list", "-Hp", "-o", "guid,size,free"},
        {"/usr/sbin/zfs", "list", "-Hp", "-o", "used,available"},
        {"/usr/sbin/zpool", "status", "-pLP"},
        {"/usr/sbin/zpool", "status", "-pg"}, /* the same with the numbers of the disks, line by line */
};

/* What is in it; and when snapshots last came or went, or where ZFS is too old to know that, which there are. The same
 * state has the same sum, whoever asks. How much that takes is no part of it: it is another each moment. */
static const char *const sets[][WORDS_MAX] = {
        {"/usr/sbin/zfs", "list", "-Hpr", "-t", "filesystem,volume", "-o",
         "name,objsetid,refquota,refreservation,compression,origin"},
        {"/usr/sbin/zfs", "list", "-Hpr", "-t", "filesystem,volume", "-o", "snapshots_changed"},
        {"/usr/sbin/zfs", "list", "-Hr", "-t", "snapshot", "-oname", "-sname"}, /* quick, also of many */
};

/* What is new of it takes the place of what was said before, by this one or by another beside it. */
static void say(const struct said *said)
{
        static struct said before;
        static struct timespec said_at;
        struct stat now;
        if (fstat(STDOUT_FILENO, &now) != 0)
                _exit(EXIT_FAILURE);
        if (said->length == before.length && memcmp(said->text, before.text, said->length) == 0 &&
            now.st_mtim.tv_sec == said_at.tv_sec && now.st_mtim.tv_nsec == said_at.tv_nsec)
                return;
        if (pwrite(STDOUT_FILENO, said->text, said->length, 0) != (ssize_t)said->length ||
            ftruncate(STDOUT_FILENO, (off_t)said->length) != 0)
                _exit(EXIT_FAILURE);
        before = *said;
        said_at = fstat(STDOUT_FILENO, &now) == 0 ? now.st_mtim : (struct timespec){.tv_sec = 0};
}

/* FNV-1a: no secret, and nobody gains by two that are the same. */
static uint64_t sum_of(uint64_t sum, const char *text, size_t length)
{
        for (size_t i = 0; i < length; i++)
                sum = (sum ^ (uint8_t)text[i]) * 0x100000001b3;
        return sum;
}

/* Waits for the child however long that takes, and says meanwhile that nothing is known. sum: only that is wanted of
 * what it says, which may be long; NULL. */
static int hear(int answer, struct said *said, uint64_t *sum)
{
        static const struct said nothing;
        struct pollfd polled = {.fd = answer, .events = POLLIN};
        ssize_t got = 1;
        while (got > 0 && said->length < sizeof(said->text)) {
                if (poll(&polled, 1, ANSWER_MS) == 0) {
                        say(&nothing);
                        activation_notify("READY=1");
                }
                got = read(answer, said->text + said->length, sizeof(said->text) - said->length);
                if (sum && got > 0)
                        *sum = sum_of(*sum, said->text + said->length, (size_t)got);
                else
                        said->length += got > 0 ? (size_t)got : 0;
        }
        return got == 0 ? 0 : -EIO;
}

static int look(const char *pool, const char *const *question, struct said *said, uint64_t *sum)
{
        const char *words[WORDS_MAX + 2] = {NULL};
        size_t count = 0;
        pid_t child = -1;
        for (; count < WORDS_MAX && question[count]; count++)
                words[count] = question[count];
        words[count] = pool;
        CLEANUP_FD int answer = child_open(words, true, &child); /* what ZFS complains of is in its answers too */
        if (answer < 0)
                return answer;
        int result = hear(answer, said, sum), ended = child_end(child, &answer);
        return result == 0 ? ended : result;
}

/* A line of what is in the pool. */
static void look_at_sets(const char *pool, struct said *said)
{
        uint64_t sum = 0xcbf29ce484222325;
        if (look(pool, sets[0], said, &sum) != 0 ||
            (look(pool, sets[1], said, &sum) != 0 && look(pool, sets[2], said, &sum) != 0))
                return;
        if (said->length + SUM_MAX <= sizeof(said->text))
                said->length += (size_t)snprintf(said->text + said->length, SUM_MAX, "sets: %016llx\n",
                                                 (unsigned long long)sum);
}

static void look_at_all(const char *pool)
{
        struct said said = {.length = 0};
        int result = 0;
        for (size_t i = 0; result == 0 && i < ARRAY_SIZE(questions); i++)
                result = look(pool, questions[i], &said, NULL);
        if (result == 0)
                look_at_sets(pool, &said);
        if (result != 0)
                said.length = 0;
        say(&said);
}

int main(int argc, char **argv)
{
        activation_start();
        const bool now = argc == 3 && strcmp(argv[2], "now") == 0;
        if ((argc != 2 && !now) || !value_is(&value_pool_name, argv[1], strlen(argv[1]))) {
                fprintf(stderr, "usage: zfs-look POOL [now] (run by systemd)\n");
                return EXIT_FAILURE;
        }
        if (now) {
                look_at_all(argv[1]);
                return EXIT_SUCCESS;
        }
        for (;;) {
                look_at_all(argv[1]);
                activation_notify("READY=1");
                sleep(EVERY_S);
        }
}
