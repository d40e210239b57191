/* All that the network clerk may do.
 * Rights: none; data without functions. */
#include "policy/clerks.h"

static const struct process_path paths[] = {
        {"/run/bulkhead/trust", PATH_READ, "Keys and revocations, to check tickets"},
        {"/var/lib/bulkhead/tls", PATH_READ, "The certificate that was installed, to show it; its key is not readable"},
        {"/var/lib/bulkhead/self-signed", PATH_READ, "The machine's own certificate, to show it"},
        {"/var/lib/bulkhead/acme", PATH_READ, "What certificates are to be fetched"},
        {"/var/lib/bulkhead/acme-out", PATH_READ, "The certificate that was fetched, to look at; not its key"},
        {"/run/bulkhead/acme-log", PATH_READ, "What was said while it was fetched: hostile text"},
        {"/run/bulkhead-host", PATH_READ, "What the machine is called, and what its network is like"},
        {NULL, 0, NULL},
};

static const struct syscall_group *const syscalls[] = {CLERK_CALLS, NULL};

static const struct process_grant grants[] = {
        GRANTS_OF_OWN_SCHEMA("network"),
        GRANTS_TO_WRITE_A_CHAIN("network", "to write its chain", "append to its chain and find the head again"),
        {NULL, NULL, NULL},
};

const struct process_policy policy_network_clerk = {
        CLERK_OF("network"),
        .says = "The machine's name, time zone and certificate: parses, decides, asks its hand",
        .files_max = 2304,
};
