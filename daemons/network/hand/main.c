/* The network hand: the C functions its policy names, and nothing else.
 * Rights: see policy/network_hand.c. */
#include "daemons/network/hand/network.h"
#include "policy/policies.h"
#include "serve/hand.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#define BIND(function) {#function, function},
static const struct act_binding bindings[] = {NETWORK_FUNCTIONS(BIND){NULL, NULL}};

static const char *const directories[] = {ACME_DIRECTORY, NULL};

static int open_directory(const char *path)
{
        int fd = open(path, O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0)
                log_fatal("%s: %s", path, strerror(errno));
        return fd;
}

/* What was cut off before it was renamed into place holds a key as well. */
static void remove_torn(int directory)
{
        int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        DIR *listing = fd >= 0 ? fdopendir(fd) : NULL;
        for (struct dirent *entry; listing && (entry = readdir(listing));)
                if (entry->d_name[0] == '.')
                        unlinkat(directory, entry->d_name, 0);
        if (listing)
                closedir(listing);
}

static int prepare(void **ret_state, struct failure *failure)
{
        (void)failure;
        static struct network network;
        umask(077);
        (void)mkdir(STATE_DIRECTORY "/journal", 0700); /* act_open says when they are not there */
        (void)mkdir(RUN_DIRECTORY "/spent", 0700);
        network.tls = open_directory(TLS_DIRECTORY);
        network.acme = open_directory(ACME_DIRECTORY);
        network.out = open_directory(OUT_DIRECTORY);
        remove_torn(network.tls);
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
        .file_directories = directories,
};

int main(int argc, char **argv)
{
        return hand_main(&network_hand, argc, argv);
}
