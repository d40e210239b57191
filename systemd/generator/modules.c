/* Modules that are enabled: their sockets come and go with Bulkhead.
 * Rights: root, run by PID 1; reads the names in /etc/bulkhead/modules, and writes where PID 1 says. */
#include "systemd/generator/generator.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define MODULES "/etc/bulkhead/modules"
#define OURS    "bulkhead.target.wants"

static bool listen_for(int modules, const char *name, int folder)
{
        char link[NAME_MAX + NAME_SIZE];
        (void)modules;
        if (!is(&value_module_name, name))
                return true;
        snprintf(link, sizeof(link), OURS "/bulkhead-module@%s.socket", name);
        return symlinkat("/usr/lib/systemd/system/bulkhead-module@.socket", folder, link) == 0;
}

bool listen_for_modules(int folder)
{
        if (mkdirat(folder, OURS, 0755) != 0 && errno != EEXIST)
                return false;
        return each_file(MODULES, listen_for, folder);
}
