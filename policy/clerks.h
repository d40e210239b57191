/* What all clerks have in common, said once. Who needs less or other things says them itself. */
#ifndef BULKHEAD_POLICY_CLERKS_H
#define BULKHEAD_POLICY_CLERKS_H

#include "policy/policies.h"
#include "policy/syscalls.h"

#include <stddef.h>

#define CLERK_CALLS                                                                                                    \
        &calls_memory, &calls_end, &calls_signals, &calls_time, &calls_loop, &calls_descriptors, &calls_sockets,       \
                &calls_files, &calls_identity, &calls_locks

/* The process of that daemon, with the tables of its own file: paths, syscalls, grants. */
#define CLERK_OF(daemon)                                                                                               \
        .name = daemon "-clerk", .kind = PROCESS_CLERK, .user = "bulkhead-" daemon, .group = "bulkhead-" daemon,       \
        .socket = "/run/bulkhead/" daemon ".sock", .socket_group = "bulkhead-callers", .socket_mode = 0660,            \
        .paths = paths, .syscalls = syscalls, .families = "AF_UNIX", .grants = grants, .memory_max = "128M",           \
        .tasks_max = PROCESS_TASKS_LEAST

/* By which libnas/sys/ability.c judges what this machine can do. */
#define MACHINE_FACTS                                                                                                  \
        {"status", "/proc/1/status", "what rights this system has, as PID 1's"},                                       \
                {"users", "/proc/1/uid_map", "whether root here is root of the machine"},                              \
                {"filesystems", "/proc/filesystems", "what the kernel has"},                                           \
                {"devices", "/proc/devices", "what the kernel has"},                                                   \
                {"loaded", "/proc/modules", "what the kernel has"},                                                    \
                {"modules", "/usr/lib/modules/%v/modules.order", "what it can load"},                                  \
                {"builtin", "/usr/lib/modules/%v/modules.builtin", "what the kernel has"},                             \
                {"controllers", "/sys/fs/cgroup/cgroup.controllers", "by what processes can be limited"},              \
                {"container", "/run/systemd/container", "of what kind the container is"},                              \
        {                                                                                                              \
                NULL, NULL, NULL                                                                                       \
        }

#define GRANTS_OF_OWN_SCHEMA(schema)                                                                                   \
        {"usage", "schema " schema, "its own schema"},                                                                 \
        {                                                                                                              \
                "select, insert, update, delete", "all tables in schema " schema, "what it wants to be so"             \
        }

/* All but the id, which the database gives. */
#define LEDGER_WRITTEN_COLUMNS                                                                                         \
        "number, at, kind, request, plan, actor, actor_name, source, method, object, outcome, detail, digest, "        \
        "before, hash"

#define GRANTS_TO_WRITE_A_CHAIN(chain, why_schema, why_rows)                                                           \
        {"usage", "schema ledger", why_schema},                                                                        \
                {"select, insert (" LEDGER_WRITTEN_COLUMNS ")", "ledger." chain, why_rows},                            \
                {"usage", "sequence ledger.row_ids", "ids for its rows"},                                              \
                {"execute", "function ledger.resume(text)", "find the head of its own chain again"},                   \
        {                                                                                                              \
                "execute", "function ledger." chain "_stands(bigint, bytea)", "say where its own chain stands"         \
        }

#endif
