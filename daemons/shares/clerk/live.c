/* What is wanted and what there is, now: read at start, and again when the hand's files, a mount or a service change.
 * Rights: the shares clerk; reads the hand's files. */
#include "daemons/shares/clerk/kept.h"
#include "daemons/shares/clerk/shares.h"

#include "sys/folders.h"

#include <fcntl.h>
#include <sys/inotify.h>

enum { AGAIN_MS = 20 };

static struct {
        int smb, nfs, transfers, services, run;
        struct folders folders, accounts;
} live;

int live_prepare(void)
{
        const int flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
        const uint32_t mask = IN_MOVED_TO | IN_MOVED_FROM | IN_CLOSE_WRITE | IN_DELETE | IN_ONLYDIR;
        live.smb = open(SMB_FOLDER, flags);
        live.nfs = open(NFS_FOLDER, flags);
        live.transfers = open(TRANSFERS_FOLDER, flags);
        live.services = open(SERVICES_FOLDER, flags);
        live.run = open("/run/bulkhead", flags);
        if (live.smb < 0 || live.nfs < 0 || live.transfers < 0 || live.services < 0 || live.run < 0)
                return -errno;
        int error = folders_open(&live.folders);
        if (error == 0)
                error = folders_add(&live.folders, SMB_FOLDER, mask);
        if (error == 0)
                error = folders_add(&live.folders, NFS_FOLDER, mask);
        if (error == 0)
                error = folders_add(&live.folders, TRANSFERS_FOLDER, mask);
        if (error == 0)
                error = folders_add(&live.folders, SERVICES_FOLDER, mask);
        if (error == 0)
                error = folders_open(&live.accounts);
        if (error == 0)
                error = folders_add(&live.accounts, "/etc", IN_MOVED_TO | IN_ONLYDIR);
        if (error == 0)
                error = mounts_prepare();
        if (error != 0)
                return error;
        smb_prepare(live.smb);
        nfs_prepare(live.nfs);
        transfers_prepare(live.transfers);
        smb_clients_prepare(live.run);
        nfs_check_prepare(live.run);
        explain_limits_prepare(live.run);
        nfs_clients_prepare(live.run);
        services_prepare(live.services);
        domain_prepare(live.run);
        directory_prepare(live.run);
        return 0;
}

/* --- all of it --- */

/* What is offered depends on what runs. */
static void tell(void *context)
{
        (void)context;
        smb_forget();
        topic_changed(topics.smb_shares);
        topic_changed(topics.smb_share);
        topic_changed(topics.smb_server);
        topic_changed(topics.ftp_server);
        topic_changed(topics.nfs_exports);
        topic_changed(topics.nfs_export);
        topic_changed(topics.transfers);
        topic_changed(topics.transfer);
        topic_changed(topics.services);
        topic_changed(topics.service);
}

static void reload(void *context)
{
        (void)context;
        smb_reload();
        nfs_reload();
        transfers_reload();
        smb_server_reload();
        tell(NULL);
}

static void accounts_changed(void *context)
{
        (void)context;
        smb_accounts_changed();
        transfers_accounts_changed();
}

static void touched(const char *name, void *context)
{
        (void)context;
        kept_touched(name);
}

void live_watch(void)
{
        folders_name(&live.folders, touched);
        folders_watch(&live.folders, clerk.loop, AGAIN_MS, reload, NULL); /* several files are replaced in one go */
        folders_watch(&live.accounts, clerk.loop, AGAIN_MS, accounts_changed, NULL);
        services_watch(tell);
        mounts_watch(tell);
        kept_touched(NULL);
        reload(NULL);
}

void live_acted(const struct plan *plan, loop_tick *done, void *context)
{
        folders_read(&live.folders);
        domain_acted(plan);
        directory_acted(plan);
        reload(NULL);
        services_refresh(done, context);
}
