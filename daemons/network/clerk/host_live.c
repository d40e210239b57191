/* What bulkhead-host.service wrote down, read again when it is replaced.
 * Rights: the network clerk; reads the folder that its policy names. */
#include "daemons/network/clerk/network.h"

#include "base/log.h"
#include "base/mem.h"
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>

#define HOST_DIRECTORY "/run/bulkhead-host"
enum { STATE_MAX = 4096 };

static struct {
        int directory;
        struct arena *arena;
        struct host now;
} live = {.directory = -1};

void host_live_load(void)
{
        uint8_t *bytes = NULL;
        size_t length = 0;
        if (live.directory < 0 || file_read_below(live.directory, "state", STATE_MAX, &bytes, &length) != 0)
                return;
        struct arena *arena = arena_new();
        struct host host;
        if (host_read(arena_text(arena, (const char *)bytes, strnlen((const char *)bytes, length)), &host)) {
                arena_free(live.arena);
                live.arena = arena;
                live.now = host;
        } else {
                log_warn("what is known of the machine cannot be read");
                arena_free(arena);
        }
        free(bytes);
}

int host_live_prepare(const struct folders *folders)
{
        live.directory = open(HOST_DIRECTORY, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (live.directory < 0 && errno != ENOENT)
                return -errno;
        int error = folders_add(folders, HOST_DIRECTORY, IN_MOVED_TO);
        if (error == 0)
                host_live_load();
        return error;
}

const struct host *host_now(void)
{
        return &live.now;
}
