/* The only door to libsodium (whose own names begin with crypto_ too; ours avoid them). */
#ifndef BULKHEAD_BASE_CRYPTO_H
#define BULKHEAD_BASE_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HASH_BYTES = 32, SIGNATURE_BYTES = 64, PUBLIC_KEY_BYTES = 32, SECRET_KEY_BYTES = 64, SEED_BYTES = 32 };

/* Call once before all else; ends the process when the library cannot start. */
void crypto_start(void);

void crypto_sha256(const void *bytes, size_t length, uint8_t ret_hash[HASH_BYTES]); /* SHA-256 */
/* SHA-256 over several pieces: begin, add, end. Opaque storage, no allocation. */
struct crypto_hasher {
        _Alignas(16) unsigned char opaque[128];
};
void crypto_hash_begin(struct crypto_hasher *hasher);
void crypto_hash_add(struct crypto_hasher *hasher, const void *bytes, size_t length);
void crypto_hash_end(struct crypto_hasher *hasher, uint8_t ret_hash[HASH_BYTES]);

/* Keyed hash (BLAKE2b, 32 bytes out): who does not know the key cannot tell what was hashed. */
void crypto_keyed_hash(const uint8_t key[32], const void *bytes, size_t length, uint8_t ret_hash[HASH_BYTES]);

/* The version of a text, for ETag and If-Match: the same in every process and after every restart. BLAKE2b, 16 bytes,
 * in hex digits. */
enum { VERSION_TEXT_SIZE = 33 };
void crypto_version(const void *bytes, size_t length, char ret_text[VERSION_TEXT_SIZE]);

void crypto_random(void *target, size_t length);
void crypto_wipe(void *target, size_t length);
bool crypto_equal(const void *a, const void *b, size_t length); /* constant time */

/* What is signed: the hash of domain, NUL and bytes. */
void crypto_domain_hash(const char *domain, const void *bytes, size_t length, uint8_t ret_hash[HASH_BYTES]);

/* Ed25519. domain is a C string that keeps kinds of signed things apart; it is signed too. */
void crypto_key_from_seed(const uint8_t seed[SEED_BYTES], uint8_t ret_public[PUBLIC_KEY_BYTES],
                          uint8_t ret_secret[SECRET_KEY_BYTES]);
void crypto_sign_domain(const char *domain, const void *bytes, size_t length, const uint8_t secret[SECRET_KEY_BYTES],
                        uint8_t ret_signature[SIGNATURE_BYTES]);
bool crypto_verify_domain(const char *domain, const void *bytes, size_t length,
                          const uint8_t public_key[PUBLIC_KEY_BYTES], const uint8_t signature[SIGNATURE_BYTES]);

#endif
