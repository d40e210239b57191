/* What a plan comes down to in files, units and arguments, judged by what its templates say and by what each kind of file may
 * hold; not by the types that let the values in. */
#ifndef BULKHEAD_TESTS_SHARES_CLERK_JUDGE_H
#define BULKHEAD_TESTS_SHARES_CLERK_JUDGE_H

#include "plan/plan.h"

/* learns: what is asked is right, and the keys that its lines have are those that there may be; others' must be among them.
 * NULL, or what is wrong, in the arena. */
const char *judge_plan(const struct plan *plan, bool learns, struct arena *arena);
const char *judge_action(const struct action *action, bool learns, struct arena *arena);
/* Does what was given stand in one of the plan's values? Small and capital letters are the same. */
bool judge_has(const struct plan *plan, const char *given);

#endif
