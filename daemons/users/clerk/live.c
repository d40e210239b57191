/* The accounts now: read from /etc, and again when a file there is replaced (the tools rename a new one into place).
 * Rights: the users clerk; reads /etc/passwd and /etc/group and watches /etc. */
#include "daemons/users/clerk/accounts.h"

#include "base/log.h"
#include "base/mem.h"
#include "serve/clerk.h"
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

static struct {
        struct accounts *now;
        int directory, watch_fd;
        void (*changed)(void);
} live = {.directory = -1, .watch_fd = -1};

static void close_file(FILE **file)
{
        if (*file)
                fclose(*file);
}

static FILE *open_file(const char *name)
{
        int fd = file_open_below(live.directory, name, O_RDONLY, 0);
        FILE *file = fd >= 0 ? fdopen(fd, "r") : NULL;
        if (!file && fd >= 0)
                close(fd);
        return file;
}

/* What cannot be read changes nothing: the last state stays, and the log says so. */
static bool load(void)
{
        CLEANUP(close_file) FILE *passwd = open_file("passwd");
        CLEANUP(close_file) FILE *group = open_file("group");
        struct accounts *accounts = passwd && group ? accounts_parse(passwd, group) : NULL;
        if (!accounts)
                return false;
        accounts_free(live.now);
        live.now = accounts;
        return true;
}

int accounts_prepare(void)
{
        live.directory = open("/etc", O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (live.directory < 0)
                return -errno;
        live.watch_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
        if (live.watch_fd < 0 || inotify_add_watch(live.watch_fd, "/etc", IN_MOVED_TO | IN_CLOSE_WRITE) < 0)
                return -errno;
        return load() ? 0 : -EIO;
}

static void on_event(int fd, unsigned events, void *context)
{
        _Alignas(struct inotify_event) char buffer[16 * (sizeof(struct inotify_event) + NAME_MAX + 1)];
        bool ours = false;
        (void)events;
        (void)context;
        for (ssize_t got; (got = read(fd, buffer, sizeof(buffer))) > 0;)
                for (char *at = buffer; at < buffer + got;) {
                        const struct inotify_event *event = (const void *)at;
                        ours = ours || (event->mask & IN_Q_OVERFLOW) ||
                               (event->len > 0 &&
                                (strcmp(event->name, "passwd") == 0 || strcmp(event->name, "group") == 0));
                        at += sizeof(*event) + event->len;
                }
        if (ours)
                accounts_reload();
}

void accounts_watch(void (*changed)(void))
{
        ASSERT(live.now && changed);
        live.changed = changed;
        loop_fd(clerk.loop, live.watch_fd, LOOP_READ, on_event, NULL);
}

const struct accounts *accounts_now(void)
{
        ASSERT(live.now);
        return live.now;
}

void accounts_reload(void)
{
        if (!load())
                log_warn("the account files cannot be read; going on with what they said before");
        else if (live.changed)
                live.changed();
}
