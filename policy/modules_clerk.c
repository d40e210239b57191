/* All that the modules clerk may do. It reads what programs from outside say, and holds it to their contracts.
 * Rights: none; data without functions. */
#include "policy/clerks.h"

static const struct process_path paths[] = {
        {"/run/bulkhead/trust", PATH_READ, "Keys and revocations, to check tickets"},
        {"/usr/share/bulkhead", PATH_READ,
         "The machine's own contracts, texts and icons, which no module may contradict"},
        {"/usr/local/lib/bulkhead", PATH_READ, "Modules that an administrator put there"},
        {"/usr/lib/bulkhead", PATH_READ, "Modules that packages brought"},
        {"/etc/bulkhead/modules", PATH_READ, "Which of them are enabled"},
        {NULL, 0, NULL},
};

static const struct syscall_group *const syscalls[] = {CLERK_CALLS, NULL};

static const struct process_grant grants[] = {
        GRANTS_OF_OWN_SCHEMA("modules"),
        GRANTS_TO_WRITE_A_CHAIN("modules", "to write its chain", "append to its chain and find the head again"),
        {NULL, NULL, NULL},
};

const struct process_policy policy_modules_clerk = {
        CLERK_OF("modules"),
        .says = "Speaks for modules: holds what they are asked and what they say to their contracts",
        .files_max = 1536,
};
