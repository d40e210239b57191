/* The fences a process puts around itself, and the proof that they hold. Only door to libseccomp and libcap. */
#ifndef BULKHEAD_JAIL_JAIL_H
#define BULKHEAD_JAIL_JAIL_H

#include "base/failure.h"
#include "jail/process.h"

/* Compares uid, gid, groups, capabilities (effective, permitted, inheritable, ambient, bounding) with the
 * policy. More than it says, or another uid: -1 with FAILURE_FAILED naming the difference. Fewer: also -1
 * (it could not work). */
int jail_inspect(const struct process_policy *policy, struct failure *failure);

/* no_new_privs, not dumpable, Landlock from the policy's paths (where the kernel has it), then seccomp from its
 * groups (clerks). In this order, single-threaded. -1: refuse to serve. */
int jail_enter(const struct process_policy *policy, struct failure *failure);

/* First clears what a kill left half written in the process's own folders. Tries what must be impossible in a forked
 * child that has to be stopped by the fence (and, in place, harmless calls that must fail): execve, socket(AF_INET),
 * ptrace, opening a path outside, setuid(0), RWX memory. For a clerk the fork itself happens before the filter closes
 * it: call jail_enter from here. -1: a forbidden thing worked.
 */
int jail_enter_and_prove(const struct process_policy *policy, struct failure *failure);

/* "landlock abi 7" / "landlock missing", for health and docs. */
const char *jail_degraded(void); /* NULL: all fences stand */

#endif
