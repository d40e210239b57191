/* PEM as texts: blocks between their BEGIN and END lines. Only the form; what is in them is for libnas/tls. */
#ifndef BULKHEAD_VALUE_PEM_H
#define BULKHEAD_VALUE_PEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pem_block {
        const char *start; /* of the whole block, with its last line end */
        size_t length;
        bool certificate, key; /* "CERTIFICATE"; "PRIVATE KEY", "EC PRIVATE KEY" or "RSA PRIVATE KEY" */
        const char *body;      /* lines of base64 */
        size_t body_length;
};

/* The next block, strictly: lines of at most 76 base64 characters ended by \n; only empty lines between blocks. True
 * and *at moves behind it; false at the end (*at is end) and for anything else (*at stays before it). */
bool pem_next(const char **at, const char *end, struct pem_block *ret_block);
/* What is in a block, into target: its length, or -1. */
long pem_decode(const struct pem_block *block, uint8_t *target, size_t size);

#endif
