/* Keys of session tickets: of this process alone, never written down, changed every two hours. Who steals one later
 * can read nothing that was said before, for every resumption makes new keys (ECDHE).
 * Rights: the front end; none needed. */
#include "tls/parts.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "base/log.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <string.h>

/* The key to encrypt with: made anew when it is old; the oldest one is forgotten. */
static const struct ticket_key *current_key(struct tls_identity *identity)
{
        struct ticket_key *keys = identity->ticket_keys;
        uint64_t now = clock_boot_ms();
        if (keys[0].made_ms != 0 && now - keys[0].made_ms < TICKET_KEY_MS)
                return &keys[0];
        crypto_wipe(&keys[TICKET_KEYS - 1], sizeof(*keys));
        memmove(keys + 1, keys, (TICKET_KEYS - 1) * sizeof(*keys));
        crypto_random(&keys[0], sizeof(keys[0]));
        keys[0].made_ms = now;
        return &keys[0];
}

static const struct ticket_key *named_key(struct tls_identity *identity, const unsigned char name[16])
{
        uint64_t now = clock_boot_ms();
        for (size_t i = 0; i < TICKET_KEYS; i++) {
                const struct ticket_key *key = &identity->ticket_keys[i];
                if (key->made_ms != 0 && now - key->made_ms < TICKET_KEYS * (uint64_t)TICKET_KEY_MS &&
                    memcmp(key->name, name, sizeof(key->name)) == 0)
                        return key;
        }
        return NULL;
}

static bool set_mac(EVP_MAC_CTX *mac, const struct ticket_key *key)
{
        char digest[] = "SHA256";
        OSSL_PARAM parameters[] = {
                OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, (void *)(uintptr_t)key->mac, sizeof(key->mac)),
                OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0), OSSL_PARAM_construct_end()};
        return EVP_MAC_CTX_set_params(mac, parameters) == 1;
}

/* As OpenSSL asks: 0: a full handshake then; 1: as it is; 2: good, and give out a new one. */
static int ticket_key(SSL *ssl, unsigned char name[16], unsigned char *vector, EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac,
                      int encrypts)
{
        struct tls_identity *identity = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
        if (encrypts != 0) {
                const struct ticket_key *key = current_key(identity);
                memcpy(name, key->name, sizeof(key->name));
                crypto_random(vector, 16);
                return EVP_EncryptInit_ex2(cipher, EVP_aes_256_cbc(), key->cipher, vector, NULL) == 1 &&
                                       set_mac(mac, key)
                               ? 1
                               : -1;
        }
        const struct ticket_key *key = named_key(identity, name);
        if (key == NULL)
                return 0;
        if (EVP_DecryptInit_ex2(cipher, EVP_aes_256_cbc(), key->cipher, vector, NULL) != 1 || !set_mac(mac, key))
                return -1;
        return key == &identity->ticket_keys[0] && SSL_version(ssl) != TLS1_3_VERSION ? 1 : 2;
}

void tls_ticket_keys(SSL_CTX *context)
{
        ASSERT(context != NULL);
        if (SSL_CTX_set_tlsext_ticket_key_evp_cb(context, ticket_key) != 1)
                log_fatal("OpenSSL: no session tickets");
}
