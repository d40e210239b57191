/* Running tools: the very file that was looked at, with nothing around it.
 * Rights: hands only; starts programs that root owns, with the hand's own capabilities and nothing else of it. */
#include "act/parts.h"
#include "sys/activation.h"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

enum { DEADLINE_MS = 120 * 1000, SLICE_MS = 2000 };

/* The program as a descriptor: root's, and nobody else can have written it. */
static int open_program(const char *path)
{
        struct stat status;
        CLEANUP_FD int fd = open(path, O_PATH | O_CLOEXEC | O_NOFOLLOW);
        if (fd < 0 || fstat(fd, &status) != 0)
                return -errno;
        if (!S_ISREG(status.st_mode) || status.st_uid != 0 || (status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
                return -EPERM;
        return TAKE_FD(fd);
}

/* A pipe that already holds all of the input, so that nobody waits for anybody; what it cannot hold is refused. */
static int input_pipe(const char *input)
{
        int ends[2];
        if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
                return -errno;
        int result = input ? file_write_all(ends[1], input, strlen(input)) : 0;
        close(ends[1]);
        if (result == 0)
                return ends[0];
        close(ends[0]);
        return result;
}

static _Noreturn void become_tool(int program, const char *const *args, int input, int output, pid_t parent)
{
        static const char *const environment[] = {"LANG=C.UTF-8", NULL};
        sigset_t none;
        sigemptyset(&none);
        umask(022);
        signal(SIGPIPE, SIG_IGN); /* when nobody reads what it prints any more it is not to die in the middle */
        if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent ||
            setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0}) != 0 || dup2(input, STDIN_FILENO) < 0 ||
            dup2(output, STDOUT_FILENO) < 0 || dup2(output, STDERR_FILENO) < 0 ||
            syscall(SYS_close_range, 3u, ~0u, CLOSE_RANGE_CLOEXEC) != 0 || sigprocmask(SIG_SETMASK, &none, NULL) != 0)
                _exit(126);
        syscall(SYS_execveat, program, "", args, environment, AT_EMPTY_PATH);
        _exit(127);
}

/* Waits until the deadline, telling the supervisor that we live. */
static int wait_for(pid_t child, int *ret_status)
{
        CLEANUP_FD int fd = (int)syscall(SYS_pidfd_open, child, 0);
        uint64_t until_ms = clock_boot_ms() + DEADLINE_MS;
        bool late = fd < 0;
        while (!late && poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, SLICE_MS) <= 0) {
                activation_alive();
                late = clock_boot_ms() >= until_ms;
        }
        if (late)
                kill(child, SIGKILL);
        while (waitpid(child, ret_status, 0) < 0)
                if (errno != EINTR)
                        return -errno;
        return late ? -ETIMEDOUT : 0;
}

int act_run(const struct act_context *context, const char *const *args, const char *input, struct failure *failure)
{
        ASSERT(context && args && args[0]);
        CLEANUP_FD int program = open_program(args[0]);
        CLEANUP_FD int input_fd = program < 0 ? program : input_pipe(input);
        pid_t parent = getpid(), child = input_fd < 0 ? -1 : fork();
        if (child < 0)
                return failure_system(failure, FAILURE_FAILED, args[0], input_fd < 0 ? input_fd : -errno);
        if (child == 0)
                become_tool(program, args, input_fd, context->output_fd, parent);
        int status = 0;
        if (failure_system(failure, FAILURE_FAILED, args[0], wait_for(child, &status)) != 0)
                return -1;
        if (WIFEXITED(status) && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == context->operation->already))
                return 0;
        if (context->operation->refuses && WIFEXITED(status) && WEXITSTATUS(status) == 2)
                return failure_set(failure, FAILURE_INVALID, context->operation->refuses, "Try another.", "is wrong");
        return failure_set(failure, FAILURE_FAILED, "", FAILURE_SEE_OUTPUT, "%s ended with %s %d.", args[0],
                           WIFEXITED(status) ? "status" : "signal",
                           WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
}
