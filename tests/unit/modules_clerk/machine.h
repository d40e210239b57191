/* The fake machine of the modules clerk's tests: one module, and its program at the other end of a socket pair. */
#ifndef BULKHEAD_TESTS_MODULES_CLERK_MACHINE_H
#define BULKHEAD_TESTS_MODULES_CLERK_MACHINE_H

#include "daemons/modules/clerk/modules.h"
#include "tests/unit/fake/fake.h"

struct fake_program {
        const char *publishes; /* what it says when it is connected to; NULL: nothing */
        const char
                *answers; /* what it says when it is asked, messages with '|' behind each; NULL: nothing. "": it ends */
        char heard[65536]; /* the last message, as it came */
        char first[65536]; /* the first of the last connection */
        unsigned connected, asked;
};
extern struct fake_program fake_program;

void fake_machine_clear(void);              /* enabled, and a program that does as it should */
void fake_machine_crash(void);              /* what the clerk has in memory is gone; before fake_restart */
void fake_program_say(const char *message); /* unasked */

#endif
