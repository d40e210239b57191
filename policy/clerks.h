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
