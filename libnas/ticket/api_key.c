/* API keys.
 * Rights: the users hand; pure functions. */
#include "ticket/api_key.h"

#include "base/log.h"
#include "ticket/ticket.h"
#include "value/timestamp.h"

#include <string.h>

void credential_hash(const struct credential *credential, uint8_t ret_hash[HASH_BYTES])
{
        ASSERT(credential && ret_hash);
        crypto_sha256(credential->secret, sizeof(credential->secret), ret_hash);
}

void api_key_set(struct api_key *key, const char *role, const char *scopes, const char *expires)
{
        ASSERT(key && role && scopes && expires);
        enum role parsed = ROLE_NOBODY;
        key->role = (uint8_t)(role_parse(role, &parsed) == 0 ? parsed : ROLE_NOBODY);
        key->scopes = (uint8_t)((strstr(scopes, "read_only") ? SCOPE_READ_ONLY : 0) |
                                (strstr(scopes, "no_destroy") ? SCOPE_NO_DESTROY : 0));
        key->expires_s = *expires ? timestamp_read(expires) : 0;
}

bool api_key_add_network(struct api_key *key, const char *network)
{
        ASSERT(key && network);
        if (key->network_count >= KEY_NETWORKS_MAX || !network_read(network, &key->networks[key->network_count]))
                return false;
        key->network_count++;
        return true;
}

static bool from_there(const struct api_key *key, const char *address)
{
        uint8_t bytes[ADDRESS_BYTES];
        bool inside = key->network_count == 0, known = address_read(address, bytes);
        for (size_t i = 0; known && i < key->network_count && i < KEY_NETWORKS_MAX; i++)
                inside |= network_holds(&key->networks[i], bytes);
        return inside;
}

bool api_key_holds(const struct api_key *key, const char *address, int64_t now_s)
{
        ASSERT(address);
        return key && (key->expires_s == 0 || key->expires_s > now_s) && from_there(key, address);
}

bool api_key_is(const struct api_key *key, const struct credential *credential)
{
        ASSERT(key && credential);
        uint8_t hash[HASH_BYTES];
        credential_hash(credential, hash);
        return crypto_equal(key->hash, hash, HASH_BYTES);
}
