/* One change from plan to outcome, the same for every clerk: dry run, warrant, intent in the ledger together
 * with the wanted configuration, the hand, progress, outcome in the ledger, journal forgotten, answer.
 * No database: refused before anything is done. Hand gone: looked up until known. */
#ifndef BULKHEAD_STATE_CHANGE_H
#define BULKHEAD_STATE_CHANGE_H

#include "ledger/ledger.h"
#include "plan/plan.h"
#include "state/hand.h"
#include "wire/wire.h"

struct changes; /* the engine of one clerk */

struct changes *changes_new(struct loop *loop, struct db *db, struct ledger *ledger, struct hand_line *hand,
                            const struct operations *operations);
void changes_free(struct changes *changes);
/* After start and whenever database or hand come back: intents without an outcome are looked up in the hand's
 * journal and closed. Call when the database is ready. */
void changes_resume(struct changes *changes);

struct change {
        struct plan *plan;
        const char *object;      /* for the ledger: "user alice" */
        const char *who;         /* who is affected, in words, for the dry run; "" */
        bool always_warrant;     /* beyond what the operations ask */
        db_fill *wanted;         /* statements in the intent's transaction; NULL */
        db_fill *settled;        /* statements in the outcome's transaction, on success; NULL */
        void (*finish)(struct call *call, const struct reply *reply, void *context); /* answers on success */
        void *context;           /* for the three; lives in the call's arena */
};

/* Takes over the call: answers it, now or later. If the client goes away the change goes on. */
void change_run(struct changes *changes, struct call *call, const struct change *change);

/* A refusal for the ledger and the journal; used by the gate for every call that is turned away. */
void changes_refused(struct changes *changes, struct call *call, const struct failure *failure);

#endif
