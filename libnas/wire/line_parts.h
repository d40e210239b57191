/* What the files of a line (wire/line.h) share; nobody else includes it.
 *
 * Links are freed, and answers told, only by the loop: by a link that has something to read, by the line's task and by
 * its timer. Whoever else wants something of a link marks it and wakes the task. */
#ifndef BULKHEAD_WIRE_LINE_PARTS_H
#define BULKHEAD_WIRE_LINE_PARTS_H

#include "wire/line.h"
#include "wire/parts.h"

enum {
        LINE_STALE_MS = 3,    /* who waits so long for its oldest call is asked no more */
        LINE_RESERVED = 2,    /* links that calls with one of their own leave to the quick ones */
        LINE_IDLE_KEPT = 32,  /* links without a call that are kept */
        LINE_JOINED_MAX = 32, /* changes that share a link */
        LINE_READ_BYTES = 32 * 1024,
        LINE_ERROR_SIZE = 128, /* of an error's name */
};

enum ask_why { ASK_BUSY, ASK_AWAY, ASK_LATE, ASK_LOST, ASK_WRONG };

struct line_queue {
        struct wire_ask *first, *last;
        unsigned count;
};

struct wire_ask {
        struct wire_line *line;
        struct line_link *link; /* NULL: it waits for one */
        struct wire_ask *next;
        wire_answered *answered; /* NULL: nobody wants the answer any more */
        void *context;
        struct json_place *members; /* wanted of the parameters; NULL */
        size_t member_count;
        uint64_t until_ms; /* of its first reply */
        uint64_t put_ms;   /* when it was given to its link */
        uint64_t from;     /* where in the link's output it begins */
        enum wire_manner manner;
        bool again;       /* it is asked for the second time */
        bool begun;       /* a reply came */
        bool telling;     /* its answered is being called */
        enum ask_why why; /* refused */
        size_t method;    /* bytes of the message up to the end of its method's name */
        size_t length;
        char message[];
};

enum line_list { LINKS_IDLE, LINKS_SHARED, LINKS_OWN, LINE_LISTS }; /* OWN: takes no further call */

struct line_link { /* one connection */
        struct wire_line *line;
        struct line_link *before, *after; /* in its list */
        enum line_list list;
        struct line_link *next_due;
        int fd;
        struct loop_watch *watch;
        struct buffer input, output;
        size_t scanned;           /* bytes of input known to have no NUL */
        uint64_t received, taken; /* bytes of all time */
        uint64_t put, sent;
        int came_fd; /* a descriptor, of the reply that byte number came_end - 1 is part of; -1 */
        uint64_t came_end;
        struct line_queue asks;
        unsigned answers; /* so far */
        unsigned wanted;  /* of them: somebody wants the answer */
        unsigned epoch;   /* of the line, when it was made */
        bool due;         /* the task is to look at it */
        bool paused;
        bool lost;  /* the daemon hung up */
        bool wrong; /* the daemon broke the rules */
        bool over;  /* close it when its output is out */
};

struct wire_line {
        struct loop *loop;
        char *path, *name;
        struct wire_line_limits limits;
        struct line_link *lists[LINE_LISTS], *due;
        unsigned links, idle;
        unsigned epoch; /* grows when a link is lost: those that are older are not trusted any more */
        struct line_queue waiting, refused; /* refused: to be told that nothing comes of them, and why */
        size_t backlog;                     /* bytes of calls that the daemon has not taken */
        struct loop_watch *task, *clock;    /* clock: for what times out; runs while somebody waits */
        bool clock_runs;
        struct loop_watch *retry;
        unsigned failures;         /* in a row */
        uint64_t answers;          /* so far */
        bool up, resting, telling; /* resting: no link is made; telling: something of it runs */
        char *scratch;             /* LINE_READ_BYTES: so that idle links have no buffer */
};

/* line_ask.c */
void queue_add(struct line_queue *queue, struct wire_ask *ask);
struct wire_ask *queue_take(struct line_queue *queue);
void ask_free(struct wire_ask *ask);
void ask_fail(struct wire_ask *ask, enum ask_why why); /* tells it, if anybody wants to know; does not free it */
void line_again(struct wire_line *line, struct line_queue *asks); /* these wait for another link, before all others */

/* line.c */
void line_failed(struct wire_line *line); /* once more: longer until the next try */

/* line_link.c */
struct line_link *link_new(struct wire_line *line, int fd);
void link_free(struct line_link *link); /* its asks too; nothing is told */
void link_move(struct line_link *link, enum line_list list);
void link_due(struct line_link *link);
void link_put(struct line_link *link, struct wire_ask *ask);
void link_turn(struct line_link *link); /* by the task; may free it */

/* line_reply.c: pure; fuzzed. */
struct line_reply {
        char error[LINE_ERROR_SIZE]; /* "": none */
        const char *parameters;
        size_t length;
        bool continues;
};
/* A reply's bytes, without the NUL, and members of its parameters. 0, or -1: not one. */
int line_reply_read(const char *bytes, size_t length, struct json_place *members, size_t count,
                    struct line_reply *ret_reply);

#endif
