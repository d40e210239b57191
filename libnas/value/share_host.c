/* The type share_host: where a share may be used from.
 * Rights: every process; none needed. */
#include "value/types.h"

static bool check(const char *text, size_t length)
{
        return value_is(&value_network, text, length) || value_is(&value_address, text, length);
}

const struct value_type value_share_host = {
        .name = "share_host",
        .says = "an IPv4 or IPv6 address or network, such as 192.168.1.0/24",
        .pattern = NULL,
        .example = "192.168.1.0/24",
        .max_bytes = 49,
        .check = check,
};
