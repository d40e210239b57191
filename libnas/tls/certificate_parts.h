/* The parts of tls/certificate, for tls' own files only. */
#ifndef BULKHEAD_TLS_CERTIFICATE_PARTS_H
#define BULKHEAD_TLS_CERTIFICATE_PARTS_H

#include "base/mem.h"
#include "tls/certificate.h"

#include <openssl/bio.h>
#include <openssl/x509.h>

struct certificate_chain {
        X509 *certificates[CERTIFICATE_CHAIN_MAX];
        size_t count;
};

/* At least one, none of them judged. 0, or -1 with *failure; to be freed either way. */
int certificate_chain_read(struct certificate_chain *chain, const char *pem, size_t length, const char *field,
                           struct failure *failure);
void certificate_chain_freep(struct certificate_chain *chain); /* for CLEANUP */

static inline void certificate_bio_freep(BIO **bio)
{
        BIO_free(*bio); /* wipes */
}

#endif
