/* What all daemons answered, as one answer. Lists become one, the newest first; one thing is whosever daemon knows
 * it. A daemon that is away does not hide the jobs of the others, but its own cannot be said not to be there.
 * Rights: the front end; memory only. */
#include "daemons/api/parts.h"

#include "base/log.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

static bool is_good(const struct wire_answer *answer)
{
        return answer->error == NULL && answer->failure == NULL;
}

/* A daemon without this interface has no jobs. */
static bool is_elsewhere(const struct wire_answer *answer)
{
        const char *error = answer->error;
        return error != NULL && (strcmp(error, "nas.error.NotFound") == 0 ||
                                 strncmp(error, "org.varlink.service.", strlen("org.varlink.service.")) == 0);
}

bool jobs_is_missing(const struct wire_answer *answer)
{
        ASSERT(answer != NULL);
        return !is_good(answer) && !is_elsewhere(answer);
}

/* --- one of all --- */

/* The answer that counts most: a good one, else a reason, else that a daemon is away, else that it is nowhere. */
static const struct wire_answer *best_answer(const struct wire_answer *answers)
{
        const struct wire_answer *best = &answers[0];
        unsigned most = 0;

        for (size_t i = 0; i < api.line_count; i++) {
                const struct wire_answer *one = &answers[i];
                unsigned weight = is_good(one)                                    ? 5
                                  : one->failure != NULL                          ? 3
                                  : !is_elsewhere(one)                            ? 4
                                  : strcmp(one->error, "nas.error.NotFound") == 0 ? 2
                                                                                  : 1;
                if (weight > most) {
                        most = weight;
                        best = one;
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
static size_t limit_of(struct arena *arena, const struct api_method *method, const char *asked, size_t asked_length)
{
        const struct idl_field *field = idl_field(method->method->type, "limit");
        int64_t limit = LIST_LIMIT_MAX;
        size_t length;

        if (field == NULL)
                return LIST_LIMIT_MAX;
        if (field->said.notes[IDL_DEFAULT] != NULL)
                value_integer(field->said.notes[IDL_DEFAULT]->words[0], &limit);
        const char *wish = json_span(asked, asked_length, "limit", &length);
        if (wish != NULL)
                value_integer(arena_text(arena, wish, length), &limit);
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

static void read_lists(struct arena *arena, const struct wire_answer *answers, const char *list, struct merged *merged)
{
        size_t room = 1, length;

        for (size_t i = 0; i < api.line_count; i++) {
                const char *span = is_good(&answers[i])
                                           ? json_span(answers[i].parameters, answers[i].length, list, &length)
                                           : NULL;
                merged->documents[i] = span != NULL ? json_parse(span, length, NULL) : NULL;
                if (json_type_of(merged->documents[i]) == JSON_ARRAY)
                        room += json_length(merged->documents[i]);
        }
        merged->items = arena_array(arena, room, sizeof(*merged->items));
        for (size_t i = 0; i < api.line_count; i++)
                if (json_type_of(merged->documents[i]) == JSON_ARRAY)
                        add_items(merged, merged->documents[i]);
        qsort(merged->items, merged->count, sizeof(*merged->items), newest_first);
}

static struct wire_answer merge(struct arena *arena, const struct wire_answer *answers, const char *list, size_t limit)
{
        struct json_out *out CLEANUP(json_out_freep) = json_out_new();
        struct merged merged = {.count = 0};
        size_t length;

        read_lists(arena, answers, list, &merged);
        json_out_object(out);
        json_out_key(out, list);
        json_out_array(out);
        for (size_t i = 0; i < merged.count && i < limit; i++)
                json_out_value(out, merged.items[i]);
        json_out_array_end(out);
        json_out_object_end(out);
        for (size_t i = 0; i < api.line_count; i++)
                json_free(merged.documents[i]);
        const char *bytes = json_out_bytes(out, &length);
        return (struct wire_answer){.parameters = arena_text(arena, bytes, length), .length = length, .fd = -1};
}

struct wire_answer jobs_join(struct arena *arena, const struct api_method *method, const struct wire_answer *answers,
                             const char *asked, size_t asked_length)
{
        ASSERT(arena != NULL && method != NULL && answers != NULL && asked != NULL && api.line_count > 0);
        const struct idl_field *body = idl_http_body(method->method);
        const struct wire_answer *best = best_answer(answers);

        if (body == NULL || body->type->kind != IDL_ARRAY || !is_good(best))
                return *best;
        return merge(arena, answers, body->name, limit_of(arena, method, asked, asked_length));
}
