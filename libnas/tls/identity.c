/* A key with its chain, ready to be shown to clients, shared by the connections that began with it.
 * Rights: the front end; reads one file below the folder it is given. */
#include "tls/parts.h"

#include "base/crypto.h"
#include "base/log.h"
#include "base/mem.h"
#include "sys/file.h"
#include "tls/certificate_parts.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

struct identity_text {
        uint8_t *bytes;
        size_t length;
};

static void text_done(struct identity_text *text)
{
        if (text->bytes != NULL)
                crypto_wipe(text->bytes, text->length);
        free(text->bytes);
}

static int refuse(struct failure *failure, const char *what)
{
        ERR_clear_error();
        return failure_set(failure, FAILURE_INVALID, "key", "Install the certificate again.", "%s", what);
}

/* An identity never asks for a password. */
static int no_password(char *target, int size, int writing, void *context)
{
        (void)target;
        (void)size;
        (void)writing;
        (void)context;
        return -1;
}

static int use_key(SSL_CTX *context, const struct identity_text *text, struct failure *failure)
{
        CLEANUP(certificate_bio_freep) BIO *bio = BIO_new_mem_buf(text->bytes, (int)text->length);
        EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);
        bool readable = key != NULL, used = readable && SSL_CTX_use_PrivateKey(context, key) == 1;
        EVP_PKEY_free(key);
        if (!used || SSL_CTX_check_private_key(context) != 1)
                return refuse(failure, readable ? "the key is of another certificate" : "the key cannot be read");
        return 0;
}

static int use_chain(SSL_CTX *context, const char *pem, size_t length, struct failure *failure)
{
        CLEANUP(certificate_chain_freep) struct certificate_chain chain = {.count = 0};
        if (certificate_chain_read(&chain, pem, length, "chain", failure) != 0)
                return -1;
        bool good = SSL_CTX_use_certificate(context, chain.certificates[0]) == 1;
        for (size_t i = 1; i < chain.count; i++)
                good = good && SSL_CTX_add1_chain_cert(context, chain.certificates[i]) == 1;
        return good ? 0 : refuse(failure, "the certificate cannot be used");
}

struct tls_identity *tls_identity_read(int dir_fd, struct failure *failure)
{
        ASSERT(dir_fd >= 0);
        CLEANUP(text_done) struct identity_text text = {NULL, 0};
        int error = file_read_below(dir_fd, CERTIFICATE_IDENTITY_FILE, CERTIFICATE_PEM_MAX + CERTIFICATE_KEY_MAX,
                                    &text.bytes, &text.length);
        if (failure_system(failure, error == -ENOENT ? FAILURE_NOT_FOUND : FAILURE_UNAVAILABLE,
                           CERTIFICATE_IDENTITY_FILE, error) != 0)
                return NULL;
        const char *chain = strstr((const char *)text.bytes, "-----BEGIN CERTIFICATE-----");
        if (chain == NULL) {
                (void)refuse(failure, "there is no certificate in it");
                return NULL;
        }
        size_t chain_length = strlen(chain);
        struct tls_identity *identity = mem_new(1, sizeof(*identity));
        identity->holders = 1;
        if (certificate_read(chain, chain_length, "chain", &identity->facts, failure) != 0) {
                free(identity);
                return NULL;
        }
        identity->context = tls_context_new(identity);
        identity->sockets = tls_socket_method();
        if (use_chain(identity->context, chain, chain_length, failure) == 0 &&
            use_key(identity->context, &text, failure) == 0)
                return identity;
        tls_identity_free(identity);
        return NULL;
}

struct tls_identity *tls_identity_hold(struct tls_identity *identity)
{
        ASSERT(identity != NULL && identity->holders > 0);
        identity->holders++;
        return identity;
}

void tls_identity_free(struct tls_identity *identity)
{
        if (identity == NULL || --identity->holders > 0)
                return;
        SSL_CTX_free(identity->context);
        BIO_meth_free(identity->sockets);
        crypto_wipe(identity->ticket_keys, sizeof(identity->ticket_keys));
        free(identity);
}

const struct tls_facts *tls_identity_facts(const struct tls_identity *identity)
{
        ASSERT(identity != NULL);
        return &identity->facts;
}
