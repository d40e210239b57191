/* What stands in a folder of the hand's, a file each, as the shares clerk has it in memory. */
#ifndef BULKHEAD_SHARES_CLERK_KEPT_H
#define BULKHEAD_SHARES_CLERK_KEPT_H

#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct kept_file {
        struct arena *arena; /* all of it */
        const char *name, *changed_at;
        void *one; /* what it says; NULL: it makes no sense */
        int64_t changed_us;
        ino_t inode;
        bool settled; /* it was read long enough after that */
};

enum { KEPT_TOUCHED_MAX = 16, KEPT_NAME_SIZE = 256 };

struct kept { /* what stands before the files is said by who has it */
        const char *what;
        size_t most, size; /* files; bytes of what one says */
        /* Reads the text, which it takes apart. False: it is none of ours. */
        bool (*read)(const char *name, char *text, const struct kept_file *file, void *ret_one);
        const char *(*title)(const void *one); /* of which there is one each, also in capital letters */
        int folder;
        struct kept_file *files; /* by name */
        size_t file_count;
        const void **list; /* what the good ones say, by title */
        size_t count;
        struct kept *next;                              /* the rest is kept.c's */
        char touched[KEPT_TOUCHED_MAX][KEPT_NAME_SIZE]; /* files that may have changed */
        size_t touched_count;
        bool followed, whole; /* only those are looked at; no, all of them once more */
};

void kept_prepare(struct kept *kept, int folder);
/* A file of that name may have changed in any of the folders; NULL: whatever may have. From the first time on nothing
 * else is looked at. */
void kept_touched(const char *name);
void kept_reload(struct kept *kept); /* reads what has changed */
/* A file as it stands, in the arena; NULL: it cannot be read. */
char *kept_text(const struct kept *kept, const char *file, struct arena *arena);

/* The good one of that title, in whatever letters; NULL: there is none. */
const void *kept_titled(const struct kept *kept, const char *title);

struct kept_page {
        size_t first, count; /* places in the list */
        bool more;           /* behind them */
};
/* Those behind that title (NULL: from the first), so many at most. */
struct kept_page kept_page(const struct kept *kept, const char *behind, size_t most);

#endif
