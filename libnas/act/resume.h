/* Bringing a plan to its end: forward or back, never half. */
#ifndef BULKHEAD_ACT_RESUME_H
#define BULKHEAD_ACT_RESUME_H

#include "act/step.h"

/* Undoes all that was begun, last first. True: nothing is left to undo (or to try); false: ask again later. */
bool plan_back(struct act_work *work, struct failure *failure);
/* Writes the outcome down and drops what was kept for undos. 0 or -1 with *failure. */
int plan_end(struct act_work *work, enum outcome outcome, uint16_t stopped, struct failure *failure);
/* Ends the journaled plan of that name whatever state it is in. 0; -1: it could not be ended yet. */
int plan_resume(struct act_hand *act, const char *name, struct journal *ret_journal, struct arena *arena);

#endif
