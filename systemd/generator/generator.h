/* What the files of bulkhead-storage, a generator of systemd's, share. main.c says what it is; a file for each thing
 * that units are made of. */
#ifndef BULKHEAD_GENERATOR_H
#define BULKHEAD_GENERATOR_H

#include "value/types.h"

#include <stdbool.h>

enum {
        OPTIONS_SIZE = 256,
        UNIT_SIZE = 2048,
        NAME_SIZE = 64,
        UNIT_NAME_SIZE = 256, /* systemd's own limit */
        DEVICE_SIZE = 128,
        ORDER_MAX = 4096,
        EXPORT_MAX = 64 * 1024
};

/* --- files.c: what the hands keep --- */

/* Makes what one file asks for in the folder of units; false, and said on standard error: it could not. */
typedef bool make_function(int files, const char *name, int folder);

/* For each file in the folder at path; those whose names begin with a dot are still being written. True: all were made.
 * There may be no such folder. */
bool each_file(const char *path, make_function *make, int folder);

/* A whole file of at most max bytes, to be freed; NULL: it cannot be read, or is no text. */
char *file_text(int files, const char *name, size_t max);
void textp(char **text);

bool is(const struct value_type *type, const char *text);

/* --- links.c: units in PID 1's folder; 0 or -errno --- */

/* In the folder wants, which is made when it is not there. */
int link_to(int folder, const char *wants, const char *name, const char *target);
/* A unit that was made there. */
int link_unit(int folder, const char *wants, const char *name);
/* The instance of a template that is shipped; template without its "@.service". */
int link_shipped(int folder, const char *wants, const char *template, const char *instance);
/* What that instance needs beside what the template says. */
int put_beside(int folder, const char *template, const char *instance, const char *text);
int put_beside_unit(int folder, const char *unit, const char *text);
/* That unit begins each time the pool was mounted. The mount's own unit cannot want it: PID 1 reads nothing of one that
 * it was told of before it was mounted. */
int begin_with_mount(int folder, const char *pool, const char *unit);
int begin_shipped_with_mount(int folder, const char *pool, const char *template, const char *instance);

/* --- pools.c --- */

#define POOLS  "/etc/bulkhead/pools"
#define WANTED "multi-user.target.wants"
#define KEYS   "/var/lib/bulkhead-storage-hand/keys"

struct pool {
        const char *name, *uuid, *system; /* its kind: btrfs, ext4, xfs, cephfs or zfs */
        char options[OPTIONS_SIZE];       /* each behind a comma */
        bool degraded;
};

/* From its file's text, which is taken apart. */
bool pool_read(const char *name, char *text, struct pool *ret_pool);
bool pool_is_btrfs(const struct pool *pool);
/* The name of the device unit of what has that number. */
const char *device_unit(const char *uuid, char ret_name[DEVICE_SIZE]);

/* --- encryption.c --- */

/* Does that pool wait until a person has unlocked it? */
bool waits_locked(const char *pool);

/* What is made; each true when all of it could be. */
bool make_pools(int folder);
bool make_unlocks(int folder);        /* encryption.c */
bool make_exports(int folder);        /* exports.c */
bool make_timers(int folder);         /* timers.c */
bool listen_for_modules(int folder);  /* modules.c */
bool serve_nfs_by_kernel(int folder); /* kernel.c; true also where nothing had to be made */

#endif
