/* API keys: made with a role and scopes that only narrow what their owner may do at the time of use.
 * Rights: the users hand; a table in its directory in /var/lib. The secret itself is shown once and not kept. */
#include "daemons/users/hand/users.h"

#include "base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { NETWORKS_MAX = 16, KEY_ID_MAX_BITS = 40, MAPPED_BITS = 96 };

struct network {
        uint8_t bytes[ADDRESS_BYTES], bits, spare[7];
};

struct key {
        struct row row;
        int64_t expires_s; /* real time; 0: never */
        uint8_t role, scopes, network_count, spare[5];
        uint8_t hash[HASH_BYTES];
        struct network networks[NETWORKS_MAX];
};
_Static_assert(sizeof(struct key) == KEY_ROW_BYTES, "users.h says how large a row is");

static bool lies_in(const uint8_t bytes[ADDRESS_BYTES], const struct network *network)
{
        for (unsigned bit = 0; bit < network->bits; bit++)
                if ((bytes[bit / 8] ^ network->bytes[bit / 8]) & 0x80 >> bit % 8)
                        return false;
        return true;
}

static bool from_there(const struct key *key, const char *address)
{
        uint8_t bytes[ADDRESS_BYTES];
        bool inside = key->network_count == 0, known = address_read(address, bytes);
        for (size_t i = 0; known && i < key->network_count; i++)
                inside |= lies_in(bytes, &key->networks[i]);
        return inside;
}

int key_exchange(struct act_context *context, const struct credential *credential, struct failure *failure)
{
        ASSERT(context && credential);
        const struct users *users = context->state;
        const struct key *key = table_find(&users->keys, credential->id);
        uint8_t hash[HASH_BYTES];
        struct account account;
        credential_hash(credential, hash);
        if (!key || !crypto_equal(key->hash, hash, HASH_BYTES) ||
            (key->expires_s != 0 && key->expires_s <= clock_real_us() / 1000000) ||
            !from_there(key, text_of(context, "address")) || !account_by_uid(key->row.uid, &account) ||
            !account.enabled || account.role == ROLE_NOBODY)
                return failure_set(failure, FAILURE_UNAUTHENTICATED, "", "", "This key is not good.");
        struct ticket ticket = {.subject = account.uid,
                                .role = key->role < account.role ? key->role : account.role,
                                .scopes = key->scopes,
                                .source = SOURCE_KEY,
                                .session = key->row.id};
        memcpy(ticket.name, account.name, strlen(account.name));
        ticket_answer(context, &ticket, TICKET_LIFE_MS);
        return 0;
}

static bool network_read(const char *text, struct network *ret_network)
{
        char address[64];
        const char *slash = strchr(text, '/');
        snprintf(address, sizeof(address), "%.*s", slash ? (int)(slash - text) : 0, text);
        if (!address_read(address, ret_network->bytes))
                return false;
        ret_network->bits = (uint8_t)(strtoul(slash + 1, NULL, 10) + (strchr(address, ':') ? 0 : MAPPED_BITS));
        return ret_network->bits <= 8 * ADDRESS_BYTES;
}

static int key_fill(struct key *key, const struct act_context *context, struct failure *failure)
{
        const char *expires = text_of(context, "expires"), *scopes = text_of(context, "scopes");
        enum role role = ROLE_NOBODY;
        struct tm when = {0};
        role_parse(text_of(context, "role"), &role);
        key->role = (uint8_t)role;
        key->scopes = (uint8_t)((strstr(scopes, "read_only") ? SCOPE_READ_ONLY : 0) |
                                (strstr(scopes, "no_destroy") ? SCOPE_NO_DESTROY : 0));
        if (*expires && !strptime(expires, "%Y-%m-%dT%H:%M:%S", &when))
                return failure_set(failure, FAILURE_INVALID, "expires", "", "is not a time");
        key->expires_s = *expires ? timegm(&when) : 0;
        for (size_t i = 6; i < context->action->count; i++)
                if (key->network_count >= NETWORKS_MAX ||
                    !network_read(context->action->values[i].text, &key->networks[key->network_count++]))
                        return failure_set(failure, FAILURE_INVALID, "networks", "", "has too many or a wrong one");
        return 0;
}

int key_make(struct act_context *context, struct failure *failure)
{
        struct users *users = context->state;
        struct credential credential = {.kind = CREDENTIAL_KEY, .id = number_of(context, "key")};
        struct key filled = {0};
        if (key_fill(&filled, context, failure) != 0)
                return -1;
        crypto_random(credential.secret, sizeof(credential.secret));
        credential_hash(&credential, filled.hash);
        struct key *key = table_add(&users->keys, credential.id, (uint32_t)number_of(context, "uid"));
        if (!key)
                return failure_set(failure, FAILURE_BUSY, "", "Revoke some.", "There are too many keys.");
        filled.row = key->row;
        *key = filled;
        if (table_save(&users->keys, failure) != 0)
                return -1;
        char text[CREDENTIAL_TEXT_SIZE];
        credential_write(&credential, text);
        writer_field(context->answer, text, strlen(text));
        crypto_wipe(&credential, sizeof(credential));
        crypto_wipe(text, sizeof(text));
        return 0;
}

int key_is_free(struct act_context *context, struct failure *failure)
{
        const struct users *users = context->state;
        uint64_t id = number_of(context, "key");
        enum role role = ROLE_NOBODY;
        struct account account;
        int result = account_is_ours(context, failure);
        if (result != 0)
                return result;
        if (id >> KEY_ID_MAX_BITS || table_find(&users->keys, id))
                return failure_set(failure, FAILURE_CONFLICT, "id", "", "is a number that is taken");
        role_parse(text_of(context, "role"), &role);
        if (!account_by_name(text_of(context, "name"), &account) || role > account.role || role == ROLE_NOBODY ||
            !context->ticket || role > context->ticket->role || context->ticket->source == SOURCE_KEY)
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
        return key->row.uid == number_of(context, "uid")
                       ? 0
                       : failure_set(failure, FAILURE_NOT_FOUND, "id", "", "there is no such key");
}

int key_drop(struct act_context *context, struct failure *failure)
{
        struct users *users = context->state;
        uint64_t id = number_of(context, "key");
        void *key = table_find(&users->keys, id);
        if (key)
                table_remove(&users->keys, key);
        return table_save(&users->keys, failure) == 0 ? trust_end_session(users, id, failure) : -1;
}
