/* The network clerk: the machine's certificate.
 * Rights: policy/network_clerk.c. */
#include "daemons/network/clerk/network.h"

int main(int argc, char **argv)
{
        const struct clerk description = network_clerk();
        return clerk_main(&description, argc, argv);
}
