/* Inside ticket/: what tickets and warrants have in common. */
#ifndef BULKHEAD_TICKET_SIGNED_H
#define BULKHEAD_TICKET_SIGNED_H

#include "ticket/trust.h"

/* Text to bytes: *ret_length bytes that were signed, followed by the signature. 0 or -1. */
int signed_text_open(const char *text, const char *prefix, uint8_t *target, size_t size, size_t *ret_length);

/* The key of that id if it is still good; NULL. */
const struct trust_key *signed_key(const struct trust_content *content, uint32_t id);

struct signed_facts {
        uint32_t subject;
        uint64_t session;
        uint32_t epoch;
        const uint8_t *boot_id;
        uint64_t not_after_ms, life_max_ms;
};
/* Not expired, not longer-lived than its kind may be, of this boot, not revoked. */
bool signed_holds(const struct trust_content *content, const struct signed_facts *facts);

#endif
