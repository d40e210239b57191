/* The network hand: the C functions its policy names, and nothing else.
 * Rights: see policy/network_hand.c. */
#include "daemons/network/hand/network.h"
#include "policy/policies.h"
#include "serve/hand.h"

#include <sys/stat.h>
#include <unistd.h>

#define BIND(function) {#function, function},
static const struct act_binding bindings[] = {NETWORK_FUNCTIONS(BIND){NULL, NULL}};

static int prepare(void **ret_state, struct failure *failure)
{
        (void)failure;
        static struct network network;
        umask(077);
        network.tls = log_must(file_directory(TLS_DIRECTORY), TLS_DIRECTORY);
        network.acme = log_must(file_directory(ACME_DIRECTORY), ACME_DIRECTORY);
        network.out = log_must(file_directory(OUT_DIRECTORY), OUT_DIRECTORY);
        (void)file_sweep(network.tls, 0); /* what was cut off before it was renamed into place holds a key as well */
        *ret_state = &network;
        return 0;
}

static const struct hand network_hand = {
        .operations = &network_operations,
        .bindings = bindings,
        .policy = &policy_network_hand,
        .clerk = &policy_network_clerk,
        .prepare = prepare,
        .journal_directory = STATE_DIRECTORY "/journal",
        .spent_directory = RUN_DIRECTORY "/spent",
};

int main(void)
{
        return hand_main(&network_hand);
}
