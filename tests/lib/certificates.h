/* Certificates for tests, made when they are needed: texts in PEM, of any kind that somebody might send. */
#ifndef BULKHEAD_TESTS_CERTIFICATES_H
#define BULKHEAD_TESTS_CERTIFICATES_H

#include "base/arena.h"
#include "base/log.h"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <time.h>

struct made { /* free with made_free */
        X509 *certificate;
        EVP_PKEY *key;
        const char *pem, *key_pem; /* in the arena */
};

struct recipe {
        const char *name, *hosts; /* hosts: "DNS:nas.example,IP:192.0.2.7"; NULL: none */
        const struct made *by;    /* NULL: signed by itself */
        unsigned rsa_bits;        /* 0: EC */
        const char *curve;        /* NULL: P-256 */
        const char *digest;       /* NULL: SHA256 */
        const char *usage;        /* of the key, extended: "serverAuth"; NULL: any */
        long from_s, to_s;        /* from now; both 0: an hour ago to 90 days from now */
        bool authority;
};

static inline const char *made_text(BIO *bio, struct arena *arena)
{
        char *bytes;
        long length = BIO_get_mem_data(bio, &bytes);
        const char *text = arena_text(arena, bytes, (size_t)length);
        BIO_free(bio);
        return text;
}

static inline void made_extension(X509 *certificate, int nid, const char *value)
{
        X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
        ASSERT(extension != NULL && X509_add_ext(certificate, extension, -1) == 1);
        X509_EXTENSION_free(extension);
}

static inline void made_fill(X509 *certificate, const struct recipe *recipe)
{
        static long serial;
        X509_set_version(certificate, X509_VERSION_3);
        ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial);
        bool given = recipe->from_s != 0 || recipe->to_s != 0;
        X509_gmtime_adj(X509_getm_notBefore(certificate), given ? recipe->from_s : -3600);
        X509_time_adj_ex(X509_getm_notAfter(certificate), given ? (int)(recipe->to_s / 86400) : 90,
                         given ? recipe->to_s % 86400 : 0, NULL);
        X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                                   (const unsigned char *)recipe->name, -1, -1, 0);
        made_extension(certificate, NID_basic_constraints,
                       recipe->authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
        if (recipe->hosts != NULL)
                made_extension(certificate, NID_subject_alt_name, recipe->hosts);
        if (recipe->usage != NULL)
                made_extension(certificate, NID_ext_key_usage, recipe->usage);
}

static inline struct made made_new(struct arena *arena, const struct recipe *recipe)
{
        struct made made = {.certificate = X509_new()};
        BIO *pem = BIO_new(BIO_s_mem()), *key_pem = BIO_new(BIO_s_mem());
        made.key = recipe->rsa_bits != 0 ? EVP_RSA_gen(recipe->rsa_bits)
                                         : EVP_EC_gen(recipe->curve != NULL ? recipe->curve : "P-256");
        const struct made *by = recipe->by != NULL ? recipe->by : &made;
        ASSERT(made.key != NULL);
        made_fill(made.certificate, recipe);
        X509_set_issuer_name(made.certificate, X509_get_subject_name(by->certificate));
        X509_set_pubkey(made.certificate, made.key);
        ASSERT(X509_sign(made.certificate, by->key,
                         EVP_get_digestbyname(recipe->digest != NULL ? recipe->digest : "SHA256")) > 0);
        PEM_write_bio_X509(pem, made.certificate);
        PEM_write_bio_PKCS8PrivateKey(key_pem, made.key, NULL, NULL, 0, NULL, NULL);
        made.pem = made_text(pem, arena);
        made.key_pem = made_text(key_pem, arena);
        return made;
}

static inline void made_free(struct made *made)
{
        X509_free(made->certificate);
        EVP_PKEY_free(made->key);
        *made = (struct made){NULL};
}

#endif
