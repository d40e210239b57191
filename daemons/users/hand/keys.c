/* API keys: made with a role and scopes that only narrow what their owner may do at the time of use.
 * Rights: the users hand; a table in its directory in /var/lib. The secret itself is shown once and not kept. */
#include "daemons/users/hand/users.h"
#include "value/network.h"
#include "value/timestamp.h"

enum { NETWORKS_MAX = 16, ID_BITS = 40, FIRST_NETWORK = 6 };

struct key {
        struct table_row row;
        int64_t expires_s; /* real time; 0: never */
        uint8_t role, scopes, network_count, spare[5];
        uint8_t hash[HASH_BYTES];
        struct network networks[NETWORKS_MAX];
};
_Static_assert(sizeof(struct key) == KEY_ROW_BYTES, "users.h says how large a row is");

static bool from_there(const struct key *key, const char *address)
{
        uint8_t bytes[ADDRESS_BYTES];
        bool inside = key->network_count == 0, known = address_read(address, bytes);
        for (size_t i = 0; known && i < key->network_count; i++)
                inside |= network_holds(&key->networks[i], bytes);
        return inside;
}

bool key_exchange(struct act_context *context, const struct credential *credential)
{
        const struct users *users = context->state;
        const struct key *key = table_find(&users->keys, credential->id);
        uint8_t hash[HASH_BYTES];
        struct person person;
        credential_hash(credential, hash);
        if (!key || !crypto_equal(key->hash, hash, HASH_BYTES) ||
            (key->expires_s != 0 && key->expires_s <= clock_real_us() / 1000000) ||
            !from_there(key, text_of(context, "address")) || !person_find(NULL, key->row.owner, &person) ||
            !person.enabled || person.role == ROLE_NOBODY)
                return false;
        struct ticket ticket = {.role = key->role < person.role ? key->role : person.role,
                                .scopes = key->scopes,
                                .source = SOURCE_KEY,
                                .session = key->row.id};
        ticket_answer(context, &ticket, &person, TICKET_LIFE_MS);
        return true;
}

static enum role role_of(const struct act_context *context)
{
        enum role role = ROLE_NOBODY;
        return role_parse(text_of(context, "role"), &role) == 0 ? role : ROLE_NOBODY;
}

static bool key_fill(struct key *key, const struct act_context *context)
{
        const char *expires = text_of(context, "expires"), *scopes = text_of(context, "scopes");
        key->role = (uint8_t)role_of(context);
        key->scopes = (uint8_t)((strstr(scopes, "read_only") ? SCOPE_READ_ONLY : 0) |
                                (strstr(scopes, "no_destroy") ? SCOPE_NO_DESTROY : 0));
        key->expires_s = *expires ? timestamp_read(expires) : 0;
        for (size_t i = FIRST_NETWORK; i < context->action->count; i++)
                if (key->network_count >= NETWORKS_MAX ||
                    !network_read(context->action->values[i].text, &key->networks[key->network_count++]))
                        return false;
        return true;
}

int key_make(struct act_context *context, struct failure *failure)
{
        struct users *users = context->state;
        struct credential credential = {.kind = CREDENTIAL_KEY, .id = number_of(context, "key")};
        struct key *key, filled = {.row = {.id = credential.id, .owner = uid_of(context)}};
        char text[CREDENTIAL_TEXT_SIZE];
        crypto_random(credential.secret, sizeof(credential.secret));
        credential_hash(&credential, filled.hash);
        if (!key_fill(&filled, context))
                return failure_set(failure, FAILURE_INVALID, "networks", "", "are more than %d", NETWORKS_MAX);
        if (!(key = table_add(&users->keys, credential.id, filled.row.owner)))
                return failure_set(failure, FAILURE_BUSY, "", "Revoke some.", "There are too many keys.");
        *key = filled;
        if (table_save(&users->keys, failure) != 0)
                return -1;
        credential_write(&credential, text);
        writer_field(context->answer, text, strlen(text));
        crypto_wipe(&credential, sizeof(credential));
        crypto_wipe(text, sizeof(text));
        return 0;
}

int key_is_free(struct act_context *context, struct failure *failure)
{
        const struct users *users = context->state;
        const struct ticket *ticket = context->ticket;
        uint64_t id = number_of(context, "key");
        enum role role = role_of(context);
        struct person person;
        int result = account_is_ours(context, failure);
        if (result != 0)
                return result;
        if (id >> ID_BITS || table_find(&users->keys, id))
                return failure_set(failure, FAILURE_CONFLICT, "id", "", "is a number that is taken");
        if (!person_find(text_of(context, "name"), 0, &person) || role == ROLE_NOBODY || role > person.role || !ticket ||
            role > ticket->role || ticket->source == SOURCE_KEY)
                return failure_set(failure, FAILURE_DENIED, "role", "", "is more than this key may have");
        return 0;
}

int key_is_theirs(struct act_context *context, struct failure *failure)
{
        const struct users *users = context->state;
        const struct key *key = table_find(&users->keys, number_of(context, "key"));
        int result = account_is_ours(context, failure);
        if (!key || result != 0)
                return key ? result : ACT_SKIP;
        return key->row.owner == uid_of(context)
                       ? 0
                       : failure_set(failure, FAILURE_NOT_FOUND, "id", "", "there is no such key");
}

int key_drop(struct act_context *context, struct failure *failure)
{
        struct users *users = context->state;
        uint64_t id = number_of(context, "key"), now = clock_boot_ms();
        table_remove(&users->keys, id);
        if (table_save(&users->keys, failure) != 0)
                return -1;
        trust_content_end(&users->trust, id, now, now + TICKET_LIFE_MS);
        return trust_publish(users, failure);
}
