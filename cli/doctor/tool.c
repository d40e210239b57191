/* Asking a program of this machine: an absolute path, an empty environment, no input, an end after some seconds. What
 * it prints is text that the doctor looks at and shows; nothing is done because of it.
 * Rights: part of the doctor, as root; starts what the tables name, and may become a lesser user for it. */
#include "cli/doctor/doctor.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { EXIT_NOT_STARTED = 127 };

static _Noreturn void become(const struct tool *tool, const struct passwd *user, int output)
{
        static const char *const environment[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", NULL};
        int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
        if (dup2(null, 0) < 0 || dup2(output, 1) < 0 || dup2(output, 2) < 0 || chdir("/") < 0)
                _exit(EXIT_NOT_STARTED);
        if (user != NULL &&
            (initgroups(user->pw_name, user->pw_gid) < 0 || setgid(user->pw_gid) < 0 || setuid(user->pw_uid) < 0))
                _exit(EXIT_NOT_STARTED);
        execve(tool->words[0], (char *const *)(uintptr_t)tool->words, (char *const *)(uintptr_t)environment);
        _exit(EXIT_NOT_STARTED);
}

/* Until it closes its outputs or time is up; false: time is up. */
static bool collect(int fd, uint64_t until_ms, char *said, size_t *length)
{
        for (;;) {
                uint64_t now = clock_boot_ms();
                struct pollfd polled = {.fd = fd, .events = POLLIN};
                if (now >= until_ms)
                        return false;
                if (poll(&polled, 1, (int)(until_ms - now)) <= 0)
                        continue;
                char rest[4096];
                size_t room = TOOL_BYTES_MAX - *length;
                ssize_t got = read(fd, room > 0 ? said + *length : rest, room > 0 ? room : sizeof(rest));
                if (got <= 0)
                        return true;
                *length += room > 0 ? (size_t)got : 0;
        }
}

int tool_run(struct arena *arena, const struct tool *tool, const char **ret_said)
{
        ASSERT(arena != NULL && tool != NULL && tool->words[0][0] == '/' && tool->seconds > 0);
        CLEANUP_FD int reading = -1;
        int ends[2], status = 0;
        char *said = arena_alloc(arena, TOOL_BYTES_MAX + 1);
        size_t length = 0;
        const struct passwd *user = tool->user != NULL ? getpwnam(tool->user) : NULL;
        *ret_said = "";
        if (access(tool->words[0], X_OK) < 0 || (tool->user != NULL && user == NULL) || pipe2(ends, O_CLOEXEC) < 0)
                return TOOL_MISSING;
        reading = ends[0];
        pid_t child = fork();
        if (child == 0)
                become(tool, user, ends[1]);
        close(ends[1]);
        if (child < 0)
                return TOOL_MISSING;
        bool ended = collect(reading, clock_boot_ms() + tool->seconds * 1000ull, said, &length);
        if (!ended)
                kill(child, SIGKILL);
        while (waitpid(child, &status, 0) < 0 && errno == EINTR)
                continue;
        *ret_said = arena_text(arena, said, strnlen(said, length));
        if (!ended)
                return TOOL_HUNG;
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
