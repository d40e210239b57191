/* Reading and judging a chain of certificates.
 * Rights: every process; none needed: pure functions over texts. */
#include "tls/certificate.h"

#include "base/log.h"
#include "tls/certificate_parts.h"

#include <arpa/inet.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { KEY_BITS_LEAST = 2048, KEY_BITS_MOST = 8192, STRENGTH_LEAST = 112 };
#define HOST_CHARACTERS "abcdefghijklmnopqrstuvwxyz0123456789.-_*"

void certificate_start(void)
{
        OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT, NULL);
        EVP_MD_free(EVP_MD_fetch(NULL, "SHA256", NULL)); /* the providers are up before anything is fenced off */
        ERR_clear_error();
}

void certificate_chain_freep(struct certificate_chain *chain)
{
        for (size_t i = 0; i < chain->count; i++)
                X509_free(chain->certificates[i]);
        chain->count = 0;
        ERR_clear_error();
}

static int wrong(struct failure *failure, const char *field, const char *next, const char *what)
{
        return failure_set(failure, FAILURE_INVALID, field, next, "%s", what);
}

int certificate_chain_read(struct certificate_chain *chain, const char *pem, size_t length, const char *field,
                           struct failure *failure)
{
        CLEANUP(certificate_bio_freep) BIO *text = BIO_new_mem_buf(pem, (int)length);
        X509 *one;
        chain->count = 0;
        while ((one = PEM_read_bio_X509(text, NULL, NULL, NULL)) != NULL) {
                if (chain->count == CERTIFICATE_CHAIN_MAX) {
                        X509_free(one);
                        return wrong(failure, field, "Leave out what is not needed.", "holds too many certificates");
                }
                chain->certificates[chain->count++] = one;
        }
        /* What ends it must be the end of the text, not a block that cannot be read. */
        if (chain->count == 0 || ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
                return wrong(failure, field, "It begins with -----BEGIN CERTIFICATE-----.",
                             "holds something that is no certificate in PEM");
        return 0;
}

/* --- judging --- */

static int judge_key(X509 *certificate, const char *field, char *ret_name, size_t size, struct failure *failure)
{
        EVP_PKEY *key = X509_get0_pubkey(certificate);
        char curve[32] = "";
        int bits = key != NULL ? EVP_PKEY_get_bits(key) : 0;
        if (key != NULL && EVP_PKEY_is_a(key, "RSA") && bits >= KEY_BITS_LEAST && bits <= KEY_BITS_MOST) {
                (void)snprintf(ret_name, size, "RSA %d", bits);
                return 0;
        }
        if (key != NULL && EVP_PKEY_is_a(key, "EC"))
                (void)EVP_PKEY_get_group_name(key, curve, sizeof(curve), NULL);
        const char *name = strcmp(curve, "prime256v1") == 0  ? "EC P-256"
                           : strcmp(curve, "secp384r1") == 0 ? "EC P-384"
                           : strcmp(curve, "secp521r1") == 0 ? "EC P-521"
                                                             : NULL;
        if (name == NULL)
                return wrong(failure, field, "RSA of 2048 to 8192 bits, or EC P-256, P-384 or P-521.",
                             "has a key that browsers do not take");
        (void)snprintf(ret_name, size, "%s", name);
        return 0;
}

static bool issued_by(X509 *certificate, X509 *issuer)
{
        EVP_PKEY *key = X509_get0_pubkey(issuer);
        return key != NULL && X509_check_issued(issuer, certificate) == X509_V_OK && X509_verify(certificate, key) == 1;
}

/* How strong a key and a signature are that stand between the first one and a root. */
static bool strong(X509 *certificate)
{
        int digest = NID_undef, strength = 0;
        EVP_PKEY *key = X509_get0_pubkey(certificate);
        if (key == NULL || EVP_PKEY_get_security_bits(key) < STRENGTH_LEAST)
                return false;
        if (issued_by(certificate, certificate)) /* nobody relies on a root's own signature */
                return true;
        return X509_get_signature_info(certificate, &digest, NULL, &strength, NULL) == 1 &&
               strength >= STRENGTH_LEAST && digest != NID_sha1 && digest != NID_md5;
}

static int judge(const struct certificate_chain *chain, const char *field, struct tls_facts *facts,
                 struct failure *failure)
{
        X509 *leaf = chain->certificates[0], *last = chain->certificates[chain->count - 1];
        if (judge_key(leaf, field, facts->key, sizeof(facts->key), failure) != 0)
                return -1;
        for (size_t i = 0; i < chain->count; i++)
                if (!strong(chain->certificates[i]))
                        return wrong(failure, field, "Get one signed with SHA-256.",
                                     "has a key or a signature that is too weak for browsers");
        for (size_t i = 0; i + 1 < chain->count; i++)
                if (!issued_by(chain->certificates[i], chain->certificates[i + 1]))
                        return failure_set(failure, FAILURE_INVALID, field,
                                           "First the machine's own, then the one that signed it, and so on.",
                                           "is not in order: certificate %zu is not signed by certificate %zu", i + 1,
                                           i + 2);
        if (X509_check_purpose(leaf, X509_PURPOSE_SSL_SERVER, 0) != 1)
                return wrong(failure, field, "", "is not made for servers");
        facts->self_signed = issued_by(leaf, leaf);
        facts->incomplete = chain->count == 1 && !facts->self_signed && !issued_by(last, last);
        return 0;
}

/* --- what it says --- */

/* ASCII without control characters, whatever the issuer wrote there: all others are escaped. */
static void copy_name(const X509_NAME *name, char *target, size_t size)
{
        CLEANUP(certificate_bio_freep) BIO *text = BIO_new(BIO_s_mem());
        int length = 0;
        if (X509_NAME_print_ex(text, name, 0, XN_FLAG_RFC2253) >= 0)
                length = BIO_read(text, target, (int)size - 1);
        target[length > 0 ? length : 0] = '\0';
}

static bool copy_time(const ASN1_TIME *time, char ret_text[21], int64_t *ret_s)
{
        struct tm parts;
        if (ASN1_TIME_to_tm(time, &parts) != 1 || parts.tm_year < -1900 || parts.tm_year > 9999 - 1900)
                return false;
        *ret_s = (int64_t)timegm(&parts);
        return strftime(ret_text, 21, "%Y-%m-%dT%H:%M:%SZ", &parts) > 0;
}

static bool copy_host(const ASN1_STRING *host, char target[CERTIFICATE_NAME_SIZE])
{
        int length = ASN1_STRING_length(host);
        if (length <= 0 || length >= CERTIFICATE_NAME_SIZE)
                return false;
        for (int i = 0; i < length; i++) {
                char c = (char)ASN1_STRING_get0_data(host)[i];
                target[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
        }
        target[length] = '\0';
        return strspn(target, HOST_CHARACTERS) == (size_t)length;
}

static bool copy_address(const ASN1_STRING *address, char target[CERTIFICATE_NAME_SIZE])
{
        int length = ASN1_STRING_length(address), family = length == 4 ? AF_INET : AF_INET6;
        return (length == 4 || length == 16) &&
               inet_ntop(family, ASN1_STRING_get0_data(address), target, CERTIFICATE_NAME_SIZE) != NULL;
}

static void names_freep(GENERAL_NAMES **names)
{
        GENERAL_NAMES_free(*names);
}

static void copy_names(X509 *certificate, struct tls_facts *facts)
{
        CLEANUP(names_freep)
        GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
        for (int i = 0; names != NULL && i < sk_GENERAL_NAME_num(names); i++) {
                const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
                char text[CERTIFICATE_NAME_SIZE];
                bool good = (name->type == GEN_DNS && copy_host(name->d.dNSName, text)) ||
                            (name->type == GEN_IPADD && copy_address(name->d.iPAddress, text));
                if (good && facts->name_count < CERTIFICATE_NAMES_MAX)
                        memcpy(facts->names[facts->name_count++], text, sizeof(text));
        }
}

static bool copy_fingerprint(X509 *certificate, struct tls_facts *facts)
{
        uint8_t hash[EVP_MAX_MD_SIZE];
        unsigned length = 0;
        if (X509_digest(certificate, EVP_sha256(), hash, &length) != 1 || length != 32)
                return false;
        for (unsigned i = 0; i < length; i++)
                (void)snprintf(facts->fingerprint + 3 * i, sizeof(facts->fingerprint) - 3 * i, "%02X%s", hash[i],
                               i + 1 < length ? ":" : "");
        return true;
}

static int describe(X509 *certificate, const char *field, struct tls_facts *facts, struct failure *failure)
{
        copy_name(X509_get_subject_name(certificate), facts->subject, sizeof(facts->subject));
        copy_name(X509_get_issuer_name(certificate), facts->issuer, sizeof(facts->issuer));
        copy_names(certificate, facts);
        if (!copy_time(X509_get0_notBefore(certificate), facts->not_before, &facts->not_before_s) ||
            !copy_time(X509_get0_notAfter(certificate), facts->not_after, &facts->not_after_s) ||
            !copy_fingerprint(certificate, facts))
                return wrong(failure, field, "", "has dates that cannot be read");
        if (facts->name_count == 0)
                return wrong(failure, field, "Get one with a subject alternative name.",
                             "names no host; browsers do not look at its common name");
        return 0;
}

int certificate_read(const char *pem, size_t length, const char *field, struct tls_facts *ret_facts,
                     struct failure *failure)
{
        ASSERT(pem != NULL && field != NULL && ret_facts != NULL);
        CLEANUP(certificate_chain_freep) struct certificate_chain chain = {.count = 0};
        struct tls_facts facts = {.name_count = 0};
        if (length > CERTIFICATE_PEM_MAX)
                return wrong(failure, field, "", "is too long");
        if (certificate_chain_read(&chain, pem, length, field, failure) != 0 ||
            judge(&chain, field, &facts, failure) != 0 || describe(chain.certificates[0], field, &facts, failure) != 0)
                return -1;
        *ret_facts = facts;
        return 0;
}

bool certificate_covers(const char *name, const char *host)
{
        ASSERT(name != NULL && host != NULL);
        if (strncmp(name, "*.", 2) != 0)
                return strcasecmp(name, host) == 0;
        const char *rest = strchr(host, '.'); /* a star stands for one label and nothing else */
        return rest != NULL && rest != host && strcasecmp(name + 1, rest) == 0;
}
