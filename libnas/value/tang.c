/* The types tang_url, where a server is that gives keys to who is in its network, tang_unit, the same as a unit's name
 * has it, and tang_thumbprint, of the key by which such a server is known.
 * Rights: every process; none needed. */
#include "value/tang.h"
#include "value/shape.h"
#include "value/types.h"

#include <arpa/inet.h>
#include <string.h>

enum { HOST_MAX = 100, URL_MAX = HOST_MAX + 16, PRINT_LENGTH = 43 };
/* What stands in an address and in no name of a unit, and how it stands there. */
#define DASH "\\x2d"
static const struct {
        char sign;
        const char *word;
} escaped[] = {{'-', DASH}, {'[', "\\x5b"}, {']', "\\x5d"}};

/* [fd00::1] */
static bool check_address(const char *text, size_t length)
{
        char copy[INET6_ADDRSTRLEN];
        unsigned char bytes[16];
        if (length >= sizeof(copy) || !shape_only(text, length, SHAPE_DIGITS "abcdef:"))
                return false;
        memcpy(copy, text, length);
        copy[length] = '\0';
        return inet_pton(AF_INET6, copy, bytes) == 1;
}

static bool check_port(const char *text, size_t length)
{
        return length == 0 || (text[0] == ':' && shape_number(text + 1, length - 1, 1, 65535));
}

static bool check_place(const char *host, size_t length)
{
        const char *end = memchr(host, host[0] == '[' ? ']' : ':', length);
        const size_t own = end ? (size_t)(end - host) : length;
        if (host[0] == '[')
                return end && check_address(host + 1, own - 1) && check_port(end + 1, length - own - 1);
        return own <= HOST_MAX && shape_only(host, own, SHAPE_LOWER SHAPE_DIGITS ".-") && host[0] != '-' &&
               host[0] != '.' && check_port(host + own, length - own);
}

static bool check_url(const char *text, size_t length)
{
        const size_t scheme = shape_begins(text, length, "http://")    ? strlen("http://")
                              : shape_begins(text, length, "https://") ? strlen("https://")
                                                                       : length;
        return scheme < length && check_place(text + scheme, length - scheme);
}

#define PORT "(:([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?"

const struct value_type value_tang_url = {
        .name = "tang_url",
        .says = "http:// or https://, a host of small letters, digits, dots and dashes, or an IPv6 address in [], and "
                "perhaps a port; no path",
        .pattern = "^https?://([a-z0-9][a-z0-9.-]{0,99}|\\[[0-9a-f:]{2,39}\\])" PORT "$",
        .example = "http://tang.example:7500",
        .max_bytes = URL_MAX,
        .check = check_url,
};

void tang_unit(const char *url, char ret_unit[TANG_UNIT_SIZE])
{
        char *to = ret_unit;
        for (; *url != '\0' && to + sizeof(DASH) < ret_unit + TANG_UNIT_SIZE; url++) {
                const char *word = NULL;
                for (size_t i = 0; i < sizeof(escaped) / sizeof(*escaped); i++)
                        word = escaped[i].sign == *url ? escaped[i].word : word;
                if (word) {
                        memcpy(to, word, strlen(word));
                        to += strlen(word);
                } else {
                        *to++ = *url == '/' ? '-' : *url;
                }
        }
        *to = '\0';
}

/* Back, and then as any other. */
static bool check_unit(const char *text, size_t length)
{
        char url[URL_MAX + 1];
        size_t used = 0;
        for (size_t i = 0; i < length; i++) {
                if (used == URL_MAX)
                        return false;
                char sign = text[i] == '-' ? '/' : text[i] == '/' || text[i] == '[' || text[i] == ']' ? ' ' : text[i];
                for (size_t k = 0; k < sizeof(escaped) / sizeof(*escaped) && sign == '\\'; k++)
                        if (shape_begins(text + i, length - i, escaped[k].word))
                                sign = escaped[k].sign;
                i += text[i] == '\\' && sign != '\\' ? strlen(DASH) - 1 : 0;
                url[used++] = sign;
        }
        return check_url(url, used);
}

const struct value_type value_tang_unit = {
        .name = "tang_unit",
        .says = "the address of such a server, as the name of a unit has it",
        .pattern = "^https?:--([a-z0-9]([a-z0-9.]|\\\\x2d){0,99}|\\\\x5b[0-9a-f:]{2,39}\\\\x5d)" PORT "$",
        .example = "http:--tang.example:7500",
        .max_bytes = URL_MAX + HOST_MAX * (sizeof(DASH) - 2),
        .check = check_unit,
};

static bool check_print(const char *text, size_t length)
{
        return shape_token(text, length, "", PRINT_LENGTH, PRINT_LENGTH);
}

const struct value_type value_tang_thumbprint = {
        .name = "tang_thumbprint",
        .says = "43 letters, digits, - and _: the thumbprint (SHA-256) of the server's key, as tang-show-keys says it",
        .pattern = "^[A-Za-z0-9_-]{43}$",
        .example = "9iuFDmTIYW-zkcGoCcovZ3gAUNPTCrfb8oYNzy5rTRo",
        .max_bytes = PRINT_LENGTH,
        .check = check_print,
};
