/* One deflate stream for the whole process: its memory is taken once.
 * Rights: the front end; none needed. */
#include "http/gzip.h"

#include "base/log.h"
#include "base/mem.h"

#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <zlib.h>

enum { LEVEL = 1, GZIP_WINDOW = 15 + 16 };

char *gzip_whole(const char *bytes, size_t length, size_t *ret_length)
{
        static z_stream stream; /* kept between calls */
        static int state = Z_STREAM_ERROR;
        ASSERT(bytes != NULL && ret_length != NULL);
        if (length > INT_MAX)
                return NULL;
        if (stream.state == NULL)
                state = deflateInit2(&stream, LEVEL, Z_DEFLATED, GZIP_WINDOW, 8, Z_DEFAULT_STRATEGY);
        else
                state = deflateReset(&stream);
        if (state != Z_OK)
                return NULL;
        char *target = mem_new(length, 1);
        stream.next_in = (Bytef *)(uintptr_t)bytes;
        stream.avail_in = (uInt)length;
        stream.next_out = (Bytef *)target;
        stream.avail_out = (uInt)length;
        if (deflate(&stream, Z_FINISH) != Z_STREAM_END) { /* no room: it would not be shorter */
                free(target);
                return NULL;
        }
        *ret_length = length - stream.avail_out;
        return target;
}
