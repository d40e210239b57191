/* Certificates as texts: chains and keys in PEM, read, judged and written anew. Pure: no file, no clock, no network; so
 * that a clerk can do it without any right, on what a stranger sent.
 *
 * An identity is a key with its chain. It lies in a folder of its own as two files: "identity.pem" holds both (the key
 * first, then the chain, leaf first), so that one rename replaces them together; TLS reads that one. "chain.pem" is the
 * chain once more, readable for all, for whoever shows which certificate is in force. */
#ifndef BULKHEAD_TLS_CERTIFICATE_H
#define BULKHEAD_TLS_CERTIFICATE_H

#include "base/arena.h"
#include "base/failure.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Put there by the network hand (group bulkhead-api may read); it wins. Else the front end's own, made at its first
 * start (the folder is its to write in, by its policy). */
#define CERTIFICATE_INSTALLED     "/var/lib/bulkhead/tls"
#define CERTIFICATE_SELF_SIGNED   "/var/lib/bulkhead/self-signed"
#define CERTIFICATE_IDENTITY_FILE "identity.pem"
#define CERTIFICATE_CHAIN_FILE    "chain.pem"
enum {
        CERTIFICATE_CHAIN_MAX = 8,       /* certificates in one */
        CERTIFICATE_NAMES_MAX = 64,      /* hosts of one */
        CERTIFICATE_PEM_MAX = 24 * 1024, /* bytes of a chain; value_pem_chain says the same */
        CERTIFICATE_KEY_MAX = 8 * 1024,  /* bytes of a key; value_pem_key says the same */
        CERTIFICATE_NAME_SIZE = 254
};

struct tls_facts {            /* whether it has expired is the caller's to say, by not_after_s and a clock */
        char fingerprint[96]; /* SHA-256, as browsers show it: "AB:CD:..." */
        char subject[256], issuer[256];
        char key[16];                       /* "EC P-256", "RSA 2048" */
        char not_before[21], not_after[21]; /* RFC 3339 */
        int64_t not_before_s, not_after_s;  /* seconds since 1970 */
        bool self_signed;                   /* no chain that a browser could know */
        bool incomplete;                    /* its issuer is another one, who is not in the chain */
        unsigned name_count;
        char names[CERTIFICATE_NAMES_MAX][CERTIFICATE_NAME_SIZE]; /* for which hosts and addresses */
};

/* Before the fences close: the library reads no settings of its own later. */
void certificate_start(void);

/* A chain: what the first one says, when all of it is in order: at most so many, each one signed by the next, a key
 * that browsers take (RSA of 2048 to 8192 bits, EC P-256, P-384 or P-521), no hash that they refuse. Its dates are the
 * caller's to judge. 0, or -1 with *failure (FAILURE_INVALID, of that field). */
int certificate_read(const char *pem, size_t length, const char *field, struct tls_facts *ret_facts,
                     struct failure *failure);
/* The key, without a password, is that of the chain's first certificate. Both written anew as one identity, in the
 * arena: nothing else that stood in the texts is in it. NULL with *failure; field "chain" or "key". */
const char *certificate_identity(const char *chain, size_t chain_length, const char *key, size_t key_length,
                                 struct arena *arena, struct failure *failure);
/* Does a certificate for this name ("nas.example", "*.example") cover the host? */
bool certificate_covers(const char *name, const char *host);

#endif
