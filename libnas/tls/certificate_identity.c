/* A key and its chain, held against each other and written anew as one text.
 * Rights: every process; none needed: pure functions over texts. */
#include "base/log.h"
#include "tls/certificate_parts.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

static void key_freep(EVP_PKEY **key)
{
        EVP_PKEY_free(*key);
        ERR_clear_error();
}

static void digest_freep(EVP_MD_CTX **context)
{
        EVP_MD_CTX_free(*context);
}

/* Nobody is there to type it. */
static int no_password(char *target, int size, int writing, void *asked)
{
        (void)target;
        (void)size;
        (void)writing;
        *(bool *)asked = true;
        return -1;
}

static EVP_PKEY *read_key(const char *pem, size_t length, struct failure *failure)
{
        CLEANUP(certificate_bio_freep) BIO *text = BIO_new_mem_buf(pem, (int)length);
        bool asked = false;
        EVP_PKEY *key = PEM_read_bio_PrivateKey(text, NULL, no_password, &asked);
        if (key == NULL && asked)
                failure_set(failure, FAILURE_INVALID, "key", "Take it off: openssl pkey -in KEY -out NEW",
                            "has a password");
        else if (key == NULL)
                failure_set(failure, FAILURE_INVALID, "key", "It begins with -----BEGIN PRIVATE KEY-----.",
                            "is no private key in PEM");
        return key;
}

/* Not only the public halves alike: what is signed with the key is verified by the certificate. */
static bool belongs(X509 *certificate, EVP_PKEY *key)
{
        static const unsigned char message[] = "bulkhead";
        unsigned char signature[1024];
        size_t length = sizeof(signature);
        CLEANUP(digest_freep) EVP_MD_CTX *sign = EVP_MD_CTX_new();
        CLEANUP(digest_freep) EVP_MD_CTX *verify = EVP_MD_CTX_new();
        return X509_check_private_key(certificate, key) == 1 &&
               EVP_DigestSignInit(sign, NULL, EVP_sha256(), NULL, key) == 1 &&
               EVP_DigestSign(sign, signature, &length, message, sizeof(message)) == 1 &&
               EVP_DigestVerifyInit(verify, NULL, EVP_sha256(), NULL, X509_get0_pubkey(certificate)) == 1 &&
               EVP_DigestVerify(verify, signature, length, message, sizeof(message)) == 1;
}

static const char *write_identity(const struct certificate_chain *chain, EVP_PKEY *key, struct arena *arena)
{
        CLEANUP(certificate_bio_freep) BIO *text = BIO_new(BIO_s_mem());
        char *bytes;
        bool good = PEM_write_bio_PKCS8PrivateKey(text, key, NULL, NULL, 0, NULL, NULL) == 1;
        for (size_t i = 0; i < chain->count; i++)
                good = good && PEM_write_bio_X509(text, chain->certificates[i]) == 1;
        if (!good)
                log_fatal("out of memory");
        long length = BIO_get_mem_data(text, &bytes);
        return arena_text(arena, bytes, (size_t)length);
}

const char *certificate_identity(const char *chain, size_t chain_length, const char *key, size_t key_length,
                                 struct arena *arena, struct failure *failure)
{
        ASSERT(chain != NULL && key != NULL && arena != NULL);
        CLEANUP(certificate_chain_freep) struct certificate_chain parsed = {.count = 0};
        if (chain_length > CERTIFICATE_PEM_MAX || key_length > CERTIFICATE_KEY_MAX) {
                failure_set(failure, FAILURE_INVALID, chain_length > CERTIFICATE_PEM_MAX ? "chain" : "key", "",
                            "is too long");
                return NULL;
        }
        if (certificate_chain_read(&parsed, chain, chain_length, "chain", failure) != 0)
                return NULL;
        CLEANUP(key_freep) EVP_PKEY *own = read_key(key, key_length, failure);
        if (own == NULL)
                return NULL;
        if (!belongs(parsed.certificates[0], own)) {
                failure_set(failure, FAILURE_INVALID, "key", "Is the machine's own certificate the first in the chain?",
                            "is not the key of this certificate");
                return NULL;
        }
        return write_identity(&parsed, own, arena);
}
