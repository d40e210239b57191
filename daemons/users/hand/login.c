/* Signing in, and confirming one plan. A wrong name, a wrong password, a wrong code and a disabled account get the
 * same answer after the same time. Wrong tries delay the next for the account and for the address; a browser that
 * signed in before is counted by itself, so that nobody else's tries keep its owner out.
 * Rights: the users hand. */
#include "daemons/users/hand/users.h"
#include "value/device.h"

enum { NETWORK_BYTES_V6 = 8 };

int attempt_admit(struct users *users, const char *account, const char *address, struct attempt *ret_attempt,
                  struct failure *failure)
{
        uint8_t bytes[ADDRESS_BYTES];
        *ret_attempt = (struct attempt){.backoff = users->backoff};
        if (*account)
                attempt_add(ret_attempt, 'a', account, strlen(account));
        if (address_read(address, bytes))
                attempt_add(ret_attempt, 'n', bytes, address_is_v4(bytes) ? ADDRESS_BYTES : NETWORK_BYTES_V6);
        return attempt_ready(ret_attempt, clock_boot_ms(), failure);
}

int login(struct act_context *context, struct failure *failure)
{
        struct users *users = context->state;
        const char *name = act_text(context, "name"), *device = act_text(context, "device");
        struct person person = {0};
        bool found = person_find(name, 0, &person) && person.role != ROLE_NOBODY;
        struct attempt attempt = {.backoff = users->backoff, .known = true};
        if (found && device_is_of(users->device_key, device, person.uid)) {
                attempt_add(&attempt, 'd', device, strlen(device));
                if (attempt_ready(&attempt, clock_boot_ms(), failure) != 0)
                        return -1;
        } else if (attempt_admit(users, name, act_text(context, "address"), &attempt, failure) != 0) {
                return -1;
        }
        bool right = password_right(found ? &person : NULL, act_text(context, "password"));
        if (right && table_find(&users->factors, person.uid))
                right = factor_right(users, person.uid, act_text(context, "code"));
        (right ? attempt_right : attempt_wrong)(&attempt, clock_boot_ms());
        if (!right)
                return failure_set(failure, FAILURE_UNAUTHENTICATED, "", "Check name, password and code.",
                                   "This name, password and code do not go together.");
        uint64_t session;
        char token[DEVICE_TEXT_SIZE];
        if (session_open(context, &person, &session, failure) != 0)
                return -1;
        device_make(users->device_key, person.uid, token);
        writer_field(context->answer, token, strlen(token));
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
        struct attempt attempt;
        if (attempt_admit(context->state, holder, "", &attempt, failure) != 0)
                return -1;
        bool right = code ? factor_right(context->state, person->uid, code) : password_right(person, password);
        (right ? attempt_right : attempt_wrong)(&attempt, clock_boot_ms());
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
        const char *code = table_find(&users->factors, person.uid) ? act_text(context, "code") : NULL;
        if (confirmed(context, &person, act_text(context, "password"), code, failure) != 0)
                return -1;
        warrant_answer(context, context->ticket);
        return 0;
}
