/* Which bytes may stand where, as one table.
 * Rights: the front end; none needed. */
#include "base/log.h"
#include "http/parts.h"

#define T CLASS_TOKEN
#define V CLASS_VALUE
#define U CLASS_TARGET
#define H CLASS_HOST
#define D (CLASS_DIGIT | CLASS_HEX)
#define X CLASS_HEX

const unsigned char http_classes[256] = {
        ['\t'] = V | CLASS_BLANK,
        [' '] = V | CLASS_BLANK,
        ['!'] = T | V | U,
        ['"'] = V,
        ['#'] = T | V,
        ['$'] = T | V | U,
        ['%'] = T | V | U,
        ['&'] = T | V | U,
        ['\''] = T | V | U,
        ['('] = V | U,
        [')'] = V | U,
        ['*'] = T | V | U,
        ['+'] = T | V | U,
        [','] = V | U,
        ['-'] = T | V | U | H,
        ['.'] = T | V | U | H,
        ['/'] = V | U,
        ['0' ... '9'] = T | V | U | H | D,
        [':'] = V | U,
        [';'] = V | U,
        ['<'] = V,
        ['='] = V | U,
        ['>'] = V,
        ['?'] = V | U,
        ['@'] = V | U,
        ['A' ... 'F'] = T | V | U | H | X,
        ['G' ... 'Z'] = T | V | U | H,
        ['['] = V,
        ['\\'] = V,
        [']'] = V,
        ['^'] = T | V,
        ['_'] = T | V | U | H,
        ['`'] = T | V,
        ['a' ... 'f'] = T | V | U | H | X,
        ['g' ... 'z'] = T | V | U | H,
        ['{'] = V,
        ['|'] = T | V,
        ['}'] = V,
        ['~'] = T | V | U,
        [128 ... 255] = V,
};

bool http_all(struct http_text text, enum http_class class)
{
        for (size_t i = 0; i < text.length; i++)
                if (!http_is(text.bytes[i], class))
                        return false;
        return text.length != 0;
}

struct http_text http_trim(const char *from, const char *to)
{
        while (from < to && http_is(*from, CLASS_BLANK))
                from++;
        while (to > from && http_is(to[-1], CLASS_BLANK))
                to--;
        return (struct http_text){from, (size_t)(to - from)};
}

int http_hex(char byte)
{
        ASSERT(http_is(byte, CLASS_HEX));
        return byte <= '9' ? byte - '0' : (byte | 0x20) - 'a' + 10;
}

bool http_number(struct http_text text, uint64_t *ret_number)
{
        uint64_t number = 0;
        for (size_t i = 0; i < text.length; i++)
                if (!http_is(text.bytes[i], CLASS_DIGIT) || __builtin_mul_overflow(number, 10, &number) ||
                    __builtin_add_overflow(number, (uint64_t)(text.bytes[i] - '0'), &number))
                        return false;
        *ret_number = number;
        return text.length != 0;
}
