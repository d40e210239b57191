/* A stream of btrfs': a header, then commands, each with its length, the last of which says that it is the last.
 * One that was cut off between two commands would be taken for whole by who receives it.
 * Rights: the storage carrier; pure. */
#include "daemons/storage/carrier/carrier.h"

#include "base/log.h"

#include <string.h>

enum { COMMAND_END = 21, COMMAND_BYTES_MAX = 64 << 20 };
static const char magic[] = "btrfs-stream"; /* with its NUL */

static uint32_t number_at(const uint8_t *bytes)
{
        return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static void read_head(struct stream *stream)
{
        stream->have = 0;
        if (!stream->begun) {
                stream->begun = true;
                stream->wrong = memcmp(stream->head, magic, sizeof(magic)) != 0;
                return;
        }
        stream->skip = number_at(stream->head);
        stream->ended = (stream->head[4] | stream->head[5] << 8) == COMMAND_END;
        stream->wrong = stream->skip > COMMAND_BYTES_MAX;
}

void stream_take(struct stream *stream, const uint8_t *bytes, size_t length)
{
        ASSERT(stream && bytes);
        while (length > 0 && !stream->wrong) {
                size_t part = stream->skip < length ? stream->skip : length;
                if (part > 0) {
                        stream->skip -= part;
                } else if (stream->ended) {
                        stream->wrong = true; /* something behind the end */
                } else {
                        size_t wanted =
                                (stream->begun ? STREAM_COMMAND_BYTES : STREAM_HEAD_BYTES) - (size_t)stream->have;
                        part = wanted < length ? wanted : length;
                        memcpy(stream->head + stream->have, bytes, part);
                        stream->have += part;
                        if (part == wanted)
                                read_head(stream);
                }
                bytes += part;
                length -= part;
        }
}

bool stream_is_whole(const struct stream *stream)
{
        ASSERT(stream);
        return stream->ended && !stream->wrong && stream->skip == 0;
}
