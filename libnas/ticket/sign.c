/* Making tickets and warrants.
 * Rights: the users hand only, which alone holds the signing key. */
#include "ticket/sign.h"

#include "base/log.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

enum { SIGNED_MAX = 256 };

static void sign_text(const char *prefix, const char *domain, uint8_t *bytes, size_t length,
                      const struct signing_key *key, char target[TICKET_TEXT_MAX])
{
        char text[TEXT_BASE64_SIZE(SIGNED_MAX)];
        crypto_sign_domain(domain, bytes, length, key->secret, bytes + length);
        text_base64(bytes, length + SIGNATURE_BYTES, text);
        snprintf(target, TICKET_TEXT_MAX, "%s%s", prefix, text);
}

void ticket_sign(const struct ticket *ticket, const struct signing_key *key, char target[TICKET_TEXT_MAX])
{
        ASSERT(ticket && key && target);
        uint8_t bytes[SIGNED_MAX];
        struct ticket own = *ticket;
        own.key_id = key->id;
        size_t length = ticket_encode(&own, bytes, sizeof(bytes) - SIGNATURE_BYTES);
        sign_text("bht1_", TICKET_DOMAIN, bytes, length, key, target);
}

void warrant_sign(const struct warrant *warrant, const struct signing_key *key, char target[WARRANT_TEXT_MAX])
{
        ASSERT(warrant && key && target);
        uint8_t bytes[SIGNED_MAX];
        struct warrant own = *warrant;
        own.key_id = key->id;
        size_t length = warrant_encode(&own, bytes, sizeof(bytes) - SIGNATURE_BYTES);
        sign_text("bhw1_", WARRANT_DOMAIN, bytes, length, key, target);
}
