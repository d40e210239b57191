/* The storage hand: the C functions its policy names, and nothing else.
 * Rights: see policy/storage_hand.c. */
#include "daemons/storage/hand/storage.h"
#include "policy/policies.h"
#include "serve/hand.h"

#define BIND(function) {#function, function},
static const struct act_binding bindings[] = {STORAGE_FUNCTIONS(BIND){NULL, NULL}};

static int prepare(void **ret_state, struct failure *failure)
{
        (void)failure;
        static struct storage storage;
        umask(077);
        (void)mkdir(WORK_DIRECTORY, 0700);
        (void)mkdir(CARRY_DIRECTORY, 0700);
        storage.served = log_must(file_directory(SERVED), SERVED);
        storage.schedules = log_must(file_directory(SCHEDULES_DIRECTORY), SCHEDULES_DIRECTORY);
        *ret_state = &storage;
        return 0;
}

static const struct hand storage_hand = {
        .operations = &storage_operations,
        .bindings = bindings,
        .policy = &policy_storage_hand,
        .clerk = &policy_storage_clerk,
        .prepare = prepare,
        .journal_directory = STATE_DIRECTORY "/journal",
        .spent_directory = RUN_DIRECTORY "/spent",
        .unit = act_unit,
};

int main(void)
{
        return hand_main(&storage_hand);
}
