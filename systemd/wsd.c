/* bulkhead's wsd: starts wsdd2 with the group of machines that this one is in: the domain's, or the workgroup that was
 * chosen. wsdd2 would run Samba's tools to ask for it, and where it runs nothing can be run.
 *
 * What the machine is called is asked here: PID 1 would put in what it was called when it read the unit.
 * Rights: none; reads two files that everybody may, and becomes wsdd2 (bulkhead-wsd.service). */
#include "base/mem.h"
#include "sys/file.h"
#include "value/types.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SERVICES "/etc/bulkhead/services"
#define PROGRAM  "/usr/sbin/wsdd2"
#define GROUP    "workgroup = "
enum { FILE_MAX = 64 * 1024 };

/* NULL: it says none. */
static const char *group_in(int folder, const char *file, struct arena *arena)
{
        /* Who runs as a user made for the moment may not say how a path is to be followed: openat2 is no call to them. */
        CLEANUP_FD int fd = openat(folder, file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
        char *text = fd >= 0 ? file_text_of(fd, FILE_MAX, arena) : NULL;
        for (char *line; text && (line = strsep(&text, "\n"));)
                if (strncmp(line, GROUP, strlen(GROUP)) == 0) {
                        const char *group = line + strlen(GROUP);
                        return value_is(&value_workgroup, group, strlen(group)) ? group : NULL;
                }
        return NULL;
}

int main(void)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        char name[HOST_NAME_MAX + 1] = "";
        (void)gethostname(name, sizeof(name) - 1);
        name[strcspn(name, ".")] = '\0';
        const int folder = file_directory(SERVICES);
        const char *domain = folder >= 0 ? group_in(folder, "domain.conf", arena) : NULL;
        const char *chosen = folder >= 0 && !domain ? group_in(folder, "smb.conf", arena) : NULL;
        const char *group = domain ? domain : chosen ? chosen : "WORKGROUP";
        if (folder >= 0)
                close(folder);
        execl(PROGRAM, PROGRAM, "-w", "-N", name, "-G", group, (char *)NULL);
        perror(PROGRAM);
        return EXIT_FAILURE;
}
