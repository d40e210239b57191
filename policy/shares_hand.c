/* All that the shares hand may do, beside its operations (policy/shares_operations.c). What it writes is read by
 * services that run as root, so its fence is what it may write: typed lines only. The folders are its own, and PID 1
 * starts what runs.
 * Rights: none; data without functions. */
#include "policy/policies.h"

#include <linux/capability.h>
#include <stddef.h>

static const struct process_capability capabilities[] = {
        {CAP_DAC_READ_SEARCH, "folders below one that is not for everybody: is there one to be shared?"},
        {-1, NULL},
};

static const struct process_path paths[] = {
        {"/usr", PATH_READ | PATH_EXECUTE, "net, testparm, wbinfo"},
        {"/dev/null", PATH_READ | PATH_WRITE, "where tools print when nobody listens"},
        {"/dev/urandom", PATH_READ, "tools make keys when they start"},
        {"/proc", PATH_READ, "tools look at themselves"},
        {"/etc", PATH_READ, "how tools are set; names of accounts"},
        {"/srv", PATH_READ, "is there a folder to be shared?"},
        {"/sys/fs/btrfs", PATH_READ, "what datasets take, and may take"},
        {"/run/bulkhead/trust", PATH_READ, "Keys and revocations, to check tickets and warrants"},
        {"/run/bulkhead-shares-hand", PATH_READ | PATH_WRITE, "spent warrants"},
        {"/var/lib/bulkhead-shares-hand", PATH_READ | PATH_WRITE, "journal"},
        {"/var/lib/bulkhead-smb", PATH_READ | PATH_WRITE, "Samba's registry, in which the shares stand"},
        {"/etc/bulkhead/smb", PATH_READ | PATH_WRITE, "the shares that are offered over SMB"},
        {"/etc/bulkhead/nfs", PATH_READ | PATH_WRITE, "what is exported over NFS"},
        {"/etc/bulkhead/transfers", PATH_READ | PATH_WRITE, "what is offered by FTP, SFTP, WebDAV and rsync"},
        {"/etc/bulkhead/services", PATH_READ | PATH_WRITE, "which services are wanted, and how they are set"},
        {NULL, 0, NULL},
};

const struct process_policy policy_shares_hand = {
        .name = "shares-hand",
        .says = "Writes what the services that share files are told, and has them started",
        .kind = PROCESS_HAND,
        .user = "bulkhead-shares-hand",
        .group = "bulkhead-shares-hand",
        .capabilities = capabilities,
        .socket = "/run/bulkhead/shares-hand.sock",
        .socket_group = "bulkhead-shares",
        .socket_mode = 0660,
        .paths = paths,
        .why_no_filter = "its tools inherit the filter: only calls that none of them may ever make are closed",
        .families = "AF_UNIX",
        .state_directory = "bulkhead-shares-hand",
        .runtime_directory = "bulkhead-shares-hand",
        .memory_max = "256M",
        .tasks_max = 32,
        .files_max = 256,
        .idle_exit_s = 30,
};
