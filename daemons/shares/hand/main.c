/* The shares hand: the C functions its policy names, and nothing else.
 * Rights: see policy/shares_hand.c. */
#include "daemons/shares/hand/shares.h"
#include "policy/policies.h"
#include "serve/hand.h"

#include <sys/stat.h>

#define BIND(function) {#function, function},
static const struct act_binding bindings[] = {SHARES_FUNCTIONS(BIND){NULL, NULL}};

static int prepare(void **ret_state, struct failure *failure)
{
        (void)failure;
        static struct shares shares;
        umask(077);
        shares.served = log_must(file_directory(SERVED), SERVED);
        shares.smb = log_must(file_directory(SMB_DIRECTORY), SMB_DIRECTORY);
        shares.nfs = log_must(file_directory(NFS_DIRECTORY), NFS_DIRECTORY);
        shares.services = log_must(file_directory(SERVICES), SERVICES);
        CLEANUP_FD int run = file_directory(RUN_DIRECTORY);
        if (run >= 0) /* what was cut off before it was renamed into place holds who may have a domain joined */
                (void)file_sweep(run, 0);
        *ret_state = &shares;
        return 0;
}

static const struct hand shares_hand = {
        .operations = &shares_operations,
        .bindings = bindings,
        .policy = &policy_shares_hand,
        .clerk = &policy_shares_clerk,
        .prepare = prepare,
        .journal_directory = STATE_DIRECTORY "/journal",
        .spent_directory = RUN_DIRECTORY "/spent",
        .unit = act_unit,
};

int main(void)
{
        return hand_main(&shares_hand);
}
