/* Examples for the OpenAPI document: values that the contract allows, whole bodies, and a curl command a route.
 * Rights: the compiler on the build machine, the front end at its start; writes to memory, nothing else. */
#include "base/log.h"
#include "base/mem.h"
#include "ipc/compiler/openapi.h"
#include "value/value.h"

#include <stdlib.h>
#include <string.h>

static void write_struct(struct json_out *out, const struct idl_type *list);

static void write_one(struct json_out *out, const struct idl_type *type, const struct idl_said *said)
{
        const struct idl_type *real = idl_real(type);
        const struct value_type *value =
                said->notes[IDL_IS] != NULL ? value_type_find(said->notes[IDL_IS]->words[0]) : NULL;

        switch (real->kind) {
        case IDL_BOOL:
                json_out_boolean(out, true);
                break;
        case IDL_INT:
                json_out_integer(out, said->notes[IDL_RANGE] != NULL ? said->notes[IDL_RANGE]->from : 1);
                break;
        case IDL_FLOAT:
                json_out_number(out, 0.5);
                break;
        case IDL_STRING:
                json_out_text(out, value != NULL && value->example != NULL ? value->example : "text");
                break;
        case IDL_ENUM:
                json_out_text(out, real->fields->name);
                break;
        case IDL_STRUCT:
                write_struct(out, real);
                break;
        default:
                json_out_object(out);
                json_out_object_end(out);
                break;
        }
}

void openapi_value(struct json_out *out, const struct idl_field *field)
{
        ASSERT(out != NULL && field != NULL && field->type != NULL);
        const struct idl_type *type = field->type;

        if (type->kind == IDL_ARRAY) {
                json_out_array(out);
                write_one(out, type->of, &field->said);
                json_out_array_end(out);
        } else if (type->kind == IDL_MAP) {
                json_out_object(out);
                json_out_key(out, "name");
                write_one(out, type->of, &field->said);
                json_out_object_end(out);
        } else {
                write_one(out, type, &field->said);
        }
}

static void write_struct(struct json_out *out, const struct idl_type *list)
{
        json_out_object(out);
        for (const struct idl_field *f = list->fields; f != NULL; f = f->next) {
                if (f->said.notes[IDL_COOKIE] != NULL)
                        continue;
                json_out_key(out, f->name);
                openapi_value(out, f);
        }
        json_out_object_end(out);
}

void openapi_answer_example(struct json_out *out, const struct idl_member *method)
{
        ASSERT(out != NULL && method != NULL);
        const struct idl_field *body = idl_http_body(method);

        if (body != NULL)
                openapi_value(out, body);
        else
                write_struct(out, method->reply);
}

void openapi_body_example(struct json_out *out, const struct idl_member *method)
{
        ASSERT(out != NULL && method != NULL);
        json_out_object(out);
        for (const struct idl_field *f = method->type->fields; f != NULL; f = f->next) {
                if (idl_http_place(method, f) != IDL_HTTP_BODY)
                        continue;
                json_out_key(out, f->name);
                openapi_value(out, f);
        }
        json_out_object_end(out);
}

/* --- curl --- */

/* As it stands in a URL: what is not plain is percent-encoded. */
static const char *in_url(struct arena *arena, const struct idl_field *field)
{
        struct json_out *out CLEANUP(json_out_freep) = json_out_new();
        size_t length;
        static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

        write_one(out, field->type->kind == IDL_ARRAY ? field->type->of : field->type, &field->said);
        const char *json = json_out_bytes(out, &length), *text = "";
        for (size_t i = *json == '"' ? 1 : 0; i < length - (*json == '"' ? 1 : 0); i++)
                text = strchr(plain, json[i]) != NULL
                               ? arena_printf(arena, "%s%c", text, json[i])
                               : arena_printf(arena, "%s%%%02X", text, (unsigned)(unsigned char)json[i]);
        return text;
}

static const char *example_path(struct arena *arena, const struct idl_member *method)
{
        const char *at = method->said.notes[IDL_HTTP]->words[1], *from = at, *path = "";
        size_t length;

        for (const char *name = idl_path_param(&at, &length); name != NULL; name = idl_path_param(&at, &length)) {
                const struct idl_field *field = idl_field(method->type, arena_text(arena, name, length));
                path = arena_printf(arena, "%s%.*s%s", path, (int)(name - 1 - from), from, in_url(arena, field));
                from = at;
        }
        return arena_printf(arena, "%s%s", path, from);
}

/* Parameters that must be there. */
static const char *example_query(struct arena *arena, const struct idl_member *method)
{
        const char *query = "";

        for (const struct idl_field *f = method->type->fields; f != NULL; f = f->next)
                if (idl_http_place(method, f) == IDL_HTTP_QUERY && !f->type->optional)
                        query = arena_printf(arena, "%s%c%s=%s", query, *query == '\0' ? '?' : '&', f->name,
                                             in_url(arena, f));
        return query;
}

static bool has_body(const struct idl_member *method)
{
        for (const struct idl_field *f = method->type->fields; f != NULL; f = f->next)
                if (idl_http_place(method, f) == IDL_HTTP_BODY)
                        return true;
        return false;
}

/* The body between single quotes of a shell. */
static const char *quoted_body(struct arena *arena, const struct idl_member *method)
{
        struct json_out *out CLEANUP(json_out_freep) = json_out_new();
        size_t length;

        openapi_body_example(out, method);
        const char *json = json_out_bytes(out, &length);
        char *text = arena_alloc(arena, 4 * length + 1), *to = text;
        for (size_t i = 0; i < length; i++) {
                if (json[i] == '\'')
                        to = stpcpy(to, "'\\'");
                *to++ = json[i];
        }
        return text;
}

const char *openapi_curl(struct arena *arena, const struct idl_member *method)
{
        ASSERT(arena != NULL && method != NULL);
        const struct idl_said *said = &method->said;
        const char *verb = said->notes[IDL_HTTP]->words[0], *text = "curl --fail-with-body";

        if (strcmp(verb, "GET") != 0)
                text = arena_printf(arena, "%s -X %s", text, verb);
        if (said->notes[IDL_ROLE]->role != ROLE_NOBODY)
                text = arena_printf(arena, "%s -H \"Authorization: Bearer $TOKEN\"", text);
        if (said->notes[IDL_WARRANT] != NULL && said->notes[IDL_WARRANT]->count == 0)
                text = arena_printf(arena, "%s -H \"Warrant: $WARRANT\"", text);
        if (has_body(method))
                text = arena_printf(arena, "%s -H \"Content-Type: application/json\" --data '%s'", text,
                                    quoted_body(arena, method));
        return arena_printf(arena, "%s \"$BULKHEAD%s%s\"", text, example_path(arena, method),
                            example_query(arena, method));
}
