/* Where the parameters of an operation go: path, query, cookies, headers; and what every list can be asked for.
 * Rights: the compiler on the build machine, the front end at its start; writes to memory, nothing else. */
#include "base/log.h"
#include "base/mem.h"
#include "ipc/compiler/openapi.h"

#include <string.h>

#define REF "#/components/parameters/"

static void write_flag(const struct openapi *openapi, const char *name, bool value)
{
        json_out_key(openapi->out, name);
        json_out_boolean(openapi->out, value);
}

static void write_parameter(const struct openapi *openapi, const struct idl_field *field, enum idl_http_place place)
{
        static const char *const names[] = {
                [IDL_HTTP_PATH] = "path", [IDL_HTTP_QUERY] = "query", [IDL_HTTP_COOKIE] = "cookie"};
        const char *name = place == IDL_HTTP_COOKIE ? arena_printf(openapi->arena, IDL_COOKIE_PREFIX "%s", field->name)
                                                    : field->name;
        const char *doc = *field->said.doc != '\0' ? field->said.doc : name;

        json_out_object(openapi->out);
        openapi_text(openapi, "name", name);
        openapi_text(openapi, "in", names[place]);
        write_flag(openapi, "required", !field->type->optional);
        openapi_text(openapi, "description", doc);
        json_out_key(openapi->out, "schema");
        openapi_field(openapi, field);
        json_out_object_end(openapi->out);
}

static bool is_plain(const struct idl_type *type)
{
        enum idl_kind kind = idl_real(type)->kind;
        return kind == IDL_BOOL || kind == IDL_INT || kind == IDL_FLOAT || kind == IDL_STRING || kind == IDL_ENUM;
}

/* field=value and field__op=value: one free-form parameter, as OpenAPI has them. */
static void write_filter(const struct openapi *openapi, const struct idl_type *item)
{
        struct json_out *out = openapi->out;
        const char *names = "";

        for (const struct idl_field *f = item->fields; f != NULL; f = f->next)
                if (is_plain(f->type) || (f->type->kind == IDL_ARRAY && is_plain(f->type->of)))
                        names = arena_printf(openapi->arena, "%s%s%s", names, *names != '\0' ? ", " : "", f->name);
        json_out_object(out);
        openapi_text(openapi, "name", "filter");
        openapi_text(openapi, "in", "query");
        openapi_text(openapi, "description",
                     arena_printf(openapi->arena,
                                  "Only items for which all of these hold, each written as FIELD=VALUE or "
                                  "FIELD__OP=VALUE. Fields: %s. Operations: ne, lt, lte, gt, gte, in (several "
                                  "values separated by commas), contains, prefix.",
                                  names));
        openapi_text(openapi, "style", "form");
        write_flag(openapi, "explode", true);
        json_out_key(out, "schema");
        const char *schema = "{\"type\":\"object\",\"additionalProperties\":{\"type\":\"string\"}}";
        json_out_raw(out, schema, strlen(schema));
        json_out_object_end(out);
}

/* A list that also pages by itself has cursors of two kinds: what they look like is said for all lists. */
static bool is_cursor(const struct idl_member *method, const char *name)
{
        return strcmp(name, "cursor") == 0 && idl_http_items(method) != NULL;
}

static void write_list_parameters(const struct openapi *openapi, const struct idl_member *method)
{
        static const char *const names[] = {"limit", "offset", "cursor", "sort", "fields"};
        const struct idl_type *item = idl_http_items(method);

        if (item == NULL)
                return;
        for (size_t i = 0; i < ARRAY_SIZE(names); i++)
                if ((idl_field(method->type, names[i]) == NULL || is_cursor(method, names[i])) &&
                    (item->kind == IDL_STRUCT || i < 2))
                        openapi_ref(openapi, arena_printf(openapi->arena, REF "%s", names[i]));
        if (item->kind == IDL_STRUCT)
                write_filter(openapi, item);
}

void openapi_parameters(const struct openapi *openapi, const struct idl_member *method)
{
        ASSERT(openapi != NULL && method != NULL);
        const struct idl_said *said = &method->said;

        json_out_key(openapi->out, "parameters");
        json_out_array(openapi->out);
        for (const struct idl_field *f = method->type->fields; f != NULL; f = f->next)
                if (idl_http_place(method, f) != IDL_HTTP_BODY && !is_cursor(method, f->name))
                        write_parameter(openapi, f, idl_http_place(method, f));
        write_list_parameters(openapi, method);
        if (strcmp(said->notes[IDL_HTTP]->words[0], "GET") == 0)
                openapi_ref(openapi, REF "if_none_match");
        else if (said->notes[IDL_ROLE]->role != ROLE_NOBODY)
                openapi_ref(openapi, REF "csrf");
        if (said->notes[IDL_PLAN] != NULL) {
                openapi_ref(openapi, REF "dry_run");
                openapi_ref(openapi, REF "idempotency_key");
                openapi_ref(openapi, REF "if_match");
                openapi_ref(openapi, REF "warrant");
        }
        json_out_array_end(openapi->out);
}
