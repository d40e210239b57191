/* The first administrator: while there is none, a code that only the console shows lets one plan through. And what
 * the clerk asks first of all.
 * Rights: the users hand; the code lies in its directory in /run. */
#include "daemons/users/hand/users.h"

#include "base/log.h"
#include "sys/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CODE_FILE "setup-code"

void password_policy(const struct users *users, unsigned *ret_minimum, bool *ret_admin_totp)
{
        ASSERT(users && ret_minimum && ret_admin_totp);
        uint8_t *text = NULL;
        size_t length;
        *ret_minimum = 12;
        *ret_admin_totp = false;
        if (file_read_below(users->state, "password-policy", 64, &text, &length) != 0)
                return;
        char *end;
        unsigned long minimum = strtoul((const char *)text, &end, 10);
        if (minimum >= 12 && minimum <= 128)
                *ret_minimum = (unsigned)minimum;
        *ret_admin_totp = strcmp(end, " yes\n") == 0;
        free(text);
}

/* The code that is good now, made when there is none. */
static int code_now(const struct users *users, char ret_code[CODE_SIZE], struct failure *failure)
{
        uint8_t *text = NULL;
        size_t length;
        int result = file_read_below(users->run, CODE_FILE, CODE_SIZE, &text, &length);
        if (result == 0 && length == CODE_SIZE - 1) {
                memcpy(ret_code, text, CODE_SIZE);
        } else {
                code_make(ret_code);
                result = file_replace(users->run, CODE_FILE, ret_code, CODE_SIZE - 1, 0600, (uid_t)-1, (gid_t)-1);
        }
        free(text);
        return result == 0 ? 0 : failure_set(failure, FAILURE_UNAVAILABLE, "", "", "set-up: %s", strerror(-result));
}

int hello(struct act_context *context, struct failure *failure)
{
        char code[CODE_SIZE];
        unsigned minimum;
        bool totp, needed = !administrator_exists(NULL);
        if (needed && code_now(context->state, code, failure) != 0)
                return -1;
        password_policy(context->state, &minimum, &totp);
        writer_u8(context->answer, needed);
        writer_u16(context->answer, (uint16_t)minimum);
        writer_u8(context->answer, totp);
        return 0;
}

int setup_is_needed(struct act_context *context, struct failure *failure)
{
        if (context->undoing || !administrator_exists(NULL))
                return 0;
        return failure_set(failure, FAILURE_CONFLICT, "", "Sign in.", "There is an administrator already.");
}

int setup_ticket(struct act_context *context, struct failure *failure)
{
        char code[CODE_SIZE];
        const char *given = text_of(context, "setup_code");
        struct attempt attempt = attempt_by(context->state, "", text_of(context, "address"));
        if (setup_is_needed(context, failure) != 0 || attempt_admit(&attempt, failure) != 0 ||
            code_now(context->state, code, failure) != 0)
                return -1;
        bool right = strlen(given) == CODE_SIZE - 1 && crypto_equal(given, code, CODE_SIZE - 1);
        crypto_wipe(code, sizeof(code));
        if (!right) {
                attempt_end(&attempt, false);
                return failure_set(failure, FAILURE_INVALID, "setup_code", "The console shows it.", "is wrong");
        }
        struct ticket ticket = {
                .subject = SETUP_SUBJECT, .name = "setup", .role = ROLE_ADMIN, .source = SOURCE_SESSION};
        ticket_answer(context, &ticket, WARRANT_LIFE_MS);
        warrant_answer(context, &ticket);
        return 0;
}

int setup_done(struct act_context *context, struct failure *failure)
{
        struct users *users = context->state;
        int result = file_remove(users->run, CODE_FILE);
        if (result != 0)
                return failure_set(failure, FAILURE_UNAVAILABLE, "", "", "set-up: %s", strerror(-result));
        return trust_raise(users, SETUP_SUBJECT, failure);
}

int setup_reopen(struct act_context *context, struct failure *failure)
{
        char code[CODE_SIZE];
        return code_now(context->state, code, failure);
}

int console_setup_code(struct act_context *context, struct failure *failure)
{
        char code[CODE_SIZE];
        if (setup_is_needed(context, failure) != 0 || code_now(context->state, code, failure) != 0)
                return -1;
        writer_field(context->answer, code, CODE_SIZE - 1);
        crypto_wipe(code, sizeof(code));
        return 0;
}
