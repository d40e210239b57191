/* Called by the drill builds' jail when the fences are closed (libnas/jail/prove.c). */
#ifndef BULKHEAD_TESTS_DRILL_H
#define BULKHEAD_TESTS_DRILL_H

#include "jail/process.h"

/* Does nothing unless the environment says what to try; else it does not come back. */
void drill(const struct process_policy *policy);

#endif
