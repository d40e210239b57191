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

/* A file that is still being written has a name that begins with a dot. True: there was another. */
static bool read_events(const struct folders *folders, const char *events, size_t length)
{
        const struct inotify_event *event;
        bool changed = false;
        for (size_t at = 0; at < length; at += sizeof(*event) + event->len) {
                event = (const struct inotify_event *)(const void *)(events + at);
                if (event->len > 0 && event->name[0] == '.')
                        continue;
                changed = true;
                if (folders->named)
                        folders->named(event->len > 0 ? event->name : NULL, folders->context);
        }
        return changed;
}

void folders_read(struct folders *folders)
{
        ASSERT(folders && folders->loop);
        _Alignas(struct inotify_event) char buffer[16 * (sizeof(struct inotify_event) + NAME_MAX + 1)];
        bool changed = false;
        for (ssize_t got; (got = read(folders->fd, buffer, sizeof(buffer))) > 0;)
                changed = read_events(folders, buffer, (size_t)got) || changed;
        if (changed && !folders->later)
                folders->later = loop_timer(folders->loop, folders->after_ms, tell, folders);
}

static void on_event(int fd, unsigned events, void *context)
{
        (void)fd;
        (void)events;
        folders_read(context);
}

void folders_name(struct folders *folders, void (*named)(const char *name, void *context))
{
        ASSERT(folders && named && !folders->loop);
        folders->named = named;
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
