/* Tables that fit. Pure. */
#ifndef BULKHEAD_CLI_TABLE_H
#define BULKHEAD_CLI_TABLE_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>

enum { TABLE_COLUMNS_MAX = 32, TABLE_COLUMN_LEAST = 8 };

struct table {
        size_t columns, rows;
        const char *heads[TABLE_COLUMNS_MAX];
        bool right[TABLE_COLUMNS_MAX]; /* numbers */
        const char **cells;            /* rows * columns; printable UTF-8 without line ends */
};

/* The table as text, a line a row, two blanks between columns, nothing at line ends. width 0: as wide as it takes;
 * otherwise wide columns are cut with an ellipsis, and when that is not enough the last columns are left out.
 * Columns that say nothing in any row ("" or "-") are left out always. */
const char *table_text(struct arena *arena, const struct table *table, size_t width);
/* Columns that text takes on a terminal. */
size_t text_columns(const char *text);

#endif
