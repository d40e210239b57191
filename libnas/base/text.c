/* UTF-8, hex, base64url, and text made safe to print.
 * Rights: every process; none needed. */
#include "base/text.h"

#include "base/log.h"

#include <string.h>

/* Decodes one character; its length in bytes, or 0 when it is not well-formed. */
static size_t decode(const unsigned char *at, size_t left, uint32_t *ret_character)
{
        static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
        size_t length = at[0] < 0x80             ? 1
                        : (at[0] & 0xe0) == 0xc0 ? 2
                        : (at[0] & 0xf0) == 0xe0 ? 3
                        : (at[0] & 0xf8) == 0xf0 ? 4
                                                 : 0;
        if (length == 0 || length > left)
                return 0;
        uint32_t character = length == 1 ? at[0] : at[0] & (0xffu >> (length + 1));
        for (size_t i = 1; i < length; i++) {
                if ((at[i] & 0xc0) != 0x80)
                        return 0;
                character = character << 6 | (at[i] & 0x3f);
        }
        if (character < least[length] || character > 0x10ffff || (character >= 0xd800 && character <= 0xdfff))
                return 0;
        *ret_character = character;
        return length;
}

bool text_utf8_valid(const char *text, size_t length)
{
        const unsigned char *at = (const unsigned char *)text, *end = at + length;
        uint32_t character;
        while (at < end) {
                if (*at < 0x80) { /* most of all text */
                        at++;
                        continue;
                }
                size_t step = decode(at, (size_t)(end - at), &character);
                if (step == 0)
                        return false;
                at += step;
        }
        return true;
}

/* Control characters, and those that change the direction or hide what is around them. */
static bool hides(uint32_t character)
{
        return character < 0x20 || (character >= 0x7f && character < 0xa0) || character == 0x200b ||
               character == 0x200e || character == 0x200f || (character >= 0x2028 && character <= 0x202e) ||
               (character >= 0x2066 && character <= 0x2069) || character == 0x61c || character == 0xfeff;
}

bool text_printable(const char *text, size_t length)
{
        const unsigned char *at = (const unsigned char *)text, *end = at + length;
        uint32_t character;
        while (at < end) {
                size_t step = decode(at, (size_t)(end - at), &character);
                if (step == 0 || hides(character))
                        return false;
                at += step;
        }
        return true;
}

static const char hex_digits[] = "0123456789abcdef";

bool text_latin1(const char *text, char *target, size_t size)
{
        ASSERT(text && target && size > 0);
        const uint8_t *at = (const uint8_t *)text;
        for (; *at != '\0' && size > 1; size--) {
                bool two = (at[0] == 0xc2 || at[0] == 0xc3) && (at[1] & 0xc0) == 0x80;
                if (*at >= 0x80 && !two)
                        return false;
                *target++ = (char)(two ? at[0] << 6 | (at[1] & 0x3f) : at[0]);
                at += two ? 2 : 1;
        }
        *target = '\0';
        return *at == '\0';
}

void text_hex(const void *bytes, size_t length, char *target)
{
        const uint8_t *from = bytes;
        for (size_t i = 0; i < length; i++) {
                *target++ = hex_digits[from[i] >> 4];
                *target++ = hex_digits[from[i] & 15];
        }
        *target = '\0';
}

/* 16 when it is no digit. */
static unsigned hex_value(char digit)
{
        const char *at = digit == '\0' ? NULL : strchr(hex_digits, digit);
        return at == NULL ? 16 : (unsigned)(at - hex_digits);
}

int text_unhex(const char *text, size_t text_length, void *target, size_t length)
{
        if (text_length != 2 * length)
                return -1;
        for (size_t i = 0; i < text_length; i++)
                if (hex_value(text[i]) > 15)
                        return -1;
        uint8_t *to = target;
        for (size_t i = 0; i < length; i++)
                to[i] = (uint8_t)(hex_value(text[2 * i]) << 4 | hex_value(text[2 * i + 1]));
        return 0;
}

static const char base64_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void text_base64(const void *bytes, size_t length, char *target)
{
        const uint8_t *from = bytes;
        uint32_t bits = 0;
        unsigned have = 0;
        for (size_t i = 0; i < length; i++) {
                bits = bits << 8 | from[i];
                for (have += 8; have >= 6; have -= 6)
                        *target++ = base64_digits[bits >> (have - 6) & 63];
        }
        if (have != 0)
                *target++ = base64_digits[bits << (6 - have) & 63];
        *target = '\0';
}

static int base64_value(char digit)
{
        if (digit >= 'A' && digit <= 'Z')
                return digit - 'A';
        if (digit >= 'a' && digit <= 'z')
                return digit - 'a' + 26;
        if (digit >= '0' && digit <= '9')
                return digit - '0' + 52;
        return digit == '-' ? 62 : digit == '_' ? 63 : -1;
}

long text_unbase64(const char *text, size_t text_length, void *target, size_t size)
{
        if (text_length % 4 == 1 || text_length / 4 * 3 + (text_length % 4 * 3) / 4 > size)
                return -1;
        uint8_t *to = target;
        uint32_t bits = 0;
        unsigned have = 0;
        for (size_t i = 0; i < text_length; i++) {
                int value = base64_value(text[i]);
                if (value < 0)
                        return -1;
                bits = bits << 6 | (uint32_t)value;
                have += 6;
                if (have >= 8) {
                        have -= 8;
                        *to++ = (uint8_t)(bits >> have);
                }
        }
        /* The bits left over must be zero: one value has one text. */
        if ((bits & ((1u << have) - 1)) != 0)
                return -1;
        return to - (uint8_t *)target;
}

void text_escape(const char *text, size_t length, char *target, size_t size)
{
        ASSERT(size != 0);
        const unsigned char *at = (const unsigned char *)text, *end = at + length;
        char *to = target, *last = target + size - 1;
        while (at < end) {
                uint32_t character;
                if (*at >= 0x20 && *at < 0x7f && to < last) { /* most of all text */
                        *to++ = (char)*at++;
                        continue;
                }
                size_t step = decode(at, (size_t)(end - at), &character);
                bool plain = step != 0 && !hides(character);
                size_t bytes = step == 0 ? 1 : step;
                if ((size_t)(last - to) < (plain ? bytes : 4 * bytes))
                        break;
                for (size_t i = 0; i < bytes; i++) {
                        if (plain) {
                                *to++ = (char)at[i];
                                continue;
                        }
                        *to++ = '\\';
                        *to++ = 'x';
                        *to++ = hex_digits[at[i] >> 4];
                        *to++ = hex_digits[at[i] & 15];
                }
                at += bytes;
        }
        *to = '\0';
}
