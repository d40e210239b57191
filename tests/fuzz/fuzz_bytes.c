/* Readers of fixed layouts: a program of reads over hostile bytes never leaves them, and being bad is for good.
 * Rights: none. */
#include "base/bytes.h"
#include "base/log.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void in_bounds(const struct reader *reader, const uint8_t *bytes, size_t length)
{
        ASSERT(reader->at >= bytes && reader->at <= bytes + length && reader->end == bytes + length);
}

static void field(const uint8_t *got, size_t got_length, const struct reader *reader, const uint8_t *bytes)
{
        ASSERT(reader->bad ? got == NULL && got_length == 0 : got >= bytes && got + got_length == reader->at);
}

static void step(struct reader *reader, uint8_t kind, const uint8_t *bytes)
{
        uint8_t copy[64];
        const uint8_t *at;
        size_t got;
        memset(copy, 0xaa, sizeof copy);
        switch (kind % 8) {
        case 0:
                (void)reader_u8(reader);
                break;
        case 1:
                (void)reader_u16(reader);
                break;
        case 2:
                (void)reader_u32(reader);
                break;
        case 3:
                ASSERT(reader_u64(reader) == 0 || !reader->bad);
                break;
        case 4:
                reader_copy(reader, copy, kind / 8);
                ASSERT(copy[kind / 8] == 0xaa && (!reader->bad || kind < 8 || copy[0] == 0));
                break;
        case 5:
                at = reader_field(reader, &got);
                field(at, got, reader, bytes);
                break;
        case 6:
                at = reader_field32(reader, &got);
                field(at, got, reader, bytes);
                break;
        default:
                ASSERT(reader_ended(reader) == (!reader->bad && reader->at == reader->end));
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
        if (length < 2)
                return 0;
        size_t program = bytes[0] % 32 < length - 1 ? bytes[0] % 32 : length - 1;
        const uint8_t *data = bytes + 1 + program;
        size_t data_length = length - 1 - program;
        struct reader reader = reader_of(data, data_length);
        for (size_t i = 0; i < program; i++) {
                bool was = reader.bad;
                step(&reader, bytes[1 + i], data);
                ASSERT(!was || reader.bad);
                in_bounds(&reader, data, data_length);
        }
        return 0;
}
