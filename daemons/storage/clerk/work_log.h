/* What the units that work on pools leave behind, and how far the kernel says they are. Taken for hostile: tools print
 * names and labels. */
#ifndef BULKHEAD_STORAGE_CLERK_WORK_LOG_H
#define BULKHEAD_STORAGE_CLERK_WORK_LOG_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WORK_WORDS_MAX = 4 };

struct work_log {
        int64_t started_us, ended_us;      /* ended 0: not yet */
        const char *boot;                  /* the boot it began in; "" */
        const char *words[WORK_WORDS_MAX]; /* "replace", "2", ...; NULL. A scrub has none */
        const char *result;                /* as systemd calls it: "success"; "" */
        const char *message;               /* what the tool complained of; NULL */
        bool finished, stopped;            /* neither, once it has ended: it failed */
        bool compared;                     /* disks of an array, by md */
        bool zfs, cut;                     /* ZFS read itself; and went on when the unit had to end */
        uint64_t scrubbed, found, repaired, lost;
};

/* Its texts are in the arena. False: it is not what a unit writes. Pure. */
bool work_log_read(const char *text, struct arena *arena, struct work_log *ret_log);

/* What it is beside that when ZFS's own tool wrote it, before and after (zfs_log.c). Pure. */
void zfs_log_take(const char *text, struct work_log *log);

/* From what the hand's work_look writes. Of 1000 what is done, -1: not known. kind: "scrub", "balance", "replace" or
 * "remove", with the device's number and the bytes that were on it. Pure. */
struct work_asked {
        const char *kind;
        uint64_t device, bytes;
};
int work_permille(const void *bytes, size_t length, const struct work_asked *asked);

#endif
