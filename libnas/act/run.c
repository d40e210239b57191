/* Running tools.
 * Rights: hands only; starts programs that root owns, with the hand's own capabilities and nothing else of it. */
#include "act/run.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "sys/activation.h"
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SLICE_MS = 2000 };

/* The program as a descriptor: root's, and nobody else can have written it. */
static int open_program(const char *path, struct failure *failure)
{
        struct stat status;
        CLEANUP_FD int fd = open(path, O_PATH | O_CLOEXEC | O_NOFOLLOW);
        if (fd < 0 || fstat(fd, &status) != 0)
                return failure_set(failure, FAILURE_FAILED, "", "Install it.", "%s: %s", path, strerror(errno));
        if (!S_ISREG(status.st_mode) || status.st_uid != 0 || (status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
                return failure_set(failure, FAILURE_FAILED, "", "", "%s is not a program of root's alone.", path);
        int result = fd;
        fd = -1;
        return result;
}

/* A pipe that already holds all of the input, so that nobody waits for anybody. */
static int input_pipe(const char *input)
{
        int ends[2];
        size_t length = input ? strlen(input) : 0;
        ASSERT(length <= RUN_INPUT_MAX);
        if (pipe2(ends, O_CLOEXEC) != 0)
                return -errno;
        int result = file_write_all(ends[1], input ? input : "", length);
        close(ends[1]);
        if (result == 0)
                return ends[0];
        close(ends[0]);
        return result;
}

static _Noreturn void become_tool(int program, const struct run *run, int input, pid_t parent)
{
        static const char *const environment[] = {"LANG=C.UTF-8", NULL};
        sigset_t none;
        sigemptyset(&none);
        if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent || chdir("/") != 0 ||
            setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0}) != 0 || dup2(input, STDIN_FILENO) < 0 ||
            dup2(run->output_fd, STDOUT_FILENO) < 0 || dup2(run->output_fd, STDERR_FILENO) < 0 ||
            syscall(SYS_close_range, 3u, ~0u, CLOSE_RANGE_CLOEXEC) != 0 ||
            sigprocmask(SIG_SETMASK, &none, NULL) != 0)
                _exit(126);
        umask(022);
        syscall(SYS_execveat, program, "", run->args, environment, AT_EMPTY_PATH);
        _exit(127);
}

/* Waits until the deadline, telling the supervisor that we live. */
static int wait_for(pid_t child, unsigned deadline_s, int *ret_status)
{
        CLEANUP_FD int fd = (int)syscall(SYS_pidfd_open, child, 0);
        uint64_t until = clock_boot_ms() + deadline_s * 1000ull;
        bool late = fd < 0;
        while (!late) {
                int ready = poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, SLICE_MS);
                if (ready > 0)
                        break;
                activation_notify("WATCHDOG=1");
                late = clock_boot_ms() >= until;
        }
        if (late)
                kill(child, SIGKILL);
        while (waitpid(child, ret_status, 0) < 0)
                if (errno != EINTR)
                        return -errno;
        return late ? -ETIMEDOUT : 0;
}

int run_tool(const struct run *run, struct failure *failure)
{
        ASSERT(run && run->args && run->args[0] && run->output_fd >= 0);
        CLEANUP_FD int program = open_program(run->args[0], failure);
        if (program < 0)
                return -1;
        CLEANUP_FD int input = input_pipe(run->input);
        if (input < 0)
                return failure_set(failure, FAILURE_FAILED, "", "", "pipe: %s", strerror(-input));
        pid_t parent = getpid();
        pid_t child = fork();
        if (child < 0)
                return failure_set(failure, FAILURE_FAILED, "", "", "fork: %s", strerror(errno));
        if (child == 0)
                become_tool(program, run, input, parent);
        int status = 0;
        int result = wait_for(child, run->deadline_s ? run->deadline_s : RUN_DEADLINE_S, &status);
        if (result != 0)
                return failure_set(failure, FAILURE_FAILED, "", "", "%s: %s", run->args[0], strerror(-result));
        if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
                return 0;
        return failure_set(failure, FAILURE_FAILED, "", "Its output says more.", "%s ended with %s %d.", run->args[0],
                           WIFEXITED(status) ? "status" : "signal",
                           WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
}
