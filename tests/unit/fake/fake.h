/* A clerk without root: a fake hand at link time, which expects requests and does to a fake machine what the real one
 * would do to the real one, and a client. The database is a private server (tests/lib/pg). */
#ifndef BULKHEAD_TESTS_FAKE_H
#define BULKHEAD_TESTS_FAKE_H

#include "base/role.h"
#include "json/json.h"
#include "plan/record.h"
#include "serve/clerk.h"
#include "ticket/ticket.h"

#include <stdbool.h>

/* --- what the tests of one clerk bring (tests/unit/NAME_clerk/machine.c) --- */

struct fake_clerk {
        struct clerk (*description)(void);
        const char *role, *interface;         /* of the database; "nas.users." */
        bool (*is_ready)(void);               /* NULL: when the database is */
        bool (*is_quiet)(uint16_t operation); /* asked by the clerk itself, so not counted; NULL: none */
        void (*act)(const struct plan *plan); /* what the steps would bring about */
        void (*answer)(const struct action *action, struct writer *writer); /* of one step or question */
        const char *(*output)(const struct action *action); /* what the tool of a question prints; NULL: nothing */
};
extern const struct fake_clerk fake_clerk;

/* --- the hand (hand.c) --- */

enum fake_hand_mode {
        FAKE_OBEYS,     /* does it and says so */
        FAKE_FAILS,     /* says that the first step failed, undone */
        FAKE_DIES,      /* goes away without a reply, having done nothing; LOOKUP: never begun */
        FAKE_DIES_DONE, /* goes away without a reply, having done it; LOOKUP: success */
        FAKE_REFUSES,   /* answers an ASK with Unauthenticated */
        FAKE_AWAY,      /* cannot be reached */
        FAKE_HOLDS,     /* does not reply until fake_hand_release */
};
struct fake_hand {
        enum fake_hand_mode mode;
        unsigned executed, asked, looked_up, forgotten, aborted;
        char steps[8192];       /* literal steps of the last plan, a line each, secrets masked */
        char asked_values[512]; /* values of the last ASK, a blank between */
        char ticket[TICKET_TEXT_MAX], warrant[WARRANT_TEXT_MAX];
};
extern struct fake_hand fake_hand;
void fake_hand_release(void);

/* --- the clerk and its client (clerk.c) --- */

void fake_start(void);
void fake_stop(void);
void fake_restart(void); /* the clerk anew, over the same database and machine */
/* What the database says: the first value, or -1. And its server: "kill" or "again". */
const char *fake_sql(const char *sql);
long fake_number(const char *sql);
int fake_database(const char *what);
/* Tickets and warrants that hold; fake_revoke ends those of one subject. Texts are static: copy to keep two. */
const char *fake_ticket(const char *name, uint32_t uid, enum role role, uint32_t scopes);
const char *fake_warrant(const char *digest, uint32_t uid);
void fake_revoke(uint32_t uid);

struct fake_reply {
        struct json *parameters;
        char *error; /* NULL: none */
        bool continues;
};
void fake_reply_free(struct fake_reply *reply);
/* One call on a connection of its own, and its first reply. caller: members of "caller", or "". */
struct fake_reply fake_call(const char *method, const char *parameters, const char *caller);
/* A member of the reply by path ("user.role", "plan.steps.0.literal") as text; "" when it is not there. */
const char *fake_at(const struct fake_reply *reply, const char *path);

/* For more than one at a time: a client with an open call. */
struct fake_client;
struct fake_client *fake_open(const char *method, const char *parameters, const char *caller, bool more);
struct fake_reply fake_next(struct fake_client *client);  /* waits; error "closed" when the clerk closed it */
bool fake_waits(struct fake_client *client, unsigned ms); /* true: nothing came in that time */
void fake_close(struct fake_client *client);
void fake_run_ms(unsigned ms);

#endif
