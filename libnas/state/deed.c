/* A change that its hand only lets happen: who does it is asked after that, and says how it ended.
 * Rights: in clerks; works on memory. */
#include "state/changes.h"

#include "base/log.h"

static void deed_done(const struct failure *failure, void *context)
{
        struct run *run = context;
        if (failure) {
                run->outcome = OUTCOME_FAILED;
                run->failure = *failure;
        }
        run_know(run);
}

/* Resumed, nobody can tell how far it came: only that it was let. */
void run_deed(struct run *run)
{
        ASSERT(run);
        struct failure failure = {0};
        if (run->outcome != OUTCOME_SUCCESS || !run->plan || !plan_lets(run->plan)) {
                run_know(run);
                return;
        }
        if (run->change) {
                ASSERT(run->change->deed);
                run->change->deed(deed_done, run, run->change->context);
                return;
        }
        failure_set(&failure, FAILURE_FAILED, "", "Look at what is there now.",
                    "It is not known whether it was done: the clerk ended meanwhile.");
        deed_done(&failure, run);
}
