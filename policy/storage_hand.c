/* All that the storage hand may do, beside its operations (policy/storage_operations.c). It mounts nothing: PID 1 does,
 * when polkit's rules (made from the operations) allow this user to ask for it.
 * Rights: none; data without functions. */
#include "policy/policies.h"

#include <linux/capability.h>
#include <stddef.h>

static const struct process_capability capabilities[] = {
        {CAP_CHOWN, "a dataset is given to its owner"},
        {CAP_DAC_OVERRIDE, "disks, and folders that belong to others"},
        {CAP_FOWNER, "modes of datasets that belong to others"},
        {CAP_FSETID, "folders that a group shares keep the bit that says so"},
        {CAP_LINUX_IMMUTABLE, "the folder under a mount point is closed"},
        {CAP_SYS_ADMIN, "btrfs: devices, subvolumes, quotas, its trees; the kernel asks for no less"},
        {CAP_SYS_RAWIO, "ATA commands: what a disk says of its health, and that it is to test itself or to spin down"},
        {-1, NULL},
};

static const struct process_device devices[] = {
        {"block-*", PATH_READ | PATH_WRITE, "disks"},
        {"block-9", PATH_READ | PATH_WRITE, "arrays of disks, also when the kernel learns of such only later"},
        {"/dev/btrfs-control", PATH_READ | PATH_WRITE, "tells the kernel which disks belong together"},
        {NULL, 0, NULL},
};

static const struct process_path paths[] = {
        {"/usr", PATH_READ | PATH_EXECUTE, "mkfs.btrfs, mke2fs, mkfs.xfs, btrfs, wipefs, cryptsetup"},
        {"/dev", PATH_READ | PATH_WRITE | PATH_DEVICE, "disks, and where tools print when nobody listens"},
        {"/sys", PATH_READ, "tools look at disks; who holds them"},
        {"/proc", PATH_READ, "tools look at what is mounted"},
        {"/run/udev", PATH_READ, "tools look up what udev knows, and hold its lock"},
        {"/etc", PATH_READ, "how tools are set"},
        {"/srv", PATH_READ | PATH_WRITE, "pools are mounted here"},
        {"/run/bulkhead/trust", PATH_READ, "Keys and revocations, to check tickets and warrants"},
        {"/run/bulkhead-storage-hand", PATH_READ | PATH_WRITE, "spent warrants"},
        {"/var/lib/bulkhead-storage-hand", PATH_READ | PATH_WRITE, "journal, and what is ordered to be done to pools"},
        {"/etc/bulkhead/schedules", PATH_READ | PATH_WRITE, "the standing orders for snapshots"},
        {"/etc/bulkhead/replications", PATH_READ | PATH_WRITE, "the standing orders for replication"},
        {"/etc/bulkhead/remotes", PATH_READ | PATH_WRITE, "other machines that are sent to"},
        {"/etc/bulkhead/senders", PATH_READ | PATH_WRITE, "other machines that may send snapshots here"},
        {"/etc/bulkhead/scrubs", PATH_READ | PATH_WRITE, "the standing orders to read pools"},
        {"/etc/bulkhead/self-tests", PATH_READ | PATH_WRITE, "the standing orders for disks to test themselves"},
        {"/etc/bulkhead/spin-down", PATH_READ | PATH_WRITE, "when disks stop that nobody uses"},
        {"/etc/bulkhead/pools", PATH_READ | PATH_WRITE, "which pools are to be mounted, and how"},
        {"/etc/bulkhead/encryption", PATH_READ | PATH_WRITE, "which disks of pools are encrypted, and how they open"},
        {"/etc/bulkhead/tang", PATH_READ | PATH_WRITE, "which servers in the network open pools"},
        {"/var/lib/bulkhead/tang", PATH_READ | PATH_WRITE, "keys that only such a server helps to open"},
        {"/etc/bulkhead/ceph", PATH_READ | PATH_WRITE, "which pools are of Ceph clusters, and how those are reached"},
        {NULL, 0, NULL},
};

const struct process_policy policy_storage_hand = {
        .name = "storage-hand",
        .says = "Formats disks, makes and removes pools, datasets and snapshots",
        .kind = PROCESS_HAND,
        .user = "bulkhead-storage-hand",
        .group = "bulkhead-storage-hand",
        .capabilities = capabilities,
        .devices = devices,
        .socket = "/run/bulkhead/storage-hand.sock",
        .socket_group = "bulkhead-storage",
        .socket_mode = 0660,
        .paths = paths,
        .why_no_filter = "its tools inherit the filter: only calls that none of them may ever make are closed",
        .families = "AF_UNIX",
        .state_directory = "bulkhead-storage-hand",
        .runtime_directory = "bulkhead-storage-hand",
        .memory_max = "1536M", /* keys are made of passphrases as their headers ask, with a gigabyte at most */
        .tasks_max = 32,
        .files_max = 256,
        .idle_exit_s = 30,
};
