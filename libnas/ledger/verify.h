/* Verifying a chain: pure, row by row, so that a test can feed it anything. */
#ifndef BULKHEAD_LEDGER_VERIFY_H
#define BULKHEAD_LEDGER_VERIFY_H

#include "base/crypto.h"
#include "ledger/ledger.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A head signed by the users hand. Domain "bulkhead checkpoint 1", over: chain (field), u64 number,
 * hash, u64 signed at (real time, seconds). Checkpoints are kept by the users hand in a file of its own as
 * well as in the ledger, so a ledger cut off below one is found: CHECKPOINT_DIRECTORY/CHAIN holds the last one
 * (checkpoint_encode's bytes, then u32 key id, then the signature), CHECKPOINT_KEY u32 key id and the public key. */
#define CHECKPOINT_DOMAIN    "bulkhead checkpoint 1"
#define CHECKPOINT_DIRECTORY "/var/lib/bulkhead/checkpoints"
#define CHECKPOINT_KEY       "ledger.pub"
enum {
        CHECKPOINT_BYTES_MAX = 2 + 32 + 8 + HASH_BYTES + 8,
        CHECKPOINT_FILE_MAX = CHECKPOINT_BYTES_MAX + 4 + SIGNATURE_BYTES
};
struct checkpoint {
        char chain[32];
        uint64_t number;
        uint8_t hash[HASH_BYTES];
        int64_t at_s;
        uint32_t key_id;
        uint8_t signature[SIGNATURE_BYTES];
};

struct verifier {
        char chain[32];
        uint64_t expected; /* number of the next row */
        uint8_t hash[HASH_BYTES];
        int64_t id; /* the greatest so far: within a chain ids rise with numbers */
        uint64_t rows, problems;
};

enum verdict { VERDICT_GOOD, VERDICT_MISSING, VERDICT_DUPLICATE, VERDICT_CHANGED, VERDICT_UNLINKED, VERDICT_CUT };

void verifier_begin(struct verifier *verifier, const char *chain);
/* Judges one row, in order of number. message says which row and what ("row 17 was changed: ..."). */
enum verdict verifier_row(struct verifier *verifier, const struct ledger_row *row, char *message, size_t size);
/* After the last row: the database keeps where each chain stands (ledger.head), which must be just there. */
enum verdict verifier_end(struct verifier *verifier, uint64_t number, const uint8_t hash[HASH_BYTES], char *message,
                          size_t size);
/* Judges the row a signed checkpoint names: the chain must have had exactly that hash there. row: the one with
 * that number, or NULL when the chain does not have it (it was cut off). */
enum verdict verifier_checkpoint(const struct checkpoint *checkpoint, const struct ledger_row *row,
                                 const uint8_t public_key[PUBLIC_KEY_BYTES], char *message, size_t size);
size_t checkpoint_encode(const struct checkpoint *checkpoint, uint8_t *target, size_t size); /* what is signed */
/* The public key's file. 0, or -1 (output untouched) when malformed. */
int checkpoint_key_decode(const void *bytes, size_t length, uint8_t ret_public_key[PUBLIC_KEY_BYTES]);
/* A checkpoint's file. 0, or -1 (output untouched) when malformed. Pure; fuzzed. */
int checkpoint_decode(const void *bytes, size_t length, struct checkpoint *ret_checkpoint);

#endif
