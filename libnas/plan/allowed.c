/* Who may ask for an action: said by the policy, asked by every hand, and by clerks for what no hand carries out.
 * Rights: none; a pure function. */
#include "base/log.h"
#include "plan/plan.h"

#include <string.h>

int action_allowed(const struct operations *operations, const struct action *action, const struct ticket *ticket,
                   struct failure *failure)
{
        ASSERT(operations && action && ticket && action->operation < operations->count);
        const struct operation *operation = &operations->list[action->operation];
        bool own = (operation->flags & OPERATION_OWN) && action->count > 0 && ticket->role >= ROLE_VIEWER &&
                   strcmp(action->values[0].text, ticket->name) == 0;
        return ticket_allows(ticket, own ? ROLE_VIEWER : operation->role, !(operation->flags & OPERATION_ANSWERS),
                             operation->flags & OPERATION_DESTROYS, failure);
}
