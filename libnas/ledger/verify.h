/* Verifying a chain: pure, row by row, so that a test can feed it anything. */
#ifndef BULKHEAD_LEDGER_VERIFY_H
#define BULKHEAD_LEDGER_VERIFY_H

#include "base/crypto.h"
#include "ledger/ledger.h"
#include "ticket/checkpoint.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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
/* After the last row: the database keeps where each chain stood a moment ago (ledger.head), by number and hash.
 * row_hash: of the row with that number, NULL when there is none. */
enum verdict verifier_end(struct verifier *verifier, uint64_t number, const uint8_t hash[HASH_BYTES],
                          const uint8_t *row_hash, char *message, size_t size);
/* Judges the row a signed checkpoint names: the chain must have had exactly that hash there. row: the one with
 * that number, or NULL when the chain does not have it (it was cut off). */
enum verdict verifier_checkpoint(const struct checkpoint *checkpoint, const struct ledger_row *row,
                                 const uint8_t public_key[PUBLIC_KEY_BYTES], char *message, size_t size);

#endif
