/* Sessions: opened by signing in, exchanged for tickets, ended. What a ticket says about role comes from the account
 * files at that moment, never from what was true when the session began.
 * Rights: the users hand; holds the signing key; a table in its directory in /run. */
#include "daemons/users/hand/users.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { SESSIONS_PER_ACCOUNT = 64, SESSION_LIFE_MS = 7 * 24 * 3600 * 1000, SESSION_IDLE_MS = 12 * 3600 * 1000,
       SESSION_TOUCH_MS = 60 * 1000 };
#define SESSION_BIT (1ull << 40) /* keeps their numbers apart from those of API keys */

struct session {
        struct row row;
        uint64_t until_ms, idle_ms; /* boot clock */
        uint8_t hash[HASH_BYTES];
};
_Static_assert(sizeof(struct session) == SESSION_ROW_BYTES, "users.h says how large a row is");

void credential_hash(const struct credential *credential, uint8_t ret_hash[HASH_BYTES])
{
        ASSERT(credential && ret_hash);
        crypto_sha256(credential->secret, sizeof(credential->secret), ret_hash);
}

void ticket_answer(struct act_context *context, struct ticket *ticket, uint64_t life_ms)
{
        ASSERT(context && ticket && life_ms <= TICKET_LIFE_MS);
        const struct users *users = context->state;
        char text[TICKET_TEXT_MAX];
        memcpy(ticket->boot_id, users->trust.boot_id, BOOT_ID_BYTES);
        ticket->epoch = trust_epoch(users, ticket->subject);
        ticket->not_after_ms = clock_boot_ms() + life_ms;
        ticket_sign(ticket, &users->signing, text);
        writer_field(context->answer, text, strlen(text));
        writer_u64(context->answer, ticket->not_after_ms);
        crypto_wipe(text, sizeof(text));
}

void warrant_answer(struct act_context *context, const struct ticket *ticket)
{
        ASSERT(context && ticket);
        const struct users *users = context->state;
        char text[WARRANT_TEXT_MAX];
        struct warrant warrant = {.subject = ticket->subject,
                                  .session = ticket->session,
                                  .epoch = trust_epoch(users, ticket->subject),
                                  .not_after_ms = clock_boot_ms() + WARRANT_LIFE_MS};
        memcpy(warrant.boot_id, users->trust.boot_id, BOOT_ID_BYTES);
        int unhexed = text_unhex(text_of(context, "digest"), 2 * HASH_BYTES, warrant.digest, HASH_BYTES);
        ASSERT(unhexed == 0);
        crypto_random(warrant.nonce, sizeof(warrant.nonce));
        warrant_sign(&warrant, &users->signing, text);
        writer_field(context->answer, text, strlen(text));
        writer_u64(context->answer, warrant.not_after_ms);
        crypto_wipe(text, sizeof(text));
}

static void session_ticket(struct act_context *context, const struct account *account, uint64_t session)
{
        struct ticket ticket = {
                .subject = account->uid, .role = account->role, .source = SOURCE_SESSION, .session = session};
        memcpy(ticket.name, account->name, strlen(account->name));
        ticket_answer(context, &ticket, TICKET_LIFE_MS);
}

/* Room for one more: what is over goes, and the oldest of who has too many. */
static void make_room(struct table *table, uint32_t uid)
{
        struct session *oldest = NULL;
        unsigned own = 0;
        uint64_t now = clock_boot_ms();
        for (size_t i = table->count; i-- > 0;) {
                struct session *session = (struct session *)(void *)table->rows + i;
                if (session->until_ms <= now || session->idle_ms <= now)
                        table_remove(table, session);
        }
        for (size_t i = 0; i < table->count; i++) {
                struct session *session = (struct session *)(void *)table->rows + i;
                own += session->row.uid == uid;
                if (session->row.uid == uid && (!oldest || session->until_ms < oldest->until_ms))
                        oldest = session;
        }
        if (own >= SESSIONS_PER_ACCOUNT)
                table_remove(table, oldest);
}

int session_open(struct act_context *context, const struct account *account, uint64_t *ret_session,
                 struct failure *failure)
{
        ASSERT(context && account && ret_session);
        struct table *table = &((struct users *)context->state)->sessions;
        struct credential credential = {.kind = CREDENTIAL_SESSION};
        make_room(table, account->uid);
        do {
                crypto_random(&credential.id, sizeof(credential.id));
                credential.id = SESSION_BIT | (credential.id & (SESSION_BIT - 1));
        } while (table_find(table, credential.id));
        crypto_random(credential.secret, sizeof(credential.secret));
        struct session *session = table_add(table, credential.id, account->uid);
        if (!session)
                return failure_set(failure, FAILURE_BUSY, "", "", "Too many sessions are open.");
        session->until_ms = clock_boot_ms() + SESSION_LIFE_MS;
        session->idle_ms = clock_boot_ms() + SESSION_IDLE_MS;
        credential_hash(&credential, session->hash);
        if (table_save(table, failure) != 0)
                return -1;
        char text[CREDENTIAL_TEXT_SIZE];
        credential_write(&credential, text);
        session_ticket(context, account, credential.id);
        writer_field(context->answer, text, strlen(text));
        crypto_wipe(&credential, sizeof(credential));
        crypto_wipe(text, sizeof(text));
        *ret_session = session->row.id;
        return 0;
}

static int over(struct failure *failure)
{
        return failure_set(failure, FAILURE_UNAUTHENTICATED, "", "Sign in again.", "This session or key is not good.");
}

static int session_exchange(struct act_context *context, struct session *session, struct failure *failure)
{
        struct table *table = &((struct users *)context->state)->sessions;
        struct account account;
        uint64_t now = clock_boot_ms();
        if (!session || session->until_ms <= now || session->idle_ms <= now ||
            !account_by_uid(session->row.uid, &account) || !account.enabled || account.role == ROLE_NOBODY)
                return over(failure);
        session_ticket(context, &account, session->row.id);
        if (session->idle_ms + SESSION_TOUCH_MS > now + SESSION_IDLE_MS)
                return 0;
        session->idle_ms = now + SESSION_IDLE_MS;
        return table_save(table, failure);
}

int exchange(struct act_context *context, struct failure *failure)
{
        const char *text = text_of(context, "credential");
        struct credential credential;
        uint8_t hash[HASH_BYTES];
        if (credential_read(text, strlen(text), &credential) != 0)
                return over(failure);
        if (credential.kind == CREDENTIAL_KEY)
                return key_exchange(context, &credential, failure) == 0 ? 0 : over(failure);
        struct session *session = table_find(&((struct users *)context->state)->sessions, credential.id);
        credential_hash(&credential, hash);
        crypto_wipe(&credential, sizeof(credential));
        return session && crypto_equal(session->hash, hash, HASH_BYTES) ? session_exchange(context, session, failure)
                                                                        : over(failure);
}

int refresh(struct act_context *context, struct failure *failure)
{
        struct users *users = context->state;
        if (context->ticket->source != SOURCE_SESSION)
                return failure_set(failure, FAILURE_DENIED, "", "Exchange the key again.", "Only sessions are renewed.");
        return session_exchange(context, table_find(&users->sessions, context->ticket->session), failure);
}

int account_sign_out(struct users *users, uint32_t uid, struct failure *failure)
{
        ASSERT(users);
        table_remove_uid(&users->sessions, uid);
        return table_save(&users->sessions, failure) == 0 ? trust_raise(users, uid, failure) : -1;
}

int sign_out(struct act_context *context, struct failure *failure)
{
        return account_sign_out(context->state, (uint32_t)number_of(context, "uid"), failure);
}

int sign_out_all(struct act_context *context, struct failure *failure)
{
        struct users *users = context->state;
        users->sessions.count = 0;
        return table_save(&users->sessions, failure) == 0 ? trust_raise_all(users, failure) : -1;
}

int session_is_theirs(struct act_context *context, struct failure *failure)
{
        const struct users *users = context->state;
        const struct session *session = table_find(&users->sessions, number_of(context, "session"));
        struct account account;
        if (!session)
                return ACT_SKIP;
        if (account_by_name(text_of(context, "name"), &account) && account.uid == session->row.uid)
                return 0;
        return failure_set(failure, FAILURE_NOT_FOUND, "id", "", "there is no such session");
}

int session_end(struct act_context *context, struct failure *failure)
{
        struct users *users = context->state;
        uint64_t id = number_of(context, "session");
        struct session *session = table_find(&users->sessions, id);
        if (session)
                table_remove(&users->sessions, session);
        return table_save(&users->sessions, failure) == 0 ? trust_end_session(users, id, failure) : -1;
}

int credentials_drop(struct act_context *context, struct failure *failure)
{
        struct users *users = context->state;
        uint32_t uid = (uint32_t)number_of(context, "uid");
        CLEANUP_FD int ssh_keys = open(SSH_KEYS_DIRECTORY, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        int result = ssh_keys >= 0 ? file_remove(ssh_keys, text_of(context, "name")) : -ENOENT;
        if (result != 0)
                return failure_set(failure, FAILURE_UNAVAILABLE, "", "", "SSH keys: %s", strerror(-result));
        table_remove_uid(&users->pending, uid);
        table_remove_uid(&users->factors, uid);
        table_remove_uid(&users->keys, uid);
        if (table_save(&users->pending, failure) != 0 || table_save(&users->factors, failure) != 0 ||
            table_save(&users->keys, failure) != 0)
                return -1;
        return account_sign_out(users, uid, failure); /* raises the epoch: tickets of its keys end too */
}
