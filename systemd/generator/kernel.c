/* Which program serves NFS: the kernel's own server where there is one, else nfs-ganesha (bulkhead-nfs.service as it is
 * shipped). Both are one unit, so that nobody else need know.
 * Rights: root, run by PID 1; looks at what the kernel and the system have, and writes where PID 1 says. */
#include "systemd/generator/generator.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#define KERNEL "/usr/share/bulkhead/kernel"
#define NFSD   "/kernel/fs/nfsd/nfsd.ko"

/* A line of it is the word, or ends with it behind a blank. */
static bool lists(const char *path, const char *word, bool anywhere)
{
        char line[4096];
        bool found = false;
        FILE *file = fopen(path, "re");
        while (file && !found && fgets(line, sizeof(line), file)) {
                line[strcspn(line, "\n")] = '\0';
                const char *last = strrchr(line, '\t');
                found = anywhere ? strstr(line, word) != NULL : strcmp(last ? last + 1 : line, word) == 0;
        }
        if (file)
                fclose(file);
        return found;
}

/* It is there, or can be loaded. */
static bool kernel_has_server(void)
{
        struct utsname system;
        char modules[UNIT_NAME_SIZE];
        if (lists("/proc/filesystems", "nfsd", false))
                return true;
        if (uname(&system) != 0)
                return false;
        snprintf(modules, sizeof(modules), "/lib/modules/%s/modules.dep", system.release);
        return lists(modules, NFSD + 1, true);
}

/* A container has its host's kernel, whose server is not the container's to have. */
static bool in_container(void)
{
        const char *virtual = getenv("SYSTEMD_VIRTUALIZATION");
        return virtual && strncmp(virtual, "container", strlen("container")) == 0;
}

bool serve_nfs_by_kernel(int folder)
{
        struct stat status;
        if (in_container() || stat("/usr/sbin/rpc.nfsd", &status) != 0 || !kernel_has_server())
                return true;
        return symlinkat(KERNEL "/bulkhead-nfs.service", folder, "bulkhead-nfs.service") == 0 &&
               link_to(folder, "bulkhead-export@.service.d", "kernel.conf", KERNEL "/export.conf") == 0;
}
