/* Folders watched for changes, but of names that begin with a dot. Who watches looks again: at everything, or at what
 * was named. */
#ifndef BULKHEAD_SYS_FOLDERS_H
#define BULKHEAD_SYS_FOLDERS_H

#include "sys/loop.h"

#include <stdint.h>

struct folders {
        int fd; /* the rest is folders.c's */
        struct loop *loop;
        struct loop_watch *watch, *later; /* later: NULL while nothing has changed */
        unsigned after_ms;
        loop_tick *changed;
        void (*named)(const char *name, void *context);
        void *context;
};

int folders_open(struct folders *folders); /* before the fences close; 0 or -errno */
/* mask: IN_... of inotify(7). 0, also when there is no such folder, or -errno. */
int folders_add(const struct folders *folders, const char *path, uint32_t mask);
/* Tells of changes as long as the loop runs: of many in one go once, that long after the first. */
void folders_watch(struct folders *folders, struct loop *loop, unsigned after_ms, loop_tick *changed, void *context);
/* Before that: also says which names changed, each as soon as it is read; NULL: any may have. */
void folders_name(struct folders *folders, void (*named)(const char *name, void *context));
/* Names now what has changed until now, which a change that somebody tells of in another way may be part of. */
void folders_read(struct folders *folders);

#endif
