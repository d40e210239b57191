/* The signing half of crypto.h, apart from the rest: it is not linked into a process that never signs.
 * Rights: the users hand; what it signs with is the caller's. */
#include "base/crypto.h"

#include "base/log.h"

#include <sodium.h>

void crypto_key_from_seed(const uint8_t seed[SEED_BYTES], uint8_t ret_public[PUBLIC_KEY_BYTES],
                          uint8_t ret_secret[SECRET_KEY_BYTES])
{
        (void)crypto_sign_seed_keypair(ret_public, ret_secret, seed);
}

void crypto_sign_domain(const char *domain, const void *bytes, size_t length, const uint8_t secret[SECRET_KEY_BYTES],
                        uint8_t ret_signature[SIGNATURE_BYTES])
{
        uint8_t hash[HASH_BYTES];
        crypto_domain_hash(domain, bytes, length, hash);
        int done = crypto_sign_detached(ret_signature, NULL, hash, sizeof hash, secret);
        ASSERT(done == 0);
}
