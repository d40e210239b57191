/* A process policy: all that one process may do, as data without functions. One file a process in
 * policy/; read by the process itself at start, by policy/project.c (units, grants, tables) and by tests. */
#ifndef BULKHEAD_JAIL_PROCESS_H
#define BULKHEAD_JAIL_PROCESS_H

#include <stdint.h>

/* What TasksMax= must allow at least: at start children prove the fences, all at once; then there is one. */
enum { PROCESS_TASKS_LEAST = 10 };

enum process_kind { PROCESS_FRONT, PROCESS_CLERK, PROCESS_HAND };
/* FRONT: a folder of a process that keeps something for the front end: what is made there belongs to the front end's
 * group, which may read it where its mode says so. */
/* CLOSED: a folder that others may not look into; those beside are for all to read.
 * PREPARE: written before the fences close, and never after that. DEVICE: the nodes there are devices that do more than
 * reading and writing (ioctl). */
enum path_right {
        PATH_READ = 1,
        PATH_WRITE = 2,
        PATH_EXECUTE = 4,
        PATH_FRONT = 8,
        PATH_PREPARE = 16,
        PATH_DEVICE = 32,
        PATH_CLOSED = 64
};

struct process_path {
        const char *path;
        unsigned rights;
        const char *why;
};

struct syscall_group { /* a few related calls and the reason for them; policy/syscalls.h has the shared ones */
        const char *why;
        const int *numbers; /* ended by -1; names that an architecture lacks are left out by #ifdef */
};

struct process_grant { /* SQL: "grant RIGHTS on OBJECT to ROLE" */
        const char *rights, *object, *why;
};

struct process_capability {
        int capability; /* CAP_... */
        const char *why;
};

struct process_device { /* beyond /dev/null and its like: a node, or a kind of them as systemd writes it ("block-*") */
        const char *device;
        unsigned rights;
        const char *why;
};

/* A file that systemd reads when the process starts, and passes; when it is not there, the word "unknown". */
struct process_fact {
        const char *name, *path, *why; /* %v in the path: the kernel's release */
};

struct process_port {     /* of a front end: a TCP port that the supervisor listens at and passes on */
        const char *name; /* under which it is passed */
        unsigned port;
        const char *why;
};

struct process_policy {
        const char *name; /* "users-clerk": unit bulkhead-users-clerk.service, database role and user of that name */
        const char *says; /* one line for docs/security.md */
        enum process_kind kind;
        const char *user, *group;
        const char *const *groups;                     /* supplementary, ended by NULL */
        const char *why_root;                          /* NULL unless it runs as uid 0 */
        const struct process_capability *capabilities; /* ambient; ended by capability -1; NULL: none */
        const char *socket;                            /* path it listens on */
        const char *socket_group;                      /* who may connect */
        int socket_mode;                               /* 0660 */
        const struct process_port *ports;              /* fronts; ended by NULL name; NULL: none */
        const struct process_device *devices;          /* ended by NULL device; NULL: none */
        const struct process_path *paths;              /* beyond the loader and libraries; ended by NULL path */
        const struct syscall_group *const
                *syscalls; /* ended by NULL; NULL for a hand that runs tools: see why_no_filter */
        const char *why_no_filter;
        const struct process_fact *facts;                /* ended by NULL name; NULL: none */
        const char *families;                            /* "AF_UNIX", or "none" */
        const struct process_grant *grants;              /* ended by NULL rights; NULL: no database */
        const char *state_directory, *runtime_directory; /* names below /var/lib and /run, owned by it; NULL: none */
        const char *memory_max;                          /* "128M" */
        unsigned tasks_max, files_max;
        unsigned idle_exit_s; /* hands: gone after so long without work */
};

/* All processes, ended by NULL; defined in policy/all.c. */
extern const struct process_policy *const policies[];

#endif
