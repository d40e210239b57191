/* Tickets: their layout, and checking them.
 * Rights: none; reads the trust file. In every clerk and hand, on every call. */
#include "ticket/ticket.h"

#include "base/bytes.h"
#include "base/log.h"
#include "base/text.h"
#include "ticket/signed.h"

#include <string.h>

#define TICKET_PREFIX "bht1_"

size_t ticket_encode(const struct ticket *ticket, uint8_t *target, size_t size)
{
        ASSERT(ticket && target);
        struct writer writer = writer_of(target, size);
        writer_u32(&writer, ticket->key_id);
        writer_u32(&writer, ticket->subject);
        writer_field(&writer, ticket->name, strnlen(ticket->name, sizeof(ticket->name) - 1));
        writer_u8(&writer, (uint8_t)ticket->role);
        writer_u32(&writer, ticket->scopes);
        writer_u8(&writer, (uint8_t)ticket->source);
        writer_u64(&writer, ticket->session);
        writer_u32(&writer, ticket->epoch);
        writer_copy(&writer, ticket->boot_id, sizeof(ticket->boot_id));
        writer_u64(&writer, ticket->not_after_ms);
        writer_copy(&writer, ticket->holder_key, sizeof(ticket->holder_key));
        ASSERT(!writer.bad);
        return writer_length(&writer);
}

int ticket_decode(const uint8_t *bytes, size_t length, struct ticket *ret_ticket)
{
        ASSERT(bytes && ret_ticket);
        struct reader reader = reader_of(bytes, length);
        struct ticket ticket = {0};
        size_t name_length;
        ticket.key_id = reader_u32(&reader);
        ticket.subject = reader_u32(&reader);
        const uint8_t *name = reader_field(&reader, &name_length);
        ticket.role = (enum role)reader_u8(&reader);
        ticket.scopes = reader_u32(&reader);
        ticket.source = (enum ticket_source)reader_u8(&reader);
        ticket.session = reader_u64(&reader);
        ticket.epoch = reader_u32(&reader);
        reader_copy(&reader, ticket.boot_id, sizeof(ticket.boot_id));
        ticket.not_after_ms = reader_u64(&reader);
        reader_copy(&reader, ticket.holder_key, sizeof(ticket.holder_key));
        if (!reader_ended(&reader) || !name || name_length == 0 || name_length >= sizeof(ticket.name))
                return -1;
        if (!text_printable((const char *)name, name_length) || ticket.role > ROLE_ADMIN ||
            (ticket.scopes & ~(uint32_t)(SCOPE_READ_ONLY | SCOPE_NO_DESTROY)) != 0 || ticket.source < SOURCE_CONSOLE ||
            ticket.source > SOURCE_KEY)
                return -1;
        memcpy(ticket.name, name, name_length);
        *ret_ticket = ticket;
        return 0;
}

static int refuse(struct failure *failure)
{
        return failure_set(failure, FAILURE_UNAUTHENTICATED, "", "Sign in again.", "This needs a valid ticket.");
}

int signed_text_open(const char *text, const char *prefix, uint8_t *target, size_t size, size_t *ret_length)
{
        size_t length = strnlen(text, TICKET_TEXT_MAX);
        size_t prefix_length = strlen(prefix);
        if (length >= TICKET_TEXT_MAX || length < prefix_length || memcmp(text, prefix, prefix_length) != 0)
                return -1;
        long decoded = text_unbase64(text + prefix_length, length - prefix_length, target, size);
        if (decoded <= SIGNATURE_BYTES)
                return -1;
        *ret_length = (size_t)decoded - SIGNATURE_BYTES;
        return 0;
}

const struct trust_key *signed_key(const struct trust_content *content, uint32_t id)
{
        for (size_t i = 0; i < content->key_count; i++) {
                const struct trust_key *key = &content->keys[i];
                if (key->id == id)
                        return key->not_after_ms == 0 || key->not_after_ms > clock_boot_ms() ? key : NULL;
        }
        return NULL;
}

bool signed_holds(const struct trust_content *content, const struct signed_facts *facts)
{
        uint64_t now = clock_boot_ms();
        return facts->not_after_ms > now && facts->not_after_ms - now <= facts->life_max_ms &&
               memcmp(facts->boot_id, content->boot_id, BOOT_ID_BYTES) == 0 &&
               facts->epoch == trust_epoch_of(content, facts->subject) && !trust_session_ended(content, facts->session);
}

static bool ticket_holds(const struct trust_content *content, const struct ticket *ticket)
{
        struct signed_facts facts = {.subject = ticket->subject,
                                     .session = ticket->session,
                                     .epoch = ticket->epoch,
                                     .boot_id = ticket->boot_id,
                                     .not_after_ms = ticket->not_after_ms,
                                     .life_max_ms = TICKET_LIFE_MS};
        return signed_holds(content, &facts);
}

_Static_assert(sizeof(struct ticket) <= TRUST_FACTS_MAX, "what is remembered of a ticket");

/* What a ticket says, once its signature was verified; remembered by the hash of its text. 0 or -1. */
static int ticket_read(struct trust *trust, const struct trust_content *content, const char *text,
                       struct ticket *ret_ticket)
{
        uint8_t bytes[TICKET_TEXT_MAX], hash[HASH_BYTES];
        struct ticket ticket;
        size_t length = strnlen(text, TICKET_TEXT_MAX);
        trust_hash(trust, text, length, hash);
        if (trust_remembers(trust, hash, ret_ticket, sizeof(*ret_ticket)))
                return 0;
        if (signed_text_open(text, TICKET_PREFIX, bytes, sizeof(bytes), &length) != 0 ||
            ticket_decode(bytes, length, &ticket) != 0)
                return -1;
        const struct trust_key *key = signed_key(content, ticket.key_id);
        if (!key || !crypto_verify_domain(TICKET_DOMAIN, bytes, length, key->public_key, bytes + length))
                return -1;
        trust_remember(trust, hash, &ticket, sizeof(ticket));
        *ret_ticket = ticket;
        return 0;
}

int ticket_check(struct trust *trust, const char *text, struct ticket *ret_ticket, struct failure *failure)
{
        ASSERT(trust && ret_ticket);
        struct ticket ticket;
        if (!text)
                return refuse(failure);
        const struct trust_content *content = trust_now(trust);
        if (!content)
                return failure_set(failure, FAILURE_UNAVAILABLE, "", "Is bulkhead-users-hand.socket active?",
                                   "Tickets cannot be checked now: the users daemon has published no keys.");
        if (ticket_read(trust, content, text, &ticket) != 0 || !signed_key(content, ticket.key_id) ||
            !ticket_holds(content, &ticket))
                return refuse(failure);
        *ret_ticket = ticket;
        return 0;
}

bool ticket_revoked(struct trust *trust, const struct ticket *ticket)
{
        ASSERT(trust && ticket);
        const struct trust_content *content = trust_now(trust);
        return !content || memcmp(ticket->boot_id, content->boot_id, BOOT_ID_BYTES) != 0 ||
               ticket->epoch != trust_epoch_of(content, ticket->subject) ||
               trust_session_ended(content, ticket->session);
}

int ticket_allows(const struct ticket *ticket, enum role role, bool changes, bool destroys, struct failure *failure)
{
        ASSERT(ticket);
        if (ticket->role < role)
                return failure_set(failure, FAILURE_DENIED, "", "Ask an administrator.", "This needs the role %s.",
                                   role_name(role));
        if (changes && (ticket->scopes & SCOPE_READ_ONLY))
                return failure_set(failure, FAILURE_DENIED, "", "Use a key without the scope read_only.",
                                   "This key may only read.");
        if (destroys && (ticket->scopes & SCOPE_NO_DESTROY))
                return failure_set(failure, FAILURE_DENIED, "", "Use a key without the scope no_destroy.",
                                   "This key may not destroy anything.");
        return 0;
}
