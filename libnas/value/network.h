/* IP addresses and networks as bytes; IPv4 as ::ffff:a.b.c.d, so that there is one kind. */
#ifndef BULKHEAD_VALUE_NETWORK_H
#define BULKHEAD_VALUE_NETWORK_H

#include <stdbool.h>
#include <stdint.h>

enum { ADDRESS_BYTES = 16 };

struct network {
        uint8_t bytes[ADDRESS_BYTES];
        uint8_t bits, spare[7];
};

/* False (output undefined) when the text is not one. */
bool address_read(const char *text, uint8_t ret_bytes[ADDRESS_BYTES]);
bool address_is_v4(const uint8_t bytes[ADDRESS_BYTES]);
bool network_read(const char *text, struct network *ret_network);
bool network_holds(const struct network *network, const uint8_t address[ADDRESS_BYTES]);

#endif
