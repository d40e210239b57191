/* What a trusted proxy says of the client: believed only where there is exactly one field, and only when it is in
 * order; else nothing is known.
 * Rights: the front end; none needed. */
#include "http/server_parts.h"

#include <string.h>

/* The last one in the list is whom the trusted proxy itself saw; those before it are anybody's word. */
static struct http_text last_of(struct http_text list)
{
        size_t from = list.length;
        while (from > 0 && list.bytes[from - 1] != ',')
                from--;
        while (from < list.length && (list.bytes[from] == ' ' || list.bytes[from] == '\t'))
                from++;
        return (struct http_text){list.bytes + from, list.length - from};
}

static bool is_host(struct http_text text)
{
        static const char others[] = ".-:[]";
        for (size_t i = 0; i < text.length; i++) {
                char c = text.bytes[i];
                bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
                if (!letter && memchr(others, c, sizeof(others) - 1) == NULL)
                        return false;
        }
        return text.length > 0 && text.length < 256;
}

void exchange_forwarded(struct exchange *exchange)
{
        uint8_t ip[16];
        const struct http_text *client = http_head_field(&exchange->head, "x-forwarded-for");
        const struct http_text *scheme = http_head_field(&exchange->head, "x-forwarded-proto");
        const struct http_text *host = http_head_field(&exchange->head, "x-forwarded-host");
        if (client != NULL && http_address_read(last_of(*client), ip))
                address_write(ip, exchange->ip_text);
        exchange->secure = scheme != NULL && http_text_is(*scheme, "https");
        if (host != NULL && is_host(*host))
                exchange->head.host = *host;
}
