/* What the files of zfs-set share: ZFS's own tool, started and heard. */
#ifndef BULKHEAD_ZFS_SET_TOOL_H
#define BULKHEAD_ZFS_SET_TOOL_H

#include "sys/child.h"

#include <stdbool.h>

enum { WORDS_MAX = 72 };

/* What it complains of is ours. */
#define RUN(...) child_run((const char *const[]){__VA_ARGS__, NULL}, false)
#define ZFS      "/usr/sbin/zfs"
#define MOUNT    "/usr/libexec/bulkhead/zfs-mount"

/* What it says, in the arena; NULL: it failed, and nobody is told why. */
#define HEAR(arena, ...) child_hear((const char *const[]){__VA_ARGS__, NULL}, true, arena)

/* Is there a dataset or a snapshot of that name? */
bool tool_knows(const char *name, struct arena *arena);
/* One property of it; "": there is none. */
const char *tool_property(const char *name, const char *property, struct arena *arena);

/* --- order.c --- */

/* Does what is ordered for the pool, which is written down there; nothing is ordered: 0. */
int order_do(const char *pool, struct arena *arena);

/* --- schedule.c --- */

/* What the standing order of that name says; -EALREADY: it was done not long ago. */
int schedule_do(const char *name, struct arena *arena);

#endif
