/* Second factors.
 * Rights: the users hand; pure functions. The only door to liboath. */
#include "ticket/factor.h"

#include "base/log.h"

#include <liboath/oath.h>
#include <stdlib.h>
#include <string.h>

enum { STEP_S = 30, DIGITS = 6 };

void factor_make(struct factor *factor, char ret_key[FACTOR_KEY_SIZE])
{
        ASSERT(factor && ret_key);
        char *key = NULL;
        size_t length = 0;
        crypto_random(factor->secret, sizeof(factor->secret));
        int result = oath_base32_encode((const char *)factor->secret, sizeof(factor->secret), &key, &length);
        ASSERT(result == OATH_OK && length == FACTOR_KEY_SIZE - 1);
        memcpy(ret_key, key, FACTOR_KEY_SIZE);
        crypto_wipe(key, length);
        free(key);
}

/* The step whose code this is, of the one now and its neighbours, if it was not used yet; 0: none. */
static uint64_t step_of(const struct factor *factor, const char *code, int64_t now_s)
{
        uint64_t now = (uint64_t)now_s / STEP_S, found = 0;
        for (uint64_t step = now - 1; step <= now + 1; step++) {
                char expected[DIGITS + 1];
                if (oath_totp_generate((const char *)factor->secret, sizeof(factor->secret), (time_t)(step * STEP_S),
                                       STEP_S, 0, DIGITS, expected) == OATH_OK &&
                    strlen(code) == DIGITS && crypto_equal(expected, code, DIGITS) && step > factor->last_step)
                        found = step;
        }
        return found;
}

bool factor_use(struct factor *factor, const char *code, int64_t now_s)
{
        ASSERT(factor && code);
        uint8_t hash[HASH_BYTES];
        uint64_t step = step_of(factor, code, now_s);
        if (step != 0) {
                factor->last_step = step;
                return true;
        }
        crypto_sha256(code, strlen(code), hash);
        for (size_t i = 0; i < FACTOR_RECOVERY_CODES; i++)
                if (crypto_equal(factor->recovery[i], hash, HASH_BYTES)) {
                        memset(factor->recovery[i], 0, HASH_BYTES);
                        return true;
                }
        return false;
}

void factor_recover(struct factor *factor, char ret_codes[FACTOR_CODES_SIZE])
{
        ASSERT(factor && ret_codes);
        uint8_t random[CODE_RANDOM_BYTES];
        for (size_t i = 0; i < FACTOR_RECOVERY_CODES; i++) {
                char *code = ret_codes + i * CODE_SIZE;
                crypto_random(random, sizeof(random));
                code_make(random, code);
                crypto_sha256(code, CODE_SIZE - 1, factor->recovery[i]);
                code[CODE_SIZE - 1] = ' ';
        }
        ret_codes[FACTOR_CODES_SIZE - 1] = '\0';
        crypto_wipe(random, sizeof(random));
}
