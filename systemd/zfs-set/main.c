/* bulkhead-zfs-set: changes file systems and snapshots of a ZFS pool, with ZFS's own tool.
 *
 *     zfs-set POOL               what the storage hand has ordered for it
 *     zfs-set schedule NAME      a snapshot, when that standing order is due, and those away that it keeps no more
 *
 * Rights: CAP_SYS_ADMIN, which ZFS asks for; for what is ordered CAP_DAC_OVERRIDE too, since folders in the pool may be
 * closed to all but their owners, and so are the orders. Run by PID 1 for a moment. */
#include "base/mem.h"
#include "systemd/zfs-set/tool.h"
#include "value/types.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        int result = -EINVAL;
        if (argc == 2 && value_is(&value_pool_name, argv[1], strlen(argv[1])))
                result = order_do(argv[1], arena);
        if (argc == 3 && strcmp(argv[1], "schedule") == 0 && value_is(&value_schedule, argv[2], strlen(argv[2])))
                result = schedule_do(argv[2], arena);
        if (result == 0)
                return EXIT_SUCCESS;
        fprintf(stderr, "zfs-set: %s\n",
                result == -ESTALE     ? "it is no longer what the plan was made for"
                : result == -EALREADY ? "it was done not long ago"
                                      : strerror(-result));
        return EXIT_FAILURE;
}
