/* Whether the server can do what an export asks of it, before it is told: Kerberos here, all else by the kernel's
 * server's own checker, which a unit runs (bulkhead-nfs-check@.service).
 * Rights: the shares clerk; looks whether two files are there, and reads what that unit wrote. */
#include "daemons/shares/clerk/shares.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "sys/file.h"
#include "value/nfs.h"

#include <string.h>
#include <sys/stat.h>

#define KEYTAB "/etc/krb5.keytab"
enum { SAID_MAX = 16 * 1024 };

static int folder = -1;

void nfs_check_prepare(int run)
{
        folder = run;
}

static bool wants_kerberos(const nfs_export *export)
{
        struct nfs_client client;
        for (size_t i = 0; i < export->clients_count; i++)
                if (nfs_client_read(export->clients[i], strlen(export->clients[i]), &client) &&
                    (client.security & ~(1u << NFS_SYS)) != 0)
                        return true;
        return false;
}

int nfs_security_fits(const nfs_export *export, struct failure *failure)
{
        struct stat status;
        ASSERT(export && failure);
        if (!wants_kerberos(export))
                return 0;
        if (!nfs_by_kernel())
                return failure_set(
                        failure, FAILURE_CONFLICT, "clients", "Say sec=sys, or serve from a machine of its own.",
                        "Only the kernel's NFS server proves by Kerberos who asks, and it does not serve here.");
        if (stat(KEYTAB, &status) == 0 && status.st_size > 0)
                return 0;
        return failure_set(failure, FAILURE_CONFLICT, "clients",
                           "Have the realm make a key for nfs/NAME of this machine, and put it there.",
                           "Kerberos needs this machine's keys in %s, which is not there.", KEYTAB);
}

/* "exportfs: WHAT": the first that is no warning. */
static const char *refusal(char *said)
{
        static const char who[] = "exportfs: ";
        for (char *line; (line = strsep(&said, "\n"));)
                if (strncmp(line, who, strlen(who)) == 0 && text_printable(line, strlen(line)))
                        return line + strlen(who);
        return NULL;
}

void nfs_check_explain(char *said, struct failure *failure)
{
        ASSERT(said && failure);
        static const char unknown[] = "Failed to resolve ";
        const char *why = refusal(said);
        if (!why)
                return;
        if (strncmp(why, unknown, strlen(unknown)) == 0)
                failure_set(failure, FAILURE_INVALID, "clients", "Give its address, or have the name servers know it.",
                            "No name server that this machine asks knows %s.", why + strlen(unknown));
        else
                failure_set(failure, FAILURE_INVALID, "clients",
                            "The system's journal says more (journalctl -u bulkhead-nfs-check@*).",
                            "The NFS server's own checker refuses it: %s", why);
}

void nfs_explain(struct failure *failure, void *context)
{
        (void)context;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        char *said = folder >= 0 && strstr(failure->message, "bulkhead-nfs-check@")
                             ? file_text_below(folder, "nfs-check", SAID_MAX, arena)
                             : NULL;
        if (said)
                nfs_check_explain(said, failure);
}
