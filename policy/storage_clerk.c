/* All that the storage clerk may do.
 * Rights: none; data without functions. */
#include "policy/clerks.h"

static const struct process_path paths[] = {
        {"/run/bulkhead/trust", PATH_READ, "Keys and revocations, to check tickets"},
        {"/sys", PATH_READ, "Disks, who holds them, and what btrfs and md say of theirs"},
        {"/run/udev/data", PATH_READ, "What udev knows of each disk: hostile text"},
        {"/proc", PATH_READ, "What is mounted, and what is swapped to"},
        {"/srv", PATH_READ, "How much room a pool has"},
        /* The whole folder, because account files are replaced by renaming and a rule holds for one inode. */
        {"/etc", PATH_READ, "The names of those whom datasets belong to, and the pools that are wanted"},
        {"/var/lib/bulkhead/work", PATH_READ, "What became of the work on pools"},
        {"/var/lib/bulkhead/remotes", PATH_READ, "What other machines say, and which snapshots they have"},
        {"/run/bulkhead/quotas", PATH_READ, "Who has how much in pools that count it"},
        {"/run/bulkhead/tang-look", PATH_READ, "Which keys a Tang server says it has: hostile text"},
        {"/run/bulkhead/ceph", PATH_READ, "How much is in pools of Ceph clusters, and why one is not mounted"},
        {"/run/bulkhead/zfs-sets", PATH_READ, "File systems and snapshots in pools of ZFS: hostile names"},
        {"/run/bulkhead/zfs", PATH_READ, "What ZFS tells of its pools, and why one cannot be taken up: hostile text"},
        {"/run/bulkhead-carry", PATH_READ, "How far replication is"},
        {NULL, 0, NULL},
};

SYSCALL_GROUP(calls_storage,
              "How much room there is, where links in /sys lead, and the access lists of folders of ZFS's",
              __NR_fstatfs, __NR_readlinkat, __NR_lgetxattr);

static const struct syscall_group *const syscalls[] = {CLERK_CALLS, &calls_storage, NULL};

static const struct process_grant grants[] = {
        GRANTS_OF_OWN_SCHEMA("storage"),
        GRANTS_TO_WRITE_A_CHAIN("storage", "to write its chain", "append to its chain and find the head again"),
        {NULL, NULL, NULL},
};

static const struct process_fact facts[] = {MACHINE_FACTS};

const struct process_policy policy_storage_clerk = {
        CLERK_OF("storage"),
        .says = "Disks, pools, datasets, snapshots: looks, decides, asks its hand",
        .facts = facts,
        .files_max = 1536,
};
