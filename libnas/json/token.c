/* The texts and numbers of JSON, read exactly: no NUL, no half character, no integer that a double cannot hold.
 * Rights: every process that reads JSON; none needed. */
#include "json/parts.h"

#include "base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER_BYTES_MAX = 128 };

bool cursor_wrong(struct cursor *cursor, const char *reason)
{
        if (cursor->reason == NULL)
                cursor->reason = reason;
        return false;
}

bool cursor_next_is(struct cursor *cursor, char wanted)
{
        if (cursor->at == cursor->end || *cursor->at != wanted)
                return false;
        cursor->at++;
        return true;
}

static bool hex4(struct cursor *cursor, uint32_t *ret_unit)
{
        if (cursor->end - cursor->at < 4)
                return false;
        uint32_t unit = 0;
        for (int i = 0; i < 4; i++) {
                char c = *cursor->at++;
                unsigned digit = c >= '0' && c <= '9'   ? (unsigned)(c - '0')
                                 : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10)
                                 : c >= 'A' && c <= 'F' ? (unsigned)(c - 'A' + 10)
                                                        : 16;
                if (digit == 16)
                        return false;
                unit = unit << 4 | digit;
        }
        *ret_unit = unit;
        return true;
}

/* At most as many bytes as the escape had. */
static char *put_character(char *to, uint32_t character)
{
        if (character < 0x80) {
                *to++ = (char)character;
        } else if (character < 0x800) {
                *to++ = (char)(0xc0 | character >> 6);
                *to++ = (char)(0x80 | (character & 0x3f));
        } else if (character < 0x10000) {
                *to++ = (char)(0xe0 | character >> 12);
                *to++ = (char)(0x80 | (character >> 6 & 0x3f));
                *to++ = (char)(0x80 | (character & 0x3f));
        } else {
                *to++ = (char)(0xf0 | character >> 18);
                *to++ = (char)(0x80 | (character >> 12 & 0x3f));
                *to++ = (char)(0x80 | (character >> 6 & 0x3f));
                *to++ = (char)(0x80 | (character & 0x3f));
        }
        return to;
}

/* After "\u". A NUL would cut the text short in C; half a surrogate pair is no character. */
static bool unicode_escape(struct cursor *cursor, char **to)
{
        uint32_t unit, low;
        if (!hex4(cursor, &unit))
                return cursor_wrong(cursor, "an escape without four hexadecimal digits");
        if (unit == 0)
                return cursor_wrong(cursor, "a NUL inside a text");
        if (unit >= 0xd800 && unit <= 0xdfff) {
                if (unit > 0xdbff || !cursor_next_is(cursor, '\\') || !cursor_next_is(cursor, 'u') ||
                    !hex4(cursor, &low) || low < 0xdc00 || low > 0xdfff)
                        return cursor_wrong(cursor, "half a surrogate pair");
                unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
        }
        *to = put_character(*to, unit);
        return true;
}

static bool escape(struct cursor *cursor, char **to)
{
        static const char shorts[] = "\"\"\\\\//b\bf\fn\nr\rt\t";
        if (cursor->at == cursor->end)
                return cursor_wrong(cursor, "a text that ends in a backslash");
        char kind = *cursor->at++;
        if (kind == 'u')
                return unicode_escape(cursor, to);
        for (size_t i = 0; i + 1 < sizeof shorts; i += 2)
                if (shorts[i] == kind) {
                        *(*to)++ = shorts[i + 1];
                        return true;
                }
        return cursor_wrong(cursor, "an unknown escape");
}

/* Eight bytes at once: the high bit of each that is below 0x20, a quotation mark or a backslash, or has its own high
 * bit set (a false alarm behind a true one does no harm: who looks goes on byte by byte). */
static uint64_t not_plain(uint64_t word)
{
        const uint64_t ones = UINT64_C(0x0101010101010101);
        uint64_t quote = word ^ ones * '"', slash = word ^ ones * '\\';
        return ((word - ones * 0x20) | (quote - ones) | (slash - ones) | word) & ones * 0x80;
}

/* The plain bytes from at on; *ret_all is the sum of their bits, so that ASCII is known at a glance. */
static const char *plain(const char *at, const char *end, unsigned char *ret_all)
{
        unsigned char all = *ret_all;
        for (uint64_t word; end - at >= (ptrdiff_t)sizeof word; at += sizeof word) {
                memcpy(&word, at, sizeof word);
                if (not_plain(word) != 0)
                        break;
        }
        for (; at < end; at++) {
                unsigned char c = (unsigned char)*at;
                if (c < 0x20 || c == '"' || c == '\\')
                        break;
                all |= c;
        }
        *ret_all = all;
        return at;
}

/* Where the closing quotation mark is; an unescaped text is never longer than it was. NULL: there is none. */
static const char *closing(const char *at, const char *end)
{
        while (at < end && *at != '"')
                at += *at == '\\' ? 2 : 1;
        return at < end ? at : NULL;
}

static bool unescape(struct cursor *cursor, char *to, const char *close, char **ret_end)
{
        unsigned char all = 0;
        while (cursor->at < close) {
                const char *from = cursor->at;
                cursor->at = plain(from, close, &all);
                memcpy(to, from, (size_t)(cursor->at - from));
                to += cursor->at - from;
                if (cursor->at == close)
                        break;
                if (!cursor_next_is(cursor, '\\'))
                        return cursor_wrong(cursor, "a control character inside a text");
                if (!escape(cursor, &to))
                        return false;
        }
        *ret_end = to;
        return cursor_next_is(cursor, '"') || cursor_wrong(cursor, "a text without its end");
}

static bool escaped_text(struct cursor *cursor, const char **ret_text, size_t *ret_length)
{
        const char *close = closing(cursor->at, cursor->end);
        char *end;
        if (close == NULL)
                return cursor_wrong(cursor, "a text without its end");
        char *text = arena_alloc(cursor->arena, (size_t)(close - cursor->at) + 1);
        if (!unescape(cursor, text, close, &end))
                return false;
        *ret_text = text;
        *ret_length = (size_t)(end - text);
        return text_utf8_valid(text, *ret_length) || cursor_wrong(cursor, "a text that is not UTF-8");
}

bool token_text(struct cursor *cursor, const char **ret_text, size_t *ret_length)
{
        unsigned char all = 0;
        if (!cursor_next_is(cursor, '"'))
                return cursor_wrong(cursor, "something that is no text where one must be");
        const char *from = cursor->at, *to = plain(from, cursor->end, &all);
        if (to == cursor->end || *to != '"')
                return escaped_text(cursor, ret_text, ret_length);
        *ret_length = (size_t)(to - from);
        *ret_text = arena_text(cursor->arena, from, *ret_length);
        cursor->at = to + 1;
        return all < 0x80 || text_utf8_valid(from, *ret_length) || cursor_wrong(cursor, "a text that is not UTF-8");
}

static bool digits(struct cursor *cursor)
{
        const char *from = cursor->at;
        while (cursor->at < cursor->end && *cursor->at >= '0' && *cursor->at <= '9')
                cursor->at++;
        return cursor->at != from;
}

/* Point and exponent; *ret_whole is false when there is one. */
static bool fraction(struct cursor *cursor, bool *ret_whole)
{
        *ret_whole = true;
        if (cursor_next_is(cursor, '.')) {
                *ret_whole = false;
                if (!digits(cursor))
                        return cursor_wrong(cursor, "a number without digits after its point");
        }
        if (cursor_next_is(cursor, 'e') || cursor_next_is(cursor, 'E')) {
                *ret_whole = false;
                if (!cursor_next_is(cursor, '+'))
                        (void)cursor_next_is(cursor, '-');
                if (!digits(cursor))
                        return cursor_wrong(cursor, "a number without digits in its exponent");
        }
        return true;
}

static bool integer(struct cursor *cursor, const char *from, const char *first_digit, struct json *ret_value)
{
        int64_t value = 0;
        if (cursor->at - first_digit > 16)
                return cursor_wrong(cursor, "an integer beyond 9007199254740991");
        for (const char *at = first_digit; at < cursor->at; at++)
                value = value * 10 + (*at - '0');
        if (value > JSON_INTEGER_MAX)
                return cursor_wrong(cursor, "an integer beyond 9007199254740991");
        ret_value->kind = JSON_INTEGER;
        ret_value->integer = *from == '-' ? -value : value;
        return true;
}

bool token_number(struct cursor *cursor, struct json *ret_value)
{
        const char *from = cursor->at;
        (void)cursor_next_is(cursor, '-');
        const char *first_digit = cursor->at;
        bool whole;
        if (!digits(cursor))
                return cursor_wrong(cursor, "something that is no value");
        if (*first_digit == '0' && cursor->at - first_digit > 1)
                return cursor_wrong(cursor, "a number with a leading zero");
        if (!fraction(cursor, &whole))
                return false;
        if (whole)
                return integer(cursor, from, first_digit, ret_value);
        char copy[NUMBER_BYTES_MAX + 1] = "";
        size_t length = (size_t)(cursor->at - from);
        if (length > NUMBER_BYTES_MAX)
                return cursor_wrong(cursor, "a number of more than 128 bytes");
        memcpy(copy, from, length);
        ret_value->kind = JSON_NUMBER;
        ret_value->number = strtod(copy, NULL);
        return isfinite(ret_value->number) || cursor_wrong(cursor, "a number that is too large");
}
