/* What rsync is told when a client asks for a daemon's modules ("nas::photos/"): each folder that is offered and that
 * who signed in may use is one, and no other is there, not even its name.
 *
 * Rights: those of the person who signed in; makes one file, which nobody else can read. rsync follows no link to what
 * is only in memory. */
#include "base/mem.h"
#include "sys/file.h"
#include "systemd/transfers/rsync.h"
#include "value/types.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Whose files and rights are the kernel's to judge, and links lead nowhere from where it is confined. */
#define SETTINGS "use chroot = no\nmunge symlinks = no\nread only = no\nlog file = /dev/null\n"

static int print(int settings, DIR *listing, const char *shown)
{
        int printed = dprintf(settings, SETTINGS);
        for (struct dirent *entry; printed > 0 && (entry = readdir(listing));) {
                const char *name = entry->d_name;
                if (name[0] != '.' && value_is(&value_share_name, name, strlen(name)) &&
                    faccessat(dirfd(listing), name, X_OK, 0) == 0)
                        printed = dprintf(settings, "[%s]\n\tpath = %s/%s\n", name, shown, name);
        }
        return printed > 0 ? 0 : -EIO;
}

int rsync_modules(const char *shown, const char *place, char ret_path[RSYNC_PATH_SIZE])
{
        char fresh[RSYNC_PATH_SIZE];
        snprintf(ret_path, RSYNC_PATH_SIZE, "%s/%u", place, getuid());
        snprintf(fresh, sizeof(fresh), "%s/%u.%d", place, getuid(), getpid());
        CLEANUP(listing_closep) DIR *listing = opendir(shown);
        CLEANUP_FD int settings = listing ? open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600) : -1;
        int result = settings < 0 ? -errno : print(settings, listing, shown);
        if (result == 0 && rename(fresh, ret_path) != 0)
                result = -errno;
        if (result != 0)
                unlink(fresh);
        return result;
}
