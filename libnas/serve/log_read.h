/* What units said: the system's journal, newest first, a page at a time. */
#ifndef BULKHEAD_SERVE_LOG_READ_H
#define BULKHEAD_SERVE_LOG_READ_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LOG_TEXT_MAX = 2048 };

struct log_line {
        int64_t at_us;
        int priority;
        uint32_t pid;
        const char *program, *text; /* printable: whoever wrote it */
};

struct log_page {
        struct log_line *lines;
        size_t count;
        const char *next; /* NULL: that was all */
};

/* What that unit said, and PID 1 of it, before the cursor (NULL: until now), at most limit lines. 0, -EINVAL (the
 * cursor is none), or -errno. */
int log_read(struct arena *arena, const char *unit, const char *cursor, size_t limit, struct log_page *ret_page);

/* One entry as it was said: hostile bytes, gone when it returns. True: it is one of those wanted. */
typedef bool log_seen(int64_t at_us, const char *text, size_t length, void *context);

struct log_search {
        /* Only what that program of that unit said over syslog in the journal that the unit has for its own. Nobody
         * else may write there: the kernel vouches for the unit as long as who said it is there, and after that the
         * socket's mode. */
        const char *journal, *unit, *program;
        const char *cursor;  /* before it; NULL: until now */
        size_t limit, looks; /* so many are wanted; so many are looked at in one go */
        log_seen *seen;
        void *context;
};

/* Newest first. next: where to go on; NULL: that was all. 0, -EINVAL (the cursor is none), or -errno. */
int log_search(struct arena *arena, const struct log_search *search, const char **ret_next);

#endif
