/* Bounded readers and writers of fixed layouts.
 * Rights: every process; none needed. */
#include "base/bytes.h"

#include "base/log.h"

#include <string.h>

struct reader reader_of(const void *bytes, size_t length)
{
        ASSERT(bytes != NULL || length == 0);
        return (struct reader){.at = bytes, .end = length == 0 ? bytes : (const uint8_t *)bytes + length};
}

/* The next length bytes, or NULL and bad for good. */
static const uint8_t *take(struct reader *reader, size_t length)
{
        if (reader->bad || (size_t)(reader->end - reader->at) < length) {
                reader->bad = true;
                return NULL;
        }
        const uint8_t *bytes = reader->at;
        if (length != 0)
                reader->at += length;
        return bytes;
}

static uint64_t number(struct reader *reader, size_t width)
{
        const uint8_t *bytes = take(reader, width);
        uint64_t value = 0;
        for (size_t i = 0; bytes != NULL && i < width; i++)
                value = value << 8 | bytes[i];
        return value;
}

uint8_t reader_u8(struct reader *reader)
{
        return (uint8_t)number(reader, 1);
}

uint16_t reader_u16(struct reader *reader)
{
        return (uint16_t)number(reader, 2);
}

uint32_t reader_u32(struct reader *reader)
{
        return (uint32_t)number(reader, 4);
}

uint64_t reader_u64(struct reader *reader)
{
        return number(reader, 8);
}

void reader_copy(struct reader *reader, void *target, size_t length)
{
        const uint8_t *bytes = take(reader, length);
        if (length == 0)
                return;
        if (bytes != NULL)
                memcpy(target, bytes, length);
        else
                memset(target, 0, length);
}

static const uint8_t *field(struct reader *reader, size_t length, size_t *ret_length)
{
        const uint8_t *bytes = take(reader, length);
        *ret_length = reader->bad ? 0 : length;
        return reader->bad ? NULL : bytes;
}

const uint8_t *reader_field(struct reader *reader, size_t *ret_length)
{
        uint16_t length = reader_u16(reader);
        return field(reader, length, ret_length);
}

const uint8_t *reader_field32(struct reader *reader, size_t *ret_length)
{
        uint32_t length = reader_u32(reader);
        return field(reader, length, ret_length);
}

bool reader_ended(const struct reader *reader)
{
        return !reader->bad && reader->at == reader->end;
}

struct writer writer_of(void *bytes, size_t size)
{
        ASSERT(bytes != NULL);
        return (struct writer){.start = bytes, .at = bytes, .end = (uint8_t *)bytes + size};
}

void writer_copy(struct writer *writer, const void *bytes, size_t length)
{
        if (writer->bad || (size_t)(writer->end - writer->at) < length) {
                writer->bad = true;
                return;
        }
        if (length != 0)
                memcpy(writer->at, bytes, length);
        writer->at += length;
}

static void put(struct writer *writer, uint64_t value, size_t width)
{
        uint8_t bytes[8];
        for (size_t i = 0; i < width; i++)
                bytes[i] = (uint8_t)(value >> 8 * (width - 1 - i));
        writer_copy(writer, bytes, width);
}

void writer_u8(struct writer *writer, uint8_t value)
{
        put(writer, value, 1);
}

void writer_u16(struct writer *writer, uint16_t value)
{
        put(writer, value, 2);
}

void writer_u32(struct writer *writer, uint32_t value)
{
        put(writer, value, 4);
}

void writer_u64(struct writer *writer, uint64_t value)
{
        put(writer, value, 8);
}

void writer_field(struct writer *writer, const void *bytes, size_t length)
{
        if (length > UINT16_MAX)
                writer->bad = true;
        writer_u16(writer, (uint16_t)length);
        writer_copy(writer, bytes, length);
}

void writer_field32(struct writer *writer, const void *bytes, size_t length)
{
        if (length > UINT32_MAX)
                writer->bad = true;
        writer_u32(writer, (uint32_t)length);
        writer_copy(writer, bytes, length);
}

size_t writer_length(const struct writer *writer)
{
        return (size_t)(writer->at - writer->start);
}
