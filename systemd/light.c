/* bulkhead's disk-light: lights the lamp at a disk's place in its enclosure, by which a person finds it, or puts it out.
 *
 *     disk-light on:DISK     DISK: as it is called in /dev/disk/by-id
 *     disk-light off:DISK
 *
 * Rights: writes to one file of root's in /sys, that of the enclosure (CAP_DAC_OVERRIDE). Run by PID 1 for a moment
 * (bulkhead-light@.service); opens no disk. */
#include "base/arena.h"
#include "base/log.h"
#include "base/mem.h"
#include "sys/file.h"
#include "value/types.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINK "enclosure_device:" /* as the kernel's ses calls what leads from a disk to its place */

/* The kernel's folder for the device that the disk is; -ENOENT: there is no such disk. */
static int open_device(const char *disk, struct arena *arena)
{
        char target[PATH_MAX];
        const ssize_t length = readlink(arena_printf(arena, "/dev/disk/by-id/%s", disk), target, sizeof(target) - 1);
        if (length < 0)
                return -errno;
        target[length] = '\0';
        const char *slash = strrchr(target, '/');
        const int device = open(arena_printf(arena, "/sys/class/block/%s/device", slash ? slash + 1 : target),
                                O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        return device >= 0 ? device : -errno;
}

/* -ENODEV: it has no place that the kernel knows of. */
static int light(int device, const char *word, struct arena *arena)
{
        CLEANUP(listing_closep) DIR *listing = file_list(device);
        int result = listing ? -ENODEV : -errno;
        for (struct dirent *entry; result == -ENODEV && (entry = readdir(listing));) {
                if (strncmp(entry->d_name, LINK, strlen(LINK)) != 0)
                        continue;
                CLEANUP_FD int lamp =
                        openat(device, arena_printf(arena, "%s/locate", entry->d_name), O_WRONLY | O_CLOEXEC);
                result = lamp < 0 ? -errno : file_write_all(lamp, word, strlen(word));
        }
        return result;
}

int main(int argc, char **argv)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        char *disk = argc == 2 ? argv[1] : NULL;
        const char *state = disk ? strsep(&disk, ":") : NULL;
        const bool on = state && strcmp(state, "on") == 0, off = state && strcmp(state, "off") == 0;
        int result = -EINVAL;
        if (disk && (on || off) && value_is(&value_disk_unit, disk, strlen(disk))) {
                CLEANUP_FD int device = open_device(disk, arena);
                result = device < 0 ? device : light(device, on ? "1" : "0", arena);
        }
        if (result != 0)
                fprintf(stderr, "%s\n", result == -ENODEV ? "there is no lamp at its place" : strerror(-result));
        return result == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
