/* All that the modules hand may do, beside its operations (policy/modules_operations.c). It has PID 1 act on the
 * units of modules, and runs and reads nothing of theirs.
 * Rights: none; data without functions. */
#include "policy/policies.h"
#include "policy/syscalls.h"

#include <stddef.h>

static const struct process_path paths[] = {
        {"/run/bulkhead/trust", PATH_READ, "Keys and revocations, to check tickets and warrants"},
        {"/usr/local/lib/bulkhead", PATH_READ, "Is a module root's alone?"},
        {"/usr/lib/bulkhead", PATH_READ, "the same, of those that packages brought"},
        {"/run/bulkhead-modules-hand", PATH_READ | PATH_WRITE, "spent warrants"},
        {"/var/lib/bulkhead-modules-hand", PATH_READ | PATH_WRITE, "journal"},
        {"/etc/bulkhead/modules", PATH_READ | PATH_WRITE, "which modules are enabled"},
        {NULL, 0, NULL},
};

SYSCALL_GROUP(calls_bus, "The bus, by which it has PID 1 act", __NR_setsockopt, __NR_getsockname, __NR_getpeername,
              __NR_shutdown, __NR_getuid, __NR_geteuid);

static const struct syscall_group *const syscalls[] = {
        &calls_memory, &calls_end,   &calls_signals, &calls_time, &calls_loop, &calls_descriptors,
        &calls_files,  &calls_locks, &calls_replace, &calls_hand, &calls_bus,  NULL,
};

const struct process_policy policy_modules_hand = {
        .name = "modules-hand",
        .says = "Has modules run, each in a sandbox of its own, and lets them act for whom they may",
        .kind = PROCESS_HAND,
        .user = "bulkhead-modules-hand",
        .group = "bulkhead-modules-hand",
        .socket = "/run/bulkhead/modules-hand.sock",
        .socket_group = "bulkhead-modules",
        .socket_mode = 0660,
        .paths = paths,
        .syscalls = syscalls,
        .families = "AF_UNIX",
        .state_directory = "bulkhead-modules-hand",
        .runtime_directory = "bulkhead-modules-hand",
        .memory_max = "64M",
        .tasks_max = PROCESS_TASKS_LEAST,
        .files_max = 256,
        .idle_exit_s = 30,
};
