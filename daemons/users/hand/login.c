/* Signing in, and confirming one plan. A wrong name, a wrong password, a wrong code and a disabled account get the
 * same answer after the same time. Wrong tries delay the next for the account and for the address; a browser that
 * signed in before is counted by itself, so that nobody else's tries keep its owner out.
 * Rights: the users hand. */
#include "daemons/users/hand/users.h"
#include "value/network.h"

enum { DEVICE_BODY = 16, DEVICE_BYTES = 2 * DEVICE_BODY, DEVICE_TEXT_SIZE = 4 + TEXT_BASE64_SIZE(DEVICE_BYTES) };
enum { NETWORK_BYTES_V6 = 8 };

/* A device token is the uid and random bytes, and a keyed hash of them: it needs no list. */
static void device_seal(const struct users *users, uint8_t token[DEVICE_BYTES])
{
        uint8_t hash[HASH_BYTES];
        crypto_keyed_hash(users->device_key, token, DEVICE_BODY, hash);
        memcpy(token + DEVICE_BODY, hash, DEVICE_BODY);
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

static void device_answer(struct act_context *context, uint32_t uid)
{
        uint8_t token[DEVICE_BYTES];
        char text[DEVICE_TEXT_SIZE] = "bhd_";
        crypto_random(token, DEVICE_BODY);
        memcpy(token, &uid, sizeof(uid));
        device_seal(context->state, token);
        text_base64(token, sizeof(token), text + 4);
        writer_field(context->answer, text, strlen(text));
}

struct attempt attempt_by(struct users *users, const char *account, const char *address)
{
        struct attempt attempt = {.users = users};
        uint8_t bytes[ADDRESS_BYTES];
        if (*account)
                attempt.names[attempt.count++] = backoff_name(users->backoff, 'a', account, strlen(account));
        if (address_read(address, bytes))
                attempt.names[attempt.count++] = backoff_name(
                        users->backoff, 'n', bytes, address_is_v4(bytes) ? ADDRESS_BYTES : NETWORK_BYTES_V6);
        return attempt;
}

int attempt_admit(const struct attempt *attempt, struct failure *failure)
{
        unsigned wait_s = 0;
        for (unsigned i = 0; i < attempt->count; i++) {
                unsigned s = backoff_wait_s(attempt->users->backoff, attempt->known, attempt->names[i], clock_boot_ms());
                wait_s = s > wait_s ? s : wait_s;
        }
        if (wait_s == 0)
                return 0;
        failure_set(failure, FAILURE_BUSY, "", "Wait, then try again.", "There were too many wrong tries.");
        failure->retry_s = wait_s;
        return -1;
}

/* The address keeps its count after a right try: who has one account may not clear it for guessing at others. */
void attempt_end(const struct attempt *attempt, bool right)
{
        struct backoff *backoff = attempt->users->backoff;
        if (right && attempt->count > 0)
                backoff_right(backoff, attempt->known, attempt->names[0], clock_boot_ms());
        for (unsigned i = 0; !right && i < attempt->count; i++)
                backoff_wrong(backoff, attempt->known, attempt->names[i], clock_boot_ms());
}

int login(struct act_context *context, struct failure *failure)
{
        struct users *users = context->state;
        const char *name = text_of(context, "name"), *device = text_of(context, "device");
        struct person person = {0};
        bool found = person_find(name, 0, &person) && person.role != ROLE_NOBODY;
        struct attempt attempt = attempt_by(users, name, text_of(context, "address"));
        if (found && device_right(users, device, person.uid))
                attempt = (struct attempt){
                        users, {backoff_name(users->backoff, 'd', device, strlen(device))}, 1, .known = true};
        if (attempt_admit(&attempt, failure) != 0)
                return -1;
        bool right = password_right(found ? &person : NULL, text_of(context, "password"));
        if (right && table_find(&users->factors, person.uid))
                right = factor_right(users, person.uid, text_of(context, "code"));
        attempt_end(&attempt, right);
        if (!right)
                return failure_set(failure, FAILURE_UNAUTHENTICATED, "", "Check name, password and code.",
                                   "This name, password and code do not go together.");
        uint64_t session;
        if (session_open(context, &person, &session, failure) != 0)
                return -1;
        device_answer(context, person.uid);
        writer_u32(context->answer, person.uid);
        writer_u64(context->answer, session);
        return 0;
}

/* By code or by password (code NULL). Who stole a session cannot keep its owner's others out. */
static int confirmed(struct act_context *context, const struct person *person, const char *password, const char *code,
                     struct failure *failure)
{
        const struct ticket *ticket = context->ticket;
        const char *holder = arena_printf(context->arena, "#%u %llx", ticket ? ticket->subject : 0,
                                          ticket ? (unsigned long long)ticket->session : 0);
        struct attempt attempt = attempt_by(context->state, holder, "");
        if (attempt_admit(&attempt, failure) != 0)
                return -1;
        bool right = code ? factor_right(context->state, person->uid, code) : password_right(person, password);
        attempt_end(&attempt, right);
        return right ? 0 : failure_set(failure, FAILURE_INVALID, code ? "code" : "password", "", "is wrong");
}

int password_confirmed(struct act_context *context, const char *name, const char *password, struct failure *failure)
{
        struct person person;
        bool found = person_find(name, 0, &person);
        return confirmed(context, found ? &person : NULL, password, NULL, failure);
}

/* The person's factor: a code where there is a second factor, else the password. */
int confirm(struct act_context *context, struct failure *failure)
{
        const struct users *users = context->state;
        struct person person;
        if (!person_find(NULL, context->ticket->subject, &person) || !person.enabled)
                return failure_set(failure, FAILURE_DENIED, "", "", "This is for people with an account.");
        const char *code = table_find(&users->factors, person.uid) ? text_of(context, "code") : NULL;
        if (confirmed(context, &person, text_of(context, "password"), code, failure) != 0)
                return -1;
        warrant_answer(context, context->ticket);
        return 0;
}
