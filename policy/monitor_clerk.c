/* All that the monitor clerk may do.
 * Rights: none; data without functions. */
#include "policy/policies.h"
#include "policy/syscalls.h"

#include <stddef.h>

static const struct process_path paths[] = {
        {"/run/bulkhead/trust", PATH_READ, "Keys and revocations, to check tickets"},
        {"/var/lib/bulkhead/checkpoints", PATH_READ,
         "Signed heads that the database cannot touch, to verify the ledger"},
        {NULL, 0, NULL},
};

static const struct syscall_group *const syscalls[] = {
        &calls_memory,  &calls_end,   &calls_signals,  &calls_time,  &calls_loop, &calls_descriptors,
        &calls_sockets, &calls_files, &calls_identity, &calls_locks, NULL,
};

static const struct process_grant grants[] = {
        {"usage", "schema ledger", "to read the ledger"},
        {"select, insert (" LEDGER_WRITTEN_COLUMNS ")", "ledger.row",
         "show and verify every chain; write refusals to its own"},
        {"select", "ledger.head", "compare each chain's end with its rows"},
        {"select", "ledger.checkpoint", "verify against the signed heads"},
        {"usage", "sequence ledger.row_ids", "ids for its rows"},
        {"execute", "function ledger.resume(text)", "find the head of its own chain again"},
        {"execute", "function ledger.stands(text, bigint, bytea)", "say where its own chain stands"},
        {"execute", "function ledger.partitions(integer)", "make the partitions of the months to come"},
        {NULL, NULL, NULL},
};

const struct process_policy policy_monitor_clerk = {
        .name = "monitor-clerk",
        .says = "Shows and verifies the ledger; changes nothing",
        .kind = PROCESS_CLERK,
        .user = "bulkhead-monitor",
        .group = "bulkhead-monitor",
        .socket = "/run/bulkhead/monitor.sock",
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
