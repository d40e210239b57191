/* Second factors: begun with the password, in force once a code proves that the app has it.
 * Rights: the users hand; tables in its own directories. */
#include "daemons/users/hand/users.h"

bool factor_right(struct users *users, uint32_t uid, const char *code)
{
        struct factor *factor = table_find(&users->factors, uid);
        return factor && factor_use(factor, code, clock_real_s()) &&
               table_save(&users->factors, NULL) == 0; /* not on disk: not used up: not good */
}

int totp_begin(struct act_context *context, struct failure *failure)
{
        struct users *users = context->state;
        const char *name = act_text(context, "name"), *uri;
        char key[FACTOR_KEY_SIZE];
        if (account_is_ours(context, failure) != 0)
                return -1;
        if (table_find(&users->factors, uid_of(context)))
                return failure_set(failure, FAILURE_CONFLICT, "username", "Remove it first.", "has a second factor");
        if (password_confirmed(context, name, act_text(context, "password"), failure) != 0)
                return -1;
        table_remove(&users->pending, uid_of(context));
        struct factor *factor = table_add(&users->pending, uid_of(context), uid_of(context));
        if (!factor)
                return failure_set(failure, FAILURE_BUSY, "", "", "Too many are being made.");
        factor_make(factor, key);
        uri = arena_printf(context->arena, "otpauth://totp/Bulkhead:%s?secret=%s&issuer=Bulkhead", name, key);
        writer_field(context->answer, uri, strlen(uri));
        writer_field(context->answer, key, strlen(key));
        crypto_wipe(key, sizeof(key));
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
        struct factor tried = *pending;
        bool right = factor_use(&tried, act_text(context, "code"), clock_real_s());
        crypto_wipe(&tried, sizeof(tried));
        return right ? 0 : failure_set(failure, FAILURE_INVALID, "code", "Is the clock right?", "is wrong");
}

int totp_finish(struct act_context *context, struct failure *failure)
{
        struct users *users = context->state;
        const struct factor *pending = table_find(&users->pending, uid_of(context));
        struct factor *factor = pending ? table_add(&users->factors, pending->row.id, pending->row.owner) : NULL;
        char codes[FACTOR_CODES_SIZE];
        if (!factor)
                return failure_set(failure, FAILURE_BUSY, "", "", "There are too many second factors.");
        *factor = *pending;
        factor_use(factor, act_text(context, "code"), clock_real_s());
        factor_recover(factor, codes);
        writer_field(context->answer, codes, strlen(codes));
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
