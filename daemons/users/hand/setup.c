/* The first administrator: while there is none, a code that only the console shows lets one plan through. Root on the
 * console, known by the kernel's word alone. And what the clerk asks first of all.
 * Rights: the users hand; the code lies in its directory in /run. */
#include "daemons/users/hand/users.h"
#include "ticket/setup_code.h"

#define CODE_FILE "setup-code"
enum { MINIMUM = 12 };

unsigned password_minimum(const struct users *users, bool *ret_admin_totp)
{
        uint8_t *text = NULL;
        size_t length;
        *ret_admin_totp = false;
        if (file_read_below(users->state, "password-policy", 64, &text, &length) != 0)
                return MINIMUM;
        char *end;
        unsigned long minimum = strtoul((const char *)text, &end, 10); /* ACT_FILE wrote it from typed values */
        *ret_admin_totp = strcmp(end, " yes\n") == 0;
        free(text);
        return minimum < MINIMUM ? MINIMUM : (unsigned)minimum;
}

/* The code that is good now, made when there is none. */
static int code_now(const struct users *users, char ret_code[CODE_SIZE], struct failure *failure)
{
        return failure_system(failure, FAILURE_UNAVAILABLE, CODE_FILE,
                              setup_code_kept(users->run, CODE_FILE, ret_code));
}

int hello(struct act_context *context, struct failure *failure)
{
        char code[CODE_SIZE];
        bool totp, needed = !administrator_exists();
        if (needed && code_now(context->state, code, failure) != 0) /* the console shows it before anybody asks */
                return -1;
        unsigned minimum = password_minimum(context->state, &totp);
        writer_u8(context->answer, needed);
        writer_u16(context->answer, (uint16_t)minimum);
        writer_u8(context->answer, totp);
        return smb_publish(context, failure);
}

static int setup_is_needed(struct failure *failure)
{
        return !administrator_exists()
                       ? 0
                       : failure_set(failure, FAILURE_CONFLICT, "", "Sign in.", "There is an administrator already.");
}

/* Only the address is delayed: nobody guesses 120 bits, and the owner shall not be kept waiting by others. */
int setup_ticket(struct act_context *context, struct failure *failure)
{
        char code[CODE_SIZE];
        const char *given = act_text(context, "setup_code");
        struct attempt attempt;
        if (setup_is_needed(failure) != 0 ||
            attempt_admit(context->state, "", act_text(context, "address"), &attempt, failure) != 0 ||
            code_now(context->state, code, failure) != 0)
                return -1;
        bool right = strlen(given) == CODE_SIZE - 1 && crypto_equal(given, code, CODE_SIZE - 1);
        crypto_wipe(code, sizeof(code));
        if (!right) {
                attempt_wrong(&attempt, clock_boot_ms());
                return failure_set(failure, FAILURE_INVALID, "setup_code", "The console shows it.", "is wrong");
        }
        struct ticket ticket = {.role = ROLE_ADMIN, .source = SOURCE_SESSION};
        ticket_answer(context, &ticket, &(struct person){.name = "setup", .uid = SETUP_SUBJECT}, WARRANT_LIFE_MS);
        warrant_answer(context, &ticket);
        return 0;
}

int setup_done(struct act_context *context, struct failure *failure)
{
        struct users *users = context->state;
        if (failure_system(failure, FAILURE_UNAVAILABLE, CODE_FILE, file_remove(users->run, CODE_FILE)) != 0)
                return -1;
        trust_content_raise(&users->trust, SETUP_SUBJECT);
        return trust_publish(users, failure);
}

int console_setup_code(struct act_context *context, struct failure *failure)
{
        char code[CODE_SIZE];
        if (setup_is_needed(failure) != 0 || code_now(context->state, code, failure) != 0)
                return -1;
        writer_field(context->answer, code, CODE_SIZE - 1);
        crypto_wipe(code, sizeof(code));
        return 0;
}

int console_ticket(struct act_context *context, struct failure *failure)
{
        (void)failure;
        struct ticket ticket = {.role = ROLE_ADMIN, .source = SOURCE_CONSOLE};
        ticket_answer(context, &ticket, &(struct person){.name = "root"}, TICKET_LIFE_MS);
        return 0;
}

int console_confirm(struct act_context *context, struct failure *failure)
{
        (void)failure;
        warrant_answer(context, &(struct ticket){.subject = 0});
        return 0;
}
