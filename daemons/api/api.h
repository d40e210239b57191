/* The front end: HTTP on one side, Varlink on the other, and contracts that say how one becomes the other. It knows no
 * method by name but two of the users daemon's: Exchange (a cookie or key for a ticket) and Refresh.
 *
 * One request: guard (Host, Origin, headers) -> route -> who (a ticket) -> request (parameters, checked and encoded
 * anew)
 * -> line -> answer (as the daemon wrote it, or a problem). */
#ifndef BULKHEAD_API_API_H
#define BULKHEAD_API_API_H

#include "base/arena.h"
#include "http/server.h"
#include "ipc/compiler/idl.h"
#include "json/json.h"
#include "sys/modules.h"
#include "ticket/ticket.h"
#include "ticket/trust.h"
#include "wire/line.h"

#include <stdbool.h>
#include <stddef.h>

enum {
        API_BODY_MAX = 1024 * 1024,
        API_BODY_BEFORE_SIGN_IN_MAX = 8192,
        API_LINES_MAX = 32,
        API_CONTRACTS_MAX = API_LINES_MAX + MODULES_MAX
};

/* Settings: those of /etc/bulkhead/bulkhead.conf that are its own, read once and strictly. */
struct api_settings {
        const char *const *hosts; /* BULKHEAD_HOSTS: names this machine answers to, beside its addresses, localhost, its
                                   * own name and the names in its certificate; ended by NULL */
        const char *const *origins; /* BULKHEAD_ORIGINS: other sites whose pages may ask (CORS); ended by NULL; none */
        const char *name;           /* this machine's own, as it was at the start */
        const char *contracts;      /* BULKHEAD_CONTRACTS: folder, /usr/share/bulkhead/contracts */
        const char *web;            /* BULKHEAD_WEB: folder, /usr/share/bulkhead/web */
        const char *sockets;        /* BULKHEAD_SOCKETS: folder, /run/bulkhead */
        unsigned https_port;        /* BULKHEAD_HTTPS_PORT: under which others reach it; 0: the one it listens at */
        unsigned answer_s;          /* BULKHEAD_ANSWER_SECONDS: how long a daemon may take to answer, 30 */
};

/* A daemon that serves contracts: /run/bulkhead/NAME.sock. */
struct api_line {
        const char *name; /* "users" */
        struct wire_line *line;
};

/* A method as it can be reached. */
struct api_method {
        const struct idl_contract *contract;
        const struct idl_member *method;
        const char *name;            /* "nas.users.ListUsers" */
        const struct api_line *line; /* NULL: every daemon serves it for itself (nas.job) */
        enum http_method verb;       /* HTTP_OTHER: no route */
        const char *path;            /* "/api/users/{username}" */
        enum role role;
        bool changes, destroys, more, job, progress;
        const char *field, *word; /* a further route: of its items those whose field has that word; NULL: all */
};

struct api {
        struct loop *loop;
        struct http_server *server;
        struct trust *trust;
        struct arena *arena; /* what is read once at start */
        struct api_settings settings;
        const struct idl_contract *const *contracts;
        const char *const *contract_texts; /* as the files have them */
        size_t contract_count;
        const struct api_method *methods; /* by name */
        size_t method_count;
        const struct api_method *also; /* further routes of some of them */
        size_t also_count;
        struct api_line lines[API_LINES_MAX];
        size_t line_count;
        const struct tls_facts *certificate; /* NULL: behind a proxy only */
};
extern struct api api; /* one a process; filled by main.c before the loop runs */

/* --- contracts.c: at start, before the jail --- */
int api_contracts_load(struct failure *failure);
const struct api_method *api_method_find(const char *name);

/* --- route.c --- */
struct route {
        const struct api_method *method; /* NULL: the path is known, the verb is not: allow says which */
        char allow[64];                  /* "GET, HEAD, PATCH, OPTIONS" */
        unsigned param_count;
        struct {
                struct http_text name, value; /* value still percent-encoded */
        } params[8];
};
/* 0, 404 or 405. A built-in route is never shadowed by one that was dropped in. */
int route_find(enum http_method verb, struct http_text path, struct route *ret_route);

/* --- who.c: who asks --- Finds the ticket of a request: a bearer ticket itself, an API key or the session cookie
 * exchanged for one (remembered by its keyed hash until shortly before it expires; the secret itself is kept nowhere).
 * Checks Origin and the CSRF header where a cookie asks for a change. known is told with "" for nobody; when the proof
 * is bad it answers 401 or 403 by itself. */
struct bearer {
        const char *text;     /* the ticket; ""; good until known returns */
        struct ticket ticket; /* what it says; checked by the daemons, this is for sharing watches and for the log */
        bool by_cookie;
};
typedef void who_known(struct exchange *exchange, const struct bearer *bearer, void *context);
void who_asks(struct exchange *exchange, bool changes, who_known *known, void *context);
/* A fresh ticket for one that is about to expire, while its session or API key lasts. address: the client's, for keys
 * that are good from some networks only. NULL: it does not last. */
void who_refresh(const char *ticket, const char *address, void (*fresh)(const char *ticket, void *context),
                 void *context);

/* --- caller.c: the member "caller" of every call --- */
struct api_caller {
        const char *ticket, *warrant, *request, *address, *idempotency, *if_match; /* NULL or "": left out */
        bool dry_run;
};
void caller_write(struct json_out *out, const struct api_caller *caller); /* key and object */

/* --- problem.c --- RFC 9457. More: NULL or members to add, as JSON object text. */
void problem_answer(struct exchange *exchange, int status, const char *title, const char *detail, const char *next);
void problem_failure(struct exchange *exchange, const struct failure *failure);
void problem_varlink(struct exchange *exchange, const struct wire_answer *answer); /* an error of a daemon */

/* --- stream/ --- GET /api/stream: answers 101 or a problem. What exchange_own gives is ask.c's: the stream leaves it
 * alone. */
void stream_serve(struct exchange *exchange);
/* For tests and metrics. */
struct stream_counts {
        unsigned connections, watches, upstream;
};
const struct stream_counts *stream_counts(void);

#endif
