/* The guard: which hosts this machine is, which pages may ask it, and the headers that every answer carries.
 * Rights: the front end; memory only. Everything that comes here is a stranger's. */
#include "daemons/api/parts.h"

#include "base/log.h"
#include "base/mem.h"
#include "tls/certificate.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { HOST_SIZE = 254 };

/* --- Host --- */

/* The host of "host", "host:port" or "[address]:port", small letters, without brackets. false: none of these. */
static bool take_host(struct http_text text, char host[HOST_SIZE])
{
        bool bracket = text.length > 0 && *text.bytes == '[';
        const char *end = text.length == 0 ? NULL : memchr(text.bytes, bracket ? ']' : ':', text.length);
        size_t length = end == NULL ? text.length : (size_t)(end - text.bytes);
        size_t used = end == NULL ? length : length + (bracket ? 1 : 0);

        if (length == 0 || length >= HOST_SIZE || (bracket && end == NULL))
                return false;
        for (size_t i = used; i < text.length; i++)
                if (i == used ? text.bytes[i] != ':' : !isdigit((unsigned char)text.bytes[i]))
                        return false;
        for (size_t i = bracket; i < length; i++)
                host[i - bracket] = (char)tolower((unsigned char)text.bytes[i]);
        host[length - bracket] = '\0';
        return true;
}

/* A page cannot make a browser send an address that is not ours here: names can be turned to us by a hostile DNS,
 * addresses cannot. */
static bool is_address(const char *host)
{
        struct in6_addr bytes;
        return inet_pton(AF_INET, host, &bytes) == 1 || inet_pton(AF_INET6, host, &bytes) == 1;
}

static bool is_ours(const char *host)
{
        const struct tls_facts *facts = api.certificate;
        const char *own = api.settings.name;
        size_t length = own != NULL ? strlen(own) : 0;

        if (is_address(host) || strcmp(host, "localhost") == 0)
                return true;
        if (length > 0 && strncasecmp(host, own, length) == 0 &&
            (host[length] == '\0' || strcmp(host + length, ".local") == 0)) /* as mDNS has it */
                return true;
        for (const char *const *name = api.settings.hosts; name != NULL && *name != NULL; name++)
                if (strcmp(*name, host) == 0)
                        return true;
        for (unsigned i = 0; facts != NULL && i < facts->name_count; i++)
                if (certificate_covers(facts->names[i], host))
                        return true;
        return false;
}

/* --- Origin --- */

bool guard_origin_is_own(const struct exchange *exchange)
{
        ASSERT(exchange != NULL);
        const struct http_text *origin = http_head_field(exchange_head(exchange), "origin");
        struct http_text host = exchange_head(exchange)->host;
        const char *scheme = exchange_is_secure(exchange) ? "https://" : "http://";
        size_t length = strlen(scheme);

        return origin != NULL && origin->length == length + host.length && memcmp(origin->bytes, scheme, length) == 0 &&
               strncasecmp(origin->bytes + length, host.bytes, host.length) == 0;
}

static const char *allowed_origin(const struct http_text *origin)
{
        for (const char *const *one = api.settings.origins; origin != NULL && one != NULL && *one != NULL; one++)
                if (http_text_is(*origin, *one))
                        return *one;
        return NULL;
}

static bool is_change(enum http_method method)
{
        return method != HTTP_GET && method != HTTP_HEAD && method != HTTP_OPTIONS;
}

/* --- headers --- */

#define ALWAYS                                                                                                         \
        "X-Content-Type-Options: nosniff\r\nX-Frame-Options: DENY\r\nReferrer-Policy: no-referrer\r\n"                 \
        "Permissions-Policy: camera=(), geolocation=(), microphone=(), payment=(), usb=()\r\n"                         \
        "Cross-Origin-Opener-Policy: same-origin\r\nCross-Origin-Resource-Policy: same-origin\r\n"
static const char on_pages[] = ALWAYS
        "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'\r\n";
static const char on_answers[] =
        ALWAYS "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\nCache-Control: no-store\r\n";

void guard_headers(struct exchange *exchange, bool page)
{
        ASSERT(exchange != NULL);
        if (page)
                exchange_fields(exchange, on_pages, sizeof(on_pages) - 1);
        else
                exchange_fields(exchange, on_answers, sizeof(on_answers) - 1);
        /* Not with a certificate of our own: a browser would lock its owner out when it changes. */
        if (api.certificate != NULL && !api.certificate->self_signed && exchange_is_secure(exchange))
                exchange_field(exchange, "Strict-Transport-Security", "max-age=31536000");
        exchange_field(exchange, "X-Request-Id", exchange_request_id(exchange));
}

static void put_cors(struct exchange *exchange, const char *origin, bool preflight)
{
        exchange_field(exchange, "Access-Control-Allow-Origin", origin);
        exchange_field(exchange, "Vary", "Origin");
        if (!preflight) {
                exchange_field(exchange, "Access-Control-Expose-Headers",
                               "ETag, Link, Location, Retry-After, X-Request-Id, X-Total-Count");
                return;
        }
        exchange_field(exchange, "Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE");
        exchange_field(exchange, "Access-Control-Allow-Headers",
                       "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Warrant, X-Request-Id");
        exchange_field(exchange, "Access-Control-Max-Age", "600");
}

static bool is_api(const struct exchange *exchange)
{
        struct http_text path = exchange_path(exchange);
        bool docs = path.length >= 9 && memcmp(path.bytes, "/api/docs", 9) == 0;
        return path.length >= 4 && memcmp(path.bytes, "/api", 4) == 0 && !docs;
}

bool guard_admits(struct exchange *exchange)
{
        ASSERT(exchange != NULL);
        const struct http_head *head = exchange_head(exchange);
        const struct http_text *origin = http_head_field(head, "origin");
        const char *friend = allowed_origin(origin);
        char host[HOST_SIZE];

        guard_headers(exchange, !is_api(exchange));
        if (friend != NULL)
                put_cors(exchange, friend, head->method == HTTP_OPTIONS);
        if (!take_host(head->host, host) || !is_ours(host)) {
                problem_answer(exchange, 421, NULL, "The Host of this request is no name of this machine.", NULL);
                return false;
        }
        if (is_change(head->method) && origin != NULL && friend == NULL && !guard_origin_is_own(exchange)) {
                problem_answer(exchange, 403, NULL, "A page of another site may not change anything here.",
                               "Add that site to BULKHEAD_ORIGINS if it is yours.");
                return false;
        }
        return true;
}
