/* The type credential: a session or an API key as text.
 * Rights: every process; none needed. */
#include "value/credential.h"

#include "base/crypto.h"
#include "base/log.h"
#include "base/text.h"
#include "value/shape.h"
#include "value/types.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { SECRET_DIGITS = 43, CHECK_BYTES = 4, CHECK_DIGITS = 6, ID_DIGITS_MAX = 16 };

static void check_digits(const char *text, size_t length, char target[CHECK_DIGITS + 1])
{
        uint8_t hash[HASH_BYTES];
        crypto_sha256(text, length, hash);
        text_base64(hash, CHECK_BYTES, target);
}

void credential_write(const struct credential *credential, char target[CREDENTIAL_TEXT_SIZE])
{
        ASSERT(credential->id != 0 && credential->id <= 9007199254740991u);
        char secret[SECRET_DIGITS + 1], check[CHECK_DIGITS + 1];
        text_base64(credential->secret, sizeof credential->secret, secret);
        int length = snprintf(target, CREDENTIAL_TEXT_SIZE, "bh%c_%" PRIu64 "_%s", (int)credential->kind,
                              credential->id, secret);
        check_digits(target, (size_t)length, check);
        (void)snprintf(target + length, CREDENTIAL_TEXT_SIZE - (size_t)length, "_%s", check);
        crypto_wipe(secret, sizeof secret);
}

int credential_read(const char *text, size_t length, struct credential *ret_credential)
{
        if (!(shape_begins(text, length, "bhs_") || shape_begins(text, length, "bhk_")) ||
            length < 4 + 1 + 1 + SECRET_DIGITS + 1 + CHECK_DIGITS)
                return -1;
        size_t body = length - 1 - CHECK_DIGITS, id_digits = body - 4 - 1 - SECRET_DIGITS;
        const char *secret = text + 4 + id_digits + 1;
        if (id_digits > ID_DIGITS_MAX || text[body] != '_' || secret[-1] != '_' ||
            !shape_number(text + 4, id_digits, 1, 9007199254740991))
                return -1;
        char check[CHECK_DIGITS + 1];
        check_digits(text, body, check);
        struct credential read = {.kind = text[2] == 's' ? CREDENTIAL_SESSION : CREDENTIAL_KEY};
        for (size_t i = 0; i < id_digits; i++)
                read.id = read.id * 10 + (unsigned)(text[4 + i] - '0');
        if (memcmp(check, text + body + 1, CHECK_DIGITS) != 0 ||
            text_unbase64(secret, SECRET_DIGITS, read.secret, sizeof read.secret) != CREDENTIAL_SECRET_BYTES)
                return -1;
        *ret_credential = read;
        crypto_wipe(read.secret, sizeof read.secret);
        return 0;
}

static bool check(const char *text, size_t length)
{
        struct credential read;
        bool good = credential_read(text, length, &read) == 0;
        crypto_wipe(&read, sizeof read);
        return good;
}

const struct value_type value_credential = {
        .name = "credential",
        .says = "a session or an API key, complete as it was given out",
        .pattern = "^bh[sk]_[1-9][0-9]{0,15}_[A-Za-z0-9_-]{43}_[A-Za-z0-9_-]{6}$",
        .example = "bhk_7_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8_gBMRjQ",
        .max_bytes = CREDENTIAL_TEXT_SIZE - 1,
        .secret = true,
        .check = check,
};
