/* Keys and sessions that were tried and are not good, by where they came from: so many at once and then one every few
 * seconds, whoever else asks meanwhile. A try is charged when it is made, so that many at a time are not cheaper, and
 * given back when it was good. Who says the same wrong thing again and again (a script whose key was taken back) pays
 * for it now and then only: the last that was not good is remembered for a moment.
 * Rights: the front end; memory only. */
#include "daemons/api/parts.h"

#include "base/log.h"
#include "base/mem.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

enum { SETS = 512, WAYS = 8, NETWORK_BYTES = 8 };

struct place { /* an IPv4 address or an IPv6 /64 */
        uint8_t bytes[TRIES_FROM_SIZE];
        uint64_t paid_ms;          /* until then its tries are paid for; 0: free */
        uint8_t wrong[HASH_BYTES]; /* the name of the last proof that was not good */
        uint64_t wrong_until_ms;
};

struct tries {
        uint64_t seed;
        struct place *sets[SETS]; /* each WAYS places, once it was needed */
};

struct tries *tries_new(void)
{
        struct tries *tries = mem_new(1, sizeof(*tries));
        crypto_random(&tries->seed, sizeof(tries->seed));
        return tries;
}

void tries_free(struct tries *tries)
{
        for (size_t i = 0; tries != NULL && i < SETS; i++)
                free(tries->sets[i]);
        free(tries);
}

void tries_from(const char *address, uint8_t ret_from[TRIES_FROM_SIZE])
{
        ASSERT(address != NULL && ret_from != NULL);
        uint8_t bytes[16] = {0};

        memset(ret_from, 0, TRIES_FROM_SIZE);
        if (inet_pton(AF_INET, address, bytes) == 1)
                ret_from[0] = 4;
        else if (inet_pton(AF_INET6, address, bytes) == 1)
                ret_from[0] = 6;
        memcpy(ret_from + 1, bytes, NETWORK_BYTES); /* of an IPv6 host: its network, all of which it has */
}

static struct place *set_of(struct tries *tries, const uint8_t from[TRIES_FROM_SIZE])
{
        uint64_t hash = tries->seed;

        for (size_t i = 0; i < TRIES_FROM_SIZE; i++)
                hash = (hash ^ from[i]) * UINT64_C(0x9e3779b97f4a7c15);
        struct place **set = &tries->sets[(hash >> 32) % SETS];
        if (*set == NULL)
                *set = mem_new(WAYS, sizeof(**set));
        return *set;
}

static struct place *find(struct tries *tries, const uint8_t from[TRIES_FROM_SIZE])
{
        struct place *set = set_of(tries, from);

        for (size_t i = 0; i < WAYS; i++)
                if (set[i].paid_ms != 0 && memcmp(set[i].bytes, from, TRIES_FROM_SIZE) == 0)
                        return &set[i];
        return NULL;
}

/* A new one takes the place of who owes least: nobody is worse off for it. */
static struct place *make(struct tries *tries, const uint8_t from[TRIES_FROM_SIZE])
{
        struct place *set = set_of(tries, from), *least = set;

        for (size_t i = 1; i < WAYS; i++)
                if (set[i].paid_ms < least->paid_ms)
                        least = &set[i];
        *least = (struct place){0};
        memcpy(least->bytes, from, TRIES_FROM_SIZE);
        return least;
}

unsigned tries_charge(struct tries *tries, const uint8_t from[TRIES_FROM_SIZE], uint64_t now_ms)
{
        ASSERT(tries != NULL && from != NULL);
        struct place *place = find(tries, from);

        if (place == NULL)
                place = make(tries, from);
        uint64_t paid_ms = (place->paid_ms > now_ms ? place->paid_ms : now_ms) + TRIES_EACH_MS;
        uint64_t most_ms = now_ms + (uint64_t)TRIES_AT_ONCE * TRIES_EACH_MS;
        if (paid_ms > most_ms)
                return (unsigned)((paid_ms - most_ms + 999) / 1000);
        place->paid_ms = paid_ms;
        return 0;
}

void tries_give_back(struct tries *tries, const uint8_t from[TRIES_FROM_SIZE])
{
        ASSERT(tries != NULL && from != NULL);
        struct place *place = find(tries, from);

        if (place != NULL && place->paid_ms > TRIES_EACH_MS)
                place->paid_ms -= TRIES_EACH_MS;
}

void tries_was_wrong(struct tries *tries, const uint8_t from[TRIES_FROM_SIZE], const uint8_t name[HASH_BYTES],
                     uint64_t now_ms)
{
        ASSERT(tries != NULL && from != NULL && name != NULL);
        struct place *place = find(tries, from);

        if (place == NULL)
                return;
        memcpy(place->wrong, name, HASH_BYTES);
        place->wrong_until_ms = now_ms + TRIES_WRONG_MS;
}

bool tries_is_wrong(struct tries *tries, const uint8_t from[TRIES_FROM_SIZE], const uint8_t name[HASH_BYTES],
                    uint64_t now_ms)
{
        ASSERT(tries != NULL && from != NULL && name != NULL);
        const struct place *place = find(tries, from);

        return place != NULL && now_ms < place->wrong_until_ms && crypto_equal(place->wrong, name, HASH_BYTES);
}
