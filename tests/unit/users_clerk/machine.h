/* The fake machine of the users clerk's tests: /etc/passwd and /etc/group as the clerk reads them. */
#ifndef BULKHEAD_TESTS_USERS_CLERK_MACHINE_H
#define BULKHEAD_TESTS_USERS_CLERK_MACHINE_H

#include "tests/unit/fake/fake.h"

void fake_machine_set(const char *passwd, const char *group);
void fake_machine_do(const struct plan *plan);                /* what the steps would bring about */
bool fake_machine_has(const char *group, const char *member); /* "" as member: is there the group? */

#endif
