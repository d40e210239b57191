/* The services that share files.
 * Rights: the shares clerk; plans, its hand has PID 1 act. */
#include "daemons/shares/clerk/shares.h"

#include "base/log.h"

int plan_service(struct change *change, const char *service, struct failure *failure)
{
        ASSERT(change && service);
        if (!live_service_wanted(service) && plan_step(change->plan, failure, SHARES_SERVICE_WANT, service, NULL) != 0)
                return -1;
        return live_service_runs(service) ? 0 : plan_step(change->plan, failure, SHARES_SERVICE_START, service, NULL);
}
