/* Modules that are enabled: their sockets come and go with Bulkhead.
 * Rights: root, run by PID 1; reads the names in /etc/bulkhead/modules, and writes where PID 1 says. */
#include "systemd/generator/generator.h"

#include <stdio.h>

#define MODULES "/etc/bulkhead/modules"
#define OURS    "bulkhead.target.wants"

static bool listen_for(int modules, const char *name, int folder)
{
        char socket[2 * NAME_SIZE];
        (void)modules;
        if (!is(&value_module_name, name))
                return true;
        snprintf(socket, sizeof(socket), "bulkhead-module@%s.socket", name);
        return link_to(folder, OURS, socket, "/usr/lib/systemd/system/bulkhead-module@.socket") == 0;
}

bool listen_for_modules(int folder)
{
        return each_file(MODULES, listen_for, folder);
}
