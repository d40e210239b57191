/* API keys and sessions as the users hand keeps them, and what they are good for. Pure; the time is given. */
#ifndef BULKHEAD_TICKET_API_KEY_H
#define BULKHEAD_TICKET_API_KEY_H

#include "base/crypto.h"
#include "base/role.h"
#include "sys/table.h"
#include "value/credential.h"
#include "value/network.h"

#include <stdbool.h>
#include <stdint.h>

/* --- API keys (api_key.c): made with a role, scopes, networks and an end that only narrow what their owner may do ---
 */
enum { KEY_NETWORKS_MAX = 16 };

struct api_key { /* a row of a table; owner: the account's number */
        struct table_row row;
        int64_t expires_s; /* real time; 0: never */
        uint8_t role, scopes, network_count, spare[5];
        uint8_t hash[HASH_BYTES]; /* of the secret, which is not kept */
        struct network networks[KEY_NETWORKS_MAX];
};

/* From valid values of the types role, key_scopes and timestamp ("" for none). */
void api_key_set(struct api_key *key, const char *role, const char *scopes, const char *expires);
bool api_key_add_network(struct api_key *key, const char *network); /* false: too many, or not one */
/* Is there one (NULL is none), and is it good now and from there? address: "" when it is not known. */
bool api_key_holds(const struct api_key *key, const char *address, int64_t now_s);
bool api_key_is(const struct api_key *key, const struct credential *credential); /* is this its secret? */

/* --- sessions (session.c) --- */
enum { SESSIONS_PER_ACCOUNT = 64, SESSION_LIFE_MS = 7 * 24 * 3600 * 1000, SESSION_IDLE_MS = 12 * 3600 * 1000 };
enum { SESSION_TOUCH_MS = 60 * 1000 };

struct session { /* a row of a table; owner: the account's number */
        struct table_row row;
        uint64_t until_ms, idle_ms; /* boot clock */
        uint8_t hash[HASH_BYTES];
};

/* A new one with its credential; what is over is dropped first, and the oldest of who has too many. NULL: full. */
struct session *session_make(struct table *table, uint32_t owner, uint64_t now_ms, struct credential *ret_credential);
bool session_over(const struct session *session, uint64_t now_ms);
bool session_opens(const struct session *session, const struct credential *credential, uint64_t now_ms);
/* It was used. True: that is to be written down (once a minute at most). */
bool session_touch(struct session *session, uint64_t now_ms);

/* What is kept of a secret. */
void credential_hash(const struct credential *credential, uint8_t ret_hash[HASH_BYTES]);

#endif
