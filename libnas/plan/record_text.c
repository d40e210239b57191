/* A text inside a record.
 * Rights: none; pure. */
#include "base/log.h"
#include "plan/record.h"

#include <string.h>

const char *reader_text(struct reader *reader, struct arena *arena, size_t max)
{
        ASSERT(reader && arena);
        size_t length;
        const uint8_t *text = reader_field(reader, &length);
        if (!text || length > max || memchr(text, '\0', length))
                return NULL;
        return arena_text(arena, (const char *)text, length);
}
