/* The monitor clerk: its statements and what its parts share. */
#ifndef BULKHEAD_MONITOR_CLERK_H
#define BULKHEAD_MONITOR_CLERK_H

#include "db/db.h"
#include "wire/wire.h"

enum monitor_statement {
        MONITOR_LIST_BY_ID,
        MONITOR_LIST_BY_TIME,
        MONITOR_CHAINS,
        MONITOR_ROWS,
        MONITOR_END,
        MONITOR_CHECKPOINTS,
        MONITOR_ROW,
        MONITOR_PARTITIONS,
        MONITOR_STATEMENTS
};
extern const struct db_statement monitor_statements[MONITOR_STATEMENTS];

void monitor_add(struct db_batch *batch, enum monitor_statement statement, const char *const *values);
/* Looks once, at start. */
int abilities_prepare(void);
/* Answers a call whose statement was not done. */
void monitor_fail(struct call *call, const struct db_done *done);

#endif
