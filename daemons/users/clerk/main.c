/* The users clerk: accounts, groups and roles; signing in; sessions, API keys and second factors.
 * Rights: policy/users_clerk.c. */
#include "daemons/users/clerk/users.h"

int main(int argc, char **argv)
{
        const struct clerk description = users_clerk();
        return clerk_main(&description, argc, argv);
}
