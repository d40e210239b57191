/* All that the front end may do. It is the only process that strangers reach, so it may do the least.
 * Rights: none; data without functions. */
#include "policy/policies.h"
#include "policy/syscalls.h"

#include <stddef.h>

static const char *const groups[] = {"bulkhead-callers", NULL};

static const struct process_port ports[] = {
        {"https", 443, "browsers, scripts and other machines"},
        {"http", 80, "shows the way to https; answers what certificate authorities ask"},
        {NULL, 0, NULL},
};

static const struct process_path paths[] = {
        {"/run/bulkhead/trust", PATH_READ, "Keys and revocations, to end streams of those who were signed out"},
        {"/usr/share/bulkhead/contracts", PATH_READ, "What can be asked, by which it routes and checks"},
        {"/usr/share/bulkhead/web", PATH_READ, "The pages"},
        {"/var/lib/bulkhead/tls", PATH_READ, "The certificate that was installed, and its key"},
        {"/var/lib/bulkhead/self-signed", PATH_READ | PATH_PREPARE, "Its own certificate, made at the first start"},
        {"/run/bulkhead/acme", PATH_READ, "Answers to what certificate authorities ask"},
        {NULL, 0, NULL},
};

static const struct syscall_group *const syscalls[] = {
        &calls_memory,  &calls_end,   &calls_signals, &calls_time,       &calls_loop, &calls_descriptors,
        &calls_sockets, &calls_files, &calls_locks,   &calls_send_files, NULL,
};

const struct process_policy policy_api_front = {
        .name = "api",
        .says = "HTTPS, REST and the stream; knows nothing of pools, holds no secret but the certificate's key",
        .kind = PROCESS_FRONT,
        .user = "bulkhead-api",
        .group = "bulkhead-api",
        .groups = groups,
        .socket = "/run/bulkhead/api.sock",
        .socket_group = "bulkhead-proxy",
        .socket_mode = 0660,
        .ports = ports,
        .paths = paths,
        .syscalls = syscalls,
        .families = "AF_UNIX",
        .memory_max = "512M",
        .tasks_max = PROCESS_TASKS_LEAST,
        .files_max = 16384,
};
