/* bulkhead-ceph-look: says, again and again, how much is in a pool of a Ceph cluster and how much more fits: "USED
 * AVAILABLE", in bytes, each of as many digits, so that one line takes the place of the other; or as many blanks while
 * the cluster does not answer.
 *
 *     ceph-look POOL
 *     ceph-look POOL FSID      once: is it of that cluster?
 *
 * Who asks a cluster that does not answer waits for it, and no signal ends that. So nobody does but a child of this
 * one.
 *
 * Rights: none; run by PID 1 beside the pool's client, with standard output where the storage clerk reads it. */
#include "base/mem.h"
#include "sys/activation.h"
#include "sys/file.h"
#include "value/types.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statfs.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

enum { LINE = 42, ANSWER_MS = 5000, EVERY_S = 5 };
#define FUSE 0x65735546 /* what is mounted by a client in user space; below it lies the system's disk */

/* Its client names the cluster that it has found in an attribute of whatever lies there. */
static int check(const char *name, const char *fsid)
{
        char found[64] = "";
        if (getxattr(name, "ceph.cluster_fsid", found, sizeof(found) - 1) <= 0)
                return -errno;
        if (strcmp(found, fsid) == 0)
                return 0;
        fprintf(stderr, "another cluster answers\n");
        return -EXDEV;
}

/* In the child: one line into the pipe, or nothing. */
static void ask(const char *name, int answer)
{
        struct statfs room;
        char line[LINE + 1];
        if (statfs(name, &room) != 0 || (uint32_t)room.f_type != FUSE)
                _exit(EXIT_FAILURE);
        const unsigned long long block = (unsigned long long)room.f_bsize;
        snprintf(line, sizeof(line), "%020llu %020llu\n", (unsigned long long)(room.f_blocks - room.f_bfree) * block,
                 (unsigned long long)room.f_bavail * block);
        _exit(file_write_all(answer, line, LINE) == 0 ? EXIT_SUCCESS : EXIT_FAILURE);
}

static void say(const char *line)
{
        if (pwrite(STDOUT_FILENO, line, LINE, 0) != LINE)
                _exit(EXIT_FAILURE);
}

/* Waits for the child however long that takes, and says meanwhile that there is no answer. */
static int look(const char *name)
{
        int ends[2];
        char line[LINE], none[LINE];
        if (pipe(ends) != 0)
                return -errno;
        pid_t child = fork();
        if (child < 0)
                return -errno;
        if (child == 0)
                ask(name, ends[1]);
        close(ends[1]);
        memset(none, ' ', LINE - 1);
        none[LINE - 1] = '\n';
        struct pollfd answer = {.fd = ends[0], .events = POLLIN};
        if (poll(&answer, 1, ANSWER_MS) == 0) {
                say(none);
                activation_notify("READY=1");
        }
        say(read(ends[0], line, LINE) == LINE ? line : none);
        close(ends[0]);
        return waitpid(child, NULL, 0) == child ? 0 : -errno;
}

int main(int argc, char **argv)
{
        int result = -EINVAL;
        activation_start();
        const bool pool = argc > 1 && value_is(&value_pool_name, argv[1], strlen(argv[1])) && chdir("/srv") == 0;
        if (pool && argc == 3)
                result = check(argv[1], argv[2]);
        if (pool && argc == 2)
                while ((result = look(argv[1])) == 0) {
                        activation_notify("READY=1");
                        sleep(EVERY_S);
                }
        if (result != 0)
                fprintf(stderr, "ceph-look: %s\n", strerror(-result));
        return result == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
