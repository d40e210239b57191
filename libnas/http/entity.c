/* A whole entity with everything that RFC 9110 offers for it: preconditions, one range, compression where it pays.
 * Rights: the front end; a file it was given. */
#include "http/server.h"

#include "base/log.h"
#include "http/gzip.h"
#include "http/text.h"
#include "sys/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_compressible(const char *type)
{
        static const char *const types[] = {"text/",
                                            "application/json",
                                            "application/problem+json",
                                            "application/javascript",
                                            "application/manifest+json",
                                            "image/svg+xml",
                                            "application/xml",
                                            "application/x-ndjson"};
        for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
                if (strncmp(type, types[i], strlen(types[i])) == 0)
                        return true;
        return false;
}

static bool may_compress(const struct entity *entity)
{
        return !entity->secret && entity->fd < 0 && entity->encoding == NULL && entity->length >= GZIP_PAYS &&
               entity->type != NULL && is_compressible(entity->type);
}

/* "abc" becomes "abc-gzip": another representation has another tag. */
static const char *gzip_etag(struct arena *arena, const char *etag)
{
        size_t length = etag == NULL ? 0 : strlen(etag);
        return length < 2 ? etag : arena_printf(arena, "%.*s-gzip\"", (int)(length - 1), etag);
}

static void describe(struct exchange *exchange, const struct entity *entity, const char *etag)
{
        char date[HTTP_DATE_SIZE];
        if (etag != NULL)
                exchange_field(exchange, "ETag", etag);
        if (entity->modified != 0) {
                http_date(entity->modified, date);
                exchange_field(exchange, "Last-Modified", date);
        }
        if (may_compress(entity) || entity->encoding != NULL)
                exchange_field(exchange, "Vary", "Accept-Encoding");
}

static void send_part(struct exchange *exchange, int status, const struct entity *entity, uint64_t first,
                      uint64_t length)
{
        if (entity->fd >= 0)
                exchange_answer_file(exchange, status, entity->fd, first, length);
        else
                exchange_answer(exchange, status, length == 0 ? "" : (const char *)entity->bytes + first,
                                (size_t)length);
}

static void answer_range(struct exchange *exchange, int status, const struct entity *entity)
{
        uint64_t first = 0, length = entity->length;
        char text[80];
        const struct http_head *head = exchange_head(exchange);
        bool whole = status != 200 || entity->encoding != NULL || head->method != HTTP_GET;
        enum http_range range =
                whole ? HTTP_WHOLE : http_range(head, entity->etag, entity->modified, entity->length, &first, &length);
        if (status == 200 && entity->encoding == NULL)
                exchange_field(exchange, "Accept-Ranges", "bytes");
        if (range == HTTP_UNSATISFIABLE) {
                (void)snprintf(text, sizeof(text), "bytes */%llu", (unsigned long long)entity->length);
                exchange_field(exchange, "Content-Range", text);
                struct entity nothing = *entity;
                fd_closep(&nothing.fd);
                exchange_answer(exchange, 416, NULL, 0);
                return;
        }
        if (entity->type != NULL)
                exchange_field(exchange, "Content-Type", entity->type);
        if (entity->encoding != NULL)
                exchange_field(exchange, "Content-Encoding", entity->encoding);
        if (range == HTTP_WHOLE) {
                send_part(exchange, status, entity, 0, entity->length);
                return;
        }
        (void)snprintf(text, sizeof(text), "bytes %llu-%llu/%llu", (unsigned long long)first,
                       (unsigned long long)(first + length - 1), (unsigned long long)entity->length);
        exchange_field(exchange, "Content-Range", text);
        send_part(exchange, 206, entity, first, length);
}

/* true: the entity has not changed, or is not the one that is meant; answered. */
static bool conditions(struct exchange *exchange, const struct entity *entity, const char *etag)
{
        enum http_condition condition = http_conditions(exchange_head(exchange), etag, entity->modified);
        if (condition == HTTP_GO_ON)
                return false;
        struct entity nothing = *entity;
        fd_closep(&nothing.fd);
        exchange_answer(exchange, condition == HTTP_NOT_MODIFIED ? 304 : 412, NULL, 0);
        return true;
}

void exchange_answer_entity(struct exchange *exchange, int status, const struct entity *entity)
{
        ASSERT(exchange != NULL && entity != NULL && (entity->fd >= 0 || entity->bytes != NULL || entity->length == 0));
        const struct http_head *head = exchange_head(exchange);
        struct entity compressed = *entity;
        char *bytes = NULL;
        size_t length = 0;
        if (may_compress(entity) && http_accepts_coding(head, "gzip") && http_head_field(head, "range") == NULL)
                bytes = gzip_whole(entity->bytes, (size_t)entity->length, &length);
        if (bytes != NULL) {
                compressed.bytes = bytes;
                compressed.length = length;
                compressed.encoding = "gzip";
                compressed.etag = gzip_etag(exchange_arena(exchange), entity->etag);
        }
        describe(exchange, entity, compressed.etag);
        if (status != 200 || !conditions(exchange, entity, compressed.etag))
                answer_range(exchange, status, &compressed);
        free(bytes);
}
