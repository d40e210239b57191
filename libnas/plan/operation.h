/* An operation: one entry of a hand's policy, as data. The hand executes it, the clerk plans with
 * it, the users daemon and the command line render it for people: all from this one table. */
#ifndef BULKHEAD_PLAN_OPERATION_H
#define BULKHEAD_PLAN_OPERATION_H

#include "base/role.h"

#include <stdint.h>

enum { OPERATION_PARAMS_MAX = 8, OPERATION_ARGS_MAX = 20 };

/* What the hand demands before it acts. */
enum proof {
        PROOF_CLERK,   /* its own clerk asks; harmless without a person behind it */
        PROOF_TICKET,  /* a valid ticket of at least .role */
        PROOF_WARRANT, /* also a warrant for exactly this plan */
        PROOF_CONSOLE, /* the peer is uid 0 itself, as the kernel says */
};

enum act {
        ACT_RUN,  /* a program with an argument template */
        ACT_FILE, /* a file with a line template */
        ACT_UNIT, /* a systemd unit action */
        ACT_CALL, /* a named C function of the hand */
        /* A row of the clerk's own tables, and nothing else anywhere. Its clerk writes it in one transaction with
         * intent and outcome, so that there is nothing between them to finish or to undo. Never with other steps in one
         * plan; hands refuse it. */
        ACT_TABLE,
};

enum {
        OPERATION_ANSWERS = 1 << 0,  /* gives an answer and is not part of plans: no journal, no undo */
        OPERATION_OWN = 1 << 1,      /* a ticket below .role is enough when the first value is the ticket's own name */
        OPERATION_DESTROYS = 1 << 2, /* what it takes away cannot be brought back */
        OPERATION_BETWEEN = 1 << 3, /* short, and takes away what somebody may do: a plan of such steps alone is carried
                                       out between two steps of another, so that signing somebody out never waits */
        OPERATION_LETS = 1 << 5,    /* the hand only lets it happen (ticket, warrant, journal): the deed is somebody
                                       else's, whom    its clerk asks after that */
        OPERATION_FORWARD = 1 << 4, /* nothing is lost, but it cannot be taken back either: a session that ended */
        OPERATION_ONWARD = OPERATION_DESTROYS | OPERATION_FORWARD /* once begun, a crash is finished, not undone */
};

struct operation {
        const char *name;
        const char *says; /* for people: "Create the Unix account {name} with number {uid}" */
        enum proof proof;
        enum role role;
        unsigned flags;
        /* "name:user_name": a parameter and its value type, in the order values travel. "name:type?"
         * may be empty. "name:type*" (last only) takes the rest of the values, any number. */
        const char *params[OPERATION_PARAMS_MAX + 1];
        enum act act;
        const char *program;                      /* ACT_RUN: absolute path */
        const char *args[OPERATION_ARGS_MAX + 1]; /* ACT_RUN: "{name}" is a value; a value never starts an option:
                                                     write "--" before it or "--option={name}" */
        const char *input;                        /* ACT_RUN: template for standard input, where secrets go */
        const char
                *refuses;  /* ACT_RUN: the parameter of the request that is wrong when the program ends with status 2 */
        int already;       /* ACT_RUN: the status by which the program says that it is so already, beside 0 */
        const char *path;  /* ACT_FILE: template of the path below its fixed directory. ACT_TABLE: the table */
        const char *lines; /* ACT_FILE: template of the content, "{{" is a brace; a line with a "*" parameter is there
                              once a value; NULL: the file is removed. ACT_TABLE: what is written, for people */
        const char *check; /* ACT_FILE: a function of the hand that must accept the content before it is put in place */
        const char *verb;  /* ACT_UNIT: "start", "stop", "restart" or "reload", as systemctl calls them, or
                              "daemon-reload" */
        const char *unit;  /* ACT_UNIT: template of the unit's name; NULL for "daemon-reload" */
        const char *call;  /* ACT_CALL: the function's name in the hand's binding table. ACT_FILE: the function that has
                              the file taken into use, also when what was there before is put back; NULL: it is read */
        const char *guard; /* a function of the hand that must agree before the step is journaled or done */
        /* The operation that takes this one back, and which of this one's parameters become its values, in its
         * order. An undo is never given from outside, so nobody can redirect it. NULL: nothing to take back.
         * ACT_FILE needs none: what was there before is kept and put back. */
        const char *undo;
        const char *undo_values[OPERATION_PARAMS_MAX + 1];
};

/* A hand's whole list. Numbers are the enumerators of policy/NAME_operations.h; they are never reused. */
struct operations {
        const char *hand; /* "users" */
        const struct operation *list;
        uint16_t count;
};

/* Every list, ended by NULL; defined in policy/all.c. */
extern const struct operations *const operation_lists[];
/* NULL when there is no such hand. */
const struct operations *operations_of(const char *hand);

#endif
