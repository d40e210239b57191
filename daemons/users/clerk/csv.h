/* CSV as RFC 4180 says: commas, optional double quotes, lines ended by CRLF or LF. Pure; fuzzed. */
#ifndef BULKHEAD_USERS_CLERK_CSV_H
#define BULKHEAD_USERS_CLERK_CSV_H

#include "base/arena.h"
#include "base/failure.h"

#include <stddef.h>

enum { CSV_FIELDS_MAX = 16, CSV_ROWS_MAX = 10001 };

struct csv_row {
        size_t line; /* where it begins, from 1 */
        size_t count;
        const char **fields;
};

struct csv_table {
        struct csv_row *rows;
        size_t count;
};

/* Empty lines are left out. 0, or -1 with FAILURE_INVALID of the field "csv" that names the line. */
int csv_parse(struct arena *arena, const char *text, struct csv_table *ret_table, struct failure *failure);

/* One field as it stands in a file: quoted where it must be. */
const char *csv_field(struct arena *arena, const char *text);

#endif
