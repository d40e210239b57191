/* Tickets and warrants: what they say, and checking them. Making them is ticket/sign.h, which only
 * the users hand links.
 *
 * A ticket as text is "bht1_" + base64url of the fixed layout (all of it signed, then the signature);
 * a warrant is "bhw1_" + the same way. Only exactly the signed bytes are parsed. The domain strings
 * keep the two kinds apart. */
#ifndef BULKHEAD_TICKET_TICKET_H
#define BULKHEAD_TICKET_TICKET_H

#include "base/clock.h"
#include "base/crypto.h"
#include "base/failure.h"
#include "base/role.h"
#include "ticket/trust.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TICKET_DOMAIN  "bulkhead ticket 1"
#define WARRANT_DOMAIN "bulkhead warrant 1"

enum { TICKET_NAME_SIZE = 33, TICKET_TEXT_MAX = 400, WARRANT_TEXT_MAX = 400, WARRANT_NONCE_BYTES = 16 };
enum { TICKET_LIFE_MS = 10 * 60 * 1000, WARRANT_LIFE_MS = 60 * 1000 };

enum ticket_source { SOURCE_CONSOLE = 1, SOURCE_SESSION = 2, SOURCE_KEY = 3 };
enum { SCOPE_READ_ONLY = 1 << 0, SCOPE_NO_DESTROY = 1 << 1 };

struct ticket {
        uint32_t key_id;  /* which signing key */
        uint32_t subject; /* uid; 0 is root on the console */
        char name[TICKET_NAME_SIZE];
        enum role role;
        uint32_t scopes;
        enum ticket_source source;
        uint64_t session; /* 0 on the console */
        uint32_t epoch;   /* the subject's epoch when it was made */
        uint8_t boot_id[BOOT_ID_BYTES];
        uint64_t not_after_ms;                /* clock_boot_ms */
        uint8_t holder_key[PUBLIC_KEY_BYTES]; /* room for a holder's key; all zero: whoever bears it */
};

struct warrant {
        uint32_t key_id;
        uint32_t subject;
        uint64_t session;
        uint32_t epoch;
        uint8_t boot_id[BOOT_ID_BYTES];
        uint64_t not_after_ms;
        uint8_t digest[HASH_BYTES];         /* of the one plan it is good for */
        uint8_t nonce[WARRANT_NONCE_BYTES]; /* spent once, by the hand */
};

/* The layouts, shared with sign.c. Encode writes the bytes that are signed. */
size_t ticket_encode(const struct ticket *ticket, uint8_t *target, size_t size);
int ticket_decode(const uint8_t *bytes, size_t length, struct ticket *ret_ticket);
size_t warrant_encode(const struct warrant *warrant, uint8_t *target, size_t size);
int warrant_decode(const uint8_t *bytes, size_t length, struct warrant *ret_warrant);

/* Checks a ticket's text against what the users hand published: form, signature, boot, expiry, epoch,
 * session. A verified text is remembered by its hash, so that only the first check pays for the
 * signature; expiry and revocation are looked at every time. 0, or -1 with FAILURE_UNAUTHENTICATED
 * (the same words for every reason) or FAILURE_UNAVAILABLE when trust cannot be read. */
int ticket_check(struct trust *trust, const char *text, struct ticket *ret_ticket, struct failure *failure);

/* Was this ticket, which was good once, taken back since? It may have expired meanwhile: who began a long job in time
 * may finish it. True also when trust cannot be read. */
bool ticket_revoked(struct trust *trust, const struct ticket *ticket);

/* Checks a warrant's text for the holder of ticket and for digest. Spending the nonce is the hand's
 * part (act/spend.h). 0, or -1 with FAILURE_CONFIRMATION. */
int warrant_check(struct trust *trust, const char *text, const struct ticket *ticket, const uint8_t digest[HASH_BYTES],
                  struct warrant *ret_warrant, struct failure *failure);

/* May this ticket use something that needs role, changes (or only reads), destroys?
 * 0, or -1 with FAILURE_DENIED that names what is missing. */
int ticket_allows(const struct ticket *ticket, enum role role, bool changes, bool destroys, struct failure *failure);

#endif
