/* ZFS's own tool, started with words that were checked, and heard.
 * Rights: those of zfs-set (main.c). */
#include "systemd/zfs-set/tool.h"

#include "base/mem.h"
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SAID_MAX = 16 * 1024 * 1024, SAID_FIRST = 64 * 1024 };

/* In the child; quiet: what it complains of is of no interest. */
static void become(const char *const *words, int output, bool quiet)
{
        char *all[WORDS_MAX + 1] = {NULL}, *const none[] = {NULL};
        for (size_t i = 0; i < WORDS_MAX && words[i]; i++)
                all[i] = (char *)(uintptr_t)words[i];
        const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
        if (dup2(output < 0 ? nowhere : output, STDOUT_FILENO) >= 0 && (!quiet || dup2(nowhere, STDERR_FILENO) >= 0))
                execve(all[0], all, none);
        _exit(EXIT_FAILURE);
}

static int ended(pid_t child)
{
        int status;
        if (child < 0 || waitpid(child, &status, 0) != child)
                return -errno;
        return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EIO;
}

int tool_run(const char *const *words)
{
        pid_t child = fork();
        if (child == 0)
                become(words, -1, false);
        return ended(child);
}

static char *read_all(int from, struct arena *arena)
{
        size_t room = SAID_FIRST, length = 0;
        char *text = arena_alloc(arena, room);
        for (ssize_t got; (got = read(from, text + length, room - 1 - length)) != 0;) {
                length += got > 0 ? (size_t)got : 0;
                if (got < 0 || room > SAID_MAX)
                        return NULL;
                if (length < room - 1)
                        continue;
                char *more = arena_alloc(arena, room *= 2);
                memcpy(more, text, length);
                text = more;
        }
        text[length] = '\0';
        return text;
}

char *tool_hear(const char *const *words, struct arena *arena)
{
        int ends[2];
        if (pipe2(ends, O_CLOEXEC) != 0)
                return NULL;
        pid_t child = fork();
        if (child == 0)
                become(words, ends[1], true);
        close(ends[1]);
        char *text = child > 0 ? read_all(ends[0], arena) : NULL;
        close(ends[0]);
        return ended(child) == 0 ? text : NULL;
}

const char *tool_property(const char *name, const char *property, struct arena *arena)
{
        char *said = HEAR(arena, ZFS, "get", "-Hpo", "value", property, name);
        if (said)
                said[strcspn(said, "\n")] = '\0';
        return said ? said : "";
}

bool tool_knows(const char *name, struct arena *arena)
{
        return HEAR(arena, ZFS, "list", "-Ho", "name", name) != NULL;
}
