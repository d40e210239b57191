/* All that the shares clerk may do.
 * Rights: none; data without functions. */
#include "policy/clerks.h"

static const struct process_path paths[] = {
        {"/run/bulkhead/trust", PATH_READ, "Keys and revocations, to check tickets"},
        {"/proc", PATH_READ, "Which pools are mounted"},
        {"/run/bulkhead/smb-look", PATH_READ, "Who uses shares over SMB, as Samba says: hostile text"},
        {"/run/bulkhead/quotas-of", PATH_READ, "How much somebody has in a pool that counts it"},
        {"/run/bulkhead/nfs-look", PATH_READ, "Who uses exports over NFS, as the server says: hostile text"},
        {"/run/bulkhead/nfs-check", PATH_READ, "Why the NFS server's own checker refuses an export"},
        {"/run/bulkhead/directory-look", PATH_READ, "Which numbers people of the directory have: hostile text"},
        {"/run/bulkhead/directory-check", PATH_READ, "Why a directory cannot be asked"},
        {"/run/bulkhead/ceph", PATH_READ, "Which pools of Ceph clusters do not answer"},
        {"/run/bulkhead/domain-look", PATH_READ, "What Samba says of the domain: hostile text"},
        {"/run/bulkhead/domain-join", PATH_READ, "Why a domain could not be joined"},
        {"/run/log/journal", PATH_READ, "What the services said"},
        {"/var/log/journal", PATH_READ, "the same, where it is kept"},
        /* The whole folder, because account files are replaced by renaming and a rule holds for one inode. */
        {"/etc", PATH_READ, "The names of those who may use a share, and the shares that are wanted"},
        {NULL, 0, NULL},
};

SYSCALL_GROUP(calls_bus, "What libsystemd asks of its connection to the bus (Debian 13)", __NR_getpeername);

static const struct syscall_group *const syscalls[] = {CLERK_CALLS, &calls_bus, NULL};

static const struct process_grant grants[] = {
        GRANTS_OF_OWN_SCHEMA("shares"),
        GRANTS_TO_WRITE_A_CHAIN("shares", "to write its chain", "append to its chain and find the head again"),
        {NULL, NULL, NULL},
};

/* The journal's files are its. */
static const char *const groups[] = {"systemd-journal", NULL};

const struct process_policy policy_shares_clerk = {
        CLERK_OF("shares"),
        .says = "What is offered to the network, and to whom: looks, decides, asks its hand",
        .groups = groups,
        .files_max = 1536,
};
