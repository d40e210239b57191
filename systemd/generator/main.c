/* bulkhead-storage: a generator of systemd's (systemd.generator(7)). Says how each pool that is wanted is mounted, when
 * it is read whole by itself and when a disk tests itself, from the files that the storage hand keeps of them, how the
 * disks of encrypted ones are opened, and how
 * each export over NFS is, from those of the shares hand; so those hands can have them mounted and begun and can write
 * no unit. A file with anything unexpected in it makes none. And it has the sockets of modules that are enabled
 * listened at, from the files of the modules hand, and NFS served by the kernel where it can.
 *
 * Rights: root, run by PID 1 when it starts and when it reads its units again; reads /etc/bulkhead/pools,
 * encryption, scrubs, self-tests, nfs and modules there, and writes where PID 1 says. */
#include "base/mem.h"
#include "sys/file.h"
#include "systemd/generator/generator.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv)
{
        if (argc != 4) {
                fprintf(stderr, "usage: bulkhead-storage NORMAL EARLY LATE (run by systemd)\n");
                return 2;
        }
        CLEANUP_FD int folder = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (folder < 0)
                return 1;
        bool pools = make_pools(folder), unlocks = make_unlocks(folder), exports = make_exports(folder),
             timers = make_timers(folder), modules = listen_for_modules(folder), kernel = serve_nfs_by_kernel(folder);
        return !pools || !unlocks || !exports || !timers || !modules || !kernel;
}
