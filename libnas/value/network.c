/* The type network: an IP network.
 * Rights: every process; none needed. */
#include "value/shape.h"
#include "value/types.h"

#include <arpa/inet.h>
#include <string.h>

static unsigned long long prefix_of(const char *digits, size_t count)
{
        unsigned long long prefix = 0;
        for (size_t i = 0; i < count; i++)
                prefix = prefix * 10 + (unsigned)(digits[i] - '0');
        return prefix;
}

static bool zero_after(const unsigned char *bytes, unsigned long long bits, unsigned long long prefix)
{
        for (unsigned long long bit = prefix; bit < bits; bit++)
                if ((bytes[bit / 8] & 0x80 >> bit % 8) != 0)
                        return false;
        return true;
}

static bool check(const char *text, size_t length)
{
        const char *slash = memchr(text, '/', length);
        if (slash == NULL || slash - text > 45)
                return false;
        size_t head = (size_t)(slash - text);
        char copy[46];
        memcpy(copy, text, head);
        copy[head] = '\0';
        unsigned char bytes[16];
        unsigned long long bits = inet_pton(AF_INET, copy, bytes) == 1    ? 32
                                  : inet_pton(AF_INET6, copy, bytes) == 1 ? 128
                                                                          : 0;
        const char *digits = slash + 1;
        size_t count = length - head - 1;
        return bits != 0 && shape_number(digits, count, 0, bits) && zero_after(bytes, bits, prefix_of(digits, count));
}

const struct value_type value_network = {
        .name = "network",
        .says = "an IPv4 or IPv6 network such as 192.168.1.0/24, with zeros after the prefix",
        .pattern = NULL,
        .example = "192.168.1.0/24",
        .max_bytes = 49,
        .check = check,
};
