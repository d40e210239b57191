/* One action: guard, journal, deed. */
#ifndef BULKHEAD_ACT_STEP_H
#define BULKHEAD_ACT_STEP_H

#include "act/execute.h"

/* A plan or an answer under way. */
struct act_work {
        struct act_hand *act;
        struct arena *arena;
        const struct ticket *ticket; /* NULL: resumed after a crash, or the operation asks for none */
        const struct peer *peer;
        int output_fd;
        struct journal *journal; /* NULL: an operation that answers */
        struct writer answer;
};

/* 0 (also when the guard says that it is so already), or -1 with *failure. */
int step_do(struct act_work *work, uint16_t step, const struct action *action, struct failure *failure);
int step_undo(struct act_work *work, uint16_t step, const struct action *action, struct failure *failure);

#endif
