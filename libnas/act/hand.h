/* A hand's working part: what happens between a record and its reply. Hands only. */
#ifndef BULKHEAD_ACT_HAND_H
#define BULKHEAD_ACT_HAND_H

/* What every hand works with. */
#include "base/arena.h"
#include "base/bytes.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "jail/process.h"
#include "plan/record.h"
#include "sys/file.h"
#include "sys/socket.h"
#include "ticket/ticket.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* What a function of the hand is given: a step of a plan, or an operation that answers. */
struct act_context {
        struct act_hand *act; /* for act/ itself */
        void *state;          /* the hand's own (from prepare) */
        struct arena *arena;
        const struct operation *operation;
        const struct action *action;
        const struct ticket *ticket;  /* NULL: this is after a crash. Role NOBODY: the operation asks for none */
        int output_fd;                /* where tools print: the clerk's pipe or /dev/null */
        bool undoing;                 /* run as somebody's undo */
        bool again;                   /* taken back only to be done once more */
        bool between;                 /* between two steps of another plan, which may yet be undone */
        struct writer *answer;        /* for operations that answer */
        struct journal_file *journal; /* of the plan; NULL for answers */
        uint16_t step;                /* place in it */
        const char *candidate;        /* for the check of an ACT_FILE: where what is to be written lies */
};

/* 0, or -1 with *failure. Must be idempotent: after a crash it may be called again.
 * A guard may also return ACT_SKIP: what the step should bring about is so already (or, for an undo, there is
 * nothing to take back); the step counts as done without being run. */
enum { ACT_SKIP = 1 };
typedef int act_function(struct act_context *context, struct failure *failure);

/* The value of a parameter; "" when there is none, or it is empty. */
const char *act_text(const struct act_context *context, const char *param);
uint64_t act_number(const struct act_context *context, const char *param);
/* Keeps bytes for this step's undo, across a crash; gone when the plan has its outcome. The first that a step
 * keeps is kept; an undo keeps nothing. 0 or -1. What was kept (malloced; wipe it), or -errno (-ENOENT). */
int act_keep(struct act_context *context, const void *bytes, size_t length, struct failure *failure);
int act_kept(struct act_context *context, uint8_t **ret_bytes, size_t *ret_length);
/* Runs a program: root's and nobody else's, with exactly these arguments (args[0] is its path), input on its standard
 * input (NULL: nothing) and nothing else of ours. 0 when it ended with 0, else -1. What it prints is not looked at. */
int act_run(const struct act_context *context, const char *const *args, const char *input, struct failure *failure);

/* Has PID 1 do what an ACT_UNIT says, and waits until it is done. 0 or -1. */
int act_unit(const struct act_context *context, struct failure *failure);

struct act_binding { /* the C functions that policies name */
        const char *name;
        act_function *function;
};

struct hand {
        const struct operations *operations;
        const struct act_binding *bindings;                        /* ended by NULL name */
        const struct process_policy *policy, *clerk;               /* its own, and that of the clerk it serves */
        int (*prepare)(void **ret_state, struct failure *failure); /* NULL: nothing to prepare; runs before the jail */
        /* Brings what it publishes in line with what a step did, or took back; NULL: nothing. Part of the step. */
        int (*publish)(const struct act_context *context, struct failure *failure);
        const char *journal_directory; /* "/var/lib/bulkhead-users-hand/journal" */
        const char *spent_directory;   /* "/run/bulkhead-users-hand/spent" */
        /* Carries out unit actions (act_unit), in the hands that have any; the others need no libsystemd. */
        int (*unit)(const struct act_context *context, struct failure *failure);
        bool revokes; /* it publishes revocations itself: what a step of a plan revokes does not stop that plan */
};

/* act/execute.h is what serve/hand.c calls; act/parts.h what the files of act/ are to each other. */

#endif
