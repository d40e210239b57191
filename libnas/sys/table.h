/* A small table: rows of one size, all in memory, kept in one file that is replaced whole. For what only one process
 * reads and writes; the rows are in this machine's byte order, for the file never leaves it. */
#ifndef BULKHEAD_SYS_TABLE_H
#define BULKHEAD_SYS_TABLE_H

#include "base/failure.h"

#include <stddef.h>
#include <stdint.h>

struct table_row { /* what every row begins with */
        uint64_t id;
        uint32_t owner, spare;
};

struct table {
        int directory;
        const char *file;
        size_t row_bytes, max; /* so far filled in by the caller */
        size_t count;
        uint8_t *rows;
};

/* Reads the file; none is an empty table. 0 or -errno; -EBADMSG: it is damaged or of another version. */
int table_open(struct table *table);
void table_close(struct table *table); /* wipes */
void *table_at(const struct table *table, size_t index);
void *table_find(const struct table *table, uint64_t id);          /* NULL: none */
void *table_add(struct table *table, uint64_t id, uint32_t owner); /* zeroed; NULL: full. The id must be new */
void table_remove(struct table *table, uint64_t id);               /* pointers to rows hold no longer */
void table_remove_owner(struct table *table, uint32_t owner);
/* 0, or -1 with FAILURE_UNAVAILABLE; then memory is again as the file is, if it can be read. */
int table_save(struct table *table, struct failure *failure);

#endif
