/* Delays after wrong tries.
 * Rights: every process; none needed. */
#include "base/backoff.h"

#include "base/crypto.h"
#include "base/log.h"

#include <string.h>

uint64_t backoff_name(const struct backoff *backoff, char kind, const void *bytes, size_t length)
{
        uint8_t text[128] = {(uint8_t)kind}, hash[HASH_BYTES];
        uint64_t name;
        ASSERT(backoff && bytes && length < sizeof(text));
        memcpy(text + 1, bytes, length);
        crypto_keyed_hash(backoff->key, text, length + 1, hash);
        memcpy(&name, hash, sizeof(name));
        return name != 0 ? name : 1;
}

/* The bucket of that name, or the one to give up for it: a free or forgotten one, else that with the fewest wrong
 * tries, so that a flood of first tries cannot wash out what has grown long. */
static struct backoff_bucket *place(struct backoff *backoff, bool known, uint64_t name, uint64_t now_ms)
{
        ASSERT(backoff && name != 0);
        struct backoff_bucket *set = (known ? backoff->known : backoff->open)[name % BACKOFF_SETS], *least = &set[0];
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

unsigned backoff_wait_s(struct backoff *backoff, bool known, uint64_t name, uint64_t now_ms)
{
        const struct backoff_bucket *bucket = place(backoff, known, name, now_ms);
        if (bucket->name != name || bucket->until_ms <= now_ms)
                return 0;
        return (unsigned)((bucket->until_ms - now_ms + 999) / 1000);
}

void backoff_wrong(struct backoff *backoff, bool known, uint64_t name, uint64_t now_ms)
{
        struct backoff_bucket *bucket = place(backoff, known, name, now_ms);
        uint32_t wrong = bucket->name == name && bucket->wrong < UINT32_MAX ? bucket->wrong + 1 : 1;
        unsigned delay_s = wrong > 6 ? BACKOFF_DELAY_MAX_S : 1u << (wrong - 1);
        *bucket = (struct backoff_bucket){.name = name, .until_ms = now_ms + delay_s * 1000ull, .wrong = wrong};
}

void backoff_right(struct backoff *backoff, bool known, uint64_t name, uint64_t now_ms)
{
        struct backoff_bucket *bucket = place(backoff, known, name, now_ms);
        if (bucket->name == name)
                *bucket = (struct backoff_bucket){0};
}
