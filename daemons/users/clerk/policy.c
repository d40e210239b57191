/* The password policy: kept and enforced by the hand; here so that forms can say it before anybody types.
 * Rights: the users clerk; asks its hand. */
#include "daemons/users/clerk/users.h"

#include "base/log.h"
#include "base/mem.h"

#include <stdio.h>
#include <string.h>

enum { AGAIN_MS = 2000, LEAST = 12 };

static struct {
        bool known, asked, admin_totp;
        unsigned minimum;
        struct loop_watch *again;
} policy;

static void ask_again(void *context)
{
        (void)context;
        loop_unwatch(TAKE(policy.again));
        policy_again();
}

/* Three bytes and a half: set-up needed, minimum, second factor for administrators. */
static bool take(struct reader *reader)
{
        reader_u8(reader); /* set-up: seen from the accounts */
        unsigned minimum = reader_u16(reader);
        bool admin_totp = reader_u8(reader) != 0;
        if (!reader_ended(reader))
                return false;
        policy.known = true;
        policy.minimum = minimum;
        policy.admin_totp = admin_totp;
        return true;
}

static void told(struct call *call, struct reader *reader, void *context)
{
        (void)call;
        (void)context;
        policy.asked = false;
        smb_reload(); /* published by now, also after the machine has started */
        if (!take(reader))
                log_fail("the hand's greeting cannot be read");
}

static void not_told(struct call *call, const struct failure *failure, void *context)
{
        (void)call;
        (void)context;
        policy.asked = false;
        log_warn("the hand does not answer: %s", failure->message);
        loop_unwatch(TAKE(policy.again));
        policy.again = loop_timer(clerk.loop, AGAIN_MS, ask_again, NULL);
}

/* The hand's greeting also makes it publish its keys, without which no ticket can be checked. */
void policy_again(void)
{
        struct ask ask = {.operation = USERS_HELLO, .answered = told, .failed = not_told};
        if (policy.asked)
                return;
        policy.asked = true;
        ask_hand(NULL, &ask, NULL);
}

void policy_start(void)
{
        policy_again();
}

int password_allowed(const char *password, const char *name, struct failure *failure)
{
        unsigned minimum = policy.known ? policy.minimum : LEAST;
        if (!password)
                return 0;
        if (strlen(password) < minimum)
                return failure_set(failure, FAILURE_INVALID, "password", "Choose a longer one.",
                                   "must have at least %u bytes.", minimum);
        if (strstr(password, name) && strlen(password) < strlen(name) + LEAST)
                return failure_set(failure, FAILURE_INVALID, "password", "Choose another one.",
                                   "must be more than the user name and a little.");
        return 0;
}

static void reply(struct call *call)
{
        struct nas_users_get_password_policy_out out = {.minimum = policy.minimum, .admin_totp = policy.admin_totp};
        nas_users_get_password_policy_reply(call, &out);
}

static void told_caller(struct call *call, struct reader *reader, void *context)
{
        (void)context;
        if (take(reader))
                reply(call);
        else
                answer_broken(call);
}

void nas_users_get_password_policy(struct call *call, const struct nas_users_get_password_policy_in *in)
{
        (void)in;
        struct ask ask = {.operation = USERS_HELLO, .answered = told_caller};
        if (policy.known)
                reply(call);
        else
                ask_hand(call, &ask, NULL);
}

static void accepted(struct json_out *out, const struct reply *done, void *context)
{
        (void)done;
        (void)context;
        policy_again();
        json_out_object(out);
        json_out_object_end(out);
}

void nas_users_set_password_policy(struct call *call, const struct nas_users_set_password_policy_in *in)
{
        struct failure failure = {0};
        struct change *change = change_new(clerk.changes);
        const char *minimum = arena_printf(change->arena, "%d", (int)in->minimum);
        change->object = "password policy";
        change->who = "everybody who sets a password";
        change->answer = accepted;
        policy.known = false; /* asked anew from here on, however it ends */
        users_run(call, change,
                  plan_step(change->plan, &failure, USERS_PASSWORD_POLICY_SET, minimum, in->admin_totp ? "yes" : "no",
                            NULL),
                  &failure);
}
