/* A request for a method: its path, query, cookies and body become the method's parameters, each where the contract has
 * it and nowhere else, encoded anew.
 * Rights: the front end; memory only. Everything here comes from outside. */
#include "daemons/api/parts.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"

#include <string.h>

#define PACKED "-gzip" /* what an entity tag ends in when the entity was compressed on its way */

/* --- the query --- */

static bool is_many(const struct idl_field *field)
{
        return field->type->kind == IDL_ARRAY;
}

/* Parameters of the method that are in the query, and dry_run; the rest is for lists. */
static bool is_parameter(const struct idl_member *method, const char *name)
{
        const struct idl_field *field = idl_field(method->type, name);
        return field != NULL && idl_http_place(method, field) == IDL_HTTP_QUERY;
}

static int check_once(const struct request *request, const struct idl_member *method, unsigned at,
                      struct failure *failure)
{
        const struct idl_field *field = idl_field(method->type, request->pairs[at].name);

        for (unsigned i = 0; i < at; i++)
                if (strcmp(request->pairs[i].name, request->pairs[at].name) == 0 && (field == NULL || !is_many(field)))
                        return failure_set(failure, FAILURE_MALFORMED, request->pairs[at].name, "",
                                           "is there more than once");
        return 0;
}

/* Of a method that pages by itself: which page. */
static bool is_page(const char *name)
{
        return strcmp(name, "limit") == 0 || strcmp(name, "cursor") == 0;
}

/* What is asked of a list beyond its method's own parameters is done here, to all that the method gives: then its
 * pages are ours too. */
static unsigned take_page(const struct request *request, const struct idl_member *method, struct http_pair *rest,
                          unsigned count)
{
        const struct idl_field *limit = idl_field(method->type, "limit");
        bool limited = false;

        for (unsigned i = 0; i < request->pair_count; i++)
                if (is_page(request->pairs[i].name) && is_parameter(method, request->pairs[i].name)) {
                        limited |= *request->pairs[i].name == 'l';
                        rest[count++] = request->pairs[i];
                }
        if (!limited && limit != NULL && limit->said.notes[IDL_DEFAULT] != NULL)
                rest[count++] = (struct http_pair){"limit", limit->said.notes[IDL_DEFAULT]->words[0]};
        return count;
}

static int take_dry_run(struct request *request, const char *value, struct failure *failure)
{
        if (strcmp(value, "true") != 0 && strcmp(value, "false") != 0)
                return failure_set(failure, FAILURE_INVALID, "dry_run", "", "must be true or false");
        request->dry_run = *value == 't';
        return 0;
}

int request_read(struct arena *arena, const struct http_head *head, const struct route *route,
                 struct request *ret_request, struct failure *failure)
{
        ASSERT(arena != NULL && head != NULL && route != NULL && route->method != NULL && ret_request != NULL);
        const struct idl_member *method = route->method->method;
        struct http_pair rest[QUERY_PAIRS_MAX + 2];
        unsigned rest_count = 0;
        struct request *request = ret_request;

        *request = (struct request){.route = route, .head = head};
        int count = http_query(arena, head->query, request->pairs, QUERY_PAIRS_MAX);
        if (count < 0)
                return failure_set(failure, FAILURE_MALFORMED, "", "", "The query is malformed or too long.");
        request->pair_count = (unsigned)count;
        for (unsigned i = 0; i < request->pair_count; i++) {
                const struct http_pair *pair = &request->pairs[i];
                if (check_once(request, method, i, failure) < 0)
                        return -1;
                if (is_parameter(method, pair->name))
                        continue;
                if (route->method->changes && strcmp(pair->name, "dry_run") == 0) {
                        if (take_dry_run(request, pair->value, failure) < 0)
                                return -1;
                        continue;
                }
                rest[rest_count++] = *pair;
        }
        if (route->method->word != NULL && idl_http_items(method) != NULL)
                rest[rest_count++] = (struct http_pair){arena_printf(arena, "%s__contains", route->method->field),
                                                        route->method->word};
        if (rest_count > 0 && idl_http_items(method) != NULL)
                rest_count = take_page(request, method, rest, rest_count);
        if (list_read(arena, method, rest, rest_count, &request->list, failure) < 0)
                return -1;
        if (request->list != NULL)
                list_wish_came_as(request->list, request->pairs, request->pair_count);
        return 0;
}

/* --- parameters --- */

/* "a,b" and "name=a&name=b" are the same list; blanks behind a comma are nobody's. */
static int write_items(struct arena *arena, struct json_out *out, const struct idl_field *field, const char *text,
                       struct failure *failure)
{
        while (*(text += strspn(text, " ")) != '\0') {
                size_t length = strcspn(text, ",");
                if (value_write(out, field, field->type->of, arena_text(arena, text, length), failure) < 0)
                        return -1;
                text += length + (text[length] == ',');
        }
        return 0;
}

/* The list is cut here: as much of it as there is to be had. */
static int write_whole(const struct idl_field *field, struct json_out *out, struct failure *failure)
{
        const struct idl_note *const *notes = field->said.notes;

        if (notes[IDL_DEFAULT] == NULL || notes[IDL_RANGE] == NULL)
                return 0;
        json_out_key(out, field->name);
        return value_write(out, field, field->type, notes[IDL_RANGE]->words[1], failure);
}

static int write_query(struct arena *arena, const struct request *request, const struct idl_field *field,
                       struct json_out *out, struct failure *failure)
{
        bool any = false, many = is_many(field);

        if (request->list != NULL && is_page(field->name))
                return write_whole(field, out, failure);
        for (unsigned i = 0; i < request->pair_count; i++) {
                const struct http_pair *pair = &request->pairs[i];
                if (strcmp(pair->name, field->name) != 0)
                        continue;
                if (!any) {
                        json_out_key(out, field->name);
                        if (many)
                                json_out_array(out);
                }
                any = true;
                if (many ? write_items(arena, out, field, pair->value, failure) < 0
                         : value_write(out, field, field->type, pair->value, failure) < 0)
                        return -1;
        }
        if (any && many)
                json_out_array_end(out);
        return 0;
}

static int write_path(struct arena *arena, const struct route *route, const struct idl_field *field,
                      struct json_out *out, struct failure *failure)
{
        for (unsigned i = 0; i < route->param_count; i++) {
                if (!http_text_is(route->params[i].name, field->name))
                        continue;
                const char *text = http_decode(arena, route->params[i].value, false);
                if (text == NULL)
                        return failure_set(failure, FAILURE_MALFORMED, field->name, "", "is not percent-encoded UTF-8");
                json_out_key(out, field->name);
                return value_write(out, field, field->type, text, failure);
        }
        return 0;
}

static void write_cookie(const struct http_head *head, const struct idl_field *field, struct json_out *out)
{
        char name[sizeof(IDL_COOKIE_PREFIX) + IDL_NAME_MAX];

        if (strlen(field->name) > IDL_NAME_MAX)
                return;
        stpcpy(stpcpy(name, IDL_COOKIE_PREFIX), field->name);
        struct http_text value = http_cookie(head, name);
        if (value.bytes == NULL || value.length == 0 || !text_printable(value.bytes, value.length))
                return;
        json_out_key(out, field->name);
        json_out_text_n(out, value.bytes, value.length);
}

struct unknown { /* the first member of a body that does not belong there */
        struct arena *arena;
        const struct idl_member *method;
        const char *name;
};

static bool find_unknown(const char *name, const struct json *value, void *context)
{
        struct unknown *unknown = context;
        const struct idl_field *field = idl_field(unknown->method->type, name);

        (void)value;
        if (field == NULL || idl_http_place(unknown->method, field) != IDL_HTTP_BODY)
                unknown->name = arena_text(unknown->arena, name, strlen(name));
        return unknown->name == NULL;
}

static int check_body(struct arena *arena, const struct idl_member *method, const struct json *body,
                      struct failure *failure)
{
        struct unknown unknown = {.arena = arena, .method = method};

        if (body != NULL)
                json_each(body, find_unknown, &unknown);
        if (unknown.name == NULL)
                return 0;
        char shown[64];
        text_escape(unknown.name, strlen(unknown.name), shown, sizeof(shown));
        return failure_set(failure, FAILURE_INVALID, shown, "Leave it out.", "is not known in this body");
}

/* Scripts have lists of words as one text, as they have them in a query. */
static bool is_listed(const struct idl_field *field, const struct json *value)
{
        enum idl_kind kind = is_many(field) ? idl_real(field->type->of)->kind : IDL_OBJECT;

        return (kind == IDL_STRING || kind == IDL_ENUM) && json_type_of(value) == JSON_TEXT;
}

static int write_member(struct arena *arena, const struct idl_field *field, const struct json *value,
                        struct json_out *out, struct failure *failure)
{
        size_t length;

        if (!is_listed(field, value)) {
                if (typed_check_member(field, value, failure) < 0)
                        return -1;
                json_out_key(out, field->name);
                json_out_value(out, value);
                return 0;
        }
        const char *text = json_text(value, &length);
        json_out_key(out, field->name);
        json_out_array(out);
        if (write_items(arena, out, field, arena_text(arena, text, length), failure) < 0)
                return -1;
        json_out_array_end(out);
        return 0;
}

/* "/api/shares/ftp": what is made there is offered by FTP, unless somebody says by what. */
static void write_said_by_path(const struct api_method *method, const struct idl_field *field, struct json_out *out)
{
        if (method->field == NULL || strcmp(method->field, field->name) != 0)
                return;
        json_out_key(out, field->name);
        json_out_array(out);
        json_out_text(out, method->word);
        json_out_array_end(out);
}

int request_write(struct arena *arena, const struct request *request, const struct json *body, struct json_out *out,
                  struct failure *failure)
{
        ASSERT(arena != NULL && request != NULL && out != NULL);
        const struct idl_member *method = request->route->method->method;

        if (check_body(arena, method, body, failure) < 0)
                return -1;
        for (const struct idl_field *f = method->type->fields; f != NULL; f = f->next) {
                enum idl_http_place place = idl_http_place(method, f);
                if (place == IDL_HTTP_COOKIE)
                        write_cookie(request->head, f, out);
                else if (place == IDL_HTTP_PATH && write_path(arena, request->route, f, out, failure) < 0)
                        return -1;
                else if (place == IDL_HTTP_QUERY && write_query(arena, request, f, out, failure) < 0)
                        return -1;
                if (place == IDL_HTTP_BODY && !(body != NULL && json_has(body, f->name)))
                        write_said_by_path(request->route->method, f, out);
                if (place != IDL_HTTP_BODY || body == NULL || !json_has(body, f->name))
                        continue;
                if (write_member(arena, f, json_member(body, f->name), out, failure) < 0)
                        return -1;
        }
        return 0;
}

/* --- If-Match --- */

int request_if_match(struct arena *arena, const struct http_head *head, const char **ret_version)
{
        ASSERT(arena != NULL && head != NULL && ret_version != NULL);
        unsigned at = 0;
        const struct http_text *field = http_head_each(head, "if-match", &at);

        *ret_version = NULL;
        if (field == NULL)
                return 0;
        if (http_head_each(head, "if-match", &at) != NULL)
                return -1;
        if (http_text_is(*field, "*")) {
                *ret_version = "*";
                return 0;
        }
        if (field->length < 3 || field->bytes[0] != '"' || field->bytes[field->length - 1] != '"' ||
            memchr(field->bytes + 1, '"', field->length - 2) != NULL || !text_printable(field->bytes, field->length))
                return -1;
        char *version = arena_text(arena, field->bytes + 1, field->length - 2);
        size_t length = strlen(version), packed = strlen(PACKED);
        if (length > packed && strcmp(version + length - packed, PACKED) == 0) /* the same, as it was sent compressed */
                version[length - packed] = '\0';
        *ret_version = version;
        return 0;
}
