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
        const struct wire_interface *const *interfaces;    /* ended by NULL; nas.job is added */
        const struct wire_interface *const *(*more)(void); /* those that come and go, see struct wire_service; NULL */
        const struct operations *operations;               /* its hand's; NULL: no hand */
        const char *chain;                                 /* its chain in the ledger; NULL: none */
        /* Its own; the ledger's are added before them. With operations they begin with CHANGE_STATEMENTS. */
        const struct db_statement *statements;
        size_t statement_count;
        change_settle *settle;                                                  /* see struct changes_parts; NULL */
        void (*acted)(const struct plan *plan, loop_tick *done, void *context); /* the same; NULL */
        void (*settled)(loop_tick *done, void *context);                        /* the same; NULL */
        bool (*mirror)(const struct action *action);                            /* the same; NULL */
        int (*prepare)(void);                  /* the only moment with open rights; 0 or -errno; NULL */
        void (*start)(void);                   /* everything is up, the loop about to run; NULL */
        void (*each_second)(void);             /* NULL */
        void (*database)(enum db_state state); /* NULL */
        void (*stop)(loop_tick *done); /* asked to end: call done (with NULL) when the last things are done; NULL */
};

/* What handlers reach. Valid after prepare. */
struct clerk_parts {
        struct loop *loop;
        struct db *db;
        struct ledger *ledger;  /* NULL without a chain */
        struct hand_line *hand; /* NULL without operations */
        struct changes *changes;
        struct trust *trust;
        size_t first_statement; /* place of the clerk's own statements in the db's list */
        uint8_t plan_key[32];   /* for plan_seal */
};
extern struct clerk_parts clerk;

/* The parts that work together once the fences stand: database, ledger, engine, server, all but the sockets. Also for
 * tests, which make the loop and the trust first. */
struct wire_server *clerk_assemble(const struct clerk *description, const char *conninfo);

void clerk_take_apart(void); /* all of that again, loop and trust too */

int clerk_main(const struct clerk *description, int argc, char **argv);

#endif
