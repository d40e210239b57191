/* How a function ends its process, seen from a child: for preconditions and for what is fatal. */
#ifndef BULKHEAD_TESTS_ENDS_H
#define BULKHEAD_TESTS_ENDS_H

#include "base/log.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

/* Runs it in a child; what the child wrote to stderr is in said. The status of waitpid. */
static inline int ends(void (*function)(void), char *said, size_t size)
{
        int pipe_fds[2], status = 0;
        size_t length = 0;
        assert_int_equal(pipe(pipe_fds), 0);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
                struct rlimit no_core = {0, 0};
                setrlimit(RLIMIT_CORE, &no_core);
                signal(SIGABRT, SIG_DFL); /* cmocka catches it */
                dup2(pipe_fds[1], STDERR_FILENO);
                close(pipe_fds[0]);
                log_open("tested");
                function();
                _exit(0);
        }
        close(pipe_fds[1]);
        for (ssize_t got; length + 1 < size && (got = read(pipe_fds[0], said + length, size - length - 1)) > 0;)
                length += (size_t)got;
        said[length] = '\0';
        close(pipe_fds[0]);
        assert_int_equal(waitpid(child, &status, 0), child);
        return status;
}

/* The precondition fires: the process aborts and names it. */
static inline void aborts(void (*function)(void), const char *words)
{
        char said[2048];
        int status = ends(function, said, sizeof(said));
        if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGABRT || strstr(said, words) == NULL)
                fail_msg("expected an abort that says \"%s\"; status %x, said: %s", words, (unsigned)status, said);
}

/* The environment does not allow it: exit status 1, and the reason. */
static inline void is_fatal(void (*function)(void), const char *words)
{
        char said[2048];
        int status = ends(function, said, sizeof(said));
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 1 || strstr(said, words) == NULL)
                fail_msg("expected exit 1 that says \"%s\"; status %x, said: %s", words, (unsigned)status, said);
}

#endif
