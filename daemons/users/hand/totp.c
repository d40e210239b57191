/* Second factors: time-based codes, each good once, and recovery codes, each good once.
 * Rights: the users hand; tables in its own directories. Recovery codes are kept as hashes. */
#include "daemons/users/hand/users.h"

#include <liboath/oath.h>

enum { SECRET_BYTES = 20, RECOVERY_CODES = 8, STEP_S = 30, DIGITS = 6 };

struct factor {
        struct table_row row; /* id and owner are the account's number */
        uint64_t last_step;   /* the latest code used: it and those before are over */
        uint8_t secret[SECRET_BYTES], spare[4];
        uint8_t recovery[RECOVERY_CODES][HASH_BYTES]; /* zeros: used up */
};
_Static_assert(sizeof(struct factor) == FACTOR_ROW_BYTES, "users.h says how large a row is");

/* The step whose code this is, of the one now and its neighbours, if it was not used yet; 0: none. */
static uint64_t step_of(const struct factor *factor, const char *code)
{
        uint64_t now = (uint64_t)clock_real_us() / 1000000 / STEP_S, found = 0;
        for (uint64_t step = now - 1; step <= now + 1; step++) {
                char expected[DIGITS + 1];
                if (oath_totp_generate((const char *)factor->secret, SECRET_BYTES, (time_t)(step * STEP_S), STEP_S, 0,
                                       DIGITS, expected) == OATH_OK &&
                    strlen(code) == DIGITS && crypto_equal(expected, code, DIGITS) && step > factor->last_step)
                        found = step;
        }
        return found;
}

static bool use_recovery(struct factor *factor, const char *code)
{
        uint8_t hash[HASH_BYTES];
        crypto_sha256(code, strlen(code), hash);
        for (size_t i = 0; i < RECOVERY_CODES; i++)
                if (crypto_equal(factor->recovery[i], hash, HASH_BYTES)) {
                        memset(factor->recovery[i], 0, HASH_BYTES);
                        return true;
                }
        return false;
}

bool factor_right(struct users *users, uint32_t uid, const char *code)
{
        struct factor *factor = table_find(&users->factors, uid);
        uint64_t step = factor ? step_of(factor, code) : 0;
        if (!factor || (step == 0 && !use_recovery(factor, code)))
                return false;
        if (step != 0)
                factor->last_step = step;
        return table_save(&users->factors, NULL) == 0; /* not on disk: not used up: not good */
}

int totp_begin(struct act_context *context, struct failure *failure)
{
        struct users *users = context->state;
        const char *name = text_of(context, "name"), *uri;
        if (account_is_ours(context, failure) != 0)
                return -1;
        if (table_find(&users->factors, uid_of(context)))
                return failure_set(failure, FAILURE_CONFLICT, "username", "Remove it first.", "has a second factor");
        if (password_confirmed(context, name, text_of(context, "password"), failure) != 0)
                return -1;
        table_remove(&users->pending, uid_of(context));
        struct factor *factor = table_add(&users->pending, uid_of(context), uid_of(context));
        if (!factor)
                return failure_set(failure, FAILURE_BUSY, "", "", "Too many are being made.");
        crypto_random(factor->secret, SECRET_BYTES);
        char *key = NULL;
        if (oath_base32_encode((const char *)factor->secret, SECRET_BYTES, &key, NULL) != OATH_OK)
                log_fatal("liboath: out of memory");
        uri = arena_printf(context->arena, "otpauth://totp/Bulkhead:%s?secret=%s&issuer=Bulkhead", name, key);
        writer_field(context->answer, uri, strlen(uri));
        writer_field(context->answer, key, strlen(key));
        crypto_wipe(key, strlen(key));
        free(key);
        return table_save(&users->pending, failure);
}

int totp_code_is_right(struct act_context *context, struct failure *failure)
{
        const struct users *users = context->state;
        const struct factor *pending = table_find(&users->pending, uid_of(context));
        int result = account_is_ours(context, failure);
        if (result != 0)
                return result;
        if (!pending || table_find(&users->factors, pending->row.id))
                return failure_set(failure, FAILURE_CONFLICT, "", "Begin again.", "No second factor is being made.");
        return step_of(pending, text_of(context, "code")) != 0
                       ? 0
                       : failure_set(failure, FAILURE_INVALID, "code", "Is the clock right?", "is wrong");
}

int totp_finish(struct act_context *context, struct failure *failure)
{
        struct users *users = context->state;
        const struct factor *pending = table_find(&users->pending, uid_of(context));
        struct factor *factor = pending ? table_add(&users->factors, pending->row.id, pending->row.owner) : NULL;
        if (!factor)
                return failure_set(failure, FAILURE_BUSY, "", "", "There are too many second factors.");
        *factor = *pending;
        factor->last_step = step_of(pending, text_of(context, "code"));
        char codes[RECOVERY_CODES * CODE_SIZE];
        for (size_t i = 0; i < RECOVERY_CODES; i++) {
                char *code = codes + i * CODE_SIZE;
                code_make(code);
                crypto_sha256(code, CODE_SIZE - 1, factor->recovery[i]);
                code[CODE_SIZE - 1] = ' ';
        }
        writer_field(context->answer, codes, sizeof(codes) - 1);
        crypto_wipe(codes, sizeof(codes));
        table_remove(&users->pending, factor->row.id);
        return table_save(&users->factors, failure) == 0 ? table_save(&users->pending, failure) : -1;
}

int totp_drop(struct act_context *context, struct failure *failure)
{
        struct users *users = context->state;
        table_remove(&users->factors, uid_of(context));
        return table_save(&users->factors, failure);
}
