/* What ZFS's own tool says of a dataset.
 * Rights: those of zfs-set (main.c). */
#include "systemd/zfs-set/tool.h"

#include <string.h>

const char *tool_property(const char *name, const char *property, struct arena *arena)
{
        char *said = HEAR(arena, ZFS, "get", "-Hpo", "value", property, name);
        if (said)
                said[strcspn(said, "\n")] = '\0';
        return said ? said : "";
}

bool tool_knows(const char *name, struct arena *arena)
{
        return HEAR(arena, ZFS, "list", "-Ho", "name", name) != NULL;
}
