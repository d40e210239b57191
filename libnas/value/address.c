/* The type address: an IP address.
 * Rights: every process; none needed. */
#include "value/types.h"

#include <arpa/inet.h>
#include <string.h>

static bool check(const char *text, size_t length)
{
        char copy[46];
        memcpy(copy, text, length);
        copy[length] = '\0';
        unsigned char bytes[16];
        return inet_pton(AF_INET, copy, bytes) == 1 || inet_pton(AF_INET6, copy, bytes) == 1;
}

const struct value_type value_address = {
        .name = "address",
        .says = "an IPv4 or IPv6 address",
        .pattern = NULL,
        .example = "192.0.2.7",
        .max_bytes = 45,
        .check = check,
};
