/* Compression, where it pays: the only door to zlib. */
#ifndef BULKHEAD_HTTP_GZIP_H
#define BULKHEAD_HTTP_GZIP_H

#include <stddef.h>

enum { GZIP_PAYS = 1024 }; /* bytes; below that it costs more than it saves */

/* Malloced, *ret_length bytes; NULL when it would not be shorter. One stream is kept for the whole process. */
char *gzip_whole(const char *bytes, size_t length, size_t *ret_length);

#endif
