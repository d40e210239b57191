/* What everybody must know to check tickets: this hand's public keys and all that was revoked, written to the trust
 * file, which is also where a restarted hand reads it back from. Only the secret half is kept apart. All of it is
 * about this boot: tickets do not outlive it.
 * Rights: the users hand; the only writer of /run/bulkhead/trust. */
#include "daemons/users/hand/users.h"

#define KEY_FILE "signing"
enum { KEY_BYTES = 4 + SEED_BYTES }; /* in KEY_FILE: the key's id, then its seed */

int trust_publish(struct users *users, struct failure *failure)
{
        size_t length;
        users->trust.generation++;
        uint8_t *bytes = trust_write(&users->trust, &length);
        int result = file_put(users->trust_directory, TRUST_FILE, bytes, length, 0644);
        free(bytes);
        return failure_system(failure, FAILURE_UNAVAILABLE, "trust", result);
}

/* This key signs from now on; the former stays good until the last ticket it signed has expired. */
static bool take_key(struct users *users, const uint8_t key[KEY_BYTES])
{
        uint8_t public_key[PUBLIC_KEY_BYTES], secret[SECRET_KEY_BYTES];
        uint64_t now = clock_boot_ms();
        uint32_t id;
        memcpy(&id, key, sizeof(id));
        crypto_key_from_seed(key + sizeof(id), public_key, secret);
        bool taken = trust_content_key(&users->trust, id, public_key, now, now + TICKET_LIFE_MS);
        if (taken) {
                users->signing.id = id;
                memcpy(users->signing.secret, secret, sizeof(secret));
        }
        crypto_wipe(secret, sizeof(secret));
        return taken;
}

void trust_start(struct users *users)
{
        uint8_t *bytes = NULL, boot_id[BOOT_ID_BYTES], key[KEY_BYTES];
        size_t length = 0;
        log_must(clock_boot_id(boot_id), "boot_id");
        (void)file_read_below(users->trust_directory, TRUST_FILE, TRUST_BYTES_MAX, &bytes, &length);
        /* Without what was revoked the old key must not hold either: a new one. */
        if (!trust_content_resume(&users->trust, bytes, length, boot_id, (uint64_t)clock_real_us()))
                log_must(file_remove(users->run, KEY_FILE), KEY_FILE);
        free(bytes);
        log_must(file_secret(users->run, KEY_FILE, key, sizeof(key)), KEY_FILE);
        if (!take_key(users, key) || trust_publish(users, NULL) != 0)
                log_fatal("The keys cannot be published.");
        crypto_wipe(key, sizeof(key));
}

int signing_key_rotate(struct act_context *context, struct failure *failure)
{
        struct users *users = context->state;
        uint8_t key[KEY_BYTES];
        crypto_random(key, sizeof(key));
        if (!take_key(users, key))
                return failure_set(failure, FAILURE_BUSY, "", "Wait ten minutes.", "Too many keys are still good.");
        int result = file_put(users->run, KEY_FILE, key, sizeof(key), 0600);
        crypto_wipe(key, sizeof(key));
        return failure_system(failure, FAILURE_UNAVAILABLE, KEY_FILE, result) == 0 ? trust_publish(users, failure) : -1;
}
