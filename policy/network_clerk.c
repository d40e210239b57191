/* All that the network clerk may do.
 * Rights: none; data without functions. */
#include "policy/policies.h"
#include "policy/syscalls.h"

#include <stddef.h>

static const struct process_path paths[] = {
        {"/run/bulkhead/trust", PATH_READ, "Keys and revocations, to check tickets"},
        {"/var/lib/bulkhead/tls", PATH_READ, "The certificate that was installed, to show it; its key is not readable"},
        {"/var/lib/bulkhead/self-signed", PATH_READ, "The machine's own certificate, to show it"},
        {"/var/lib/bulkhead/acme", PATH_READ, "What certificates are to be fetched"},
        {"/var/lib/bulkhead/acme-out", PATH_READ, "The certificate that was fetched, to look at; not its key"},
        {"/run/bulkhead/acme-log", PATH_READ, "What was said while it was fetched: hostile text"},
        {NULL, 0, NULL},
};

static const struct syscall_group *const syscalls[] = {
        &calls_memory,  &calls_end,   &calls_signals,  &calls_time,  &calls_loop, &calls_descriptors,
        &calls_sockets, &calls_files, &calls_identity, &calls_locks, NULL,
};

static const struct process_grant grants[] = {
        {"usage", "schema network", "its own schema"},
        {"select, insert, update, delete", "all tables in schema network", "what it wants to be so"},
        {"usage", "schema ledger", "to write its chain"},
        {"select, insert (" LEDGER_WRITTEN_COLUMNS ")", "ledger.row", "append to its chain and find the head again"},
        {"usage", "sequence ledger.row_ids", "ids for its rows"},
        {"execute", "function ledger.resume(text)", "find the head of its own chain again"},
        {"execute", "function ledger.stands(text, bigint, bytea)", "say where its own chain stands"},
        {NULL, NULL, NULL},
};

const struct process_policy policy_network_clerk = {
        .name = "network-clerk",
        .says = "The machine's certificate: parses, decides, asks its hand",
        .kind = PROCESS_CLERK,
        .user = "bulkhead-network",
        .group = "bulkhead-network",
        .socket = "/run/bulkhead/network.sock",
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
