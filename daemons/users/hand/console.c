/* Root on the console, known by the kernel's word alone.
 * Rights: the users hand. act/execute.c has checked that the peer is uid 0. */
#include "daemons/users/hand/users.h"

static struct ticket root_ticket(void)
{
        return (struct ticket){.subject = 0, .name = "root", .role = ROLE_ADMIN, .source = SOURCE_CONSOLE};
}

int console_ticket(struct act_context *context, struct failure *failure)
{
        (void)failure;
        struct ticket ticket = root_ticket();
        ticket_answer(context, &ticket, TICKET_LIFE_MS);
        return 0;
}

int console_confirm(struct act_context *context, struct failure *failure)
{
        (void)failure;
        struct ticket ticket = root_ticket();
        warrant_answer(context, &ticket);
        return 0;
}
