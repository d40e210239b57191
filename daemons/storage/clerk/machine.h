/* The disks and file systems of the machine as the kernel and udev tell of them: read from /sys, /proc and udev's own
 * records, which wakes no disk. Texts that disks make up (models, labels) are made printable when they are read. */
#ifndef BULKHEAD_STORAGE_CLERK_MACHINE_H
#define BULKHEAD_STORAGE_CLERK_MACHINE_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MACHINE_DISKS_MAX = 1024, MACHINE_PARTITIONS_MAX = 128, MACHINE_FILE_SYSTEMS_MAX = 256 };

struct block { /* a disk or a partition */
        const char *name;
        uint64_t size;
        const char *holds;    /* the type of what is in it; NULL: nothing known */
        const char *uuid;     /* of the file system in it; NULL */
        const char *uuid_sub; /* of this part of it; NULL */
        const char *label;    /* NULL */
        const char *mounted;  /* where; NULL */
        const char *record;   /* udev's, as it is */
        const char *luks; /* the number in its header, when it is encrypted; NULL. All above is of what it hides then */
        const char *luks_pool; /* the file system in it, as its header says; NULL */
        const char *opened;    /* the block device by which it is open; NULL: nothing is known of what is in it */
        bool swap, held;       /* swapped to; part of an array, a volume group or an opened container */
};

struct disk {
        struct block block;
        const char *id, *model, *serial, *wwn, *path, *bus; /* NULL: not known */
        uint64_t instance;     /* another one each time a disk is plugged in; 0: this kernel does not tell */
        bool has_light, light; /* at its place in an enclosure, and lit */
        bool rotational, removable, read_only, ata; /* ata: it takes ATA commands, maybe through an adapter */
        size_t partition_count;
        const struct block *partitions;
        const char *twin; /* the name of another disk with the same identity; NULL: there is none */
};

struct device_errors {
        uint64_t number; /* the file system's number for the device */
        bool missing;
        int64_t write, read, flush, corruption, generation;
};

/* By which a change is known without looking into a file system. A subvolume made within the transaction under way does
 * not show in its number, but it has a quota group of its own. */
struct file_system_age {
        uint64_t generation, groups;
};

/* A part of a pool of ZFS's that data is spread over. */
enum zfs_kind { ZFS_PLAIN, ZFS_MIRROR, ZFS_RAIDZ, ZFS_OTHER };
struct zfs_part {
        enum zfs_kind kind;
        unsigned parity; /* of raidz */
        size_t width;    /* places for disks in it */
};

/* How a disk takes part: for good; in the place of another, or to be replaced by one; or where no data of files is. */
enum zfs_role { ZFS_MEMBER, ZFS_OLD, ZFS_NEW, ZFS_ASIDE };
struct zfs_device {
        const char *state;
        const char *number; /* ZFS's own; NULL: not known */
        size_t part;        /* not of one that is aside */
        enum zfs_role role;
        bool rebuilds; /* what belongs on it is being written */
};

/* What is being read or written of all of a pool, or was last (zfs_scan.c). */
enum zfs_scanning { ZFS_NO_SCAN, ZFS_SCRUB, ZFS_RESILVER };
struct zfs_scan {
        enum zfs_scanning kind;
        bool runs, stopped;           /* neither: it is done */
        int permille;                 /* -1: not known */
        int64_t started_us, ended_us; /* 0: not known */
        int64_t left_s;               /* -1: not known */
        uint64_t lost;                /* places that could not be repaired */
};

/* What ZFS says of a pool that is taken up. */
struct zfs {
        const char *state;                /* of the whole: ONLINE, DEGRADED ... */
        const struct zfs_device *devices; /* each of the pool's */
        const struct zfs_part *parts;
        size_t part_count;
        struct zfs_scan scan;
        uint64_t used, available; /* bytes, in all that is in it */
        bool damaged;             /* files in it cannot be repaired */
        bool whole;               /* all of it was read */
        uint64_t sets; /* another number when the file systems and snapshots in it are others; 0: not known */
};

/* A btrfs that the kernel has open; or a pool of ZFS's that was taken up; or an ext4 or XFS that is there, of which
 * only what is said here is known: its one device with its number of errors, and where it is mounted. */
struct file_system {
        const char *type, *uuid, *label, *mounted; /* at its top; NULL: not mounted there */
        const char *profile;                       /* of its data; NULL: not known */
        const char *busy;                          /* what is done to its devices, as btrfs calls it; NULL: nothing */
        uint64_t data_given, data_used, metadata_used; /* bytes, each counted once: given to data, and in use */
        struct file_system_age age;
        size_t device_count;
        const struct device_errors *devices;
        size_t name_count;
        const char *const *names; /* of the block devices */
        const struct zfs *zfs;    /* NULL: it is none */
};

struct array_member {
        const char *name; /* of the block device */
        int64_t slot;     /* its place in the array; -1: it has none */
        bool in_sync, faulty;
        int64_t errors;  /* it could not be read, and was written anew */
        uint64_t before; /* bytes of it before what the array has */
};

struct array {                    /* of disks, made by the kernel's md */
        struct block block;       /* itself, and what is on it */
        const char *uuid;         /* of what is on it, as its own number says; NULL: not known */
        const char *number;       /* its own, as mdadm writes it; NULL: not known */
        const char *level;        /* as the kernel calls it: raid1 */
        const char *action;       /* what is being done to it; NULL: nothing */
        uint64_t slots, degraded; /* how many disks belong to it, and how many of these it lacks */
        uint64_t member_size;     /* bytes of each that are used */
        bool checked;             /* the last thing that was done to it since the start of the machine was a check */
        uint64_t differences;     /* sectors in which its disks differ, as that found */
        size_t member_count;
        const struct array_member *members;
};

struct mount {
        const char *source, *target, *type, *root;
        const char *options; /* of the file system */
        bool read_only;
};

struct machine {
        struct arena *arena;
        size_t disk_count, file_system_count, mount_count, array_count;
        const struct disk *disks;
        const struct array *arrays;
        const struct file_system *file_systems;
        const struct mount *mounts;
};

struct machine_roots { /* descriptors of /sys, /run/udev/data (-1: no udev), /proc, and of what ZFS tells (-1: nothing)
                        */
        int sys, udev, proc, zfs;
};

/* Reads all of it; free its arena. Never fails: what cannot be read is not there. */
struct machine *machine_read(const struct machine_roots *roots);

/* --- its parts --- */

/* As far as it can be printed: whatever else is in it becomes "?". In the arena. */
char *machine_printable(struct arena *arena, const char *text, size_t length);

/* A small file below a folder, ended by NUL, without the line feed at its end; NULL: it cannot be read. */
const char *machine_text(int folder, const char *path, struct arena *arena);
uint64_t machine_number(int folder, const char *path); /* 0: it cannot be read */
/* How many folders are in it, told by its count of links: nothing is listed for it. */
uint64_t machine_folders(int folder, const char *path);
/* The names in a folder, sorted; at most max. */
size_t machine_names(int folder, const char *path, size_t max, struct arena *arena, const char *const **ret_names);
/* Reads mounts and swaps (mounts.c). */
void machine_read_mounts(struct machine *machine, const struct machine_roots *roots);
/* Is this block device swapped to? swaps: the text of /proc/swaps. */
bool machine_swaps_to(const char *swaps, const char *name);
/* Does a mount's source name this block device, or one of the links that its record of udev's has? */
bool machine_is_source(const char *source, const char *name, const char *record);
/* Where it is mounted; NULL. */
const char *machine_mounted(const struct machine *machine, const char *name, const char *record);
void machine_read_disks(struct machine *machine, const struct machine_roots *roots);        /* disks_read.c */
void machine_read_file_systems(struct machine *machine, const struct machine_roots *roots); /* file_systems.c */
/* Adds the pools of ZFS's that are taken up (zfs_status.c). */
void machine_read_zfs(struct machine *machine, const struct machine_roots *roots, struct file_system *systems);
/* From what bulkhead-zfs-look@.service wrote of a pool. False: it is not whole, as while it is being written. */
bool zfs_read(const char *text, struct arena *arena, struct file_system *ret_system);
/* From a line behind "scan: ", and of the lines behind that one; of moments in universal time. */
struct zfs_scan zfs_scan_read(const char *line);
void zfs_scan_more(const char *line, struct zfs_scan *scan);
/* A pool's number as ZFS writes it, as others write theirs; NULL: it is none. In the arena. */
const char *machine_zfs_uuid(const char *number, struct arena *arena);
void machine_read_arrays(struct machine *machine, const struct machine_roots *roots); /* arrays_read.c */
/* A block device that is no part of another; swaps: the text of /proc/swaps. */
struct block machine_block(const struct machine *machine, const struct machine_roots *roots, const char *name,
                           const char *swaps);
/* What udev's record says of it; NULL: nothing. In the arena. */
const char *machine_record_value(const char *record, const char *key, size_t max, struct arena *arena);
/* No two may have one UUID, so that of an array and that of the file system for which it was made differ in one digit:
 * 4 is a UUID made by chance, 8 one with a meaning of its maker's. In the arena. */
enum { MACHINE_UUID_KIND = 14 };
const char *machine_uuid_in_array(const char *uuid, struct arena *arena);
/* How far md is with an array, of a thousand, and when it will be done, in seconds. -1: not known. */
int machine_array_permille(const struct machine_roots *roots, const char *name, int64_t *ret_left_s);

#endif
