/* The type host_names: host names in one text, with commas between.
 * Rights: every process; none needed. */
#include "value/shape.h"
#include "value/types.h"

#include <string.h>

static bool check(const char *text, size_t length)
{
        const char *end = text + length;
        for (const char *comma; (comma = memchr(text, ',', (size_t)(end - text))) != NULL; text = comma + 1)
                if (!shape_host(text, (size_t)(comma - text)))
                        return false;
        return shape_host(text, (size_t)(end - text));
}

const struct value_type value_host_names = {
        .name = "host_names",
        .says = "host names with their domains, with commas between",
        .pattern = "^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?"
                   "(,([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?)*$",
        .example = "nas.example.org,files.example.org",
        .max_bytes = 2048,
        .check = check,
};
