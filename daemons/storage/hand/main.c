/* The storage hand: the C functions its policy names, and nothing else.
 * Rights: see policy/storage_hand.c. */
#include "daemons/storage/hand/storage.h"
#include "policy/policies.h"
#include "serve/hand.h"

#define BIND(function) {#function, function},
static const struct act_binding bindings[] = {STORAGE_FUNCTIONS(BIND){NULL, NULL}};

static const char *const directories[] = {POOLS_DIRECTORY, SCHEDULES_DIRECTORY, WORK_DIRECTORY, NULL};

static int open_directory(const char *path)
{
        int fd = open(path, O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0)
                log_fatal("%s: %s", path, strerror(errno));
        return fd;
}

static int prepare(void **ret_state, struct failure *failure)
{
        (void)failure;
        static struct storage storage;
        umask(077);
        (void)mkdir(STATE_DIRECTORY "/journal", 0700); /* act_open says when they are not there */
        (void)mkdir(WORK_DIRECTORY, 0700);
        (void)mkdir(RUN_DIRECTORY "/spent", 0700);
        storage.served = open_directory(SERVED);
        storage.pools = open_directory(POOLS_DIRECTORY);
        storage.schedules = open_directory(SCHEDULES_DIRECTORY);
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
        .file_directories = directories,
        .unit = act_unit,
};

int main(int argc, char **argv)
{
        return hand_main(&storage_hand, argc, argv);
}
