/* The certificate of the first start: a new key, signed by itself, so that there is TLS before there is anything else.
 * Rights: the front end, before its fences close; writes two files into the folder it is given. */
#include "tls/parts.h"

#include "base/crypto.h"
#include "base/log.h"
#include "base/mem.h"
#include "sys/file.h"
#include "tls/certificate_parts.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>

enum { VALID_DAYS = 820, SERIAL_BYTES = 16, NAME_MAX_BYTES = 64 }; /* browsers take no longer ones than 825 days */

struct making {
        X509 *certificate;
        EVP_PKEY *key;
        GENERAL_NAMES *names;
};

static void making_done(struct making *making)
{
        X509_free(making->certificate);
        EVP_PKEY_free(making->key);
        GENERAL_NAMES_free(making->names);
        ERR_clear_error();
}

static bool add_name(GENERAL_NAMES *names, const char *text)
{
        uint8_t address[16];
        int family = strchr(text, ':') != NULL ? AF_INET6 : AF_INET;
        bool is_address = inet_pton(family, text, address) == 1;
        GENERAL_NAME *name = GENERAL_NAME_new();
        ASN1_STRING *value = is_address ? ASN1_OCTET_STRING_new() : ASN1_IA5STRING_new();
        if (name == NULL || value == NULL)
                log_fatal("out of memory");
        bool good = ASN1_STRING_set(value, is_address ? (const void *)address : text,
                                    is_address ? (family == AF_INET6 ? 16 : 4) : (int)strlen(text)) == 1;
        GENERAL_NAME_set0_value(name, is_address ? GEN_IPADD : GEN_DNS, value);
        return good && sk_GENERAL_NAME_push(names, name) > 0;
}

static bool add_extension(X509 *certificate, int number, const char *value)
{
        X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, number, value);
        bool good = extension != NULL && X509_add_ext(certificate, extension, -1) == 1;
        X509_EXTENSION_free(extension);
        return good;
}

static bool set_serial(X509 *certificate)
{
        uint8_t bytes[SERIAL_BYTES];
        crypto_random(bytes, sizeof(bytes));
        bytes[0] &= 0x7f; /* not negative */
        bytes[0] |= 0x40; /* and always as long */
        BIGNUM *number = BN_bin2bn(bytes, sizeof(bytes), NULL);
        bool good = number != NULL && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != NULL;
        BN_free(number);
        return good;
}

/* No key usage: a browser that is told to trust it takes it as what it is, a server's own. */
static bool fill(struct making *making, const char *const *names, unsigned count)
{
        X509 *certificate = making->certificate;
        X509_NAME *subject = X509_get_subject_name(certificate);
        size_t length = strlen(names[0]);
        bool good = X509_set_version(certificate, X509_VERSION_3) == 1 && set_serial(certificate) &&
                    X509_gmtime_adj(X509_getm_notBefore(certificate), -24 * 3600) != NULL &&
                    X509_time_adj_ex(X509_getm_notAfter(certificate), VALID_DAYS, 0, NULL) != NULL &&
                    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const unsigned char *)names[0],
                                               (int)(length < NAME_MAX_BYTES ? length : NAME_MAX_BYTES), -1, 0) == 1 &&
                    X509_set_issuer_name(certificate, subject) == 1 && X509_set_pubkey(certificate, making->key) == 1 &&
                    add_extension(certificate, NID_basic_constraints, "critical,CA:FALSE") &&
                    add_extension(certificate, NID_ext_key_usage, "serverAuth");
        for (unsigned i = 0; i < count; i++)
                good = good && add_name(making->names, names[i]);
        return good && X509_add1_ext_i2d(certificate, NID_subject_alt_name, making->names, 0, 0) == 1 &&
               X509_sign(certificate, making->key, EVP_sha256()) > 0;
}

/* The key first, then the chain; and the chain once more for all. */
static int put(int dir_fd, const struct making *making)
{
        CLEANUP(certificate_bio_freep) BIO *both = BIO_new(BIO_s_mem());
        char *bytes;
        if (PEM_write_bio_PKCS8PrivateKey(both, making->key, NULL, NULL, 0, NULL, NULL) != 1)
                log_fatal("out of memory");
        long key_length = BIO_get_mem_data(both, &bytes);
        if (PEM_write_bio_X509(both, making->certificate) != 1)
                log_fatal("out of memory");
        long length = BIO_get_mem_data(both, &bytes);
        int error = file_put(dir_fd, CERTIFICATE_IDENTITY_FILE, bytes, (size_t)length, 0600);
        if (error == 0)
                error = file_put(dir_fd, CERTIFICATE_CHAIN_FILE, bytes + key_length, (size_t)(length - key_length),
                                 0644);
        return error;
}

int tls_identity_make(int dir_fd, const char *const *names, unsigned count, struct failure *failure)
{
        ASSERT(dir_fd >= 0 && names != NULL && count > 0);
        CLEANUP(making_done)
        struct making making = {X509_new(), EVP_EC_gen("P-256"), GENERAL_NAMES_new()};
        if (making.certificate == NULL || making.key == NULL || making.names == NULL || !fill(&making, names, count))
                return failure_set(failure, FAILURE_FAILED, "names", "Are the machine's names as they should be?",
                                   "OpenSSL cannot make a certificate for %s", names[0]);
        return failure_system(failure, FAILURE_UNAVAILABLE, "writing the certificate", put(dir_fd, &making));
}
