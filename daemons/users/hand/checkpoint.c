/* Checkpoints: the head of a ledger's chain, signed with a key that only signs those. The last one of each chain is
 * kept in a public file, and none is ever signed for a row before it or for another hash of the same row.
 * Rights: the users hand; /var/lib/bulkhead/checkpoints and the ledger's key in its own directory. */
#include "daemons/users/hand/users.h"

enum { LEDGER_KEY_ID = 1 };

/* Signs with the ledger's long-lived key, whose public half lies beside the checkpoints. 0 or -errno. */
static int sign(const struct users *users, struct checkpoint *checkpoint)
{
        uint8_t seed[SEED_BYTES], secret[SECRET_KEY_BYTES], bytes[CHECKPOINT_FILE_MAX];
        uint8_t public_key[4 + PUBLIC_KEY_BYTES] = {[3] = LEDGER_KEY_ID};
        int result = file_secret(users->state, "ledger-seed", seed, sizeof(seed));
        if (result != 0)
                return result;
        crypto_key_from_seed(seed, public_key + 4, secret);
        crypto_sign_domain(CHECKPOINT_DOMAIN, bytes, checkpoint_encode(checkpoint, bytes, sizeof(bytes)), secret,
                           checkpoint->signature);
        crypto_wipe(seed, sizeof(seed));
        crypto_wipe(secret, sizeof(secret));
        result = file_put(users->checkpoints, CHECKPOINT_KEY, public_key, sizeof(public_key), 0644);
        size_t length = checkpoint_write(checkpoint, bytes);
        return result == 0 ? file_put(users->checkpoints, checkpoint->chain, bytes, length, 0644) : result;
}

static int read_last(const struct users *users, const char *chain, struct checkpoint *ret_last)
{
        uint8_t *bytes = NULL;
        size_t length;
        int result = file_read_below(users->checkpoints, chain, CHECKPOINT_FILE_MAX, &bytes, &length);
        if (result == 0 && checkpoint_decode(bytes, length, ret_last) != 0)
                result = -EBADMSG;
        free(bytes);
        return result == -ENOENT ? 0 : result;
}

int checkpoint(struct act_context *context, struct failure *failure)
{
        const struct users *users = context->state;
        const char *chain = act_text(context, "chain");
        struct checkpoint last = {0}, next = {.number = act_number(context, "number"),
                                              .at_s = clock_real_s(),
                                              .key_id = LEDGER_KEY_ID};
        ASSERT(strlen(chain) < sizeof(next.chain));
        memcpy(next.chain, chain, strlen(chain));
        text_unhex(act_text(context, "hash"), 2 * HASH_BYTES, next.hash, HASH_BYTES);
        int result = read_last(users, chain, &last);
        if (result == 0 && next.number <= last.number) {
                if (next.number < last.number || memcmp(next.hash, last.hash, HASH_BYTES) != 0)
                        return failure_set(failure, FAILURE_CONFLICT, "number", "Verify the ledger.",
                                           "Another head of this chain was signed already.");
                next = last;
        } else if (result == 0) {
                result = sign(users, &next);
        }
        writer_u32(context->answer, next.key_id);
        writer_u64(context->answer, (uint64_t)next.at_s);
        writer_copy(context->answer, next.signature, SIGNATURE_BYTES);
        return failure_system(failure, FAILURE_UNAVAILABLE, "checkpoints", result);
}
