/* What went wrong, for the person who asked: which field, what is wrong, what to do next.
 * Filled where the knowledge is, carried up untouched, written once at the door. The codes are
 * the errors of ipc/nas.error.varlink, in the same order. */
#ifndef BULKHEAD_BASE_FAILURE_H
#define BULKHEAD_BASE_FAILURE_H

enum failure_code {
        FAILURE_NONE,
        FAILURE_MALFORMED,       /* the message itself is wrong */
        FAILURE_INVALID,         /* a field's value is wrong; field says which */
        FAILURE_UNAUTHENTICATED, /* no ticket, or one that no longer holds */
        FAILURE_DENIED,          /* the role or scope does not allow it */
        FAILURE_CONFIRMATION,    /* needs a warrant for the plan that goes with the error */
        FAILURE_NOT_FOUND,
        FAILURE_CONFLICT,    /* the state does not allow it now; message names what holds it */
        FAILURE_BUSY,        /* too many; retry_s says when */
        FAILURE_UNAVAILABLE, /* the database, a hand or a tool is away; nothing was changed */
        FAILURE_FAILED,      /* a step failed and what had been done was undone */
        FAILURE_ABORTED,     /* stopped on request, undone */
};

/* What to do next when a tool failed; whoever has its output tells it instead. */
#define FAILURE_SEE_OUTPUT "Its output says more."

struct failure {
        enum failure_code code;
        char field[64];
        char message[384];
        char next[256]; /* what to do about it; may be empty */
        unsigned retry_s;
};

/* Fills *failure (NULL is fine: the caller does not care) and returns -1, so that a function can
 * end with: return failure_set(failure, FAILURE_INVALID, "name", "pick another", "is taken"); */
int failure_set(struct failure *failure, enum failure_code code, const char *field, const char *next,
                const char *format, ...) __attribute__((format(printf, 5, 6)));

/* For what the system said no to. error is 0 or more (nothing is done, 0 comes back) or -errno: fills *failure with
 * "WHAT: reason" and returns -1. */
int failure_system(struct failure *failure, enum failure_code code, const char *what, int error);

const char *failure_code_name(enum failure_code code); /* "Invalid", "NotFound" ... as in nas.error */

#endif
