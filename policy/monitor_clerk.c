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

/* libnas/sys/ability.c */
static const struct process_fact facts[] = {
        {"status", "/proc/1/status", "what rights this system has, as PID 1's"},
        {"users", "/proc/1/uid_map", "whether root here is root of the machine"},
        {"filesystems", "/proc/filesystems", "what the kernel has"},
        {"devices", "/proc/devices", "what the kernel has"},
        {"loaded", "/proc/modules", "what the kernel has"},
        {"modules", "/usr/lib/modules/%v/modules.order", "what it can load"},
        {"builtin", "/usr/lib/modules/%v/modules.builtin", "what the kernel has"},
        {"controllers", "/sys/fs/cgroup/cgroup.controllers", "by what processes can be limited"},
        {"container", "/run/systemd/container", "of what kind the container is"},
        {NULL, NULL, NULL},
};

const struct process_policy policy_monitor_clerk = {
        CLERK_OF("monitor"),
        .says = "Shows and verifies the ledger; changes nothing",
        .facts = facts,
        .files_max = 2304,
};
