/* The certificates that lie on the machine: read at start, and again when one is replaced.
 * Rights: the network clerk; reads the chains in the folders of its policy and watches them. */
#include "daemons/network/clerk/network.h"

#include "base/log.h"
#include "base/mem.h"
#include "sys/file.h"
#include "sys/folders.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>

enum { AGAIN_MS = 20 };

static struct {
        struct {
                int directory;
                bool there;
                struct tls_facts facts;
        } places[PLACE_COUNT];
        struct folders folders;
        void (*changed)(void);
} live;

static const char *const paths[PLACE_COUNT] = {CERTIFICATE_INSTALLED, CERTIFICATE_SELF_SIGNED,
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
                log_warn("%s: %s", paths[place], strerror(-error));
        if (failure.code != FAILURE_NONE)
                log_warn("%s: the certificate %s", paths[place], failure.message);
        free(bytes);
}

int live_prepare(void)
{
        certificate_start();
        int error = folders_open(&live.folders);
        if (error != 0)
                return error;
        for (enum place place = 0; place < PLACE_COUNT; place++) {
                live.places[place].directory = open(paths[place], O_PATH | O_DIRECTORY | O_CLOEXEC);
                if (live.places[place].directory < 0 && errno != ENOENT)
                        return -errno;
                error = folders_add(&live.folders, paths[place], IN_MOVED_TO | IN_CLOSE_WRITE | IN_DELETE);
                if (error != 0)
                        return error;
                load(place);
        }
        error = acme_live_prepare(&live.folders);
        return error == 0 ? host_live_prepare(&live.folders) : error;
}

static void look_again(void *context)
{
        (void)context;
        live_reload();
}

void live_watch(void (*changed)(void))
{
        ASSERT(changed);
        live.changed = changed;
        folders_watch(&live.folders, clerk.loop, AGAIN_MS, look_again, NULL); /* several files are replaced in one go */
}

void live_reload(void)
{
        for (enum place place = 0; place < PLACE_COUNT; place++)
                load(place);
        acme_live_load();
        host_live_load();
        if (live.changed)
                live.changed();
}

const struct tls_facts *live_facts(enum place place)
{
        ASSERT(place < PLACE_COUNT);
        return live.places[place].there ? &live.places[place].facts : NULL;
}
