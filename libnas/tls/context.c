/* How we speak TLS: Mozilla's "intermediate", without what only old clients need.
 * Rights: the front end; none needed. */
#include "tls/parts.h"

#include "base/log.h"

#include <openssl/err.h>
#include <string.h>

#define CIPHERS_12                                                                                                     \
        "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"                     \
        "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"
#define CIPHERS_13 "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"
#define GROUPS     "X25519:P-256:P-384"
enum { SESSION_S = 4 * 3600 };

/* A client that names protocols and not ours is told so by an alert (RFC 7301): it would misread us. */
static int choose_protocol(SSL *ssl, const unsigned char **ret_chosen, unsigned char *ret_length,
                           const unsigned char *offered, unsigned length, void *context)
{
        static const unsigned char ours[] = "http/1.1";
        (void)ssl;
        (void)context;
        for (unsigned at = 0; at < length && length - at > offered[at]; at += offered[at] + 1u)
                if (offered[at] == sizeof(ours) - 1 && memcmp(offered + at + 1, ours, sizeof(ours) - 1) == 0) {
                        *ret_chosen = offered + at + 1;
                        *ret_length = sizeof(ours) - 1;
                        return SSL_TLSEXT_ERR_OK;
                }
        return SSL_TLSEXT_ERR_ALERT_FATAL;
}

SSL_CTX *tls_context_new(struct tls_identity *identity)
{
        ASSERT(identity != NULL);
        SSL_CTX *context = SSL_CTX_new(TLS_server_method());
        if (context == NULL)
                log_fatal("OpenSSL: no context");
        /* Ours is the order: AES-128 first, which costs least; but ChaCha for who has no AES in hardware and says so.
         */
        SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_IGNORE_UNEXPECTED_EOF |
                                             SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
        SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                          SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
        SSL_CTX_set_read_ahead(context, 1); /* one read a record, not one for its head and one for the rest */
        SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF); /* the client keeps what it resumes with */
        SSL_CTX_set_timeout(context, SESSION_S);
        SSL_CTX_set_num_tickets(context, 1);
        SSL_CTX_set_max_early_data(context, 0);
        SSL_CTX_set_security_level(context, 2);
        SSL_CTX_set_alpn_select_cb(context, choose_protocol, NULL);
        SSL_CTX_set_app_data(context, identity);
        tls_ticket_keys(context);
        if (SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1 ||
            SSL_CTX_set_cipher_list(context, CIPHERS_12) != 1 || SSL_CTX_set_ciphersuites(context, CIPHERS_13) != 1 ||
            SSL_CTX_set1_groups_list(context, GROUPS) != 1)
                log_fatal("OpenSSL: lacks a cipher or a group that we need");
        return context;
}
