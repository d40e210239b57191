/* What a hand does with a record: checks everything again, then acts, step by step, each step journaled. */
#ifndef BULKHEAD_ACT_EXECUTE_H
#define BULKHEAD_ACT_EXECUTE_H

#include "act/hand.h"

enum { ACT_JOURNALS_MAX = 16384 }; /* plans whose outcome no clerk has taken into its ledger yet */

struct act_hand { /* one hand at work */
        const struct hand *hand;
        void *state;
        struct trust *trust;
        uid_t clerk;
        int journals, spent, null_fd;    /* two directories and /dev/null */
        unsigned journal_count, running; /* plans: waiting for the ledger, and under way */
};

struct act_order { /* one record */
        struct arena *arena;
        struct request request;
        struct peer peer;
        int output_fd; /* -1: none came with it */
        /* Before each step: tells how far it is; true: the clerk wants it stopped. */
        bool (*between)(void *context, unsigned step, unsigned steps);
        void *context;
};

/* Opens directories and trust; the hand's prepare has run. 0, or -1 with *failure. */
int act_open(struct act_hand *act, const struct hand *hand, void *state, uid_t clerk, struct failure *failure);
/* Finishes or undoes what an earlier run of the hand left. */
void act_resume(struct act_hand *act);
/* Does what the record asks for and fills the reply; its memory is in the order's arena. False: there is nothing to
 * say (the peer may not send this, or a plan could not be ended yet); close its connection. */
bool act_serve(struct act_hand *act, const struct act_order *order, struct reply *ret_reply);

#endif
