/* The front end's side of Varlink: all connections of this process to one daemon. Calls never wait for each other
 * longer than they must: Varlink answers in order, so quick reads share a connection (their messages go out in one
 * write), and so do changes of one method that are asked for in the same moment (they wait for one hand, or share a
 * commit); everything else has one of its own while it lasts. Connections are kept, made again when lost, and limited.
 */
#ifndef BULKHEAD_WIRE_LINE_H
#define BULKHEAD_WIRE_LINE_H

#include "base/failure.h"
#include "json/json.h"
#include "sys/loop.h"

#include <stdbool.h>
#include <stddef.h>

struct wire_line;
struct wire_ask; /* one call under way */

enum wire_manner {
        WIRE_QUICK,  /* answered from memory: shares a connection, unless what is before it takes long */
        WIRE_ALONE,  /* may take long: a connection of its own */
        WIRE_CHANGE, /* the same, but shared with its like that go out in the same write */
        WIRE_MORE,   /* several replies: a connection of its own, until the last */
};

struct wire_answer {
        const char *error;      /* NULL: none; "nas.error.NotFound" */
        const char *parameters; /* as the daemon wrote them: one JSON object's text, not ended by NUL */
        size_t length;
        const struct json_place *members; /* what wire_ask_wants named, found in the parameters; NULL: nothing was */
        bool continues;                   /* more replies come */
        int fd;         /* that came with it, now the receiver's; -1 */
        /* Nobody answered: FAILURE_UNAVAILABLE (down, hung up: nothing is known of what it did) or FAILURE_BUSY; error
         * is NULL then and parameters too. */
        const struct failure *failure;
        bool timed_out; /* it is there and does not answer: 504 rather than 503 */
};
typedef void wire_answered(const struct wire_answer *answer, void *context);

struct wire_line_limits {         /* 0: the default in brackets */
        unsigned connections_max; /* [64] */
        unsigned waiting_max;     /* [1024] calls that wait for a connection; beyond: FAILURE_BUSY */
        unsigned timeout_ms;      /* [30000] until the first reply; replies that follow have none */
        size_t message_max;       /* [4 MiB] of one reply */
        size_t backlog_max;       /* [1 MiB] calls not yet taken by the daemon */
};

struct wire_line *wire_line_new(struct loop *loop, const char *socket_path, const struct wire_line_limits *limits);
void wire_line_free(struct wire_line *line);

/* parameters: one JSON object, complete with "caller". answered is told once, or for each reply with WIRE_MORE; never
 * from within this call. */
struct wire_ask *wire_line_call(struct wire_line *line, const char *method, const char *parameters, size_t length,
                                enum wire_manner manner, wire_answered *answered, void *context);
/* Members of the parameters that are to be found while the reply is read, so that a long one is not read twice. The
 * places are the caller's until the last reply. */
void wire_ask_wants(struct wire_ask *ask, struct json_place *members, size_t count);
/* Nobody wants the answer any more; nothing is told after this. A change goes on all the same. */
void wire_ask_cancel(struct wire_ask *ask);
/* The receiver has no room: stop reading this ask's connection (WIRE_MORE only), go on. */
void wire_ask_pause(struct wire_ask *ask);
void wire_ask_resume(struct wire_ask *ask);

bool wire_line_is_up(const struct wire_line *line); /* was it there at the last try? */

#endif
