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
        int held_fd;        /* to pass with the held reply; -1 */
        int fd;             /* that came with the call; -1 */
        bool more, oneway, done;
        void (*gone)(void *context);
        void *gone_context;
        void *bearer;
};

struct connection {
        struct wire_server *server;
        struct connection *before, *after;
        int fd, came_fd; /* came_fd: a descriptor received for the next message; -1 */
        struct peer peer;
        struct loop_watch *watch;
        struct buffer input, output;
        int output_fd;  /* to pass with the first byte of output; -1 */
        size_t scanned; /* bytes of input known to have no NUL */
        struct call *first, *last;
        unsigned calls;
        bool busy;    /* inside its own reading: flush and close when that is done */
        bool closing; /* close when the output is out */
        bool broken;  /* close now */
};

struct wire_server {
        struct loop *loop;
        struct wire_service service;
        struct loop_watch *accepting, *draining;
        int listening;
        struct connection *connections;
        unsigned clients;
        bool drains;
};

/* connection.c */
void connection_new(struct wire_server *server, int fd, const struct peer *peer);
void connection_free(struct connection *connection);
void connection_after_reply(struct connection *connection);             /* a call was answered: flush, read on */
void connection_move(struct connection *connection, struct call *call); /* held output of the first calls goes out */

/* call.c */
void call_begin(struct connection *connection, const char *bytes, size_t length);
void call_drop(struct call *call); /* its client is gone */
void call_varlink_error(struct call *call, const char *error, const char *member, const char *value);

/* caller.c: reads the member "caller"; 0 or -1 (the member that is wrong in *ret_wrong). */
int caller_read(struct arena *arena, const struct json *value, struct caller *ret_caller, const char **ret_wrong);

/* service.c: org.varlink.service. */
extern const struct wire_interface service_interface;
const struct wire_interface *service_find(const struct wire_server *server, const char *name, size_t length);

/* server.c */
void server_gone(struct wire_server *server); /* a connection was freed */

#endif
