/* What the files of the network clerk share. One file a subject; a handler is four calls: what was read (generated),
 * decide, act, answer. */
#ifndef BULKHEAD_NETWORK_CLERK_NETWORK_H
#define BULKHEAD_NETWORK_CLERK_NETWORK_H

#include "nas_network.h"
#include "policy/network_operations.h"
#include "serve/clerk.h"
#include "state/watch.h"
#include "sys/folders.h"
#include "tls/certificate.h"

/* --- the clerk as its skeleton sees it, and what is watched (clerk.c) --- */

struct clerk network_clerk(void);

struct topics {
        struct topic *certificate, *host;
};
extern struct topics topics; /* made once at start */

/* The last part of a handler: runs the change when result is 0, else refuses the call and drops the change. */
void network_run(struct call *call, struct change *change, int result, const struct failure *failure);

/* --- the certificates that lie on the machine (live.c) --- */

enum place {
        PLACE_INSTALLED,   /* put there by the hand */
        PLACE_SELF_SIGNED, /* made by the front end */
        PLACE_FETCHED,     /* brought by ACME; the hand is asked to take it */
        PLACE_COUNT
};
int live_prepare(void);                               /* before the jail; 0 or -errno */
void live_watch(void (*changed)(void));               /* told when something there is replaced */
void live_reload(void);                               /* at once, for who has just changed something */
const struct tls_facts *live_facts(enum place place); /* NULL: none, or it cannot be read */

/* --- what is fetched, and how that goes (acme_live.c) --- */

struct acme {
        bool enrolled;
        const char *directory, *email; /* texts live until the next reading */
        const char *names[32];
        size_t name_count;
        int64_t settled_us, ordered_us, ended_us, fetched_us; /* when each was written; 0: never */
        bool good;                                            /* how it ended */
        const char *message;                                  /* what was said when it failed; "" */
};
int acme_live_prepare(const struct folders *folders); /* before the jail; 0 or -errno */
void acme_live_load(void);
const struct acme *acme_now(void);
enum nas_network_acme_state acme_state(const struct acme *acme);
/* What lay in the two files (acme_text.c): pure functions; both texts are changed and pointed to. False: it is not as
 * expected. */
bool acme_read_settings(char *text, struct acme *ret_acme);
bool acme_read_log(char *text, struct acme *ret_acme);

/* --- the machine: what is written down of it (host_live.c), shown and changed (host.c) --- */

struct host {
        bool known;
        const char *name, *zone, *message; /* texts live until the next reading */
        bool clock_right, route;
        const char *addresses[32];
        size_t address_count;
};
int host_live_prepare(const struct folders *folders); /* before the jail; 0 or -errno */
void host_live_load(void);
const struct host *host_now(void);
/* What lay in the file: a pure function; the text is changed and pointed to. False: it is not as expected. */
bool host_read(char *text, struct host *ret_host);
void host_write(struct json_out *out, struct call *call, void *context); /* a topic_write */

/* --- acme.c --- */

void acme_look(void); /* each second, and when something changed: orders and takes what is due */
struct nas_network_acme acme_describe(const struct acme *acme, struct arena *arena);
void network_settle(struct db_batch *batch, const struct action *action);
extern const struct db_statement network_statements[];
extern const size_t network_statement_count;

/* --- certificate.c --- */

/* As the hand compares it: "AB:CD:..." as "abcd...". */
const char *fingerprint_digits(const struct tls_facts *facts, struct arena *arena);
struct change *certificate_change(void);

void certificate_write(struct json_out *out, struct call *call, void *context); /* a topic_write */
void certificate_tick(void);                                                    /* each second: days go by */
int64_t now_s(void);

#endif
