/* The whole network surface on one page: every method with a route, and who may call it.
 * Rights: part of policy-print, a host program. */
#include "policy/project/project.h"

int print_surface(FILE *out, char *const *contracts)
{
        (void)out;
        (void)contracts;
        fputs("policy-print: surface: not yet\n", stderr);
        return -1;
}
