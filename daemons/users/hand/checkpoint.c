/* Checkpoints: the head of a ledger's chain, signed with a key that only signs those. The last one of each chain is
 * kept in a public file, and none is ever signed for a row before it or for another hash of the same row.
 * Rights: the users hand; /var/lib/bulkhead/checkpoints and the ledger's key in its own directory. */
#include "daemons/users/hand/users.h"

#include "base/text.h"
#include "sys/file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CHECKPOINT_DOMAIN "bulkhead checkpoint 1"

enum { CHECKPOINT_BYTES_MAX = 256, LEDGER_KEY_ID = 1 };

/* The ledger's long-lived key; its public half is published beside the checkpoints. 0 or -errno. */
static int ledger_key(const struct users *users, uint8_t ret_secret[SECRET_KEY_BYTES])
{
        uint8_t *kept = NULL, seed[SEED_BYTES], public_key[4 + PUBLIC_KEY_BYTES] = {[3] = LEDGER_KEY_ID};
        size_t length;
        int result = file_read_below(users->state, "ledger-seed", SEED_BYTES, &kept, &length);
        if (result == -ENOENT) {
                crypto_random(seed, sizeof(seed));
                result = file_replace(users->state, "ledger-seed", seed, sizeof(seed), 0600, (uid_t)-1, (gid_t)-1);
        } else if (result == 0) {
                memcpy(seed, kept, length < SEED_BYTES ? length : SEED_BYTES);
                result = length == SEED_BYTES ? 0 : -EBADMSG;
        }
        free(kept);
        crypto_key_from_seed(seed, public_key + 4, ret_secret);
        crypto_wipe(seed, sizeof(seed));
        return result == 0 ? file_replace(users->checkpoints, "ledger.pub", public_key, sizeof(public_key), 0644,
                                          (uid_t)-1, (gid_t)-1)
                           : result;
}

struct last {
        uint64_t number, at_s;
        uint8_t hash[HASH_BYTES], signature[SIGNATURE_BYTES];
};

/* The file: chain (field), u64 number, hash, u64 at, all of which is signed; u32 key id, signature. */
static size_t write_last(const struct last *last, const char *chain, uint8_t bytes[CHECKPOINT_BYTES_MAX])
{
        struct writer writer = writer_of(bytes, CHECKPOINT_BYTES_MAX);
        writer_field(&writer, chain, strlen(chain));
        writer_u64(&writer, last->number);
        writer_copy(&writer, last->hash, HASH_BYTES);
        writer_u64(&writer, last->at_s);
        size_t is_signed = writer_length(&writer);
        writer_u32(&writer, LEDGER_KEY_ID);
        writer_copy(&writer, last->signature, SIGNATURE_BYTES);
        return is_signed;
}

static int read_last(const struct users *users, const char *chain, struct last *ret_last)
{
        uint8_t *bytes = NULL;
        size_t length, chain_length;
        int result = file_read_below(users->checkpoints, chain, CHECKPOINT_BYTES_MAX, &bytes, &length);
        if (result == -ENOENT)
                return 0;
        if (result != 0)
                return result;
        struct reader reader = reader_of(bytes, length);
        reader_field(&reader, &chain_length);
        ret_last->number = reader_u64(&reader);
        reader_copy(&reader, ret_last->hash, HASH_BYTES);
        ret_last->at_s = reader_u64(&reader);
        reader_u32(&reader);
        reader_copy(&reader, ret_last->signature, SIGNATURE_BYTES);
        bool whole = reader_ended(&reader);
        free(bytes);
        return whole ? 0 : -EBADMSG;
}

int checkpoint(struct act_context *context, struct failure *failure)
{
        const struct users *users = context->state;
        const char *chain = text_of(context, "chain");
        struct last last = {0}, next = {.number = number_of(context, "number"), .at_s = (uint64_t)clock_real_us() / 1000000};
        uint8_t secret[SECRET_KEY_BYTES], bytes[CHECKPOINT_BYTES_MAX];
        text_unhex(text_of(context, "hash"), 2 * HASH_BYTES, next.hash, HASH_BYTES);
        int result = read_last(users, chain, &last);
        if (result == 0 && (next.number < last.number || (next.number == last.number &&
                                                          memcmp(next.hash, last.hash, HASH_BYTES) != 0)))
                return failure_set(failure, FAILURE_CONFLICT, "number", "Verify the ledger.",
                                   "Another head of this chain was signed already, at row %llu.",
                                   (unsigned long long)last.number);
        if (result == 0 && next.number > last.number && (result = ledger_key(users, secret)) == 0) {
                size_t is_signed = write_last(&next, chain, bytes);
                crypto_sign_domain(CHECKPOINT_DOMAIN, bytes, is_signed, secret, next.signature);
                crypto_wipe(secret, sizeof(secret));
                write_last(&next, chain, bytes);
                result = file_replace(users->checkpoints, chain, bytes, is_signed + 4 + SIGNATURE_BYTES, 0644, (uid_t)-1,
                                      (gid_t)-1);
                last = next;
        }
        if (result != 0)
                return failure_set(failure, FAILURE_UNAVAILABLE, "", "", "checkpoints: %s", strerror(-result));
        writer_u32(context->answer, LEDGER_KEY_ID);
        writer_u64(context->answer, last.at_s);
        writer_copy(context->answer, last.signature, SIGNATURE_BYTES);
        return 0;
}
