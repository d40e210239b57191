/* The type device: a token of a browser or program that signed in before.
 * Rights: every process; none needed. */
#include "value/device.h"

#include "base/crypto.h"
#include "base/text.h"
#include "value/shape.h"
#include "value/types.h"

#include <string.h>

static bool check(const char *text, size_t length)
{
        return shape_token(text, length, "bhd_", 40, 86);
}

const struct value_type value_device = {
        .name = "device",
        .says = "a device token as sign-in gave it",
        .pattern = "^bhd_[A-Za-z0-9_-]{40,86}$",
        .example = "bhd_0123456789abcdef0123456789abcdef0123456789a",
        .max_bytes = 90,
        .secret = true,
        .check = check,
};

enum { PREFIX = 4, BODY_BYTES = 16, TOKEN_BYTES = 2 * BODY_BYTES };

static void seal(const uint8_t key[32], uint8_t token[TOKEN_BYTES])
{
        uint8_t hash[HASH_BYTES];
        crypto_keyed_hash(key, token, BODY_BYTES, hash);
        memcpy(token + BODY_BYTES, hash, BODY_BYTES);
}

void device_make(const uint8_t key[32], uint32_t uid, char target[DEVICE_TEXT_SIZE])
{
        uint8_t token[TOKEN_BYTES];
        crypto_random(token, BODY_BYTES);
        memcpy(token, &uid, sizeof uid);
        seal(key, token);
        memcpy(target, "bhd_", PREFIX);
        text_base64(token, sizeof token, target + PREFIX);
}

bool device_is_of(const uint8_t key[32], const char *text, uint32_t uid)
{
        uint8_t token[TOKEN_BYTES], sealed[TOKEN_BYTES];
        size_t length = strlen(text);
        if (!shape_begins(text, length, "bhd_") ||
            text_unbase64(text + PREFIX, length - PREFIX, token, sizeof token) != TOKEN_BYTES ||
            memcmp(token, &uid, sizeof uid) != 0)
                return false;
        memcpy(sealed, token, sizeof token);
        seal(key, sealed);
        return crypto_equal(sealed, token, sizeof token);
}
