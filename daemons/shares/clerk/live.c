/* What is wanted and what there is, now: read at start, and again when the hand's files, a mount or a service change.
 * Rights: the shares clerk; reads the hand's files and /proc. */
#include "daemons/shares/clerk/shares.h"

#include "base/mem.h"
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

enum { AGAIN_MS = 20, MOUNTS_MAX = 1024 * 1024 };

static struct {
        int smb, services, proc, watch_fd;
        struct loop_watch *again;
        char *mounts; /* as the kernel tells them */
} live = {.watch_fd = -1};

int live_prepare(void)
{
        const int flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
        const uint32_t mask = IN_MOVED_TO | IN_CLOSE_WRITE | IN_DELETE | IN_ONLYDIR;
        live.smb = open(SMB_FOLDER, flags);
        live.services = open(SERVICES_FOLDER, flags);
        live.proc = open("/proc", flags);
        live.watch_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
        if (live.smb < 0 || live.services < 0 || live.proc < 0 || live.watch_fd < 0 ||
            inotify_add_watch(live.watch_fd, SMB_FOLDER, mask) < 0 ||
            inotify_add_watch(live.watch_fd, SERVICES_FOLDER, mask) < 0)
                return -errno;
        smb_prepare(live.smb);
        smb_server_prepare(live.services);
        services_prepare(live.services);
        return 0;
}

/* --- pools --- */

static char *read_mounts(void)
{
        uint8_t *bytes = NULL;
        size_t length = 0;
        CLEANUP_FD int fd = openat(live.proc, "self", O_PATH | O_DIRECTORY | O_CLOEXEC);
        return fd >= 0 && file_read_below(fd, "mountinfo", MOUNTS_MAX, &bytes, &length) == 0 ? (char *)bytes : NULL;
}

bool live_path_is_here(const char *path)
{
        const char *pool = path + strlen("/srv/");
        char mounted[128];
        snprintf(mounted, sizeof(mounted), " / /srv/%.*s ", (int)strcspn(pool, "/"), pool);
        return live.mounts && strstr(live.mounts, mounted) != NULL;
}

/* --- all of it --- */

/* What is offered depends on what runs. */
static void tell(void *context)
{
        (void)context;
        topic_changed(topics.smb_shares);
        topic_changed(topics.smb_share);
        topic_changed(topics.smb_server);
        topic_changed(topics.services);
        topic_changed(topics.service);
}

static void reload(void)
{
        free(live.mounts);
        live.mounts = read_mounts();
        smb_reload();
        smb_server_reload();
        tell(NULL);
}

static void read_again(void *context)
{
        (void)context;
        loop_unwatch(TAKE(live.again));
        reload();
}

/* What changed is not looked at. Several files are replaced in one go: read once, a moment later. */
static void on_event(int fd, unsigned events, void *context)
{
        _Alignas(struct inotify_event) char buffer[16 * (sizeof(struct inotify_event) + NAME_MAX + 1)];
        (void)events;
        (void)context;
        while (read(fd, buffer, sizeof(buffer)) > 0)
                ;
        if (!live.again)
                live.again = loop_timer(clerk.loop, AGAIN_MS, read_again, NULL);
}

void live_watch(void)
{
        loop_fd(clerk.loop, live.watch_fd, LOOP_READ, on_event, NULL);
        services_watch(tell);
        reload();
}

void live_tick(void)
{
        char *mounts = read_mounts();
        bool same = mounts && live.mounts && strcmp(mounts, live.mounts) == 0;
        free(mounts);
        if (!same)
                reload();
}

void live_acted(loop_tick *done, void *context)
{
        reload();
        services_refresh(done, context);
}
