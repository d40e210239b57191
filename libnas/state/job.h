/* The interface nas.job: changes as jobs. Running ones are in memory, finished ones come from the ledger. An operator
 * sees all, others their own. serve/ binds these to the generated handlers. */
#ifndef BULKHEAD_STATE_JOB_H
#define BULKHEAD_STATE_JOB_H

#include "state/change.h"

void jobs_list(struct changes *changes, struct call *call);
void jobs_show(struct changes *changes, struct call *call, int64_t id);
void jobs_abort(struct changes *changes, struct call *call, int64_t id);

#endif
