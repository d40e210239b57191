/* Sessions: opened by signing in, exchanged for tickets, ended. What a ticket says about role comes from the account
 * files at that moment, never from what was true when the session began.
 * Rights: the users hand; holds the signing key; a table in its directory in /run. */
#include "daemons/users/hand/users.h"

void ticket_answer(struct act_context *context, struct ticket *ticket, const struct person *person, uint64_t life_ms)
{
        const struct users *users = context->state;
        char *text = arena_alloc(context->arena, TICKET_TEXT_MAX);
        ticket->subject = person->uid;
        memcpy(ticket->name, person->name, sizeof(ticket->name));
        memcpy(ticket->boot_id, users->trust.boot_id, BOOT_ID_BYTES);
        ticket->epoch = trust_epoch_of(&users->trust, ticket->subject);
        ticket->not_after_ms = clock_boot_ms() + life_ms;
        ticket_sign(ticket, &users->signing, text);
        writer_field(context->answer, text, strlen(text));
        writer_u64(context->answer, ticket->not_after_ms);
}

void warrant_answer(struct act_context *context, const struct ticket *ticket)
{
        const struct users *users = context->state;
        char *text = arena_alloc(context->arena, WARRANT_TEXT_MAX);
        struct warrant warrant = {.subject = ticket->subject,
                                  .session = ticket->session,
                                  .epoch = trust_epoch_of(&users->trust, ticket->subject),
                                  .not_after_ms = clock_boot_ms() + WARRANT_LIFE_MS};
        memcpy(warrant.boot_id, users->trust.boot_id, BOOT_ID_BYTES);
        text_unhex(act_text(context, "digest"), 2 * HASH_BYTES, warrant.digest, HASH_BYTES); /* of the type digest */
        crypto_random(warrant.nonce, sizeof(warrant.nonce));
        warrant_sign(&warrant, &users->signing, text);
        writer_field(context->answer, text, strlen(text));
        writer_u64(context->answer, warrant.not_after_ms);
}

static void session_ticket(struct act_context *context, const struct person *person, uint64_t session)
{
        struct ticket ticket = {.role = person->role, .source = SOURCE_SESSION, .session = session};
        ticket_answer(context, &ticket, person, TICKET_LIFE_MS);
}

int session_open(struct act_context *context, const struct person *person, uint64_t *ret_id, struct failure *failure)
{
        struct table *table = &((struct users *)context->state)->sessions;
        struct credential credential;
        char *text = arena_alloc(context->arena, CREDENTIAL_TEXT_SIZE);
        if (!session_make(table, person->uid, clock_boot_ms(), &credential))
                return failure_set(failure, FAILURE_BUSY, "", "", "Too many sessions are open.");
        if (table_save(table, failure) != 0)
                return -1;
        *ret_id = credential.id;
        credential_write(&credential, text);
        session_ticket(context, person, credential.id);
        writer_field(context->answer, text, strlen(text));
        crypto_wipe(&credential, sizeof(credential));
        return 0;
}

static int over(struct failure *failure)
{
        return failure_set(failure, FAILURE_UNAUTHENTICATED, "", "Sign in again.", "This session or key is not good.");
}

static int session_exchange(struct act_context *context, struct session *session, struct failure *failure)
{
        struct person person;
        if (!session || session_over(session, clock_boot_ms()) || !person_find(NULL, session->row.owner, &person) ||
            !person.enabled || person.role == ROLE_NOBODY)
                return over(failure);
        session_ticket(context, &person, session->row.id);
        return session_touch(session, clock_boot_ms())
                       ? table_save(&((struct users *)context->state)->sessions, failure)
                       : 0;
}

int exchange(struct act_context *context, struct failure *failure)
{
        const struct users *users = context->state;
        const char *text = act_text(context, "credential");
        struct credential credential;
        if (credential_read(text, strlen(text), &credential) != 0)
                return over(failure);
        if (credential.kind == CREDENTIAL_KEY)
                return key_exchange(context, &credential) ? 0 : over(failure);
        struct session *session = table_find(&users->sessions, credential.id);
        bool opens = session_opens(session, &credential, clock_boot_ms());
        crypto_wipe(&credential, sizeof(credential));
        return session_exchange(context, opens ? session : NULL, failure);
}

int refresh(struct act_context *context, struct failure *failure)
{
        const struct users *users = context->state;
        if (context->ticket->source == SOURCE_KEY)
                return key_exchange(context, NULL) ? 0 : over(failure);
        if (context->ticket->source != SOURCE_SESSION)
                return failure_set(failure, FAILURE_DENIED, "", "", "Only sessions and keys are renewed");
        return session_exchange(context, table_find(&users->sessions, context->ticket->session), failure);
}

int sign_out(struct act_context *context, struct failure *failure)
{
        struct users *users = context->state;
        /* The tickets first: cut off here, sessions get new ones until this is finished. */
        trust_content_raise(&users->trust, uid_of(context));
        if (trust_publish(users, failure) != 0)
                return -1;
        table_remove_owner(&users->sessions, uid_of(context));
        return table_save(&users->sessions, failure);
}

int sign_out_all(struct act_context *context, struct failure *failure)
{
        struct users *users = context->state;
        users->sessions.count = 0;
        if (table_save(&users->sessions, failure) != 0)
                return -1;
        users->trust.everybody++;
        return trust_publish(users, failure);
}

/* What the operation is about, a key or a session: its number and the table it is in. */
static struct table *credential_place(const struct act_context *context, uint64_t *ret_id)
{
        struct users *users = context->state;
        bool key = *act_text(context, "key") != '\0';
        *ret_id = act_number(context, key ? "key" : "session");
        return key ? &users->keys : &users->sessions;
}

int credential_is_theirs(struct act_context *context, struct failure *failure)
{
        uint64_t id;
        const struct table *table = credential_place(context, &id);
        const struct table_row *row = table_find(table, id);
        struct person person;
        if (!row)
                return ACT_SKIP;
        bool theirs = person_find(act_text(context, "name"), 0, &person) && person.uid == row->owner;
        return theirs ? 0 : failure_set(failure, FAILURE_NOT_FOUND, "id", "", "there is none of theirs");
}

int credential_end(struct act_context *context, struct failure *failure)
{
        struct users *users = context->state;
        uint64_t id;
        struct table *table = credential_place(context, &id);
        /* The tickets first: cut off after this, its row is still there and its guard lets it be finished. */
        trust_content_end(&users->trust, id, clock_boot_ms(), clock_boot_ms() + TICKET_LIFE_MS);
        if (trust_publish(users, failure) != 0)
                return -1;
        table_remove(table, id);
        return table_save(table, failure);
}

int credentials_drop(struct act_context *context, struct failure *failure)
{
        struct users *users = context->state;
        struct table *tables[] = {&users->pending, &users->factors, &users->keys, &users->smb};
        CLEANUP_FD int ssh_keys = open(SSH_KEYS_DIRECTORY, O_DIRECTORY | O_CLOEXEC);
        int result = ssh_keys >= 0 ? file_remove(ssh_keys, act_text(context, "name")) : -errno;
        if (failure_system(failure, FAILURE_UNAVAILABLE, SSH_KEYS_DIRECTORY, result) != 0)
                return -1;
        for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
                table_remove_owner(tables[i], uid_of(context));
                if (table_save(tables[i], failure) != 0)
                        return -1;
        }
        return sign_out(context, failure); /* ends the tickets of keys, too */
}
