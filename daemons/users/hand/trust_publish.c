/* What everybody must know to check tickets: this hand's public keys and all that was revoked, written to the trust
 * file, which is also where a restarted hand reads it back from. Only the secret half is kept apart. All of it is
 * about this boot: tickets do not outlive it.
 * Rights: the users hand; the only writer of /run/bulkhead/trust. */
#include "daemons/users/hand/users.h"

#include "base/log.h"
#include "base/mem.h"
#include "sys/file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define KEY_FILE "signing"

struct secret { /* the content of KEY_FILE, in /run */
        uint32_t id;
        uint8_t seed[SEED_BYTES];
};

static int publish(struct users *users, struct failure *failure)
{
        size_t length;
        users->trust.generation++;
        uint8_t *bytes = trust_write(&users->trust, &length);
        int result = file_replace(users->trust_directory, TRUST_FILE, bytes, length, 0644, (uid_t)-1, (gid_t)-1);
        free(bytes);
        return result == 0 ? 0 : failure_set(failure, FAILURE_UNAVAILABLE, "", "", "trust: %s", strerror(-result));
}

/* The seed's key signs from now on; the former stays good until the last ticket it signed has expired. */
static void take_key(struct users *users, const struct secret *secret)
{
        struct trust_content *trust = &users->trust;
        uint64_t now = clock_boot_ms();
        uint16_t kept = 0;
        struct trust_key key = {.id = secret->id};
        for (uint16_t i = 0; i < trust->key_count; i++) {
                if (trust->keys[i].not_after_ms == 0)
                        trust->keys[i].not_after_ms = now + TICKET_LIFE_MS;
                if (trust->keys[i].not_after_ms > now && trust->keys[i].id != secret->id)
                        trust->keys[kept++] = trust->keys[i];
        }
        ASSERT(kept < TRUST_KEYS_MAX);
        users->signing.id = secret->id;
        crypto_key_from_seed(secret->seed, key.public_key, users->signing.secret);
        trust->keys[kept++] = key;
        trust->key_count = kept;
}

static int new_secret(const struct users *users, struct secret *ret_secret)
{
        crypto_random(ret_secret, sizeof(*ret_secret));
        return file_replace(users->run, KEY_FILE, ret_secret, sizeof(*ret_secret), 0600, (uid_t)-1, (gid_t)-1);
}

void trust_start(struct users *users)
{
        ASSERT(users);
        uint8_t *bytes = NULL, *seed = NULL;
        size_t length = 0;
        struct secret secret;
        uint8_t boot_id[BOOT_ID_BYTES];
        int result = clock_boot_id(boot_id);
        struct trust_content *was = NULL;
        if (file_read_below(users->trust_directory, TRUST_FILE, TRUST_BYTES_MAX, &bytes, &length) == 0)
                was = trust_parse(bytes, length);
        free(bytes);
        bool known = was && memcmp(was->boot_id, boot_id, BOOT_ID_BYTES) == 0;
        users->trust = known ? *was : (struct trust_content){.generation = (uint64_t)clock_real_us()};
        known ? free(was) : trust_content_free(was);
        memcpy(users->trust.boot_id, boot_id, BOOT_ID_BYTES);
        /* Without what was revoked, the old key must not hold either: a new one. */
        if (known && file_read_below(users->run, KEY_FILE, sizeof(secret), &seed, &length) == 0 &&
            length == sizeof(secret))
                memcpy(&secret, seed, sizeof(secret));
        else if (result == 0)
                result = new_secret(users, &secret);
        if (seed)
                crypto_wipe(seed, length);
        free(seed);
        take_key(users, &secret);
        crypto_wipe(&secret, sizeof(secret));
        if (result != 0 || publish(users, NULL) != 0)
                log_fatal("The keys cannot be published: %s", strerror(result ? -result : EIO));
}

uint32_t trust_epoch(const struct users *users, uint32_t subject)
{
        ASSERT(users);
        return trust_epoch_of(&users->trust, subject);
}

int trust_raise(struct users *users, uint32_t subject, struct failure *failure)
{
        ASSERT(users);
        struct trust_content *trust = &users->trust;
        uint32_t at = 0;
        while (at < trust->epoch_count && trust->epochs[at].subject < subject)
                at++;
        if (at == trust->epoch_count || trust->epochs[at].subject != subject) {
                ASSERT(trust->epoch_count < TRUST_LIST_MAX);
                trust->epochs = mem_grow(trust->epochs, trust->epoch_count + 1u, sizeof(*trust->epochs));
                memmove(&trust->epochs[at + 1], &trust->epochs[at], (trust->epoch_count - at) * sizeof(*trust->epochs));
                trust->epoch_count++;
                trust->epochs[at] = (struct trust_epoch){.subject = subject};
        }
        trust->epochs[at].epoch++;
        return publish(users, failure);
}

int trust_raise_all(struct users *users, struct failure *failure)
{
        ASSERT(users);
        users->trust.everybody++;
        return publish(users, failure);
}

int trust_end_session(struct users *users, uint64_t session, struct failure *failure)
{
        ASSERT(users);
        struct trust_content *trust = &users->trust;
        uint64_t now = clock_boot_ms();
        struct trust_ended *ended = mem_new(trust->ended_count + 1u, sizeof(*ended));
        uint32_t count = 0;
        bool placed = false;
        for (uint32_t i = 0; i <= trust->ended_count; i++) {
                bool last = i == trust->ended_count;
                if (!placed && (last || trust->ended[i].session >= session)) {
                        ended[count++] = (struct trust_ended){session, now + TICKET_LIFE_MS};
                        placed = true;
                }
                if (!last && trust->ended[i].session != session && trust->ended[i].until_ms > now)
                        ended[count++] = trust->ended[i];
        }
        free(trust->ended);
        trust->ended = ended;
        trust->ended_count = count;
        if (count >= TRUST_LIST_MAX) /* more than the list holds: end everybody's tickets, sessions renew themselves */
                trust->ended_count = 0, trust->everybody++;
        return publish(users, failure);
}

int signing_key_rotate(struct act_context *context, struct failure *failure)
{
        struct users *users = context->state;
        struct secret secret;
        unsigned good = 0;
        for (size_t i = 0; i < users->trust.key_count; i++)
                good += users->trust.keys[i].not_after_ms == 0 || users->trust.keys[i].not_after_ms > clock_boot_ms();
        if (good >= TRUST_KEYS_MAX)
                return failure_set(failure, FAILURE_BUSY, "", "Wait ten minutes.", "Too many keys are still good.");
        int result = new_secret(users, &secret);
        if (result != 0)
                return failure_set(failure, FAILURE_UNAVAILABLE, "", "", "key: %s", strerror(-result));
        take_key(users, &secret);
        crypto_wipe(&secret, sizeof(secret));
        return publish(users, failure);
}
