/* Making tickets and warrants. Linked by the users hand only; tests/arch sees to it. */
#ifndef BULKHEAD_TICKET_SIGN_H
#define BULKHEAD_TICKET_SIGN_H

#include "ticket/ticket.h"

struct signing_key {
        uint32_t id;
        uint8_t secret[SECRET_KEY_BYTES];
};

/* target holds TICKET_TEXT_MAX. key_id in *ticket is overwritten with the key's. */
void ticket_sign(const struct ticket *ticket, const struct signing_key *key, char target[TICKET_TEXT_MAX]);
void warrant_sign(const struct warrant *warrant, const struct signing_key *key, char target[WARRANT_TEXT_MAX]);

#endif
