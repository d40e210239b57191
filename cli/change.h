/* A change from the question to the answer: plan, consent, warrant, call. */
#ifndef BULKHEAD_CLI_CHANGE_H
#define BULKHEAD_CLI_CHANGE_H

#include "cli/daemon.h"

enum consent {
        CONSENT_GIVEN,   /* go on without asking */
        CONSENT_ASK,     /* y or n */
        CONSENT_TYPE,    /* the object's name must be typed */
        CONSENT_MISSING, /* a person is needed and none is there */
};
/* How a plan is consented to. Pure. needs: a warrant is needed; person: somebody is at the terminal. */
enum consent consent_kind(const struct asked *asked, bool needs, bool destroys, bool person);

/* Makes the change, or shows its plan with --dry-run. 0 with the answer (NULL when only the plan was asked for), or -1.
 */
int change_make(const struct asker *asker, const struct asked *asked, struct json **ret_answer,
                struct failure *failure);
/* The clerk that serves an interface: "users" for nas.users. */
const char *clerk_of(const struct asked *asked);

#endif
