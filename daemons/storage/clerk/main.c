/* The storage clerk: disks, pools, datasets and snapshots.
 * Rights: policy/storage_clerk.c. */
#include "daemons/storage/clerk/storage.h"

int main(int argc, char **argv)
{
        const struct clerk description = storage_clerk();
        return clerk_main(&description, argc, argv);
}
