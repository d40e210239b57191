/* The skeleton of every clerk: sockets, inspection, prepare, jail with proof, loop with watchdog.
 * A clerk's main() is: return clerk_main(&users_clerk, argc, argv); */
#ifndef BULKHEAD_SERVE_CLERK_H
#define BULKHEAD_SERVE_CLERK_H

#include "db/db.h"
#include "jail/process.h"
#include "ledger/ledger.h"
#include "state/change.h"
#include "state/gate.h"
#include "state/hand.h"
#include "wire/wire.h"

struct clerk {
        const struct process_policy *policy;
        const struct wire_interface *const *interfaces; /* ended by NULL; nas.job is added */
        const struct operations *operations;            /* its hand's; NULL: no hand */
        const char *chain;                              /* its chain in the ledger */
        const struct db_statement *statements;          /* its own; the ledger's are added before them */
        size_t statement_count;
        int (*prepare)(void);   /* the only moment with open rights; NULL */
        void (*start)(void);    /* everything is up, the loop about to run; NULL */
        void (*database)(enum db_state state); /* NULL */
};

/* What handlers reach. Valid after prepare. */
struct clerk_parts {
        struct loop *loop;
        struct db *db;
        struct ledger *ledger;
        struct hand_line *hand;
        struct changes *changes;
        struct trust *trust;
        size_t first_statement; /* place of the clerk's own statements in the db's list */
        uint8_t plan_key[32];   /* for plan_seal */
};
extern struct clerk_parts clerk;

int clerk_main(const struct clerk *description, int argc, char **argv);

#endif
