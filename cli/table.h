/* Tables that fit. Pure. */
#ifndef BULKHEAD_CLI_TABLE_H
#define BULKHEAD_CLI_TABLE_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>

enum { TABLE_COLUMNS_MAX = 32, TABLE_COLUMN_LEAST = 8, TABLE_LONG_WORD = 30 };

struct table {
        size_t columns, rows;
        const char *heads[TABLE_COLUMNS_MAX];
        bool right[TABLE_COLUMNS_MAX]; /* numbers */
        bool whole[TABLE_COLUMNS_MAX]; /* never cut: half a number or date says something else */
        const char **cells;            /* rows * columns; printable UTF-8 without line ends */
};

/* The table as text, a line a row, two blanks between columns, nothing at line ends. Columns that say nothing in any
 * row
 * ("" or "-") are left out. width 0: as wide as it takes. Otherwise, until it fits: columns of long single words
 * (hashes, identifiers) are left out, then those that say the same in every row, then wide ones are cut with an
 * ellipsis, then the last ones are left out. The first column stays. */
const char *table_text(struct arena *arena, const struct table *table, size_t width);
/* Columns that text takes on a terminal. */
size_t text_columns(const char *text);

#endif
