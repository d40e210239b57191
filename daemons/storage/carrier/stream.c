/* A stream of btrfs': a header, then commands, each with its length, the last of which says that it is the last.
 * One that was cut off between two commands would be taken for whole by who receives it.
 * Rights: the storage carrier; pure. */
#include "daemons/storage/carrier/carrier.h"

#include "base/log.h"

#include <string.h>

enum { COMMAND_END = 21, COMMAND_BYTES_MAX = 64 << 20, ATTRIBUTE_UUID = 1, ATTRIBUTE_BYTES = 4 };
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

static size_t head_bytes(const struct stream *stream)
{
        return stream->begun ? STREAM_COMMAND_BYTES : STREAM_HEAD_BYTES;
}

size_t stream_wanted(const struct stream *stream)
{
        ASSERT(stream);
        return stream->skip > 0 ? stream->skip : head_bytes(stream) - stream->have;
}

void stream_take(struct stream *stream, const uint8_t *bytes, size_t length)
{
        ASSERT(stream && bytes);
        const size_t room = STREAM_FIRST_BYTES - stream->first_length, kept = length < room ? length : room;
        memcpy(stream->first + stream->first_length, bytes, kept);
        stream->first_length += kept;
        while (length > 0 && !stream->wrong) {
                const size_t wanted = stream_wanted(stream), part = wanted < length ? wanted : length;
                if (stream->skip > 0) {
                        stream->skip -= part;
                } else if (stream->ended) {
                        stream->wrong = true; /* something behind the end */
                } else {
                        memcpy(stream->head + stream->have, bytes, part);
                        stream->have += part;
                        if (part == wanted)
                                read_head(stream);
                }
                bytes += part;
                length -= part;
        }
}

size_t stream_unseen(const struct stream *stream)
{
        ASSERT(stream);
        return stream->first_length < STREAM_FIRST_BYTES ? 0 : stream->skip;
}

void stream_passed(struct stream *stream, size_t length)
{
        ASSERT(stream && length <= stream_unseen(stream));
        stream->skip -= length;
}

bool stream_is_whole(const struct stream *stream)
{
        ASSERT(stream);
        return stream->ended && !stream->wrong && stream->skip == 0;
}

/* The first command names the snapshot; of its attributes, each with kind and length, one is the UUID. */
bool stream_uuid(const struct stream *stream, uint8_t ret_uuid[STREAM_UUID_BYTES])
{
        ASSERT(stream && ret_uuid);
        size_t at = STREAM_HEAD_BYTES + STREAM_COMMAND_BYTES;
        while (at + ATTRIBUTE_BYTES + STREAM_UUID_BYTES <= stream->first_length) {
                const uint8_t *head = stream->first + at;
                const size_t kind = head[0] | (size_t)head[1] << 8, length = head[2] | (size_t)head[3] << 8;
                if (kind == ATTRIBUTE_UUID && length == STREAM_UUID_BYTES) {
                        memcpy(ret_uuid, head + ATTRIBUTE_BYTES, STREAM_UUID_BYTES);
                        return true;
                }
                at += ATTRIBUTE_BYTES + length;
        }
        return false;
}
