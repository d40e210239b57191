/* The type network: an IP network.
 * Rights: every process; none needed. */
#include "value/network.h"

#include "value/shape.h"
#include "value/types.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
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

static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

bool address_is_v4(const uint8_t bytes[ADDRESS_BYTES])
{
        return memcmp(bytes, mapped, sizeof mapped) == 0;
}

bool address_read(const char *text, uint8_t ret_bytes[ADDRESS_BYTES])
{
        if (inet_pton(AF_INET, text, ret_bytes + sizeof mapped) != 1)
                return inet_pton(AF_INET6, text, ret_bytes) == 1;
        memcpy(ret_bytes, mapped, sizeof mapped);
        return true;
}

bool network_read(const char *text, struct network *ret_network)
{
        char address[46];
        const char *slash = strchr(text, '/');
        if (slash == NULL || slash - text >= (long)sizeof address || !check(text, strlen(text)))
                return false;
        (void)snprintf(address, sizeof address, "%.*s", (int)(slash - text), text);
        unsigned long bits = strtoul(slash + 1, NULL, 10);
        struct network network = {.bits = (uint8_t)(strchr(address, ':') != NULL ? bits : bits + 8 * sizeof mapped)};
        if (!address_read(address, network.bytes))
                return false;
        *ret_network = network;
        return true;
}

bool network_holds(const struct network *network, const uint8_t address[ADDRESS_BYTES])
{
        for (unsigned bit = 0; bit < network->bits && bit < 8 * ADDRESS_BYTES; bit++)
                if (((address[bit / 8] ^ network->bytes[bit / 8]) & 0x80 >> bit % 8) != 0)
                        return false;
        return true;
}
