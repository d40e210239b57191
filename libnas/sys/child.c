/* Starting a program and hearing it.
 * Rights: those of whoever starts it; none of its own. */
#include "sys/child.h"

#include "base/log.h"
#include "base/mem.h"
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* In the child. output: -1: nowhere. */
static _Noreturn void become(char *const *words, int output, bool quiet)
{
        char utc[] = "TZ=UTC", *const environment[] = {utc, NULL};
        const int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
        if (dup2(nowhere, STDIN_FILENO) >= 0 && dup2(output < 0 ? nowhere : output, STDOUT_FILENO) >= 0 &&
            (!quiet || dup2(nowhere, STDERR_FILENO) >= 0))
                execve(words[0], words, environment);
        _exit(EXIT_FAILURE);
}

static pid_t begin(const char *const *words, int output, bool quiet)
{
        char *all[CHILD_WORDS_MAX + 1] = {NULL};
        size_t count = 0;
        ASSERT(words && words[0] && words[0][0] == '/');
        for (; words[count]; count++) {
                if (count == CHILD_WORDS_MAX)
                        return -E2BIG;
                all[count] = (char *)(uintptr_t)words[count];
        }
        const pid_t child = fork();
        if (child == 0)
                become(all, output, quiet);
        return child < 0 ? -errno : child;
}

static int wait_for(pid_t child)
{
        int status;
        if (child <= 0)
                return child == 0 ? -EINVAL : child;
        while (waitpid(child, &status, 0) != child)
                if (errno != EINTR)
                        return -errno;
        return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EIO;
}

int child_run(const char *const *words, bool quiet)
{
        return wait_for(begin(words, -1, quiet));
}

int child_end(pid_t child, int *from)
{
        ASSERT(from);
        fd_closep(from);
        return wait_for(child);
}

int child_open(const char *const *words, bool quiet, pid_t *ret_child)
{
        ASSERT(ret_child);
        int ends[2];
        if (pipe2(ends, O_CLOEXEC) != 0)
                return -errno;
        *ret_child = begin(words, ends[1], quiet);
        close(ends[1]);
        if (*ret_child > 0)
                return ends[0];
        close(ends[0]);
        return *ret_child;
}

char *child_hear(const char *const *words, bool quiet, struct arena *arena)
{
        pid_t child = -1;
        CLEANUP_FD int from = child_open(words, quiet, &child);
        if (from < 0)
                return NULL;
        char *text = file_text_of(from, CHILD_SAID_MAX, arena);
        return child_end(child, &from) == 0 ? text : NULL;
}
