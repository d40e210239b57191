/* The parts of the jail, for jail's own files and their tests only. */
#ifndef BULKHEAD_JAIL_JAIL_PARTS_H
#define BULKHEAD_JAIL_JAIL_PARTS_H

#include "base/failure.h"
#include "jail/process.h"

/* landlock.c. ABI of this kernel; 0: it has none. */
int landlock_abi(void);
/* From now on only the policy's paths can be opened, by the process and all it starts. 0 or -1. */
int landlock_enter(const struct process_policy *policy, struct failure *failure);

/* filter.c. A filter as libseccomp holds it (scmp_filter_ctx); made once, loaded in each forked prover and then
 * in the process itself. */
struct filter;
struct filter *filter_new(const struct process_policy *policy, struct failure *failure);
int filter_load(const struct filter *filter, struct failure *failure);
void filter_free(struct filter *filter);
int filter_export(const struct filter *filter, int fd); /* the BPF program; 0 or -errno */

/* leftovers.c. In the folders that the policy lets the process write to and that are its own. */
void leftovers_sweep(const struct process_policy *policy);

#endif
