/* All that the monitor clerk may do.
 * Rights: none; data without functions. */
#include "policy/clerks.h"

static const struct process_path paths[] = {
        {"/run/bulkhead/trust", PATH_READ, "Keys and revocations, to check tickets"},
        {"/var/lib/bulkhead/checkpoints", PATH_READ,
         "Signed heads that the database cannot touch, to verify the ledger"},
        {NULL, 0, NULL},
};

static const struct syscall_group *const syscalls[] = {CLERK_CALLS, NULL};

static const struct process_grant grants[] = {
        GRANTS_TO_WRITE_A_CHAIN("monitor", "to read the ledger", "write refusals to its own chain"),
        {"select", "ledger.row", "show and verify every chain"},
        {"select", "ledger.head", "compare each chain's end with its rows"},
        {"select", "ledger.checkpoint", "verify against the signed heads"},
        {"execute", "function ledger.partitions(integer)", "make the partitions of the months to come"},
        {NULL, NULL, NULL},
};

static const struct process_fact facts[] = {MACHINE_FACTS};

const struct process_policy policy_monitor_clerk = {
        CLERK_OF("monitor"),
        .says = "Shows and verifies the ledger; changes nothing",
        .facts = facts,
        .files_max = 2304,
};
