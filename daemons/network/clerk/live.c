/* The certificates that lie on the machine: read at start, and again when one is replaced.
 * Rights: the network clerk; reads the chains in the folders of its policy and watches them. */
#include "daemons/network/clerk/network.h"

#include "base/log.h"
#include "base/mem.h"
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

enum { AGAIN_MS = 20 };

static struct {
        struct {
                int directory;
                bool there;
                struct tls_facts facts;
        } places[PLACE_COUNT];
        int watch_fd;
        struct loop_watch *again;
        void (*changed)(void);
} live = {.watch_fd = -1};

static const char *const folders[PLACE_COUNT] = {CERTIFICATE_INSTALLED, CERTIFICATE_SELF_SIGNED,
                                                 "/var/lib/bulkhead/acme-out"};

static void load(enum place place)
{
        uint8_t *bytes = NULL;
        size_t length = 0;
        struct failure failure = {.code = FAILURE_NONE};
        live.places[place].there = false;
        if (live.places[place].directory < 0)
                return;
        int error = file_read_below(live.places[place].directory, CERTIFICATE_CHAIN_FILE, CERTIFICATE_PEM_MAX, &bytes,
                                    &length);
        if (error == 0)
                live.places[place].there = certificate_read((const char *)bytes, length, "chain",
                                                            &live.places[place].facts, &failure) == 0;
        if (error != 0 && error != -ENOENT)
                log_warn("%s: %s", folders[place], strerror(-error));
        if (failure.code != FAILURE_NONE)
                log_warn("%s: the certificate %s", folders[place], failure.message);
        free(bytes);
}

int live_prepare(void)
{
        certificate_start();
        live.watch_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
        if (live.watch_fd < 0)
                return -errno;
        for (enum place place = 0; place < PLACE_COUNT; place++) {
                live.places[place].directory = open(folders[place], O_PATH | O_DIRECTORY | O_CLOEXEC);
                if (live.places[place].directory < 0 && errno != ENOENT)
                        return -errno;
                int error = live_watch_path(folders[place], IN_MOVED_TO | IN_CLOSE_WRITE | IN_DELETE);
                if (error != 0)
                        return error;
                load(place);
        }
        return acme_live_prepare();
}

int live_watch_path(const char *path, uint32_t mask)
{
        return inotify_add_watch(live.watch_fd, path, mask) >= 0 || errno == ENOENT ? 0 : -errno;
}

static void read_again(void *context)
{
        (void)context;
        loop_unwatch(TAKE(live.again));
        live_reload();
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

void live_watch(void (*changed)(void))
{
        ASSERT(changed);
        live.changed = changed;
        loop_fd(clerk.loop, live.watch_fd, LOOP_READ, on_event, NULL);
}

void live_reload(void)
{
        for (enum place place = 0; place < PLACE_COUNT; place++)
                load(place);
        acme_live_load();
        if (live.changed)
                live.changed();
}

const struct tls_facts *live_facts(enum place place)
{
        ASSERT(place < PLACE_COUNT);
        return live.places[place].there ? &live.places[place].facts : NULL;
}
