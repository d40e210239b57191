/* The type https_url: where something is, over HTTPS; plain characters only, so that it needs no quoting anywhere.
 * Rights: every process; none needed. */
#include "value/shape.h"
#include "value/types.h"

#include <string.h>

#define UPPER  "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define SCHEME "https://"

static bool check(const char *text, size_t length)
{
        if (!shape_begins(text, length, SCHEME))
                return false;
        const char *host = text + strlen(SCHEME), *end = text + length;
        const char *path = memchr(host, '/', (size_t)(end - host));
        const char *stop = path != NULL ? path : end, *colon = memchr(host, ':', (size_t)(stop - host));
        size_t host_length = (size_t)((colon != NULL ? colon : stop) - host);
        if (!shape_only(host, host_length, SHAPE_LOWER SHAPE_DIGITS ".-") || host[0] == '-' || host[0] == '.')
                return false;
        if (colon != NULL && !shape_number(colon + 1, (size_t)(stop - colon - 1), 1, 65535))
                return false;
        return path == NULL || shape_only(path, (size_t)(end - path), UPPER SHAPE_LOWER SHAPE_DIGITS "/._~-");
}

const struct value_type value_https_url = {
        .name = "https_url",
        .says = "an address that begins with https://, of letters, digits and / . _ ~ - only",
        .pattern = "^https://[a-z0-9][a-z0-9.-]*(:([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|"
                   "655[0-2][0-9]|6553[0-5]))?(/[A-Za-z0-9/._~-]*)?$",
        .example = "https://acme-v02.api.letsencrypt.org/directory",
        .max_bytes = 256,
        .check = check,
};
