/* Answers: what a daemon wrote goes out as it wrote it, or the one part of it that the contract says; read anew only
 * where something must be taken out or was asked to be.
 * Rights: the front end; memory only. */
#include "daemons/api/parts.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"

#include <string.h>

#define JSON_TYPE "application/json"

static void answer_json(struct exchange *exchange, int status, const char *bytes, size_t length)
{
        exchange_field(exchange, "Content-Type", JSON_TYPE);
        exchange_answer(exchange, status, bytes, length);
}

static void answer_nothing(struct exchange *exchange)
{
        exchange_answer(exchange, 204, "", 0);
}

/* A reading: with its version, so that the same again is 304 and a change can be meant for exactly this. */
static void answer_reading(const struct asking *asking, const char *bytes, size_t length, const char *version)
{
        bool issued = idl_holds(asking->route.method->method->reply, IDL_ISSUED) != NULL;
        const struct entity entity = {.type = JSON_TYPE,
                                      .bytes = bytes,
                                      .fd = -1,
                                      .length = length,
                                      .etag = arena_printf(exchange_arena(asking->exchange), "\"%s\"", version),
                                      .secret = issued};

        exchange_answer_entity(asking->exchange, 200, &entity);
}

static void answer_broken(struct exchange *exchange)
{
        problem_answer(exchange, 500, NULL, "The daemon's answer is not what its contract says.", NULL);
}

/* --- lists --- */

static const char *path_text(const struct asking *asking)
{
        struct http_text path = exchange_path(asking->exchange);
        return arena_text(exchange_arena(asking->exchange), path.bytes, path.length);
}

/* The cursor of a method that pages by itself; NULL: that was all. */
static const char *cursor_of(const struct asking *asking, const struct json_place *next)
{
        const bool pages = next->value != NULL && idl_http_next(asking->route.method->method) != NULL;
        struct json *cursor CLEANUP(json_freep) = pages ? json_parse(next->value, next->length, NULL) : NULL;
        size_t span;

        if (json_type_of(cursor) != JSON_TEXT)
                return NULL;
        const char *text = json_text(cursor, &span);
        return arena_text(exchange_arena(asking->exchange), text, span);
}

/* Of a list that its method has cut, how many there are is not known. */
static bool is_whole(const struct asking *asking, bool more)
{
        const struct request *request = &asking->request;
        bool whole = !more && idl_http_gives_all(asking->route.method->method);

        for (unsigned i = 0; i < request->pair_count && request->list == NULL; i++)
                whole &= strcmp(request->pairs[i].name, "cursor") != 0;
        return whole;
}

static void put_total(const struct asking *asking, size_t total)
{
        exchange_field(asking->exchange, "X-Total-Count", arena_printf(exchange_arena(asking->exchange), "%zu", total));
}

/* It goes into the same query as it came with. */
static void put_next(const struct asking *asking, const char *cursor)
{
        static const char *const places[] = {"cursor", NULL};
        struct arena *arena = exchange_arena(asking->exchange);
        const char *more = arena_printf(arena, "cursor=%s", query_encode(arena, cursor));
        const char *target =
                query_again(arena, path_text(asking), asking->request.pairs, asking->request.pair_count, places, more);

        exchange_field(asking->exchange, "Link", arena_printf(arena, "<%s>; rel=\"next\"", target));
}

static void answer_list(const struct asking *asking, const struct json_place *body, const char *version, bool more)
{
        const char *list = body->value;
        size_t length = body->length;
        struct list_result result;

        if (asking->request.list == NULL) {
                if (is_whole(asking, more))
                        put_total(asking, body->items);
                answer_reading(asking, list, length, version);
                return;
        }
        if (list_apply(exchange_arena(asking->exchange), asking->request.list, list, length, path_text(asking),
                       &result) < 0) {
                answer_broken(asking->exchange);
                return;
        }
        struct json_out *out CLEANUP(json_out_freep) = result.out;
        if (is_whole(asking, more))
                put_total(asking, result.total);
        if (result.links != NULL)
                exchange_field(asking->exchange, "Link", result.links);
        const char *bytes = json_out_bytes(out, &length);
        answer_reading(asking, bytes, length, version);
}

/* --- one answer --- */

static void answer_plan(const struct asking *asking, const char *parameters, size_t length)
{
        size_t span;
        const char *plan = json_span(parameters, length, "plan", &span);

        if (plan != NULL)
                answer_json(asking->exchange, 200, plan, span);
        else
                answer_broken(asking->exchange);
}

static void answer_job(const struct asking *asking, const char *parameters, size_t length)
{
        struct arena *arena = exchange_arena(asking->exchange);
        size_t span;
        const char *id = json_span(parameters, length, "job", &span);

        if (id == NULL) {
                answer_broken(asking->exchange);
                return;
        }
        exchange_field(asking->exchange, "Location", arena_printf(arena, "/api/jobs/%.*s", (int)span, id));
        const char *body = arena_printf(arena, "{\"job\":%.*s}", (int)span, id);
        answer_json(asking->exchange, 202, body, strlen(body));
}

/* Cookies are taken out, and what is left is written anew. */
static const char *without_cookies(const struct asking *asking, const char *parameters, size_t *length)
{
        const struct idl_member *method = asking->route.method->method;
        struct json *reply CLEANUP(json_freep) = json_parse(parameters, *length, NULL);
        struct json_out *out CLEANUP(json_out_freep) = json_out_new();

        cookies_set(asking->exchange, method, reply);
        json_out_object(out);
        for (const struct idl_field *f = idl_http_said(method->reply->fields); f != NULL; f = idl_http_said(f->next)) {
                if (json_type_of(reply) != JSON_OBJECT || !json_has(reply, f->name))
                        continue;
                json_out_key(out, f->name);
                json_out_value(out, json_member(reply, f->name));
        }
        json_out_object_end(out);
        const char *bytes = json_out_bytes(out, length);
        return arena_text(exchange_arena(asking->exchange), bytes, *length);
}

size_t answer_members(const struct asking *asking, struct json_place places[ANSWER_MEMBERS])
{
        const struct idl_field *body = idl_http_body(asking->route.method->method);

        places[ANSWER_NEXT] = (struct json_place){.name = "next"};
        places[ANSWER_BODY] = (struct json_place){.name = body != NULL ? body->name : ""};
        return ANSWER_MEMBERS;
}

static void answer_results(const struct asking *asking, const char *parameters, size_t length,
                           const struct json_place *members)
{
        const struct api_method *method = asking->route.method;
        bool reads = method->verb == HTTP_GET;
        struct json_place body = members[ANSWER_BODY];
        char version[VERSION_TEXT_SIZE] = "";

        if (idl_http_body(method->method) == NULL)
                body = (struct json_place){.value = parameters, .length = length};
        if (reads)
                crypto_version(parameters, length, version);
        if (body.value == NULL) { /* what was changed is gone again */
                if (method->changes)
                        answer_nothing(asking->exchange);
                else
                        answer_broken(asking->exchange);
                return;
        }
        const char *next = cursor_of(asking, &members[ANSWER_NEXT]);
        if (next != NULL && asking->request.list == NULL)
                put_next(asking, next);
        if (!reads)
                answer_json(asking->exchange, 200, body.value, body.length);
        else if (idl_http_items(method->method) != NULL)
                answer_list(asking, &body, version, next != NULL);
        else
                answer_reading(asking, body.value, body.length, version);
}

void answer_result(const struct asking *asking, const struct wire_answer *answer)
{
        ASSERT(asking != NULL && answer != NULL && answer->parameters != NULL);
        const struct idl_member *method = asking->route.method->method;
        const struct json_place *members = answer->members;
        const char *parameters = answer->parameters;
        size_t length = answer->length;
        struct json_place found[ANSWER_MEMBERS];

        if (asking->request.dry_run) {
                answer_plan(asking, parameters, length);
                return;
        }
        if (asking->route.method->job) {
                answer_job(asking, parameters, length);
                return;
        }
        if (idl_http_has_cookie(method->reply))
                parameters = without_cookies(asking, parameters, &length);
        if (parameters != answer->parameters || members == NULL) { /* put together here */
                if (json_spans(parameters, length, found, answer_members(asking, found)) != 0) {
                        answer_broken(asking->exchange);
                        return;
                }
                members = found;
        }
        if (idl_http_success(method) == 204)
                answer_nothing(asking->exchange);
        else
                answer_results(asking, parameters, length, members);
}
