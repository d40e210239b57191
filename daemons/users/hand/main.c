/* The users hand: the C functions its policy names, and nothing else.
 * Rights: see policy/users_hand.c. */
#include "daemons/users/hand/users.h"
#include "policy/policies.h"
#include "serve/hand.h"

#define BIND(function) {#function, function},
static const struct act_binding bindings[] = {USERS_FUNCTIONS(BIND){NULL, NULL}};

static const struct hand users_hand = {
        .operations = &users_operations,
        .bindings = bindings,
        .policy = &policy_users_hand,
        .clerk = &policy_users_clerk,
        .prepare = users_prepare,
        .publish = smb_publish,
        .journal_directory = STATE_DIRECTORY "/journal",
        .spent_directory = RUN_DIRECTORY "/spent",
        .revokes = true,
};

int main(void)
{
        return hand_main(&users_hand);
}
