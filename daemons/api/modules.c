/* Which modules are enabled: read at the start, with the contracts. When others are, the process ends as when it is
 * asked to: what was begun is answered, what comes meanwhile waits at the sockets, and its successor reads anew.
 * Rights: the front end; looks when the folder of enabled modules was changed. */
#include "daemons/api/parts.h"

#include "base/log.h"

#include <signal.h>
#include <sys/inotify.h>
#include <sys/stat.h>

static struct timespec seen;

static struct timespec changed(void)
{
        struct stat status = {0};

        (void)stat(MODULES_ENABLED, &status);
        return status.st_mtim;
}

int modules_prepare(const struct folders *folders)
{
        int error = folders_add(folders, MODULES_ENABLED, IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE);

        seen = changed();
        return error;
}

void modules_look(void)
{
        struct timespec now = changed();

        if (now.tv_sec == seen.tv_sec && now.tv_nsec == seen.tv_nsec)
                return;
        seen = now;
        log_info("modules came or went: begins anew");
        raise(SIGTERM);
}
