/* The terminal: how wide, whether a person is there, questions and secrets.
 * Rights: the command line, as whoever runs it; reads and writes the terminal and descriptors given. */
#include "cli/terminal.h"

#include "base/crypto.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 4096 };

bool terminal_asks(void)
{
        return isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1;
}

bool terminal_shows(void)
{
        return isatty(STDOUT_FILENO) == 1;
}

bool terminal_colours(void)
{
        const char *kind = getenv("TERM"), *none = getenv("NO_COLOR");
        return terminal_shows() && (none == NULL || *none == '\0') && kind != NULL && strcmp(kind, "dumb") != 0;
}

size_t terminal_width(void)
{
        struct winsize size;

        if (!terminal_shows())
                return 0;
        if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
                return 80;
        return size.ws_col;
}

/* Byte by byte, so that what follows stays for the next who reads. */
static const char *read_line(struct arena *arena, int fd)
{
        char line[LINE_MAX_BYTES];
        size_t length = 0;

        for (;;) {
                char c;
                ssize_t got = read(fd, &c, 1);
                if (got < 0 && errno == EINTR)
                        continue;
                if (got < 0 || (got == 0 && length == 0) || length == sizeof(line))
                        return NULL;
                if (got == 0 || c == '\n')
                        break;
                line[length++] = c;
        }
        if (memchr(line, '\0', length) != NULL)
                return NULL;
        const char *text = arena_text(arena, line, length);
        crypto_wipe(line, sizeof(line));
        return text;
}

const char *line_ask(struct arena *arena, const char *question)
{
        ASSERT(arena != NULL && question != NULL);
        fprintf(stderr, "%s", question);
        fflush(stderr);
        return read_line(arena, STDIN_FILENO);
}

const char *secret_from_fd(struct arena *arena, int fd)
{
        ASSERT(arena != NULL);
        return read_line(arena, fd);
}

static const char *ask_once(struct arena *arena, const char *what, const char *again)
{
        struct termios before, silent;

        if (tcgetattr(STDIN_FILENO, &before) < 0)
                return NULL;
        silent = before;
        silent.c_lflag &= ~(tcflag_t)ECHO;
        if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) < 0) /* before the question: whoever is quick stays unseen */
                return NULL;
        fprintf(stderr, "%s%s: ", what, again);
        fflush(stderr);
        const char *text = read_line(arena, STDIN_FILENO);
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
        fprintf(stderr, "\n");
        return text;
}

const char *secret_ask(struct arena *arena, const char *what, bool twice)
{
        ASSERT(arena != NULL && what != NULL);
        const char *text = ask_once(arena, what, "");

        if (text == NULL || !twice)
                return text;
        const char *again = ask_once(arena, what, " again");
        return again != NULL && strcmp(text, again) == 0 ? text : NULL;
}
