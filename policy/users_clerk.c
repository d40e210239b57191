/* All that the users clerk may do.
 * Rights: none; data without functions. */
#include "policy/clerks.h"

static const struct process_path paths[] = {
        /* The whole folder, because account files are replaced by renaming and a rule holds for one inode;
         * the files that matter there (shadow, keys) are not readable for this uid. */
        {"/etc", PATH_READ, "Accounts and groups are Unix accounts; read again when they change"},
        {"/run/bulkhead/trust", PATH_READ, "Keys and revocations, to check tickets; who has a password for SMB"},
        {"/var/lib/bulkhead/ssh-keys", PATH_READ, "The SSH keys of accounts, to show them"},
        {NULL, 0, NULL},
};

static const struct syscall_group *const syscalls[] = {CLERK_CALLS, NULL};

static const struct process_grant grants[] = {
        GRANTS_OF_OWN_SCHEMA("users"),
        GRANTS_TO_WRITE_A_CHAIN("users", "to write its chain", "append to its chain and find the head again"),
        {"usage", "all sequences in schema users", "numbers for its rows"},
        {"select", "ledger.head", "the heads of all chains, for its hand to sign"},
        {"select, insert", "ledger.checkpoint", "keep signed heads beside the rows"},
        {NULL, NULL, NULL},
};

const struct process_policy policy_users_clerk = {
        CLERK_OF("users"),
        .says = "Accounts, groups, roles, sessions and keys: parses, decides, asks its hand",
        .files_max = 2304,
};
