/* The strict look at JSON before json-c sees it. */
#ifndef BULKHEAD_JSON_SCAN_H
#define BULKHEAD_JSON_SCAN_H

#include <stddef.h>

struct scan_result {
        size_t members;     /* of all objects together: fewer in json-c's tree means that one came twice */
        size_t offset;      /* where it went wrong */
        const char *reason; /* NULL: nothing wrong */
};

/* One value, all of the text, within the limits of json.h. Pure. */
struct scan_result scan_json(const char *bytes, size_t length);

#endif
