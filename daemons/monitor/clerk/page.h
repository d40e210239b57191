/* Pages of the ledger: what is asked, and where the next page begins. Pure. */
#ifndef BULKHEAD_MONITOR_PAGE_H
#define BULKHEAD_MONITOR_PAGE_H

#include "base/arena.h"
#include "base/failure.h"
#include "nas_monitor.h"

#include <stdbool.h>
#include <stdint.h>

enum { PAGE_VALUES = 9, PAGE_ROWS = 50, PAGE_CURSOR_SIZE = 23 };

struct place { /* the last row of a page */
        int64_t id, at_us;
};

/* In which order the page is cut: by time when a span of time was asked for, else by id. */
bool page_by_time(const struct nas_monitor_list_ledger_in *in);
int64_t page_limit(const struct nas_monitor_list_ledger_in *in);
/* The values of the statement; texts are in the arena. 0, or -1 with FAILURE_INVALID for a cursor that is not ours. */
int page_values(const struct nas_monitor_list_ledger_in *in, struct arena *arena, const char *ret_values[PAGE_VALUES],
                struct failure *failure);

void cursor_write(const struct place *place, bool by_time, char ret_text[PAGE_CURSOR_SIZE]);
int cursor_read(const char *text, bool by_time, struct place *ret_place); /* 0, or -1 (output untouched) */

#endif
