/* The users hand: the C functions its policy names, and nothing else.
 * Rights: see policy/users_hand.c. */
#include "daemons/users/hand/users.h"
#include "policy/policies.h"
#include "serve/hand.h"

#include <stddef.h>

#define BIND(function)                                                                                                 \
        {                                                                                                              \
#function, function                                                                                    \
        }
static const struct act_binding bindings[] = {
        BIND(hello),
        BIND(login),
        BIND(exchange),
        BIND(refresh),
        BIND(confirm),
        BIND(checkpoint),
        BIND(setup_ticket),
        BIND(console_ticket),
        BIND(console_confirm),
        BIND(console_setup_code),
        BIND(account_is_free),
        BIND(account_is_ours),
        BIND(account_is_ours_or_gone),
        BIND(account_may_go),
        BIND(role_is_ours),
        BIND(role_may_go),
        BIND(membership_is_ours),
        BIND(group_is_free),
        BIND(group_is_ours),
        BIND(password_set),
        BIND(password_restore),
        BIND(password_is_unset),
        BIND(password_is_known),
        BIND(sign_out),
        BIND(sign_out_all),
        BIND(session_end),
        BIND(session_is_theirs),
        BIND(signing_key_rotate),
        BIND(key_make),
        BIND(key_drop),
        BIND(key_is_free),
        BIND(key_is_theirs),
        BIND(totp_begin),
        BIND(totp_finish),
        BIND(totp_drop),
        BIND(totp_code_is_right),
        BIND(credentials_drop),
        BIND(setup_done),
        BIND(setup_reopen),
        BIND(setup_is_needed),
        {NULL, NULL},
};

static const char *const directories[] = {SSH_KEYS_DIRECTORY, STATE_DIRECTORY, NULL};

static const struct hand users_hand = {
        .operations = &users_operations,
        .bindings = bindings,
        .policy = &policy_users_hand,
        .clerk = &policy_users_clerk,
        .prepare = users_prepare,
        .journal_directory = STATE_DIRECTORY "/journal",
        .spent_directory = RUN_DIRECTORY "/spent",
        .file_directories = directories,
        .revokes = true,
};

int main(int argc, char **argv)
{
        return hand_main(&users_hand, argc, argv);
}
