/* Schedules, as the other files of the clerk need them. */
#ifndef BULKHEAD_STORAGE_CLERK_SCHEDULES_H
#define BULKHEAD_STORAGE_CLERK_SCHEDULES_H

#include "state/watch.h"
#include "value/keep_rule.h"

#include <stdint.h>

struct schedule {
        const char *name, *pool, *dataset, *every, *at; /* texts live until the next reading */
        struct keep keep;
};

int schedules_prepare(void); /* before the jail; 0 or -errno */
struct topic *schedules_topic(void);
void schedules_read(void);
void schedules_look(void);                               /* each second: is one due? */
const struct schedule *schedule_named(const char *name); /* NULL */
size_t schedule_count(void);
const struct schedule *schedule_at(size_t index);
/* When the hour, day, week or month of a schedule began that now lies in: at the minute, or the time of the day, that
 * it says; weeks begin on Monday. By this machine's time zone. */
int64_t schedule_begin(const char *every, const char *at, int64_t now);

#endif
