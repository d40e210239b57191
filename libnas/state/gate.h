/* The gate of a clerk: who is it, may they? Called before every method. */
#ifndef BULKHEAD_STATE_GATE_H
#define BULKHEAD_STATE_GATE_H

#include "state/change.h"
#include "ticket/ticket.h"
#include "wire/wire.h"

struct bearer { /* who asks, once the ticket was checked */
        struct ticket ticket; /* role NOBODY and subject UINT32_MAX when there was none */
        bool known;
};

/* Checks the call's ticket against the method's role and flags. 0 or -1 with *failure. */
int gate_admit(struct call *call, const struct wire_method *method, struct trust *trust, struct failure *failure);
const struct bearer *call_who(const struct call *call); /* never NULL */
/* Watches: ends with Unauthenticated those calls whose ticket no longer holds; called on every new trust
 * generation (looked at each 500 ms). */
void gate_hold(struct loop *loop, struct trust *trust);

#endif
