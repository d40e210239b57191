/* The parts of tls/tls.h, for tls' own files only. */
#ifndef BULKHEAD_TLS_PARTS_H
#define BULKHEAD_TLS_PARTS_H

#include "tls/tls.h"

#include <openssl/ssl.h>

/* Keys for session tickets: the first one encrypts, all decrypt. */
enum { TICKET_KEYS = 3, TICKET_KEY_MS = 2 * 3600 * 1000 };
struct ticket_key {
        uint64_t made_ms; /* 0: no key */
        uint8_t name[16], cipher[32], mac[32];
};

struct tls_identity {
        unsigned holders; /* the owner and every connection */
        SSL_CTX *context;
        BIO_METHOD *sockets;
        struct tls_facts facts;
        struct ticket_key ticket_keys[TICKET_KEYS];
};

/* context.c: one with everything but key and chain; NULL: OpenSSL does not know what we ask for. */
SSL_CTX *tls_context_new(struct tls_identity *identity);
/* socket_bio.c: how it reads and writes; the method outlives what is put with it. */
BIO_METHOD *tls_socket_method(void);
void tls_socket_put(SSL *ssl, const BIO_METHOD *method, int fd);
/* ticket_key.c */
void tls_ticket_keys(SSL_CTX *context);
/* identity.c */
struct tls_identity *tls_identity_hold(struct tls_identity *identity);

#endif
