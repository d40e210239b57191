/* All that the users clerk may do.
 * Rights: none; data without functions. */
#include "policy/policies.h"
#include "policy/syscalls.h"

#include <stddef.h>

static const struct process_path paths[] = {
        /* The whole folder, because account files are replaced by renaming and a rule holds for one inode;
         * the files that matter there (shadow, keys) are not readable for this uid. */
        {"/etc", PATH_READ, "Accounts and groups are Unix accounts; read again when they change"},
        {"/run/bulkhead/trust", PATH_READ, "Keys and revocations, to check tickets"},
        {"/var/lib/bulkhead/ssh-keys", PATH_READ, "The SSH keys of accounts, to show them"},
        {NULL, 0, NULL},
};

static const struct syscall_group *const syscalls[] = {
        &calls_memory,  &calls_end,   &calls_signals,  &calls_time,  &calls_loop, &calls_descriptors,
        &calls_sockets, &calls_files, &calls_identity, &calls_locks, NULL,
};

static const struct process_grant grants[] = {
        {"usage", "schema users", "its own schema"},
        {"select, insert, update, delete", "all tables in schema users", "what it wants to be so"},
        {"usage", "all sequences in schema users", "numbers for its rows"},
        {"usage", "schema ledger", "to write its chain"},
        {"select, insert (" LEDGER_WRITTEN_COLUMNS ")", "ledger.row", "append to its chain and find the head again"},
        {"select", "ledger.head", "the heads of all chains, for its hand to sign"},
        {"select, insert", "ledger.checkpoint", "keep signed heads beside the rows"},
        {"usage", "sequence ledger.row_ids", "ids for its rows"},
        {"execute", "function ledger.resume(text)", "find the head of its own chain again"},
        {"execute", "function ledger.stands(text, bigint, bytea)", "say where its own chain stands"},
        {NULL, NULL, NULL},
};

const struct process_policy policy_users_clerk = {
        .name = "users-clerk",
        .says = "Accounts, groups, roles, sessions and keys: parses, decides, asks its hand",
        .kind = PROCESS_CLERK,
        .user = "bulkhead-users",
        .group = "bulkhead-users",
        .socket = "/run/bulkhead/users.sock",
        .socket_group = "bulkhead-callers",
        .socket_mode = 0660,
        .paths = paths,
        .syscalls = syscalls,
        .families = "AF_UNIX",
        .grants = grants,
        .memory_max = "128M",
        .tasks_max = 4,
        .files_max = 1536,
};
