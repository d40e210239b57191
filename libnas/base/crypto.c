/* The only door to libsodium, with crypto_sign.c.
 * Rights: every process; reads the kernel's random source. */
#include "base/crypto.h"

#include "base/log.h"
#include "base/text.h"

#include <sodium.h>
#include <string.h>

_Static_assert(HASH_BYTES == crypto_hash_sha256_BYTES, "SHA-256");
_Static_assert(SIGNATURE_BYTES == crypto_sign_BYTES, "Ed25519");
_Static_assert(PUBLIC_KEY_BYTES == crypto_sign_PUBLICKEYBYTES, "Ed25519");
_Static_assert(SECRET_KEY_BYTES == crypto_sign_SECRETKEYBYTES, "Ed25519");
_Static_assert(SEED_BYTES == crypto_sign_SEEDBYTES, "Ed25519");
_Static_assert(sizeof(struct crypto_hasher) >= sizeof(crypto_hash_sha256_state), "hasher");

void crypto_start(void)
{
        if (sodium_init() < 0)
                log_fatal("libsodium does not start; is the kernel's random source there?");
}

void crypto_sha256(const void *bytes, size_t length, uint8_t ret_hash[HASH_BYTES])
{
        (void)crypto_hash_sha256(ret_hash, bytes, length);
}

static crypto_hash_sha256_state *state_of(struct crypto_hasher *hasher)
{
        return (crypto_hash_sha256_state *)(void *)hasher->opaque;
}

void crypto_hash_begin(struct crypto_hasher *hasher)
{
        (void)crypto_hash_sha256_init(state_of(hasher));
}

void crypto_hash_add(struct crypto_hasher *hasher, const void *bytes, size_t length)
{
        (void)crypto_hash_sha256_update(state_of(hasher), bytes, length);
}

void crypto_hash_end(struct crypto_hasher *hasher, uint8_t ret_hash[HASH_BYTES])
{
        (void)crypto_hash_sha256_final(state_of(hasher), ret_hash);
}

void crypto_keyed_hash(const uint8_t key[32], const void *bytes, size_t length, uint8_t ret_hash[HASH_BYTES])
{
        int done = crypto_generichash(ret_hash, HASH_BYTES, bytes, length, key, 32);
        ASSERT(done == 0);
}

void crypto_version(const void *bytes, size_t length, char ret_text[VERSION_TEXT_SIZE])
{
        uint8_t hash[(VERSION_TEXT_SIZE - 1) / 2];
        int done = crypto_generichash(hash, sizeof hash, bytes, length, NULL, 0);
        ASSERT(done == 0);
        text_hex(hash, sizeof hash, ret_text);
}

void crypto_random(void *target, size_t length)
{
        randombytes_buf(target, length);
}

void crypto_wipe(void *target, size_t length)
{
        sodium_memzero(target, length);
}

bool crypto_equal(const void *a, const void *b, size_t length)
{
        return sodium_memcmp(a, b, length) == 0;
}

/* What is signed is the hash of domain, NUL and bytes: a signature of one kind of thing is none of another. */
void crypto_domain_hash(const char *domain, const void *bytes, size_t length, uint8_t ret_hash[HASH_BYTES])
{
        ASSERT(domain != NULL && *domain != '\0');
        struct crypto_hasher hasher;
        crypto_hash_begin(&hasher);
        crypto_hash_add(&hasher, domain, strlen(domain) + 1);
        crypto_hash_add(&hasher, bytes, length);
        crypto_hash_end(&hasher, ret_hash);
}

bool crypto_verify_domain(const char *domain, const void *bytes, size_t length,
                          const uint8_t public_key[PUBLIC_KEY_BYTES], const uint8_t signature[SIGNATURE_BYTES])
{
        uint8_t hash[HASH_BYTES];
        crypto_domain_hash(domain, bytes, length, hash);
        return crypto_sign_verify_detached(signature, hash, sizeof hash, public_key) == 0;
}
