/* What the files of the network clerk share. One file a subject; a handler is four calls: what was read (generated),
 * decide, act, answer. */
#ifndef BULKHEAD_NETWORK_CLERK_NETWORK_H
#define BULKHEAD_NETWORK_CLERK_NETWORK_H

#include "nas_network.h"
#include "policy/network_operations.h"
#include "serve/clerk.h"
#include "state/watch.h"
#include "tls/certificate.h"

/* --- the clerk as its skeleton sees it, and what is watched (clerk.c) --- */

struct clerk network_clerk(void);

struct topics {
        struct topic *certificate;
};
extern struct topics topics; /* made once at start */

/* The last part of a handler: runs the change when result is 0, else refuses the call and drops the change. */
void network_run(struct call *call, struct change *change, int result, const struct failure *failure);

/* --- the certificates that lie on the machine (live.c) --- */

enum place {
        PLACE_INSTALLED,   /* put there by the hand */
        PLACE_SELF_SIGNED, /* made by the front end */
        PLACE_COUNT
};
int live_prepare(void);                               /* before the jail; 0 or -errno */
void live_watch(void (*changed)(void));               /* told when something there is replaced */
void live_reload(void);                               /* at once, for who has just changed something */
const struct tls_facts *live_facts(enum place place); /* NULL: none, or it cannot be read */

/* --- certificate.c --- */

void certificate_write(struct json_out *out, struct call *call, void *context); /* a topic_write */
void certificate_tick(void);                                                    /* each second: days go by */
int64_t now_s(void);

#endif
