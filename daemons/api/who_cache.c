/* Tickets that were given for sessions and API keys, until shortly before they expire: a table of fixed size, by a
 * keyed hash of the proof. The proof itself is kept nowhere.
 * Rights: the front end; memory only. */
#include "daemons/api/parts.h"

#include "base/log.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

enum { SETS = 512, WAYS = 4, PROOF_MAX = 256 };

struct entry {
        uint8_t name[HASH_BYTES];
        uint64_t until_ms; /* 0: free */
        char *ticket;
};

struct who_cache {
        uint8_t key[32];
        struct entry *sets[SETS]; /* each WAYS entries, once it was needed */
};

struct who_cache *who_cache_new(void)
{
        struct who_cache *cache = mem_new(1, sizeof(*cache));
        crypto_random(cache->key, sizeof(cache->key));
        return cache;
}

static void forget(struct entry *entry)
{
        if (entry->ticket != NULL)
                crypto_wipe(entry->ticket, strlen(entry->ticket));
        free(entry->ticket);
        *entry = (struct entry){0};
}

void who_cache_free(struct who_cache *cache)
{
        for (size_t i = 0; cache != NULL && i < SETS; i++) {
                for (size_t j = 0; cache->sets[i] != NULL && j < WAYS; j++)
                        forget(&cache->sets[i][j]);
                free(cache->sets[i]);
        }
        free(cache);
}

void who_cache_name(const struct who_cache *cache, struct http_text proof, const char *address,
                    uint8_t ret_name[HASH_BYTES])
{
        ASSERT(cache != NULL && proof.bytes != NULL && proof.length <= PROOF_MAX && address != NULL);
        char bytes[PROOF_MAX + 1 + 64] = "";
        size_t length = proof.length + 1, room = sizeof(bytes) - length;

        memcpy(bytes, proof.bytes, proof.length);
        size_t more = strnlen(address, room);
        memcpy(bytes + length, address, more);
        crypto_keyed_hash(cache->key, bytes, length + more, ret_name);
        crypto_wipe(bytes, sizeof(bytes));
}

static struct entry *find(const struct who_cache *cache, const uint8_t name[HASH_BYTES])
{
        struct entry *set = cache->sets[(name[0] | name[1] << 8) % SETS];

        for (size_t i = 0; set != NULL && i < WAYS; i++)
                if (set[i].until_ms > 0 && crypto_equal(set[i].name, name, HASH_BYTES))
                        return &set[i];
        return NULL;
}

const char *who_cache_find(struct who_cache *cache, const uint8_t name[HASH_BYTES], uint64_t now_ms)
{
        ASSERT(cache != NULL && name != NULL);
        struct entry *entry = find(cache, name);

        if (entry != NULL && entry->until_ms <= now_ms) {
                forget(entry);
                entry = NULL;
        }
        return entry != NULL ? entry->ticket : NULL;
}

void who_cache_put(struct who_cache *cache, const uint8_t name[HASH_BYTES], const char *ticket, uint64_t until_ms)
{
        ASSERT(cache != NULL && name != NULL && ticket != NULL && until_ms > 0);
        struct entry **set = &cache->sets[(name[0] | name[1] << 8) % SETS];
        struct entry *entry = find(cache, name);

        if (*set == NULL)
                *set = mem_new(WAYS, sizeof(**set));
        for (size_t i = 0; entry == NULL && i < WAYS; i++)
                if ((*set)[i].until_ms == 0)
                        entry = &(*set)[i];
        if (entry == NULL) { /* who would have to ask again soonest makes room */
                entry = *set;
                for (size_t i = 1; i < WAYS; i++)
                        if ((*set)[i].until_ms < entry->until_ms)
                                entry = &(*set)[i];
        }
        forget(entry);
        memcpy(entry->name, name, HASH_BYTES);
        entry->until_ms = until_ms;
        entry->ticket = mem_copy_text(ticket);
}

void who_cache_drop(struct who_cache *cache, const uint8_t name[HASH_BYTES])
{
        ASSERT(cache != NULL && name != NULL);
        struct entry *entry = find(cache, name);

        if (entry != NULL)
                forget(entry);
}
