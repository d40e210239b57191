/* Second factors: time-based codes of an authenticator app (RFC 6238, six digits, 30 seconds) and recovery codes, each
 * good once. Pure; the time is given. */
#ifndef BULKHEAD_TICKET_FACTOR_H
#define BULKHEAD_TICKET_FACTOR_H

#include "base/crypto.h"
#include "sys/table.h"
#include "value/code.h"

#include <stdbool.h>
#include <stdint.h>

enum { FACTOR_SECRET_BYTES = 20, FACTOR_KEY_SIZE = 33, FACTOR_RECOVERY_CODES = 8 };
enum { FACTOR_CODES_SIZE = FACTOR_RECOVERY_CODES * CODE_SIZE };

struct factor { /* a row of a table: id and owner are the account's number */
        struct table_row row;
        uint64_t last_step; /* the latest code used: it and those before are over */
        uint8_t secret[FACTOR_SECRET_BYTES], spare[4];
        uint8_t recovery[FACTOR_RECOVERY_CODES][HASH_BYTES]; /* of the codes; zeros: used up */
};

/* A new secret, and its key as apps take it (base32). */
void factor_make(struct factor *factor, char ret_key[FACTOR_KEY_SIZE]);
/* Is it right now, or half a minute off? Then it is used up. */
bool factor_use(struct factor *factor, const char *code, int64_t now_s);
/* New recovery codes, separated by blanks; only their hashes are kept. */
void factor_recover(struct factor *factor, char ret_codes[FACTOR_CODES_SIZE]);

#endif
