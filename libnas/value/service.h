/* The data services that Bulkhead runs, in the order of their numbers (from 1), ended by NULL. */
#ifndef BULKHEAD_VALUE_SERVICE_H
#define BULKHEAD_VALUE_SERVICE_H

extern const char *const service_names[];

#endif
