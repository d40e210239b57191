/* A growing buffer that is filled behind and emptied in front.
 * Rights: clerks and the front end; none needed. */
#include "base/crypto.h"
#include "base/log.h"
#include "base/mem.h"
#include "wire/parts.h"

#include <stdlib.h>
#include <string.h>

/* Emptied, a buffer beyond KEPT_BYTES is given back: one large message is no reason to stay large. */
enum { FIRST_BYTES = 4096, KEPT_BYTES = 64 * 1024 };

char *buffer_room(struct buffer *buffer, size_t length)
{
        if (buffer->start != 0 && buffer->start == buffer->end)
                buffer->start = buffer->end = 0;
        if (buffer->size - buffer->end >= length)
                return buffer->bytes + buffer->end;
        size_t have = buffer->end - buffer->start, size = buffer->size == 0 ? FIRST_BYTES : buffer->size;
        if (size - have >= length && buffer->size != 0) {
                memmove(buffer->bytes, buffer->bytes + buffer->start, have);
                buffer->start = 0;
                buffer->end = have;
                return buffer->bytes + have;
        }
        while (size - have < length)
                size *= 2;
        char *bytes = mem_grow(NULL, size, 1);
        if (have != 0)
                memcpy(bytes, buffer->bytes + buffer->start, have);
        buffer_free(buffer);
        *buffer = (struct buffer){.bytes = bytes, .end = have, .size = size};
        return bytes + have;
}

void buffer_put(struct buffer *buffer, const char *bytes, size_t length)
{
        if (length == 0)
                return;
        memcpy(buffer_room(buffer, length), bytes, length);
        buffer->end += length;
}

void buffer_took(struct buffer *buffer, size_t length)
{
        ASSERT(length <= buffer->end - buffer->start);
        if (length != 0)
                crypto_wipe(buffer->bytes + buffer->start, length);
        buffer->start += length;
        if (buffer->start == buffer->end && buffer->size > KEPT_BYTES)
                buffer_free(buffer);
}

void buffer_free(struct buffer *buffer)
{
        if (buffer->bytes != NULL)
                crypto_wipe(buffer->bytes, buffer->end);
        free(buffer->bytes);
        *buffer = (struct buffer){0};
}
