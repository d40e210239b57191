/* The parts of the engine, for http's own files only. Who owns what: the server its connections, a connection its
 * channel, buffers and exchange (or WebSocket). Nothing of a connection is freed but by its turn, which the loop
 * begins; so every function here may be called from within any callback. */
#ifndef BULKHEAD_HTTP_SERVER_PARTS_H
#define BULKHEAD_HTTP_SERVER_PARTS_H

#include "http/body.h"
#include "http/server.h"
#include "http/websocket.h"

#include <sys/socket.h>

enum {
        INPUT_BYTES = 16 * 1024,   /* a connection's buffer while something is being read */
        INPUTS_KEPT = 32,          /* such buffers, free */
        SCRATCH_BYTES = 64 * 1024, /* where answers are put together */
        DOORS_MAX = 8,
        ADDRESS_TEXT = 46,
        REQUEST_ID_SIZE = 37,
};

/* --- address.c: connections by address --- */
struct address { /* of one IPv4 address or one IPv6 /64 */
        struct address *next;
        uint64_t network, host;
        unsigned count;
};
enum { ADDRESS_BUCKETS = 1024 };
struct addresses {
        uint64_t seed;
        struct address *buckets[ADDRESS_BUCKETS];
};
/* ip: IPv6, or IPv4 mapped into it. NULL: it has as many as it may. */
struct address *address_enter(struct addresses *addresses, const uint8_t ip[16], unsigned max);
void address_leave(struct addresses *addresses, struct address *address); /* NULL is fine */
void addresses_done(struct addresses *addresses);
bool address_of(const struct sockaddr_storage *from, uint8_t ret_ip[16]); /* false: no internet address */
bool http_address_read(struct http_text text, uint8_t ret_ip[16]);
void address_write(const uint8_t ip[16], char ret_text[ADDRESS_TEXT]);

/* --- input.c: what was read and not yet used --- */
struct input {
        char *bytes;
        size_t start, end, size; /* used up to start, filled up to end */
        size_t base;             /* before it lies the head of the request that is being served: not moved */
        size_t scanned;          /* from start: already looked at, no head ended there */
};

/* --- output.c: what the client has not taken --- */
struct segment;
struct output {
        struct segment *first, *last;
        uint64_t waiting; /* bytes, without those of files */
};

struct pace { /* at least so much a second, or out */
        uint64_t since_ms, moved;
};

struct door {
        struct http_door says;
        int fd;
        struct loop_watch *watch;
        struct http_server *server;
};

enum phase {
        PHASE_HANDSHAKE,
        PHASE_IDLE, /* nothing of a request was read */
        PHASE_HEAD, /* some of one */
        PHASE_SERVING,
        PHASE_LINGER, /* all is said: only waits until the client has read it */
        PHASE_WEBSOCKET,
};

struct connection {
        struct connection *before, *after, *next_due;
        struct http_server *server;
        const struct http_door *door;
        struct channel *channel; /* NULL: gone, but its exchange is not */
        struct loop_watch *watch;
        struct exchange *exchange;
        struct websocket *socket;
        struct address *address;
        struct input input;
        struct output output;
        struct pace in, out;
        uint64_t deadline_ms;
        unsigned requests, listens;
        enum phase phase;
        uint8_t ip[16];
        bool has_ip, due, busy;
        bool broken;  /* nothing more can be said */
        bool ended;   /* nothing more will be read */
        bool closing; /* after this answer */
};

struct exchange {
        struct connection *connection;
        struct arena *arena;
        void *own;
        void (*gone)(struct exchange *exchange, void *context);
        void *gone_context;
        void (*room)(struct exchange *exchange, void *context);
        void *room_context;
        void (*piece)(struct exchange *exchange, const char *bytes, size_t length, bool last, void *context);
        void (*done)(struct exchange *exchange, const char *bytes, size_t length, void *context);
        void *body_context;
        char *whole; /* of exchange_read_all */
        size_t whole_length, whole_size, whole_max;
        char *fields;
        size_t fields_length, fields_size;
        uint64_t began_us, sent;
        struct address *address; /* behind a proxy: whom it counts for */
        int status;
        char request_id[REQUEST_ID_SIZE], ip_text[ADDRESS_TEXT];
        bool secure, paused, continued;
        bool begun, complete; /* the answer */
        bool chunked;
        struct http_body body;
        struct http_text path;
        struct http_head head;
};

struct http_server {
        struct loop *loop;
        struct http_service service;
        struct http_limits limits;
        struct tls_identity *identity;
        struct door doors[DOORS_MAX];
        size_t door_count;
        struct connection *connections, *due;
        struct loop_watch *tick, *reopen, *turns;
        bool due_soon, drains, accepts_paused;
        unsigned tick_ms;
        uint64_t now_ms;
        struct http_counts counts;
        struct addresses addresses;
        char *inputs[INPUTS_KEPT];
        size_t input_count;
        struct exchange *spare;
        struct ws_reader *reader; /* a spare one */
        time_t date;
        char date_text[HTTP_DATE_SIZE];
        uint8_t random[1024];
        size_t random_used;
        char *scratch;
};

/* --- input.c --- */
bool input_has_room(const struct connection *connection);
void input_fill(struct connection *connection); /* reads once; may end or break the connection */
void input_take(struct connection *connection, size_t length);
void input_rest(struct connection *connection); /* between requests: gives back what is not needed */
void input_free(struct connection *connection);

/* --- output.c --- Bytes are sent or copied. */
void output_send(struct connection *connection, const void *bytes, size_t length);
void output_send_file(struct connection *connection, int fd, uint64_t offset, uint64_t length); /* takes fd */
void output_send_frame(struct connection *connection, struct websocket_frame *frame);
void output_flush(struct connection *connection);
void output_free(struct connection *connection);

/* --- connection.c --- */
void connection_new(struct http_server *server, int fd, const struct http_door *door,
                    const struct sockaddr_storage *from);
void connection_due(struct connection *connection); /* its turn comes soon */
void connection_turn(struct connection *connection);
void connection_break(struct connection *connection); /* at its next turn it is gone */
void connection_expect(struct connection *connection, enum phase phase, unsigned within_ms);
void connection_linger(struct connection *connection); /* all is said */
void connection_free(struct connection *connection);
void connection_drain(struct connection *connection);

/* --- deadline.c --- */
void server_tick(void *context);
uint64_t server_now(struct http_server *server);
bool pace_is_kept(const struct http_server *server, const struct pace *pace);
void server_run_due(void *context);
void server_maybe_drained(struct http_server *server);

/* --- exchange.c --- */
struct exchange *exchange_new(struct connection *connection);
void exchange_free(struct exchange *exchange);
/* Begins to serve what was read into exchange->head. */
void exchange_begin(struct exchange *exchange);
void exchange_refuse(struct exchange *exchange, int status, const char *why);
/* body_in.c: goes on with the body; true: something was done. */
bool exchange_body(struct exchange *exchange);
bool exchange_reads(const struct exchange *exchange); /* the client is waited for */
bool exchange_waits(const struct exchange *exchange); /* nobody but the body's reader has it */
void exchange_skip_body(struct exchange *exchange);   /* answered: what of it nobody wanted */
/* forwarded.c: what a trusted proxy says. */
void exchange_forwarded(struct exchange *exchange);
/* redirect.c */
void redirect_serve(struct exchange *exchange);

/* --- websocket.c --- */
void websocket_input(struct connection *connection);
void websocket_tick(struct connection *connection, uint64_t now_ms);
void websocket_room(struct connection *connection);
void websocket_gone(struct connection *connection);
void websocket_goodbye(struct connection *connection); /* the server drains */
void ws_reader_free(struct ws_reader *reader);

#endif
