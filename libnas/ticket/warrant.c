/* Warrants: their layout, and checking them.
 * Rights: none; reads the trust file. In every clerk and hand. */
#include "base/bytes.h"
#include "base/log.h"
#include "ticket/signed.h"
#include "ticket/ticket.h"

#include <string.h>

#define WARRANT_PREFIX "bhw1_"

size_t warrant_encode(const struct warrant *warrant, uint8_t *target, size_t size)
{
        ASSERT(warrant && target);
        struct writer writer = writer_of(target, size);
        writer_u32(&writer, warrant->key_id);
        writer_u32(&writer, warrant->subject);
        writer_u64(&writer, warrant->session);
        writer_u32(&writer, warrant->epoch);
        writer_copy(&writer, warrant->boot_id, sizeof(warrant->boot_id));
        writer_u64(&writer, warrant->not_after_ms);
        writer_copy(&writer, warrant->digest, sizeof(warrant->digest));
        writer_copy(&writer, warrant->nonce, sizeof(warrant->nonce));
        ASSERT(!writer.bad);
        return writer_length(&writer);
}

int warrant_decode(const uint8_t *bytes, size_t length, struct warrant *ret_warrant)
{
        ASSERT(bytes && ret_warrant);
        struct reader reader = reader_of(bytes, length);
        struct warrant warrant = {0};
        warrant.key_id = reader_u32(&reader);
        warrant.subject = reader_u32(&reader);
        warrant.session = reader_u64(&reader);
        warrant.epoch = reader_u32(&reader);
        reader_copy(&reader, warrant.boot_id, sizeof(warrant.boot_id));
        warrant.not_after_ms = reader_u64(&reader);
        reader_copy(&reader, warrant.digest, sizeof(warrant.digest));
        reader_copy(&reader, warrant.nonce, sizeof(warrant.nonce));
        if (!reader_ended(&reader))
                return -1;
        *ret_warrant = warrant;
        return 0;
}

static int refuse(struct failure *failure)
{
        return failure_set(failure, FAILURE_CONFIRMATION, "", "Confirm the plan that is shown, then ask again.",
                           "This needs a fresh warrant for exactly this plan.");
}

int warrant_check(struct trust *trust, const char *text, const struct ticket *ticket, const uint8_t digest[HASH_BYTES],
                  struct warrant *ret_warrant, struct failure *failure)
{
        ASSERT(trust && ticket && digest && ret_warrant);
        uint8_t bytes[WARRANT_TEXT_MAX];
        size_t length;
        struct warrant warrant;
        if (!text || signed_text_open(text, WARRANT_PREFIX, bytes, sizeof(bytes), &length) != 0 ||
            warrant_decode(bytes, length, &warrant) != 0)
                return refuse(failure);
        if (warrant.subject != ticket->subject || warrant.session != ticket->session ||
            !crypto_equal(warrant.digest, digest, HASH_BYTES))
                return refuse(failure);
        const struct trust_content *content = trust_now(trust);
        const struct trust_key *key = content ? signed_key(content, warrant.key_id) : NULL;
        struct signed_facts facts = {.subject = warrant.subject,
                                     .session = warrant.session,
                                     .epoch = warrant.epoch,
                                     .boot_id = warrant.boot_id,
                                     .not_after_ms = warrant.not_after_ms,
                                     .life_max_ms = WARRANT_LIFE_MS};
        if (!key || !signed_holds(content, &facts) ||
            !crypto_verify_domain(WARRANT_DOMAIN, bytes, length, key->public_key, bytes + length))
                return refuse(failure);
        *ret_warrant = warrant;
        return 0;
}
