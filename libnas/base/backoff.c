/* Delays after wrong tries.
 * Rights: every process; none needed. */
#include "base/backoff.h"

#include "base/crypto.h"
#include "base/log.h"
#include "base/mem.h"

#include <string.h>

void attempt_add(struct attempt *attempt, char kind, const void *bytes, size_t length)
{
        uint8_t text[128] = {(uint8_t)kind}, hash[HASH_BYTES];
        uint64_t name;
        ASSERT(attempt && bytes && length < sizeof(text) && attempt->count < ARRAY_SIZE(attempt->names));
        memcpy(text + 1, bytes, length);
        crypto_keyed_hash(attempt->backoff->key, text, length + 1, hash);
        memcpy(&name, hash, sizeof(name));
        attempt->names[attempt->count++] = name != 0 ? name : 1;
}

/* The bucket of that name, or the one to give up for it: a free or forgotten one, else that with the fewest wrong
 * tries, so that a flood of first tries cannot wash out what has grown long. */
static struct backoff_bucket *place(const struct attempt *attempt, uint64_t name, uint64_t now_ms)
{
        struct backoff *backoff = attempt->backoff;
        struct backoff_bucket *set = (attempt->known ? backoff->known : backoff->open)[name % BACKOFF_SETS];
        struct backoff_bucket *least = &set[0];
        for (size_t i = 0; i < BACKOFF_WAYS; i++)
                if (set[i].until_ms + BACKOFF_FORGET_MS < now_ms)
                        set[i] = (struct backoff_bucket){0};
        for (size_t i = 0; i < BACKOFF_WAYS; i++) {
                if (set[i].name == name)
                        return &set[i];
                if (set[i].wrong < least->wrong)
                        least = &set[i];
        }
        return least;
}

unsigned attempt_wait_s(const struct attempt *attempt, uint64_t now_ms)
{
        ASSERT(attempt);
        uint64_t until_ms = now_ms;
        for (unsigned i = 0; i < attempt->count; i++) {
                const struct backoff_bucket *bucket = place(attempt, attempt->names[i], now_ms);
                if (bucket->name == attempt->names[i] && bucket->until_ms > until_ms)
                        until_ms = bucket->until_ms;
        }
        return (unsigned)((until_ms - now_ms + 999) / 1000);
}

int attempt_ready(const struct attempt *attempt, uint64_t now_ms, struct failure *failure)
{
        unsigned wait_s = attempt_wait_s(attempt, now_ms);
        if (wait_s == 0)
                return 0;
        failure_set(failure, FAILURE_BUSY, "", "Wait, then try again.", "There were too many wrong tries.");
        if (failure)
                failure->retry_s = wait_s;
        return -1;
}

void attempt_wrong(const struct attempt *attempt, uint64_t now_ms)
{
        ASSERT(attempt);
        for (unsigned i = 0; i < attempt->count; i++) {
                struct backoff_bucket *bucket = place(attempt, attempt->names[i], now_ms);
                uint32_t wrong = bucket->name == attempt->names[i] ? bucket->wrong + 1 : 1;
                unsigned delay_s = wrong > 6 ? BACKOFF_DELAY_MAX_S : 1u << (wrong - 1);
                *bucket = (struct backoff_bucket){
                        .name = attempt->names[i], .until_ms = now_ms + delay_s * 1000ull, .wrong = wrong};
        }
}

void attempt_right(const struct attempt *attempt, uint64_t now_ms)
{
        ASSERT(attempt);
        struct backoff_bucket *bucket = attempt->count > 0 ? place(attempt, attempt->names[0], now_ms) : NULL;
        if (bucket && bucket->name == attempt->names[0])
                *bucket = (struct backoff_bucket){0};
}
