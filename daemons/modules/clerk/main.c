/* The modules clerk: speaks for modules.
 * Rights: policy/modules_clerk.c. */
#include "daemons/modules/clerk/modules.h"

int main(int argc, char **argv)
{
        const struct clerk description = modules_clerk();
        return clerk_main(&description, argc, argv);
}
