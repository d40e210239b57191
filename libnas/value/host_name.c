/* The type host_name: a name in the domain name system, with its domain.
 * Rights: every process; none needed. */
#include "value/shape.h"
#include "value/types.h"

static bool check(const char *text, size_t length)
{
        return shape_host(text, length);
}

const struct value_type value_host_name = {
        .name = "host_name",
        .says = "a host name with its domain, in lower-case letters, digits, - and dots",
        .pattern = "^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$",
        .example = "nas.example.org",
        .max_bytes = 253,
        .check = check,
};
