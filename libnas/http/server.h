/* An HTTP/1.1 server on the event loop: connections, their deadlines and limits, bodies that stream both ways in
 * bounded memory, keep-alive and pipelining, and upgrades to WebSocket. It knows nothing of routes.
 *
 * A connection that idles keeps no buffer and no arena. Everything about one request is an exchange; it lives until
 * its answer is out (or its client gone) and then its arena goes at once. */
#ifndef BULKHEAD_HTTP_SERVER_H
#define BULKHEAD_HTTP_SERVER_H

#include "base/arena.h"
#include "http/head.h"
#include "http/text.h"
#include "sys/loop.h"
#include "tls/tls.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http_server;
struct exchange;

struct http_limits {               /* 0: the default in brackets */
        unsigned connections_max;  /* [12000] */
        unsigned per_address_max;  /* [512] connections of one address (of one /64); a Unix peer counts by what it
                                    * forwards for */
        unsigned handshake_ms;     /* [5000] */
        unsigned head_ms;          /* [10000] for a whole head, from its first byte */
        unsigned idle_ms;          /* [30000] between requests */
        unsigned body_bytes_per_s; /* [4096] at least, in both directions, after a grace */
        unsigned grace_ms;         /* [5000] */
        unsigned requests_max;     /* [10000] on one connection */
        size_t output_max;         /* [256 KiB] waiting for the client; then pieces must wait */
        unsigned lingering_ms;     /* [2000] reading on after a refusal, so that the answer is seen */
        unsigned ping_ms;          /* [30000] between pings to a WebSocket */
};

/* How requests come in. Copied. */
struct http_door {
        bool tls;   /* else plain */
        bool proxy; /* whoever connects is a trusted proxy: X-Forwarded-For, -Proto and -Host are believed, when there
                     * is exactly one of each */
        bool redirect;    /* plain port 80: answers only with 308 to https, and /.well-known/acme-challenge/ */
        unsigned https;   /* of a redirect: the port to go to; 0: 443 */
        const char *acme; /* of a redirect: the folder in which that lies; not copied; NULL: none */
};
#define HTTP_ACME_FOLDER "/run/bulkhead/acme" /* made for the account that renews certificates */

struct http_service {
        struct http_limits limits;
        /* The head is complete and well formed; answer now or later. Bodies are not read before somebody asks. */
        void (*serve)(struct exchange *exchange, void *context);
        /* The engine refuses by itself (malformed, too large, too slow): the same shape of answer as the rest has.
         * Called with an exchange whose head may be empty; must answer at once. */
        void (*refuse)(struct exchange *exchange, int status, const char *why, void *context);
        void (*log)(const struct exchange *exchange, int status, uint64_t sent, uint64_t took_us, void *context);
        void *context;
};

struct http_server *http_server_new(struct loop *loop, const struct http_service *service);
void http_server_free(struct http_server *server);
void http_server_identity(struct http_server *server,
                          struct tls_identity *identity); /* takes it; for new connections */
void http_server_listen(struct http_server *server, int listening_fd, const struct http_door *door);
/* For tests: a connected socket instead of an accepted one. */
void http_server_adopt(struct http_server *server, int fd, const struct http_door *door);
/* Takes no more connections, lets open requests finish, tells WebSockets to come back; then loop_stop. */
void http_server_drain(struct http_server *server);

struct http_counts { /* for metrics */
        uint64_t accepted, requests, refused, bytes_in, bytes_out;
        unsigned open, websockets;
};
const struct http_counts *http_server_counts(const struct http_server *server);

/* --- one exchange --- */
const struct http_head *exchange_head(const struct exchange *exchange);
struct arena *exchange_arena(struct exchange *exchange);
struct http_server *exchange_server(const struct exchange *exchange);
struct http_text exchange_path(const struct exchange *exchange); /* without one trailing slash */
const char *exchange_address(const struct exchange *exchange);   /* the client's; behind a proxy, what that says */
bool exchange_is_secure(const struct exchange *exchange);        /* TLS, here or at the proxy */
const char *exchange_request_id(struct exchange *exchange);      /* a UUID: X-Request-Id when it is one, else made */
void exchange_set(struct exchange *exchange, void *own);         /* a place for the layer above */
void *exchange_own(const struct exchange *exchange);
/* The client went away before the answer was complete; the exchange ends after that. Without it the exchange lives on
 * until it is answered, to nobody. */
void exchange_on_gone(struct exchange *exchange, void (*gone)(struct exchange *exchange, void *context), void *context);

/* Reads the whole body, then calls done (perhaps before this returns); the bytes live as long as the exchange. Longer
 * than max: 413 by itself and done is never called. Sends 100 Continue when it was asked for. */
void exchange_read_all(struct exchange *exchange, size_t max,
                       void (*done)(struct exchange *exchange, const char *bytes, size_t length, void *context),
                       void *context);
/* Reads it piece by piece; last: nothing more comes. Pausing stops the client by the window of TCP. */
void exchange_read(struct exchange *exchange,
                   void (*piece)(struct exchange *exchange, const char *bytes, size_t length, bool last, void *context),
                   void *context);
void exchange_pause(struct exchange *exchange);
void exchange_resume(struct exchange *exchange);

/* --- answers --- A field before the answer; name and value are copied. Content-Length, Date, Connection and
 * Transfer-Encoding are the engine's. */
void exchange_field(struct exchange *exchange, const char *name, const char *value);
/* Fields that are known to be in order, each with its line's end: they are not looked at. */
void exchange_fields(struct exchange *exchange, const char *lines, size_t length);
/* The whole answer: one write. bytes are copied or sent at once. HEAD: the length without the body. */
void exchange_answer(struct exchange *exchange, int status, const void *bytes, size_t length);
/* A part of a file; the descriptor is the engine's from now on. */
void exchange_answer_file(struct exchange *exchange, int status, int fd, uint64_t offset, uint64_t length);
/* In pieces, of a length that nobody knows yet (chunked). false: the client is slow; this piece is taken, but wait for
 * room before the next one. */
void exchange_answer_begin(struct exchange *exchange, int status);
bool exchange_answer_piece(struct exchange *exchange, const void *bytes, size_t length);
void exchange_answer_end(struct exchange *exchange);
void exchange_on_room(struct exchange *exchange, void (*room)(struct exchange *exchange, void *context), void *context);
/* Cut off: an answer that has begun cannot be completed. */
void exchange_abort(struct exchange *exchange);
/* After this answer the connection ends. */
void exchange_close_after(struct exchange *exchange);

/* A whole entity with everything that RFC 9110 offers for it: ETag and preconditions, one range, gzip where the type
 * and the size make it pay (never when secret), HEAD. */
struct entity {
        const char *type;  /* media type */
        const void *bytes; /* or: */
        int fd;            /* a regular file, closed afterwards; -1: bytes */
        uint64_t length;
        const char *etag;     /* with quotes; NULL: none */
        time_t modified;      /* 0: unknown */
        bool secret;          /* never compressed with what a stranger chose */
        const char *encoding; /* the bytes have it already ("gzip"); NULL */
};
void exchange_answer_entity(struct exchange *exchange, int status, const struct entity *entity);

#endif
