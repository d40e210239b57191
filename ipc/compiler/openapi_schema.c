/* JSON Schemas for OpenAPI, from types and value types.
 * Rights: the compiler on the build machine; writes to memory, nothing else. */
#include "base/log.h"
#include "ipc/compiler/openapi.h"
#include "value/value.h"

#include <stdlib.h>
#include <string.h>

void openapi_text(const struct openapi *openapi, const char *name, const char *text)
{
        ASSERT(openapi != NULL && name != NULL && text != NULL);
        json_out_key(openapi->out, name);
        json_out_text(openapi->out, text);
}

void openapi_ref(const struct openapi *openapi, const char *ref)
{
        ASSERT(openapi != NULL && ref != NULL);
        json_out_object(openapi->out);
        openapi_text(openapi, "$ref", ref);
        json_out_object_end(openapi->out);
}

static void write_integer(const struct openapi *openapi, const char *name, int64_t value)
{
        json_out_key(openapi->out, name);
        json_out_integer(openapi->out, value);
}

static void write_string(const struct openapi *openapi, const struct idl_said *said, bool whole)
{
        const struct value_type *type =
                said->notes[IDL_IS] != NULL ? value_type_find(said->notes[IDL_IS]->words[0]) : NULL;
        int64_t longest = type != NULL ? (int64_t)type->max_bytes : INT64_MAX;

        openapi_text(openapi, "type", "string");
        if (whole && said->notes[IDL_MAX] != NULL && said->notes[IDL_MAX]->to < longest)
                longest = said->notes[IDL_MAX]->to;
        if (longest < INT64_MAX)
                write_integer(openapi, "maxLength", longest);
        if (said->notes[IDL_SECRET] != NULL || said->notes[IDL_ISSUED] != NULL)
                openapi_text(openapi, "format", "password");
        if (type == NULL)
                return;
        openapi_text(openapi, "x-bulkhead-value", type->name);
        if (type->pattern != NULL)
                openapi_text(openapi, "pattern", type->pattern);
        if (strcmp(type->name, "timestamp") == 0)
                openapi_text(openapi, "format", "date-time");
        if (type->example != NULL) {
                json_out_key(openapi->out, "examples");
                json_out_array(openapi->out);
                json_out_text(openapi->out, type->example);
                json_out_array_end(openapi->out);
        }
}

static void write_inside(const struct openapi *openapi, const struct idl_type *type, const struct idl_said *said,
                         bool whole);

static void write_many(const struct openapi *openapi, const struct idl_type *type, const struct idl_said *said)
{
        bool map = type->kind == IDL_MAP;

        openapi_text(openapi, "type", map ? "object" : "array");
        if (said->notes[IDL_MAX] != NULL)
                write_integer(openapi, map ? "maxProperties" : "maxItems", said->notes[IDL_MAX]->to);
        json_out_key(openapi->out, map ? "additionalProperties" : "items");
        json_out_object(openapi->out);
        write_inside(openapi, type->of, said, false);
        json_out_object_end(openapi->out);
}

static void write_words(const struct openapi *openapi, const struct idl_type *type)
{
        openapi_text(openapi, "type", "string");
        json_out_key(openapi->out, "enum");
        json_out_array(openapi->out);
        for (const struct idl_field *f = type->fields; f != NULL; f = f->next)
                json_out_text(openapi->out, f->name);
        json_out_array_end(openapi->out);
}

/* The members of a schema's object. */
static void write_inside(const struct openapi *openapi, const struct idl_type *type, const struct idl_said *said,
                         bool whole)
{
        switch (type->kind) {
        case IDL_BOOL:
                openapi_text(openapi, "type", "boolean");
                break;
        case IDL_INT:
                openapi_text(openapi, "type", "integer");
                openapi_text(openapi, "format", "int64");
                write_integer(openapi, "minimum",
                              said->notes[IDL_RANGE] != NULL ? said->notes[IDL_RANGE]->from : -JSON_INTEGER_MAX);
                write_integer(openapi, "maximum",
                              said->notes[IDL_RANGE] != NULL ? said->notes[IDL_RANGE]->to : JSON_INTEGER_MAX);
                break;
        case IDL_FLOAT:
                openapi_text(openapi, "type", "number");
                break;
        case IDL_STRING:
                write_string(openapi, said, whole);
                break;
        case IDL_OBJECT:
                openapi_text(openapi, "type", "object");
                break;
        case IDL_NAMED:
                openapi_text(openapi, "$ref",
                             arena_printf(openapi->arena, "#/components/schemas/%s.%s", openapi->prefix, type->name));
                break;
        case IDL_ENUM:
                write_words(openapi, type);
                break;
        case IDL_STRUCT:
                openapi_object(openapi, type, NULL, NULL);
                break;
        default:
                write_many(openapi, type, said);
                break;
        }
}

static void write_default(const struct openapi *openapi, const struct idl_field *field)
{
        const char *text = field->said.notes[IDL_DEFAULT]->words[0];

        json_out_key(openapi->out, "default");
        if (field->type->kind == IDL_BOOL)
                json_out_boolean(openapi->out, strcmp(text, "true") == 0);
        else if (field->type->kind == IDL_INT)
                json_out_integer(openapi->out, strtoll(text, NULL, 10));
        else
                json_out_text(openapi->out, text);
}

void openapi_field(const struct openapi *openapi, const struct idl_field *field)
{
        ASSERT(openapi != NULL && field != NULL && field->type != NULL);
        json_out_object(openapi->out);
        write_inside(openapi, field->type, &field->said, true);
        if (*field->said.doc != '\0')
                openapi_text(openapi, "description", field->said.doc);
        if (field->said.notes[IDL_DEFAULT] != NULL)
                write_default(openapi, field);
        if (field->said.notes[IDL_SECRET] != NULL) {
                json_out_key(openapi->out, "writeOnly");
                json_out_boolean(openapi->out, true);
        }
        json_out_object_end(openapi->out);
}

void openapi_object(const struct openapi *openapi, const struct idl_type *list,
                    bool (*skip)(const struct idl_member *method, const struct idl_field *field),
                    const struct idl_member *method)
{
        ASSERT(openapi != NULL && list != NULL);
        bool required = false;

        openapi_text(openapi, "type", "object");
        json_out_key(openapi->out, "properties");
        json_out_object(openapi->out);
        for (const struct idl_field *f = list->fields; f != NULL; f = f->next) {
                if (skip != NULL && skip(method, f))
                        continue;
                json_out_key(openapi->out, f->name);
                openapi_field(openapi, f);
                required |= !f->type->optional;
        }
        json_out_object_end(openapi->out);
        if (required) {
                json_out_key(openapi->out, "required");
                json_out_array(openapi->out);
                for (const struct idl_field *f = list->fields; f != NULL; f = f->next)
                        if (!f->type->optional && (skip == NULL || !skip(method, f)))
                                json_out_text(openapi->out, f->name);
                json_out_array_end(openapi->out);
        }
        if (method != NULL) { /* what is sent has nothing unknown; what is read may grow */
                json_out_key(openapi->out, "additionalProperties");
                json_out_boolean(openapi->out, false);
        }
}
