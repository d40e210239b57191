/* bulkhead-rsync-shell: what accounts have for a shell where rsync is served over SSH (systemd/bulkhead-rsync.service
 * has it in the place of every shell). It becomes "rsync --server", or the same with the modules of a daemon, and
 * nothing else, in the folder with what is offered by rsync, and can then open nothing outside of it: Landlock sees to
 * that, whatever rsync is told and however it follows links.
 *
 * Rights: those of the person who signed in, and of these only what is below. */
#include "base/mem.h"
#include "jail/jail.h"
#include "jail/jail_parts.h"
#include "systemd/transfers/rsync.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define SHOWN "/run/bulkhead/transfers/rsync"
#define TOLD  "/run/bulkhead-rsync"
enum { WORDS_MAX = 256 };

static const struct process_path paths[] = {
        {"/usr/bin/rsync", PATH_READ | PATH_EXECUTE, "what it becomes"},
        {"/usr/lib", PATH_READ | PATH_EXECUTE, "libraries"},
        {"/usr/lib64", PATH_READ | PATH_EXECUTE, "what loads them"},
        {"/dev/null", PATH_READ | PATH_WRITE, "rsync opens it"},
        {SHOWN, PATH_READ | PATH_WRITE, "what is offered by rsync"},
        {TOLD, PATH_READ, "which modules rsync has"},
        {NULL, 0, NULL},
};
static const struct process_policy confined = {.name = "rsync-shell", .paths = paths};

/* Words as a shell would have them, of which a client has made one line: blanks part them, but behind a backslash.
 * Nothing is looked up and nothing is run. How many; 0: too many. */
static size_t words_of(char *line, char *ret_words[WORDS_MAX])
{
        size_t count = 0;
        char *from = line, *to = line;
        while (*from != '\0') {
                from += strspn(from, " ");
                if (*from == '\0')
                        break;
                if (count == WORDS_MAX - 1)
                        return 0;
                ret_words[count++] = to;
                for (; *from != '\0' && *from != ' '; from++) {
                        if (*from == '\\' && from[1] != '\0')
                                from++;
                        *to++ = *from;
                }
                from += *from == ' ';
                *to++ = '\0';
        }
        ret_words[count] = NULL;
        return count;
}

/* Everything is below that folder, also what begins with a slash. */
static char *below(char *path)
{
        static char here[] = ".";
        path += strspn(path, "/");
        return *path == '\0' ? here : path;
}

/* "nas::photos/": exactly what clients say then; which modules there are is said here. */
static bool is_daemon(char *words[WORDS_MAX], size_t count)
{
        static const char *const said[] = {"rsync", "--server", "--daemon", "."};
        bool same = count == ARRAY_SIZE(said);
        for (size_t i = 0; same && i < count; i++)
                same = strcmp(words[i], said[i]) == 0;
        return same;
}

static bool is_served(char *words[WORDS_MAX], size_t count)
{
        bool options = true;
        if (count < 4 || strcmp(words[0], "rsync") != 0 || strcmp(words[1], "--server") != 0)
                return false;
        for (size_t i = 2; i < count; i++) {
                if (!options)
                        words[i] = below(words[i]);
                else if (strcmp(words[i], "--daemon") == 0 || strncmp(words[i], "--config", strlen("--config")) == 0)
                        return false;
                options = options && strcmp(words[i], ".") != 0;
        }
        return !options;
}

/* Words that have their modules in them; false: there are none to be had. */
static bool tell_modules(char *words[WORDS_MAX])
{
        static char config[RSYNC_PATH_SIZE + sizeof("--config=")], here[] = ".";
        char path[RSYNC_PATH_SIZE];
        if (rsync_modules(SHOWN, TOLD, path) != 0)
                return false;
        snprintf(config, sizeof(config), "--config=%s", path);
        words[3] = config;
        words[4] = here;
        words[5] = NULL;
        return true;
}

int main(int argc, char **argv)
{
        static char *words[WORDS_MAX], *none[] = {NULL};
        struct failure failure;
        const size_t count = argc == 3 && strcmp(argv[1], "-c") == 0 ? words_of(argv[2], words) : 0;
        const bool daemon = is_daemon(words, count);
        if (!daemon && !is_served(words, count)) {
                fprintf(stderr, "Only rsync is served here.\n");
                return 1;
        }
        if (daemon && !tell_modules(words)) {
                fprintf(stderr, "What is offered by rsync cannot be listed.\n");
                return 1;
        }
        umask(007);
        if (getuid() == 0 || jail_degraded() || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || chdir(SHOWN) != 0 ||
            landlock_enter(&confined, &failure) != 0) {
                fprintf(stderr, "What is served by rsync cannot be closed off here.\n");
                return 1;
        }
        execve("/usr/bin/rsync", words, none);
        fprintf(stderr, "rsync: %s\n", strerror(errno));
        return 1;
}
