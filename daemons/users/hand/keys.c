/* API keys: made with a role and scopes that only narrow what their owner may do at the time of use.
 * Rights: the users hand; a table in its directory in /var/lib. The secret itself is shown once and not kept. */
#include "daemons/users/hand/users.h"

enum { ID_BITS = 40, FIRST_NETWORK = 6 };

bool key_exchange(struct act_context *context, const struct credential *credential)
{
        const struct users *users = context->state;
        const struct api_key *key = table_find(&users->keys, credential ? credential->id : context->ticket->session);
        struct person person;
        if (!api_key_holds(key, act_text(context, "address"), clock_real_s()) ||
            (credential && !api_key_is(key, credential)) || !person_find(NULL, key->row.owner, &person) ||
            !person.enabled || person.role == ROLE_NOBODY)
                return false;
        struct ticket ticket = {.role = key->role < person.role ? key->role : person.role,
                                .scopes = key->scopes,
                                .source = SOURCE_KEY,
                                .session = key->row.id};
        ticket_answer(context, &ticket, &person, TICKET_LIFE_MS);
        return true;
}

int key_make(struct act_context *context, struct failure *failure)
{
        struct users *users = context->state;
        struct credential credential = {.kind = CREDENTIAL_KEY, .id = act_number(context, "key")};
        char *text = arena_alloc(context->arena, CREDENTIAL_TEXT_SIZE);
        struct api_key *key = table_add(&users->keys, credential.id, uid_of(context));
        if (!key)
                return failure_set(failure, FAILURE_BUSY, "", "Revoke some.", "There are too many keys.");
        api_key_set(key, act_text(context, "role"), act_text(context, "scopes"), act_text(context, "expires"));
        for (size_t i = FIRST_NETWORK; i < context->action->count; i++)
                if (!api_key_add_network(key, context->action->values[i].text)) {
                        table_remove(&users->keys, credential.id);
                        return failure_set(failure, FAILURE_INVALID, "networks", "", "are too many");
                }
        crypto_random(credential.secret, sizeof(credential.secret));
        credential_hash(&credential, key->hash);
        if (table_save(&users->keys, failure) != 0)
                return -1;
        credential_write(&credential, text);
        writer_field(context->answer, text, strlen(text));
        crypto_wipe(&credential, sizeof(credential));
        return 0;
}

int key_is_free(struct act_context *context, struct failure *failure)
{
        const struct users *users = context->state;
        const struct ticket *ticket = context->ticket;
        uint64_t id = act_number(context, "key");
        enum role role = ROLE_NOBODY;
        struct person person;
        int result = account_is_ours(context, failure);
        if (result != 0)
                return result;
        if (id >> ID_BITS || table_find(&users->keys, id))
                return failure_set(failure, FAILURE_CONFLICT, "id", "", "is a number that is taken");
        if (role_parse(act_text(context, "role"), &role) != 0 || role == ROLE_NOBODY || !ticket ||
            role > ticket->role || ticket->source == SOURCE_KEY ||
            !person_find(act_text(context, "name"), 0, &person) || role > person.role)
                return failure_set(failure, FAILURE_DENIED, "role", "", "is more than this key may have");
        return 0;
}
