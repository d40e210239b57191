/* The modules hand: the C functions its policy names, and nothing else.
 * Rights: see policy/modules_hand.c. */
#include "daemons/modules/hand/modules.h"
#include "policy/policies.h"
#include "serve/hand.h"

#include <sys/stat.h>

#define BIND(function) {#function, function},
static const struct act_binding bindings[] = {MODULES_FUNCTIONS(BIND){NULL, NULL}};

static int prepare(void **ret_state, struct failure *failure)
{
        (void)failure;
        static struct modules modules;
        umask(077);
        modules.enabled = log_must(file_directory(MODULES_ENABLED), MODULES_ENABLED);
        *ret_state = &modules;
        return 0;
}

static const struct hand modules_hand = {
        .operations = &modules_operations,
        .bindings = bindings,
        .policy = &policy_modules_hand,
        .clerk = &policy_modules_clerk,
        .prepare = prepare,
        .journal_directory = STATE_DIRECTORY "/journal",
        .spent_directory = RUN_DIRECTORY "/spent",
        .unit = act_unit,
};

int main(void)
{
        return hand_main(&modules_hand);
}
