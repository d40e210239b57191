/* The shares clerk: what is offered to the network, and to whom.
 * Rights: policy/shares_clerk.c. */
#include "daemons/shares/clerk/shares.h"

int main(int argc, char **argv)
{
        const struct clerk description = shares_clerk();
        return clerk_main(&description, argc, argv);
}
