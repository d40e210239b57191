/* Folders watched for changes, by inotify.
 * Rights: clerks; the folders that they may read. */
#include "sys/folders.h"

#include "base/log.h"
#include "base/mem.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <sys/inotify.h>
#include <unistd.h>

int folders_open(struct folders *folders)
{
        ASSERT(folders);
        *folders = (struct folders){.fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC)};
        return folders->fd >= 0 ? 0 : -errno;
}

int folders_add(const struct folders *folders, const char *path, uint32_t mask)
{
        ASSERT(folders && path);
        return inotify_add_watch(folders->fd, path, mask) >= 0 || errno == ENOENT ? 0 : -errno;
}

static void tell(void *context)
{
        struct folders *folders = context;
        loop_unwatch(TAKE(folders->later));
        folders->changed(folders->context);
}

/* A file that is still being written has a name that begins with a dot. */
static bool is_about_a_file(const char *events, size_t length)
{
        const struct inotify_event *event;
        for (size_t at = 0; at < length; at += sizeof(*event) + event->len) {
                event = (const struct inotify_event *)(const void *)(events + at);
                if (event->len == 0 || event->name[0] != '.')
                        return true;
        }
        return false;
}

static void on_event(int fd, unsigned events, void *context)
{
        _Alignas(struct inotify_event) char buffer[16 * (sizeof(struct inotify_event) + NAME_MAX + 1)];
        struct folders *folders = context;
        bool changed = false;
        (void)events;
        for (ssize_t got; (got = read(fd, buffer, sizeof(buffer))) > 0;)
                changed = is_about_a_file(buffer, (size_t)got) || changed;
        if (changed && !folders->later)
                folders->later = loop_timer(folders->loop, folders->after_ms, tell, folders);
}

void folders_watch(struct folders *folders, struct loop *loop, unsigned after_ms, loop_tick *changed, void *context)
{
        ASSERT(folders && loop && changed);
        folders->loop = loop;
        folders->after_ms = after_ms;
        folders->changed = changed;
        folders->context = context;
        folders->watch = loop_fd(loop, folders->fd, LOOP_READ, on_event, folders);
}
