/* Inside plan/: judging an action whose secrets may have been blanked for the journal. */
#ifndef BULKHEAD_PLAN_CHECK_H
#define BULKHEAD_PLAN_CHECK_H

#include "plan/plan.h"

int action_check_blanked(const struct operations *operations, const struct action *action, bool blanked,
                         struct failure *failure);

#endif
