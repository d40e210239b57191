/* Which program serves NFS: the kernel's own server where there is one, else nfs-ganesha (bulkhead-nfs.service as it is
 * shipped). Both are one unit, so that nobody else need know.
 * Rights: root, run by PID 1; looks at what the kernel and the system have, and writes where PID 1 says. */
#include "base/arena.h"
#include "base/mem.h"
#include "sys/ability.h"
#include "systemd/generator/generator.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KERNEL "/usr/share/bulkhead/kernel"
/* There from nfs-ganesha's first start until the machine's next: until then it goes on, and is told what changes. */
#define GANESHA "/run/bulkhead-nfs/pid"

static bool kernel_serves(void)
{
        CLEANUP(facts_free) struct facts facts;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct ability *abilities = arena_array(arena, abilities_count(), sizeof(*abilities));
        facts_read(&facts, NULL);
        if (facts.texts[FACT_CONTAINER])
                return false;
        abilities_judge(&facts, abilities);
        for (size_t i = 0; i < abilities_count(); i++)
                if (strcmp(abilities[i].name, "nfs_server") == 0)
                        return abilities[i].state == ABILITY_YES;
        return false;
}

/* A container has its host's kernel, whose server is not the container's to have. */
static bool in_container(void)
{
        const char *kind = getenv("SYSTEMD_VIRTUALIZATION");
        return kind && strncmp(kind, "container", strlen("container")) == 0;
}

bool serve_nfs_by_kernel(int folder)
{
        struct stat status;
        if (access(GANESHA, F_OK) == 0 || in_container() || stat("/usr/sbin/rpc.nfsd", &status) != 0 ||
            !kernel_serves())
                return true;
        return symlinkat(KERNEL "/bulkhead-nfs.service", folder, "bulkhead-nfs.service") == 0 &&
               link_to(folder, "bulkhead-export@.service.d", "kernel.conf", KERNEL "/export.conf") == 0 &&
               link_to(folder, "bulkhead-nfs-look.service.d", "kernel.conf", KERNEL "/look.conf") == 0;
}
