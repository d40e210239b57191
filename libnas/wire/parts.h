/* What the files of wire/ share; nobody else includes it. */
#ifndef BULKHEAD_WIRE_PARTS_H
#define BULKHEAD_WIRE_PARTS_H

#include "wire/wire.h"

#include <stdint.h>

struct buffer { /* bytes from start to end wait; what lies before start is gone */
        char *bytes;
        size_t start, end, size;
};

void buffer_put(struct buffer *buffer, const char *bytes, size_t length);
char *buffer_room(struct buffer *buffer, size_t length); /* room for length bytes behind end */
void buffer_took(struct buffer *buffer, size_t length);  /* drops from the front */
void buffer_free(struct buffer *buffer);                 /* wipes: tickets and passwords pass through */

struct call {
        struct connection *connection; /* NULL: the client is gone */
        struct call *next;             /* asked after this one */
        struct arena *arena;
        struct json *message, *parameters;
        const struct wire_interface *interface;
        const struct wire_method *method;
        struct caller caller;
        struct peer peer;
        struct buffer held; /* replies that wait for the calls before this one */
        int held_fd;        /* to pass with the last of them; -1 */
        size_t held_fd_at;  /* where in held that one begins */
        int fd;             /* that came with the call; -1 */
        size_t asked;       /* bytes of the message */
        bool more, oneway, done;
        bool watches; /* it counts among the front end's */
        uint64_t moment;
        void (*gone)(void *context);
        void *gone_context;
        void (*room)(void *context);
        void *room_context;
        void *bearer;
        struct imagined *imagined; /* asked by ourselves; NULL */
};

struct imagined { /* the answer to a call that nobody made */
        struct arena *arena;
        bool answered;
        const char *parameters; /* NULL: it failed */
        size_t length;
};

struct came { /* a descriptor that was received: it belongs to the message that byte number `end` - 1 is part of */
        int fd;
        uint64_t end;
};

struct passing { /* a descriptor to be sent with the bytes from..to of the output, and with no others */
        struct passing *next;
        int fd;
        uint64_t from, to;
};

struct connection {
        struct wire_server *server;
        struct connection *before, *after;
        int fd;
        struct peer peer;
        struct loop_watch *watch;
        struct loop_watch *again; /* it gets a turn as soon as the loop is back; NULL */
        struct buffer input, output;
        bool borrows;             /* the input is the server's scratch; its turn does not end so */
        size_t scanned;           /* bytes of input known to have no NUL */
        uint64_t received, taken; /* bytes of all time: got from the client, and used up */
        uint64_t put, sent;       /* the same, for the output */
        struct came came[2];      /* one for a message that is being completed, one for what follows it */
        unsigned came_count;
        struct passing *passing;
        struct call *first, *last;
        unsigned calls;
        size_t asked; /* bytes of the messages of the open calls */
        bool busy;    /* has its turn: flush and close when that is done */
        bool due;     /* in the server's list */
        struct connection *next_due;
        bool closing; /* close when the output is out */
        bool broken;  /* close now */
};

struct wire_server {
        struct loop *loop;
        struct wire_service service;
        struct loop_watch *accepting, *draining, *hearing, *resting;
        int listening;
        char *scratch; /* what is received lies here first, so that idle connections have no buffer */
        struct connection *connections;
        struct connection *due; /* answered, and to be flushed before the loop waits again */
        struct loop_watch *flushing;
        unsigned clients, front_watches;
        uint64_t moment; /* grows with each turn of a connection */
        bool drains;
        bool hears; /* still, who was let in and has said nothing */
};

/* connection.c. A connection is freed only by the loop, never from within a reply. */
void connection_new(struct wire_server *server, int fd, const struct peer *peer);
void connection_free(struct connection *connection);
void connection_drain(struct connection *connection); /* frees it when nothing of it is worth waiting for */
/* A call was answered: flush; the rest has its turn later. Where others are open that may be answered in the same
 * moment and this was its last reply, all go out together before the loop waits again. */
void connection_after_reply(struct connection *connection, bool last);
void connections_flush(void *context); /* those of that server, by the loop */

/* stream.c: the bytes and descriptors of a connection. What fails makes it broken. */
void stream_receive(struct connection *connection);
void stream_keep(struct connection *connection);                 /* what was received and is not used up yet */
int stream_take_fd(struct connection *connection, uint64_t end); /* that belongs to the message that ends there; -1 */
void stream_flush(struct connection *connection);
void stream_move(struct connection *connection, struct call *call); /* the first call's held output goes out */
size_t stream_waits(const struct connection *connection);           /* bytes the client has not taken, held ones too */
void stream_free(struct connection *connection);

/* call.c */
void call_begin(struct connection *connection, const char *bytes, size_t length);
void call_too_large(struct connection *connection);
void call_drop(struct call *call); /* its client is gone */
void call_free(struct call *call);
bool call_is_watch(const struct call *call); /* it has no last answer */
/* Answers; error: NULL or its whole name; parameters: NULL is {}; fd: -1 or to be passed. */
void call_answer(struct call *call, const char *error, const struct json_out *parameters, bool continues, int fd);

/* fail.c */
void call_varlink_error(struct call *call, const char *error, const char *member, const char *value);

/* caller.c: reads the member "caller", whose texts stay where they are; 0 or -1 (the member that is wrong in
 * *ret_wrong). */
int caller_read(struct arena *arena, const struct json *value, struct caller *ret_caller, const char **ret_wrong);

/* service.c: org.varlink.service. */
extern const struct wire_interface service_interface;
const struct wire_interface *service_find(const struct wire_server *server, const char *name, size_t length);

/* server.c */
void server_gone(struct wire_server *server); /* a connection was freed */

#endif
