/* What certificates are to be fetched, and how the last attempt went, as the files say: the hand's settings and order,
 * the time of what was fetched, and what was said meanwhile. All of the last is hostile text.
 * Rights: the network clerk; reads the files that its policy names. */
#include "daemons/network/clerk/network.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "sys/file.h"
#include "sys/folders.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SETTINGS_MAX = 8192, LOG_MAX = 64 * 1024, MESSAGE_MAX = 2000 };

static struct {
        int settings, out, run; /* directories; -1: not there */
        struct arena *arena;
        struct acme now;
} live = {.settings = -1, .out = -1, .run = -1};

/* --- reading them --- */

static char *read_text(int directory, const char *name, size_t max)
{
        uint8_t *bytes = NULL;
        size_t length = 0;
        int error = directory >= 0 ? file_read_below(directory, name, max, &bytes, &length) : -ENOENT;
        if (error != 0 && error != -ENOENT)
                log_warn("%s: %s", name, strerror(-error));
        char *text = arena_text(live.arena, bytes ? (const char *)bytes : "", bytes ? strlen((const char *)bytes) : 0);
        free(bytes);
        return text;
}

static int64_t written_us(int directory, const char *name)
{
        struct stat status;
        if (directory < 0 || fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
                return 0;
        return (int64_t)status.st_mtim.tv_sec * 1000000 + status.st_mtim.tv_nsec / 1000;
}

/* The end of what was said, fit to be shown. */
static const char *shown(const char *message)
{
        size_t length = strlen(message), skipped = length > MESSAGE_MAX / 4 ? length - MESSAGE_MAX / 4 : 0;
        char *target = arena_alloc(live.arena, MESSAGE_MAX);
        while (skipped > 0 && skipped < length && ((unsigned char)message[skipped] & 0xc0) == 0x80)
                skipped++;
        text_escape(message + skipped, length - skipped, target, MESSAGE_MAX);
        return target;
}

void acme_live_load(void)
{
        arena_free(live.arena);
        live.arena = arena_new();
        struct acme acme = {.message = ""};
        acme.settled_us = written_us(live.settings, "settings");
        acme.ordered_us = written_us(live.settings, "order");
        acme.fetched_us = written_us(live.out, CERTIFICATE_CHAIN_FILE);
        char *settings = read_text(live.settings, "settings", SETTINGS_MAX);
        if (*settings && !acme_read_settings(settings, &acme))
                log_warn("the settings of what is fetched cannot be read");
        if (acme_read_log(read_text(live.run, "acme-log", LOG_MAX), &acme)) {
                acme.ended_us = written_us(live.run, "acme-log");
                acme.message = acme.good ? "" : shown(acme.message);
        }
        live.now = acme;
}

static int open_folder(const char *path, int *ret_fd)
{
        *ret_fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        return *ret_fd >= 0 || errno == ENOENT ? 0 : -errno;
}

int acme_live_prepare(const struct folders *folders)
{
        int error = open_folder("/var/lib/bulkhead/acme", &live.settings);
        if (error == 0)
                error = open_folder("/var/lib/bulkhead/acme-out", &live.out);
        if (error == 0)
                error = open_folder("/run/bulkhead", &live.run);
        if (error == 0)
                error = folders_add(folders, "/var/lib/bulkhead/acme", IN_MOVED_TO);
        if (error == 0)
                error = folders_add(folders, "/run/bulkhead/acme-log", IN_MODIFY);
        if (error == 0)
                acme_live_load();
        return error;
}

const struct acme *acme_now(void)
{
        return &live.now;
}

enum nas_network_acme_state acme_state(const struct acme *acme)
{
        ASSERT(acme);
        enum { PATIENCE_S = 600 };
        bool over = acme->ended_us > 0 && acme->ended_us >= acme->ordered_us;
        if (!over && now_s() - acme->ordered_us / 1000000 < PATIENCE_S)
                return NAS_NETWORK_ACME_STATE_ORDERED;
        return over && acme->good ? NAS_NETWORK_ACME_STATE_GOOD : NAS_NETWORK_ACME_STATE_FAILED;
}
