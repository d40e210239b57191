/* Checkpoints: heads of the ledger's chains, signed by the users hand with a key that signs nothing else. */
#ifndef BULKHEAD_TICKET_CHECKPOINT_H
#define BULKHEAD_TICKET_CHECKPOINT_H

#include "base/crypto.h"

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

size_t checkpoint_encode(const struct checkpoint *checkpoint, uint8_t *target, size_t size); /* what is signed */
/* A checkpoint's file: writing it, and reading it: 0, or -1 (output untouched) when malformed. Pure; fuzzed. */
size_t checkpoint_write(const struct checkpoint *checkpoint, uint8_t target[CHECKPOINT_FILE_MAX]);
int checkpoint_decode(const void *bytes, size_t length, struct checkpoint *ret_checkpoint);
/* The public key's file. 0, or -1 (output untouched) when malformed. */
int checkpoint_key_decode(const void *bytes, size_t length, uint8_t ret_public_key[PUBLIC_KEY_BYTES]);

#endif
