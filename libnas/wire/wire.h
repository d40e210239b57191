/* Varlink: a service on a Unix stream socket that any Varlink client can call. Framing (JSON ended by
 * NUL), pipelined calls answered in order, more, oneway, org.varlink.service, descriptor passing.
 *
 * Every method's parameters may carry one member more than the contract says: "caller", an object of
 * type Caller (see struct caller), which the served interface description declares. It is taken out and
 * checked before the method's own reader sees the rest. */
#ifndef BULKHEAD_WIRE_WIRE_H
#define BULKHEAD_WIRE_WIRE_H

#include "base/arena.h"
#include "base/failure.h"
#include "base/role.h"
#include "json/json.h"
#include "sys/loop.h"
#include "sys/socket.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct call;

enum {
        METHOD_CHANGES = 1 << 0,  /* @plan: comes down to a plan; may be called with dry_run */
        METHOD_WARRANT = 1 << 1,  /* @warrant: always needs one */
        METHOD_MORE = 1 << 2,     /* @more: can be watched */
        METHOD_JOB = 1 << 3,      /* @job: answers with a job at once */
        METHOD_DESTROYS = 1 << 4, /* @destroys */
        METHOD_ONEWAY = 1 << 5,   /* @oneway */
        METHOD_PROGRESS = 1 << 6  /* @progress: may take long, and tells how far it is */
};

struct wire_method {
        const char *name; /* "CreateUser" */
        enum role role;
        unsigned flags;
        void (*serve)(struct call *call); /* generated: reads the parameters, then calls the handler */
        /* Of what changes something: the method that reads what stands at the same address (GET on the same route), and
         * the parameters in that address, ended by NULL. NULL: there is none. */
        const struct wire_method *reads;
        const char *const *address;
};

struct wire_interface {
        const char *name;                  /* "nas.users" */
        const char *description;           /* what GetInterfaceDescription answers */
        const struct wire_method *methods; /* ended by a NULL name */
};

/* What the front end may ask of one daemon: said here for both sides. A watch holds a connection; all processes of the
 * front end together have so many, and each some more for its calls. */
enum { WIRE_FRONT_WATCHES_MAX = 800, WIRE_FRONT_CALLS_MAX = 200, WIRE_FRONT_PROCESSES_MAX = 4 };

struct wire_limits {                  /* 0: the default in brackets */
        size_t message_max;           /* [1 MiB] bytes of one message; also where all open calls of a client together
                                       * keep it from being read further */
        size_t output_max;            /* [4 MiB] bytes waiting for a slow client; then it is closed */
        unsigned clients_max;         /* [256]; root gets in all the same, so that the console is never shut out */
        unsigned clients_per_uid_max; /* [128] */
        uid_t front;                  /* the front end's uid [0: there is none], which asks for many: */
        unsigned front_max;           /* [clients_per_uid_max] connections */
        unsigned front_watches_max;   /* [no limit] of them with a watch: calls keep some, however much is watched */
        unsigned calls_max;           /* [64] open calls of one client; more are not read until some are answered */
};

struct wire_service { /* what org.varlink.service.GetInfo answers, and the hooks */
        const char *vendor, *product, *version, *url;
        const struct wire_interface *const *interfaces; /* ended by NULL */
        /* Interfaces that come and go: those there are now, ended by NULL. Each must stay in memory as long as the
         * server, for calls may still name it. NULL: there are none. */
        const struct wire_interface *const *(*more)(void);
        struct wire_limits limits;
        /* May this peer connect at all? NULL: everybody who could open the socket. */
        bool (*admit_peer)(const struct peer *peer, void *context);
        /* Called before each method: 0 to go on, 1 when it has answered the call itself, or -1 with *failure (answered
         * as an error). */
        int (*admit_call)(struct call *call, const struct wire_method *method, struct failure *failure, void *context);
        /* Told of a call that was admitted and whose parameters are not what the contract says; it is answered after
         * that. NULL: nobody need know. */
        void (*misread_call)(struct call *call, const struct failure *failure, void *context);
        void *context;
};

struct wire_server;
struct wire_server *wire_server_new(struct loop *loop, const struct wire_service *service);
void wire_server_listen(struct wire_server *server, int listening_fd); /* takes the descriptor */
void wire_server_adopt(struct wire_server *server, int connected_fd);  /* a client that came another way (tests) */
void wire_server_drain(struct wire_server *server); /* accept no more; finish what is open; then loop_stop */
void wire_server_free(struct wire_server *server);

/* What the caller said about itself in "caller". Texts are "" when absent. Nothing in it is believed yet. */
struct caller {
        const char *ticket, *warrant;
        const char *request;     /* request id for the log and ledger; a UUID or ""; made up when absent */
        const char *address;     /* where the request came from, as the front end says */
        const char *idempotency; /* Idempotency-Key */
        const char *if_match;    /* the version a change is meant for */
        bool dry_run;
};

/* A call lives until it is answered for good (call_reply or call_fail); when its client is gone before that, until
 * its gone callback was told or, without one, until it is answered all the same (to nobody). */
struct arena *call_arena(struct call *call);
const struct wire_method *call_method(const struct call *call);
const struct wire_interface *call_interface(const struct call *call);
const struct json *call_parameters(const struct call *call); /* without "caller" */
const struct caller *call_caller(const struct call *call);
const struct peer *call_peer(const struct call *call);
/* The same number, never 0, for calls that all were there before the first of them was served: what is looked up for
 * one holds for the others. */
uint64_t call_moment(const struct call *call);
bool call_wants_more(const struct call *call);
bool call_is_oneway(const struct call *call);
/* A descriptor that came with it, now the caller's; -1: none. Only while it is being served: then it is closed. */
int call_take_fd(struct call *call);
/* For who answers later: told when the client is gone; the call must not be touched after that. Never from within a
 * reply, so that a call is there until it was answered for good or the loop was back. */
void call_on_gone(struct call *call, void (*gone)(void *context), void *context);
/* For who streams: bytes that this call's client was told and has not taken yet, and (asked for while there are some;
 * told once, by the loop) that it has taken them all. room may answer its own call and no other. */
size_t call_backlog(const struct call *call);
void call_on_room(struct call *call, void (*room)(void *context), void *context);
/* What would this method answer to the same caller now, asked with these of the call's parameters alone? The reply's
 * parameters as they would be written, in the call's arena; NULL: it fails or cannot say at once. The bearer goes along
 * (so many bytes of it). */
const char *call_imagine(struct call *call, const struct wire_method *method, const char *const *parameters,
                         size_t bearer_bytes, size_t *ret_length);
/* A place for the layer above (state/): set in admit_call, read by handlers. */
void call_set_bearer(struct call *call, void *bearer);
void *call_bearer(const struct call *call);

/* Answers. parameters: a complete JSON object; NULL means {}. */
void call_reply(struct call *call, const struct json_out *parameters);
void call_reply_more(struct call *call, const struct json_out *parameters); /* "continues": true */
/* {"progress": ...} in between, for who wants more. */
void call_progress(struct call *call, unsigned step, unsigned steps, unsigned percent, const char *words);
void call_reply_fd(struct call *call, const struct json_out *parameters, int fd); /* passes fd, then closes it */
/* Answers with the nas.error of the failure's code: {field?, message, next?, retry?}; extra (NULL is
 * fine) adds members, as JSON object text without braces. */
void call_misread(struct call *call, const struct failure *failure); /* the parameters: for generated code */
void call_fail(struct call *call, const struct failure *failure);
void call_fail_extra(struct call *call, const struct failure *failure, const struct json_out *extra_object);
/* Reserved errors: org.varlink.service.InvalidParameter and kin. */
void call_invalid_parameter(struct call *call, const char *parameter);

#endif
