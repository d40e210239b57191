/* All that the network hand may do, beside its operations (policy/network_operations.c). It runs no tool, so it needs
 * no capability, and its system calls are listed like a clerk's.
 * Rights: none; data without functions. */
#include "policy/policies.h"
#include "policy/syscalls.h"

#include <stddef.h>

static const struct process_path paths[] = {
        {"/run/bulkhead/trust", PATH_READ, "Keys and revocations, to check tickets and warrants"},
        {"/run/bulkhead-network-hand", PATH_READ | PATH_WRITE, "spent warrants"},
        {"/var/lib/bulkhead-network-hand", PATH_READ | PATH_WRITE, "journal"},
        {"/var/lib/bulkhead/tls", PATH_READ | PATH_WRITE | PATH_FRONT,
         "the certificate and its key, which the front end reads"},
        {"/var/lib/bulkhead/acme", PATH_READ | PATH_WRITE,
         "what certificates are to be fetched, and that one is ordered"},
        {"/var/lib/bulkhead/host", PATH_READ | PATH_WRITE, "what the machine is to be called, and its time zone"},
        {"/var/lib/bulkhead/acme-out", PATH_READ, "the certificate that was fetched, and its key"},
        {NULL, 0, NULL},
};

static const struct syscall_group *const syscalls[] = {
        &calls_memory, &calls_end,   &calls_signals, &calls_time, &calls_loop, &calls_descriptors,
        &calls_files,  &calls_locks, &calls_replace, &calls_hand, NULL,
};

const struct process_policy policy_network_hand = {
        .name = "network-hand",
        .says = "Puts the machine's certificate and key where the front end reads them",
        .kind = PROCESS_HAND,
        .user = "bulkhead-network-hand",
        .group = "bulkhead-network-hand",
        .socket = "/run/bulkhead/network-hand.sock",
        .socket_group = "bulkhead-network",
        .socket_mode = 0660,
        .paths = paths,
        .syscalls = syscalls,
        .families = "AF_UNIX",
        .state_directory = "bulkhead-network-hand",
        .runtime_directory = "bulkhead-network-hand",
        .memory_max = "64M",
        .tasks_max = PROCESS_TASKS_LEAST,
        .files_max = 128,
        .idle_exit_s = 30,
};
