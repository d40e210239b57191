/* Debian's ssh, with what the hand wrote about the other machine and nothing else: no settings of anybody's, no agent,
 * and only the host key that a person confirmed. What it says is kept in memory until it ended.
 * Rights: the one who sends to other machines; starts ssh and what makes keys for it. */
#include "daemons/storage/far/far.h"

#include "base/mem.h"
#include "daemons/storage/carrier/carrier.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { COMPLAINT_SIZE = 8192, NOT_CONNECTED = 255 };

static int memory(void)
{
        int fd = memfd_create("said", MFD_CLOEXEC);
        if (fd < 0)
                give_up("memory: %s", strerror(errno));
        return fd;
}

void program_start(struct ssh *ssh, const char *const *words, bool input)
{
        static const char *const environment[] = {"PATH=/usr/bin:/bin", "LANG=C.UTF-8", NULL};
        int ends[2] = {-1, -1};
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        *ssh = (struct ssh){.input = -1, .out = memory(), .err = memory()};
        if (input) {
                if (pipe2(ends, O_CLOEXEC) != 0)
                        give_up("pipe: %s", strerror(errno));
                ssh->input = ends[1];
                posix_spawn_file_actions_adddup2(&actions, ends[0], 0);
        } else {
                posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
        }
        posix_spawn_file_actions_adddup2(&actions, ssh->out, 1);
        posix_spawn_file_actions_adddup2(&actions, ssh->err, 2);
        int error = posix_spawn(&ssh->pid, words[0], &actions, NULL, (char *const *)words, (char *const *)environment);
        posix_spawn_file_actions_destroy(&actions);
        if (error != 0)
                give_up("%s: %s", words[0], strerror(error));
        if (ends[0] >= 0)
                close(ends[0]);
}

/* What is in it, cut at size; nothing is left of it. */
static void read_and_close(int fd, char *text, size_t size)
{
        ssize_t length = text && size > 0 ? pread(fd, text, size - 1, 0) : 0;
        if (text && size > 0)
                text[length > 0 ? length : 0] = '\0';
        close(fd);
}

bool program_end(struct ssh *ssh, char *out, size_t size, char why[WHY_SIZE])
{
        static char complaint[COMPLAINT_SIZE];
        int status = 0;
        if (ssh->input >= 0)
                close(ssh->input);
        while (waitpid(ssh->pid, &status, 0) < 0)
                if (errno != EINTR)
                        give_up("waitpid: %s", strerror(errno));
        read_and_close(ssh->out, out, size);
        read_and_close(ssh->err, complaint, sizeof(complaint));
        if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
                return true;
        said_why(complaint, !WIFEXITED(status) || WEXITSTATUS(status) != NOT_CONNECTED, why);
        return false;
}

void ssh_start(struct ssh *ssh, const char *remote, const char *command, bool input)
{
        char config[sizeof(REMOTES) + REMOTE_NAME_SIZE];
        snprintf(config, sizeof(config), REMOTES "/%s", remote);
        const char *const words[] = {"/usr/bin/ssh", "-F", config, "--", remote, command, NULL};
        program_start(ssh, words, input);
}

bool ssh_do(const char *remote, const char *command, char *out, size_t size, char why[WHY_SIZE])
{
        struct ssh ssh;
        ssh_start(&ssh, remote, command, false);
        return program_end(&ssh, out, size, why);
}
