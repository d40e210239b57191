/* Units in the folder that PID 1 gives: links to those that are shipped or made, and what stands beside them.
 * Rights: root, run by PID 1; writes into that folder. */
#include "base/mem.h"
#include "sys/file.h"
#include "systemd/generator/generator.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define UNITS "/usr/lib/systemd/system"

int link_to(int folder, const char *wants, const char *name, const char *target)
{
        char link[2 * UNIT_NAME_SIZE];
        if (mkdirat(folder, wants, 0755) != 0 && errno != EEXIST)
                return -errno;
        snprintf(link, sizeof(link), "%s/%s", wants, name);
        return symlinkat(target, folder, link) == 0 ? 0 : -errno;
}

int link_unit(int folder, const char *wants, const char *name)
{
        char target[UNIT_NAME_SIZE + sizeof("../")];
        snprintf(target, sizeof(target), "../%s", name);
        return link_to(folder, wants, name, target);
}

int link_shipped(int folder, const char *wants, const char *template, const char *instance)
{
        char name[2 * NAME_SIZE], target[3 * NAME_SIZE];
        snprintf(name, sizeof(name), "%s@%s.service", template, instance);
        snprintf(target, sizeof(target), UNITS "/%s@.service", template);
        return link_to(folder, wants, name, target);
}

int put_beside(int folder, const char *template, const char *instance, const char *text)
{
        char unit[2 * NAME_SIZE];
        snprintf(unit, sizeof(unit), "%s@%s.service", template, instance);
        return put_beside_unit(folder, unit, text);
}

static int put_into(int folder, const char *unit, const char *name, const char *text)
{
        char beside[UNIT_NAME_SIZE];
        snprintf(beside, sizeof(beside), "%s.d", unit);
        if (mkdirat(folder, beside, 0755) != 0 && errno != EEXIST)
                return -errno;
        CLEANUP_FD int inner = openat(folder, beside, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        return inner < 0 ? -errno : file_create(inner, name, text, strlen(text), 0644);
}

int put_beside_unit(int folder, const char *unit, const char *text)
{
        return put_into(folder, unit, "pool.conf", text);
}

int begin_with_mount(int folder, const char *pool, const char *unit)
{
        char mount[2 * NAME_SIZE], name[UNIT_NAME_SIZE], text[UNIT_SIZE];
        snprintf(mount, sizeof(mount), "bulkhead-mount@%s.service", pool);
        snprintf(name, sizeof(name), "%s.conf", unit);
        snprintf(text, sizeof(text), "[Unit]\nOnSuccess=%s\n", unit);
        return put_into(folder, mount, name, text);
}

int begin_shipped_with_mount(int folder, const char *pool, const char *template, const char *instance)
{
        char unit[2 * NAME_SIZE];
        snprintf(unit, sizeof(unit), "%s@%s.service", template, instance);
        return begin_with_mount(folder, pool, unit);
}
