/* A hand's working part: what happens between a record and its reply. Hands only. */
#ifndef BULKHEAD_ACT_HAND_H
#define BULKHEAD_ACT_HAND_H

#include "base/arena.h"
#include "plan/record.h"
#include "sys/socket.h"
#include "ticket/ticket.h"

#include <stdbool.h>

/* What a function of the hand is given. */
struct act_context {
        struct arena *arena;
        const struct operations *operations;
        const struct operation *operation;
        const struct action *action;
        const struct ticket *ticket; /* NULL when the operation asks for none */
        const struct peer *peer;
        int output_fd;      /* where tools print: the clerk's pipe or /dev/null */
        bool undoing;       /* run as somebody's undo */
        struct writer answer; /* for answering operations */
        void *state;        /* the hand's own (struct hand.state) */
};

/* 0, or -1 with *failure. Must be idempotent: after a crash it may be called again.
 * A guard may also return ACT_SKIP: what the step should bring about is so already (or, for an undo, there is
 * nothing to take back); the step counts as done without being run. */
enum { ACT_SKIP = 1 };
typedef int act_function(struct act_context *context, struct failure *failure);

struct act_binding { /* the C functions that policies name */
        const char *name;
        act_function *function;
};

struct hand {
        const struct operations *operations;
        const struct act_binding *bindings; /* ended by NULL name */
        const struct process_policy *policy;
        int (*prepare)(void **ret_state, struct failure *failure); /* NULL: nothing to prepare; runs before the jail */
        const char *journal_directory; /* "/var/lib/bulkhead-users-hand/journal" */
        const char *spent_directory;   /* "/run/bulkhead-users-hand/spent" */
        const char *const *file_directories; /* fixed roots that ACT_FILE paths may lie in; ended by NULL */
};

/* act/execute.h, act/journal.h, act/run.h, act/spend.h hold the parts. serve/hand.h has main. */

#endif
