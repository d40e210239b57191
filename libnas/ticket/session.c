/* Sessions.
 * Rights: the users hand; pure functions. */
#include "base/log.h"
#include "ticket/api_key.h"

#define SESSION_BIT (1ull << 40) /* keeps their numbers apart from those of API keys, which count up from 1 */

bool session_over(const struct session *session, uint64_t now_ms)
{
        ASSERT(session);
        return session->until_ms <= now_ms || session->idle_ms <= now_ms;
}

static void make_room(struct table *table, uint32_t owner, uint64_t now_ms)
{
        const struct session *oldest = NULL;
        unsigned own = 0;
        for (size_t i = table->count; i-- > 0;) {
                const struct session *session = table_at(table, i);
                if (session_over(session, now_ms))
                        table_remove(table, session->row.id);
        }
        for (size_t i = 0; i < table->count; i++) {
                const struct session *session = table_at(table, i);
                own += session->row.owner == owner;
                if (session->row.owner == owner && (!oldest || session->until_ms < oldest->until_ms))
                        oldest = session;
        }
        if (own >= SESSIONS_PER_ACCOUNT)
                table_remove(table, oldest->row.id);
}

struct session *session_make(struct table *table, uint32_t owner, uint64_t now_ms, struct credential *ret_credential)
{
        ASSERT(table && ret_credential && table->row_bytes == sizeof(struct session));
        struct credential credential = {.kind = CREDENTIAL_SESSION};
        make_room(table, owner, now_ms);
        do {
                crypto_random(&credential.id, sizeof(credential.id));
                credential.id = SESSION_BIT | (credential.id & (SESSION_BIT - 1));
        } while (table_find(table, credential.id));
        crypto_random(credential.secret, sizeof(credential.secret));
        struct session *session = table_add(table, credential.id, owner);
        if (session) {
                session->until_ms = now_ms + SESSION_LIFE_MS;
                session->idle_ms = now_ms + SESSION_IDLE_MS;
                credential_hash(&credential, session->hash);
                *ret_credential = credential;
        }
        crypto_wipe(&credential, sizeof(credential));
        return session;
}

bool session_opens(const struct session *session, const struct credential *credential, uint64_t now_ms)
{
        ASSERT(credential);
        uint8_t hash[HASH_BYTES];
        credential_hash(credential, hash);
        return session && crypto_equal(session->hash, hash, HASH_BYTES) && !session_over(session, now_ms);
}

bool session_touch(struct session *session, uint64_t now_ms)
{
        ASSERT(session);
        if (session->idle_ms + SESSION_TOUCH_MS > now_ms + SESSION_IDLE_MS)
                return false;
        session->idle_ms = now_ms + SESSION_IDLE_MS;
        return true;
}
