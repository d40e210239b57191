/* Bounded reading and writing of the fixed binary layouts (tickets, records, plans, journals,
 * ledger rows). Integers are big-endian. A reader that ran past its end or met a wrong length is
 * "bad" for good and returns zeros; check once, at the end, with reader_ended. */
#ifndef BULKHEAD_BASE_BYTES_H
#define BULKHEAD_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct reader {
        const uint8_t *at, *end;
        bool bad;
};

struct reader reader_of(const void *bytes, size_t length);
uint8_t reader_u8(struct reader *reader);
uint16_t reader_u16(struct reader *reader);
uint32_t reader_u32(struct reader *reader);
uint64_t reader_u64(struct reader *reader);
/* Copies exactly length bytes, or zeroes the target and turns bad. */
void reader_copy(struct reader *reader, void *target, size_t length);
/* A u16 length and that many bytes, pointed to in place. NULL when bad. */
const uint8_t *reader_field(struct reader *reader, size_t *ret_length);
/* The same with a u32 length. */
const uint8_t *reader_field32(struct reader *reader, size_t *ret_length);
/* True when nothing went wrong and every byte was used. */
bool reader_ended(const struct reader *reader);

/* A writer over a caller's buffer; running past its end turns it bad, never writes outside. */
struct writer {
        uint8_t *start, *at, *end;
        bool bad;
};

struct writer writer_of(void *bytes, size_t size);
void writer_u8(struct writer *writer, uint8_t value);
void writer_u16(struct writer *writer, uint16_t value);
void writer_u32(struct writer *writer, uint32_t value);
void writer_u64(struct writer *writer, uint64_t value);
void writer_copy(struct writer *writer, const void *bytes, size_t length);
void writer_field(struct writer *writer, const void *bytes, size_t length);   /* u16 length first */
void writer_field32(struct writer *writer, const void *bytes, size_t length); /* u32 length first */
size_t writer_length(const struct writer *writer);

#endif
