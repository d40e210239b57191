/* What is wanted and what there is, now: read at start, and again when the hand's files, a mount or a service change.
 * Rights: the shares clerk; reads the hand's files and /proc. */
#include "daemons/shares/clerk/shares.h"

#include "base/mem.h"
#include "sys/file.h"
#include "sys/folders.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SERVED_LENGTH = sizeof("/srv/") - 1 };
enum { AGAIN_MS = 20, MOUNTS_MAX = 1024 * 1024 };

static struct {
        int smb, nfs, services, proc, run;
        struct folders folders, accounts;
        char *mounts; /* as the kernel tells them */
} live;

int live_prepare(void)
{
        const int flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
        const uint32_t mask = IN_MOVED_TO | IN_CLOSE_WRITE | IN_DELETE | IN_ONLYDIR;
        live.smb = open(SMB_FOLDER, flags);
        live.nfs = open(NFS_FOLDER, flags);
        live.services = open(SERVICES_FOLDER, flags);
        live.proc = open("/proc", flags);
        live.run = open("/run/bulkhead", flags);
        if (live.smb < 0 || live.nfs < 0 || live.services < 0 || live.proc < 0 || live.run < 0)
                return -errno;
        int error = folders_open(&live.folders);
        if (error == 0)
                error = folders_add(&live.folders, SMB_FOLDER, mask);
        if (error == 0)
                error = folders_add(&live.folders, NFS_FOLDER, mask);
        if (error == 0)
                error = folders_add(&live.folders, SERVICES_FOLDER, mask);
        if (error == 0)
                error = folders_open(&live.accounts);
        if (error == 0)
                error = folders_add(&live.accounts, "/etc", IN_MOVED_TO | IN_ONLYDIR);
        if (error != 0)
                return error;
        smb_prepare(live.smb);
        nfs_prepare(live.nfs);
        smb_server_prepare(live.services);
        smb_clients_prepare(live.run);
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

static size_t pool_end(const char *path)
{
        return SERVED_LENGTH + strcspn(path + SERVED_LENGTH, "/");
}

const char *live_pool_of(const char *path, struct arena *arena)
{
        return arena_text(arena, path + SERVED_LENGTH, pool_end(path) - SERVED_LENGTH);
}

bool live_path_is_here(const char *path)
{
        char mounted[128];
        snprintf(mounted, sizeof(mounted), " / %.*s ", (int)pool_end(path), path);
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
        topic_changed(topics.nfs_exports);
        topic_changed(topics.nfs_export);
        topic_changed(topics.services);
        topic_changed(topics.service);
}

static void reload(void *context)
{
        (void)context;
        free(live.mounts);
        live.mounts = read_mounts();
        smb_reload();
        nfs_reload();
        smb_server_reload();
        tell(NULL);
}

void live_watch(void)
{
        folders_watch(&live.folders, clerk.loop, AGAIN_MS, reload, NULL); /* several files are replaced in one go */
        folders_watch(&live.accounts, clerk.loop, AGAIN_MS, smb_accounts_changed, NULL);
        services_watch(tell);
        reload(NULL);
}

void live_tick(void)
{
        char *mounts = read_mounts();
        bool same = mounts && live.mounts && strcmp(mounts, live.mounts) == 0;
        free(mounts);
        if (!same)
                reload(NULL);
}

void live_acted(loop_tick *done, void *context)
{
        reload(NULL);
        services_refresh(done, context);
}
