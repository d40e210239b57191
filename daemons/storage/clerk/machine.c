/* Small files and folders of /sys and /proc, and all that is read from them together.
 * Rights: the storage clerk; reads /sys, /proc and udev's records. */
#include "daemons/storage/clerk/machine.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "sys/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TEXT_MAX = 256 * 1024, TEXT_FIRST = 4096 };

static ssize_t read_some(int fd, char *target, size_t room)
{
        size_t length = 0;
        for (ssize_t got; length < room && (got = read(fd, target + length, room - length)) > 0;)
                length += (size_t)got;
        return (ssize_t)length;
}

const char *machine_text(int folder, const char *path, struct arena *arena)
{
        ASSERT(path && arena);
        CLEANUP_FD int fd = openat(folder, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        char first[TEXT_FIRST];
        if (fd < 0)
                return NULL;
        size_t length = (size_t)read_some(fd, first, sizeof(first));
        const char *bytes = first;
        if (length == sizeof(first)) {
                char *more = arena_alloc(arena, TEXT_MAX + 1);
                memcpy(more, first, length);
                length += (size_t)read_some(fd, more + length, TEXT_MAX - length);
                bytes = more;
        }
        while (length > 0 && (bytes[length - 1] == '\n' || bytes[length - 1] == ' '))
                length--;
        return arena_text(arena, bytes, length);
}

char *machine_printable(struct arena *arena, const char *text, size_t length)
{
        ASSERT(arena && text);
        char *clean = arena_text(arena, text, length);
        if (!text_printable(clean, length))
                for (char *at = clean; *at; at++)
                        if (*at < ' ' || *at > '~')
                                *at = '?';
        return clean;
}

uint64_t machine_number(int folder, const char *path)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        const char *text = machine_text(folder, path, arena);
        return text ? strtoull(text, NULL, 10) : 0;
}

uint64_t machine_folders(int folder, const char *path)
{
        ASSERT(path);
        struct stat found;
        return fstatat(folder, path, &found, 0) == 0 ? found.st_nlink : 0;
}

static int by_name(const void *a, const void *b)
{
        const char *const *left = a, *const *right = b;
        return strverscmp(*left, *right);
}

size_t machine_names(int folder, const char *path, size_t max, struct arena *arena, const char *const **ret_names)
{
        ASSERT(path && arena && ret_names);
        int fd = openat(folder, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        DIR *listing = fd >= 0 ? fdopendir(fd) : NULL;
        size_t count = 0;
        const char **names = listing ? arena_array(arena, max, sizeof(*names)) : NULL;
        for (struct dirent *entry; listing && count < max && (entry = readdir(listing));)
                if (entry->d_name[0] != '.')
                        names[count++] = arena_text(arena, entry->d_name, strlen(entry->d_name));
        if (listing)
                closedir(listing);
        if (count > 1)
                qsort(names, count, sizeof(*names), by_name);
        *ret_names = names;
        return count;
}

struct machine *machine_read(const struct machine_roots *roots)
{
        ASSERT(roots);
        struct arena *arena = arena_new();
        struct machine *machine = arena_alloc(arena, sizeof(*machine));
        machine->arena = arena;
        machine_read_mounts(machine, roots);
        machine_read_disks(machine, roots);
        machine_read_arrays(machine, roots);
        machine_read_file_systems(machine, roots);
        return machine;
}
