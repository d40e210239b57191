/* The gate of a clerk: who is it, may they? Called before every method. */
#ifndef BULKHEAD_STATE_GATE_H
#define BULKHEAD_STATE_GATE_H

#include "state/change.h"
#include "sys/folders.h"
#include "ticket/ticket.h"
#include "wire/wire.h"

enum { GATE_LOOK_MS = 500, GATE_EXPIRY_MS = 5000 };

struct bearer {               /* who asks, once the ticket was checked */
        struct ticket ticket; /* role NOBODY and subject UINT32_MAX when there was none */
        bool known;
        struct trust *trust;
};

/* Checks the call's ticket against the method's role and flags. 0 or -1 with *failure. */
int gate_admit(struct call *call, const struct wire_method *method, struct trust *trust, struct failure *failure);
const struct bearer *call_who(const struct call *call); /* never NULL */
/* Where the request came from, as the front end says; "" when it says nothing or no address. */
const char *call_address(const struct call *call);
/* "console", "session 17", "key 3" or "nobody", and the address; in arena. For the ledger. */
const char *call_source(const struct call *call, struct arena *arena);
/* From now on: within half a second of any change of trust, watches whose ticket no longer holds are ended with
 * Unauthenticated and changes of those who were signed out are stopped and undone. trusted: where trust lies, watched;
 * NULL: it cannot be, and is looked at all the time. */
struct gate_guard *gate_hold(struct loop *loop, struct trust *trust, struct changes *changes, struct folders *trusted);
/* What to watch of that folder, before the fences close. 0 or -errno. */
int gate_prepare(struct folders *ret_trusted, const char *directory);
void gate_release(struct gate_guard *guard); /* NULL is fine */

#endif
