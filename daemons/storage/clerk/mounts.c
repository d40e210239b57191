/* What is mounted and swapped to, as the kernel lists it.
 * Rights: the storage clerk; reads /proc/self/mountinfo and /proc/swaps. */
#include "base/log.h"
#include "base/mem.h"
#include "daemons/storage/clerk/machine.h"
#include "sys/file.h"

#include <string.h>

enum { MOUNTS_MAX = 4096, FIELDS_BEFORE = 6 };

/* 36 35 98:0 /root /target rw,noatime master:1 - type source options */
static bool read_line(struct arena *arena, char *line, struct mount *ret_mount)
{
        char *fields[FIELDS_BEFORE], *rest = line;
        for (size_t i = 0; i < FIELDS_BEFORE; i++)
                if (!(fields[i] = strsep(&rest, " ")) || !rest)
                        return false;
        while (rest && strncmp(rest, "- ", 2) != 0 && strsep(&rest, " "))
                ;
        if (!rest)
                return false;
        rest += 2;
        char *type = strsep(&rest, " "), *source = rest ? strsep(&rest, " ") : NULL;
        if (!source)
                return false;
        const char *options = rest ? rest : "";
        const char *target = file_mount_text(fields[4]);
        *ret_mount = (struct mount){.source = file_mount_text(source),
                                    .target = machine_printable(arena, target, strlen(target)),
                                    .type = type,
                                    .root = file_mount_text(fields[3]),
                                    .options = machine_printable(arena, options, strlen(options)),
                                    .read_only = strncmp(fields[5], "ro", 2) == 0};
        return true;
}

void machine_read_mounts(struct machine *machine, const struct machine_roots *roots)
{
        ASSERT(machine && roots);
        const char *text = machine_text(roots->proc, "self/mountinfo", machine->arena);
        struct mount *mounts = arena_array(machine->arena, MOUNTS_MAX, sizeof(*mounts));
        char *rest = text ? arena_text(machine->arena, text, strlen(text)) : NULL;
        for (char *line; rest && machine->mount_count < MOUNTS_MAX && (line = strsep(&rest, "\n"));)
                machine->mount_count += read_line(machine->arena, line, &mounts[machine->mount_count]);
        machine->mounts = mounts;
}

/* The kernel keeps the name under which a device was registered, which may be any link to it. */
bool machine_is_source(const char *source, const char *name, const char *record)
{
        if (strncmp(source, "/dev/", 5) != 0)
                return false;
        const char *path = source + 5;
        size_t length = strlen(path);
        if (strcmp(path, name) == 0)
                return true;
        for (const char *line = record; line; line = strchr(line, '\n')) {
                line += *line == '\n';
                if (strncmp(line, "S:", 2) == 0 && strncmp(line + 2, path, length) == 0 &&
                    (line[2 + length] == '\n' || line[2 + length] == '\0'))
                        return true;
        }
        return false;
}

/* The shortest path tells most. */
const char *machine_mounted(const struct machine *machine, const char *name, const char *record)
{
        const char *found = NULL;
        for (size_t i = 0; i < machine->mount_count; i++)
                if (machine_is_source(machine->mounts[i].source, name, record) &&
                    (!found || strlen(machine->mounts[i].target) < strlen(found)))
                        found = machine->mounts[i].target;
        return found;
}

bool machine_swaps_to(const char *swaps, const char *name)
{
        size_t length = strlen(name);
        for (const char *line = swaps; line; line = strchr(line, '\n')) {
                line += *line == '\n';
                if (strncmp(line, "/dev/", 5) == 0 && strncmp(line + 5, name, length) == 0 &&
                    (line[5 + length] == ' ' || line[5 + length] == '\t'))
                        return true;
        }
        return false;
}
