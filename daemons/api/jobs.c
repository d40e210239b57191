/* Methods that every daemon serves for itself (nas.job): asked of all lines at once. Lists become one, the newest
 * first; one thing is whosever daemon knows it. A daemon that is away does not hide the jobs of the others, but its
 * own cannot be said not to be there.
 * Rights: the front end; the daemons' lines. */
#include "daemons/api/parts.h"

#include "base/log.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct part {
        struct fan *fan;
        const struct api_line *line;
        struct wire_ask *ask;      /* NULL: answered */
        struct wire_answer answer; /* copied into the exchange's arena */
};

struct fan { /* in the exchange's arena */
        struct asking *asking;
        unsigned count, open;
        struct part parts[API_LINES_MAX];
};

void jobs_cancel(struct fan *fan)
{
        ASSERT(fan != NULL);
        for (unsigned i = 0; i < fan->count; i++)
                if (fan->parts[i].ask != NULL)
                        wire_ask_cancel(TAKE(fan->parts[i].ask));
}

static void copy_answer(struct arena *arena, const struct wire_answer *answer, struct wire_answer *ret_copy)
{
        *ret_copy = *answer;
        ret_copy->fd = -1;
        if (answer->error != NULL)
                ret_copy->error = arena_text(arena, answer->error, strlen(answer->error));
        if (answer->parameters != NULL)
                ret_copy->parameters = arena_text(arena, answer->parameters, answer->length);
        if (answer->failure != NULL) {
                struct failure *failure = arena_alloc(arena, sizeof(*failure));
                *failure = *answer->failure;
                ret_copy->failure = failure;
        }
}

static bool is_good(const struct part *part)
{
        return part->answer.error == NULL && part->answer.failure == NULL;
}

/* A daemon without this interface has no jobs. */
static bool is_elsewhere(const struct part *part)
{
        const char *error = part->answer.error;
        return error != NULL && (strcmp(error, "nas.error.NotFound") == 0 ||
                                 strncmp(error, "org.varlink.service.", strlen("org.varlink.service.")) == 0);
}

/* --- one of all --- */

/* The answer that counts most: a good one, else a reason, else that a daemon is away, else that it is nowhere. */
static const struct part *best_part(const struct fan *fan)
{
        const struct part *best = &fan->parts[0];
        unsigned most = 0;

        for (unsigned i = 0; i < fan->count; i++) {
                const struct part *part = &fan->parts[i];
                unsigned weight = is_good(part)                                           ? 5
                                  : part->answer.failure != NULL                          ? 3
                                  : !is_elsewhere(part)                                   ? 4
                                  : strcmp(part->answer.error, "nas.error.NotFound") == 0 ? 2
                                                                                          : 1;
                if (weight > most) {
                        most = weight;
                        best = part;
                }
        }
        return best;
}

/* --- lists of all --- */

static int newest_first(const void *a, const void *b)
{
        static const char *const names[] = {"started", "id"};
        const struct json *x = *(const struct json *const *)a, *y = *(const struct json *const *)b;
        const struct json *at_x = json_member(x, names[0]), *at_y = json_member(y, names[0]);
        int order = 0;

        if (json_type_of(at_x) == JSON_TEXT && json_type_of(at_y) == JSON_TEXT)
                order = strcmp(json_text(at_y, NULL), json_text(at_x, NULL));
        const struct json *id_x = json_member(x, names[1]), *id_y = json_member(y, names[1]);
        if (order != 0 || json_type_of(id_x) != JSON_INTEGER || json_type_of(id_y) != JSON_INTEGER)
                return order;
        return (json_integer(id_x) < json_integer(id_y)) - (json_integer(id_x) > json_integer(id_y));
}

/* How many were asked for: each daemon gave so many at most. */
static size_t limit_of(const struct asking *asking)
{
        const struct idl_field *field = idl_field(asking->route.method->method->type, "limit");
        int64_t limit = LIST_LIMIT_MAX;

        if (field != NULL && field->said.notes[IDL_DEFAULT] != NULL)
                value_integer(field->said.notes[IDL_DEFAULT]->words[0], &limit);
        for (unsigned i = 0; field != NULL && i < asking->request.pair_count; i++)
                if (strcmp(asking->request.pairs[i].name, "limit") == 0)
                        value_integer(asking->request.pairs[i].value, &limit);
        return limit < 0 ? 0 : (size_t)limit;
}

struct merged {
        struct json *documents[API_LINES_MAX];
        const struct json **items;
        size_t count;
};

static void add_items(struct merged *merged, struct json *document)
{
        for (size_t i = 0; i < json_length(document); i++)
                if (json_type_of(json_item(document, i)) == JSON_OBJECT)
                        merged->items[merged->count++] = json_item(document, i);
}

static void read_parts(const struct fan *fan, const char *list, struct merged *merged)
{
        size_t room = 1, length;

        for (unsigned i = 0; i < fan->count; i++) {
                const struct wire_answer *answer = &fan->parts[i].answer;
                const char *span =
                        is_good(&fan->parts[i]) ? json_span(answer->parameters, answer->length, list, &length) : NULL;
                merged->documents[i] = span != NULL ? json_parse(span, length, NULL) : NULL;
                if (json_type_of(merged->documents[i]) == JSON_ARRAY)
                        room += json_length(merged->documents[i]);
        }
        merged->items = arena_array(exchange_arena(fan->asking->exchange), room, sizeof(*merged->items));
        for (unsigned i = 0; i < fan->count; i++)
                if (json_type_of(merged->documents[i]) == JSON_ARRAY)
                        add_items(merged, merged->documents[i]);
        qsort(merged->items, merged->count, sizeof(*merged->items), newest_first);
}

static void answer_merged(const struct fan *fan, const struct idl_field *list)
{
        struct json_out *out CLEANUP(json_out_freep) = json_out_new();
        struct merged merged = {.count = 0};
        size_t length, limit = limit_of(fan->asking);

        read_parts(fan, list->name, &merged);
        json_out_object(out);
        json_out_key(out, list->name);
        json_out_array(out);
        for (size_t i = 0; i < merged.count && i < limit; i++)
                json_out_value(out, merged.items[i]);
        json_out_array_end(out);
        json_out_object_end(out);
        for (unsigned i = 0; i < fan->count; i++)
                json_free(merged.documents[i]);
        const char *bytes = json_out_bytes(out, &length);
        const struct wire_answer answer = {.parameters = bytes, .length = length, .fd = -1};
        ask_done(fan->asking, &answer);
}

/* --- all answers --- */

static void put_missing(const struct fan *fan)
{
        struct arena *arena = exchange_arena(fan->asking->exchange);
        const char *names = "";

        for (unsigned i = 0; i < fan->count; i++)
                if (!is_good(&fan->parts[i]) && !is_elsewhere(&fan->parts[i]))
                        names = arena_printf(arena, "%s%s%s", names, *names != '\0' ? ", " : "",
                                             fan->parts[i].line->name);
        if (*names != '\0')
                exchange_field(fan->asking->exchange, "X-Daemons-Missing", names);
}

static void finish(struct fan *fan)
{
        const struct idl_field *body = idl_http_body(fan->asking->route.method->method);
        const struct part *best = best_part(fan);
        struct asking *asking = fan->asking;

        asking->fan = NULL;
        if (body == NULL || body->type->kind != IDL_ARRAY || !is_good(best)) {
                ask_done(asking, &best->answer);
                return;
        }
        put_missing(fan);
        answer_merged(fan, body);
}

static void part_answered(const struct wire_answer *answer, void *context)
{
        struct part *part = context;
        struct fan *fan = part->fan;

        part->ask = NULL;
        if (answer->fd >= 0)
                close(answer->fd);
        copy_answer(exchange_arena(fan->asking->exchange), answer, &part->answer);
        if (--fan->open == 0)
                finish(fan);
}

void jobs_ask(struct asking *asking, const char *parameters, size_t length)
{
        ASSERT(asking != NULL && api.line_count > 0);
        const struct api_method *method = asking->route.method;
        struct fan *fan = arena_alloc(exchange_arena(asking->exchange), sizeof(*fan));

        *fan = (struct fan){.asking = asking, .count = (unsigned)api.line_count, .open = (unsigned)api.line_count};
        asking->fan = fan;
        for (unsigned i = 0; i < fan->count; i++) {
                fan->parts[i] = (struct part){.fan = fan, .line = &api.lines[i]};
                fan->parts[i].ask = wire_line_call(api.lines[i].line, method->name, parameters, length,
                                                   method->verb == HTTP_GET ? WIRE_QUICK : WIRE_ALONE, part_answered,
                                                   &fan->parts[i]);
        }
}
