/* The body's framing: a length, or chunks.
 * Rights: the front end; none needed. */
#include "http/body.h"

#include "base/log.h"
#include "http/parts.h"

#include <string.h>

enum { EXTRA_MAX = 4096, SIZE_DIGITS_MAX = 15 };

enum state {            /* of chunks: what comes next */
             SIZE,      /* hex digits */
             EXTENSION, /* what follows ";" */
             SIZE_LF,
             DATA,
             DATA_CR,
             DATA_LF,
             TRAILER,      /* the beginning of a line after the last chunk */
             TRAILER_NAME, /* until its colon: a request that follows too early is no trailer */
             TRAILER_VALUE,
             TRAILER_LF,
             LAST_LF,
};

void http_body_begin(struct http_body *body, const struct http_head *head)
{
        *body = (struct http_body){
                .left = head->length, .chunked = head->chunked, .done = !head->chunked && head->length == 0};
}

static size_t take_payload(struct http_body *body, const char *bytes, size_t length, struct http_text *payload)
{
        size_t taken = length < body->left ? length : (size_t)body->left;
        *payload = (struct http_text){bytes, taken};
        body->left -= taken;
        body->total += taken;
        return taken;
}

/* Extensions may not outweigh the payload for long: else a body of one byte could take a gigabyte. */
static int after_size(struct http_body *body)
{
        body->state = body->left == 0 ? TRAILER : DATA;
        body->extra -= body->extra < body->left ? body->extra : (unsigned)body->left;
        body->digits = 0;
        return 0;
}

static int size_byte(struct http_body *body, char byte)
{
        if (http_is(byte, CLASS_HEX)) {
                if (++body->digits > SIZE_DIGITS_MAX)
                        return -1;
                body->left = body->left << 4 | (uint64_t)http_hex(byte);
                return 0;
        }
        if (body->digits == 0 || (byte != '\r' && byte != ';'))
                return -1;
        body->state = byte == '\r' ? SIZE_LF : EXTENSION;
        return 0;
}

/* A line that is dropped: all of them together are limited. */
static int line_byte(struct http_body *body, char byte, enum state at_end)
{
        if (byte == '\r') {
                body->state = at_end;
                return 0;
        }
        return ++body->extra > EXTRA_MAX || !http_is(byte, CLASS_VALUE) ? -1 : 0;
}

static int trailer_begins(struct http_body *body, char byte)
{
        if (byte == '\r') {
                body->state = LAST_LF;
                return 0;
        }
        body->state = TRAILER_NAME;
        return http_is(byte, CLASS_TOKEN) ? line_byte(body, byte, TRAILER_LF) : -1;
}

static int trailer_name(struct http_body *body, char byte)
{
        if (byte == ':')
                body->state = TRAILER_VALUE;
        return byte == ':' || http_is(byte, CLASS_TOKEN) ? line_byte(body, byte, TRAILER_LF) : -1;
}

static int expect(struct http_body *body, char byte, char wanted, enum state next)
{
        body->state = next;
        return byte == wanted ? 0 : -1;
}

/* One byte of framing. 0 or -1. */
static int frame_byte(struct http_body *body, char byte)
{
        switch ((enum state)body->state) {
        case SIZE:
                return size_byte(body, byte);
        case EXTENSION:
                return line_byte(body, byte, SIZE_LF);
        case SIZE_LF:
                return byte == '\n' ? after_size(body) : -1;
        case DATA_CR:
                return expect(body, byte, '\r', DATA_LF);
        case DATA_LF:
                return expect(body, byte, '\n', SIZE);
        case TRAILER:
                return trailer_begins(body, byte);
        case TRAILER_NAME:
                return trailer_name(body, byte);
        case TRAILER_VALUE:
                return line_byte(body, byte, TRAILER_LF);
        case TRAILER_LF:
                return expect(body, byte, '\n', TRAILER);
        case LAST_LF:
                body->done = true;
                return byte == '\n' ? 0 : -1;
        case DATA:
        default:
                return -1;
        }
}

ssize_t http_body_take(struct http_body *body, const char *bytes, size_t length, const char **ret_payload,
                       size_t *ret_payload_length)
{
        ASSERT(!body->done);
        struct http_text payload = {bytes, 0};
        size_t used = 0;
        if (!body->chunked) {
                used = take_payload(body, bytes, length, &payload);
                body->done = body->left == 0;
        }
        while (body->chunked && used < length && !body->done && payload.length == 0) {
                if (body->state == DATA) {
                        used += take_payload(body, bytes + used, length - used, &payload);
                        if (body->left == 0)
                                body->state = DATA_CR;
                } else if (frame_byte(body, bytes[used++]) != 0) {
                        return -1;
                }
        }
        *ret_payload = payload.bytes;
        *ret_payload_length = payload.length;
        return (ssize_t)used;
}
