/* The type pem_identity: one private key and its chain of certificates, strictly in PEM, as it is kept.
 * Rights: every process; none needed. */
#include "value/pem.h"
#include "value/pem_example.h"
#include "value/types.h"

static bool check(const char *text, size_t length)
{
        const char *at = text, *end = text + length;
        struct pem_block block;
        unsigned keys = 0, certificates = 0;
        while (pem_next(&at, end, &block)) {
                keys += block.key;
                certificates += block.certificate;
        }
        return at == end && keys == 1 && certificates > 0 && end[-1] == '\n';
}

const struct value_type value_pem_identity = {
        .name = "pem_identity",
        .says = "one private key and its certificates in PEM and nothing else",
        .pattern = NULL,
        .example = PEM_EXAMPLE_KEY PEM_EXAMPLE_CERTIFICATE,
        .max_bytes = 40 * 1024,
        .secret = true,
        .lines = true,
        .check = check,
};
