/* What a question to the hand came to.
 * Rights: none. */
#include "state/hand.h"

#include "base/log.h"

bool hand_answered(const struct reply *reply, struct failure *failure)
{
        ASSERT(failure);
        if (!reply)
                failure_set(failure, FAILURE_UNAVAILABLE, "", "Try again in a moment.", "The hand went away.");
        else if (reply->outcome != OUTCOME_SUCCESS)
                *failure = reply->failure;
        return reply && reply->outcome == OUTCOME_SUCCESS;
}
