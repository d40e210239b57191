/* The fake machine of the network clerk's tests: certificates as they lie in folders, and what is to be fetched. */
#ifndef BULKHEAD_TESTS_NETWORK_CLERK_MACHINE_H
#define BULKHEAD_TESTS_NETWORK_CLERK_MACHINE_H

#include "daemons/network/clerk/network.h"
#include "tests/unit/fake/fake.h"

struct fake_machine {
        struct acme acme;
        struct host host;
        unsigned ordered, taken; /* how often the clerk asked for it by itself */
};
extern struct fake_machine fake_machine;

void fake_machine_clear(void);
void fake_machine_put(enum place place, const char *chain); /* NULL: takes it away; the clerk is told */

#endif
