/* Moments as numbers. */
#ifndef BULKHEAD_VALUE_TIMESTAMP_H
#define BULKHEAD_VALUE_TIMESTAMP_H

#include <stdint.h>

/* Seconds since 1970 of a valid timestamp; fractions are cut off. */
int64_t timestamp_read(const char *text);

#endif
