/* Signing in, and confirming one plan. A wrong name, a wrong password, a wrong code and a disabled account get the
 * same answer after the same time.
 * Rights: the users hand; asks PAM. */
#include "daemons/users/hand/users.h"

#include "base/log.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

enum { DEVICE_BODY = 16, DEVICE_BYTES = 2 * DEVICE_BODY, DEVICE_TEXT_SIZE = 4 + TEXT_BASE64_SIZE(DEVICE_BYTES) };

/* A device token is the uid and random bytes, and a keyed hash of them: it needs no list. */
static void device_seal(const struct users *users, uint8_t token[DEVICE_BYTES])
{
        uint8_t hash[HASH_BYTES];
        crypto_keyed_hash(users->device_key, token, DEVICE_BODY, hash);
        memcpy(token + DEVICE_BODY, hash, DEVICE_BODY);
}

static void device_make(const struct users *users, uint32_t uid, char target[DEVICE_TEXT_SIZE])
{
        uint8_t token[DEVICE_BYTES];
        crypto_random(token, DEVICE_BODY);
        memcpy(token, &uid, sizeof(uid));
        device_seal(users, token);
        memcpy(target, "bhd_", 4);
        text_base64(token, sizeof(token), target + 4);
}

static bool device_right(const struct users *users, const char *device, uint32_t uid)
{
        uint8_t token[DEVICE_BYTES], sealed[DEVICE_BYTES];
        if (strncmp(device, "bhd_", 4) != 0 ||
            text_unbase64(device + 4, strlen(device + 4), token, sizeof(token)) != DEVICE_BYTES ||
            memcmp(token, &uid, sizeof(uid)) != 0)
                return false;
        memcpy(sealed, token, sizeof(token));
        device_seal(users, sealed);
        return crypto_equal(sealed, token, sizeof(token));
}

int login(struct act_context *context, struct failure *failure)
{
        struct users *users = context->state;
        const char *name = text_of(context, "name"), *device = text_of(context, "device");
        struct account account = {0};
        bool found = account_by_name(name, &account) && account.role != ROLE_NOBODY;
        struct attempt attempt = found && device_right(users, device, account.uid)
                                         ? attempt_by_device(users, device)
                                         : attempt_by(users, name, text_of(context, "address"));
        if (attempt_admit(&attempt, failure) != 0)
                return -1;
        bool right = password_right(found ? &account : NULL, text_of(context, "password"));
        if (right && factor_needed(users, account.uid))
                right = factor_right(users, account.uid, text_of(context, "code"));
        attempt_end(&attempt, right);
        if (!right)
                return failure_set(failure, FAILURE_UNAUTHENTICATED, "", "Check name, password and code.",
                                   "This name, password and code do not go together.");
        char token[DEVICE_TEXT_SIZE];
        uint64_t session;
        if (session_open(context, &account, &session, failure) != 0)
                return -1;
        device_make(users, account.uid, token);
        writer_field(context->answer, token, strlen(token));
        writer_u32(context->answer, account.uid);
        writer_u64(context->answer, session);
        return 0;
}

/* Tries count against the session that makes them: who stole one cannot keep its owner's others out. */
static struct attempt attempt_of(struct act_context *context)
{
        const char *session = arena_printf(context->arena, "#%u %llu", context->ticket->subject,
                                           (unsigned long long)context->ticket->session);
        return attempt_by(context->state, session, "");
}

int password_confirmed(struct act_context *context, const struct account *account, const char *password,
                       struct failure *failure)
{
        ASSERT(context->ticket && account && password);
        struct attempt attempt = attempt_of(context);
        if (attempt_admit(&attempt, failure) != 0)
                return -1;
        bool right = password_right(account, password);
        attempt_end(&attempt, right);
        return right ? 0 : failure_set(failure, FAILURE_INVALID, "password", "", "is wrong");
}

/* The person's factor: a code where there is a second factor, else the password. */
int confirm(struct act_context *context, struct failure *failure)
{
        struct users *users = context->state;
        const struct ticket *ticket = context->ticket;
        struct account account;
        if (!account_by_uid(ticket->subject, &account) || !account.enabled)
                return failure_set(failure, FAILURE_DENIED, "", "", "This is for people with an account.");
        if (factor_needed(users, account.uid)) {
                struct attempt attempt = attempt_of(context);
                if (attempt_admit(&attempt, failure) != 0)
                        return -1;
                bool right = factor_right(users, account.uid, text_of(context, "code"));
                attempt_end(&attempt, right);
                if (!right)
                        return failure_set(failure, FAILURE_INVALID, "code", "", "is wrong");
        } else if (password_confirmed(context, &account, text_of(context, "password"), failure) != 0) {
                return -1;
        }
        warrant_answer(context, ticket);
        return 0;
}
