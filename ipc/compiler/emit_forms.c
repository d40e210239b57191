/* What a renderer of views needs of the contracts, as one JSON object: methods, types, value types (docs/views.md).
 * Rights: the compiler on the build machine, the front end at its start; writes to memory, nothing else. */
#include "base/log.h"
#include "base/mem.h"
#include "ipc/compiler/emit.h"
#include "json/json.h"
#include "value/value.h"

struct forms {
        struct json_out *out;
        struct arena *arena;
        const struct idl_contract *contract;
};

static void write_text(const struct forms *forms, const char *name, const char *text)
{
        if (text == NULL || *text == '\0')
                return;
        json_out_key(forms->out, name);
        json_out_text(forms->out, text);
}

static void write_flag(const struct forms *forms, const char *name, bool flag)
{
        if (!flag)
                return;
        json_out_key(forms->out, name);
        json_out_boolean(forms->out, true);
}

static const char *word_of(const struct idl_said *said, enum idl_annotation annotation, size_t index)
{
        const struct idl_note *note = said->notes[annotation];
        return note != NULL && index < note->count ? note->words[index] : NULL;
}

static void write_fields(const struct forms *forms, const char *name, const struct idl_type *list,
                         const struct idl_member *method);

static void write_words(const struct forms *forms, const struct idl_type *type)
{
        json_out_key(forms->out, "words");
        json_out_array(forms->out);
        for (const struct idl_field *f = type->fields; f != NULL; f = f->next)
                json_out_text(forms->out, f->name);
        json_out_array_end(forms->out);
}

/* A word, or an object with one member: ref, array, map, fields or words. */
static void write_type(const struct forms *forms, const struct idl_type *type)
{
        static const char *const words[] = {[IDL_BOOL] = "bool",
                                            [IDL_INT] = "int",
                                            [IDL_FLOAT] = "float",
                                            [IDL_STRING] = "string",
                                            [IDL_OBJECT] = "object"};

        if ((size_t)type->kind < ARRAY_SIZE(words)) {
                json_out_text(forms->out, words[type->kind]);
                return;
        }
        json_out_object(forms->out);
        if (type->kind == IDL_NAMED) {
                write_text(forms, "ref", arena_printf(forms->arena, "%s.%s", forms->contract->name, type->name));
        } else if (type->kind == IDL_STRUCT) {
                write_fields(forms, "fields", type, NULL);
        } else if (type->kind == IDL_ENUM) {
                write_words(forms, type);
        } else {
                json_out_key(forms->out, type->kind == IDL_MAP ? "map" : "array");
                write_type(forms, type->of);
        }
        json_out_object_end(forms->out);
}

static void write_limits(const struct forms *forms, const struct idl_said *said)
{
        const struct idl_note *range = said->notes[IDL_RANGE], *max = said->notes[IDL_MAX];

        if (range != NULL) {
                json_out_key(forms->out, "range");
                json_out_array(forms->out);
                json_out_integer(forms->out, range->from);
                json_out_integer(forms->out, range->to);
                json_out_array_end(forms->out);
        }
        if (max != NULL) {
                json_out_key(forms->out, "max");
                json_out_integer(forms->out, max->to);
        }
}

static void write_field(const struct forms *forms, const struct idl_field *field, const struct idl_member *method)
{
        static const char *const places[] = {"path", "query", "body", "cookie"};

        json_out_object(forms->out);
        write_text(forms, "name", field->name);
        write_text(forms, "doc", field->said.doc);
        json_out_key(forms->out, "type");
        write_type(forms, field->type);
        write_flag(forms, "optional", field->type->optional);
        write_text(forms, "is", word_of(&field->said, IDL_IS, 0));
        write_limits(forms, &field->said);
        write_flag(forms, "secret", field->said.notes[IDL_SECRET] != NULL);
        write_flag(forms, "issued", field->said.notes[IDL_ISSUED] != NULL);
        write_text(forms, "default", word_of(&field->said, IDL_DEFAULT, 0));
        if (method != NULL && method->said.notes[IDL_HTTP] != NULL)
                write_text(forms, "in", places[idl_http_place(method, field)]);
        json_out_object_end(forms->out);
}

static void write_fields(const struct forms *forms, const char *name, const struct idl_type *list,
                         const struct idl_member *method)
{
        json_out_key(forms->out, name);
        json_out_array(forms->out);
        for (const struct idl_field *f = list->fields; f != NULL; f = f->next)
                write_field(forms, f, method);
        json_out_array_end(forms->out);
}

static void write_method(const struct forms *forms, const struct idl_member *method)
{
        const struct idl_said *said = &method->said;
        const struct idl_field *body = idl_http_body(method);

        write_text(forms, "doc", said->doc);
        write_text(forms, "role", role_name(said->notes[IDL_ROLE]->role));
        write_text(forms, "verb", word_of(said, IDL_HTTP, 0));
        write_text(forms, "path", word_of(said, IDL_HTTP, 1));
        write_flag(forms, "plan", said->notes[IDL_PLAN] != NULL);
        write_flag(forms, "destroys", said->notes[IDL_DESTROYS] != NULL);
        write_flag(forms, "job", said->notes[IDL_JOB] != NULL);
        write_flag(forms, "more", said->notes[IDL_MORE] != NULL);
        if (said->notes[IDL_WARRANT] != NULL)
                write_text(forms, "warrant",
                           said->notes[IDL_WARRANT]->count > 0 ? said->notes[IDL_WARRANT]->words[0] : "always");
        write_flag(forms, "pages", idl_http_next(method) != NULL);
        write_fields(forms, "params", method->type, method);
        write_fields(forms, "reply", method->reply, NULL);
        if (body != NULL)
                write_text(forms, "body", body->name);
}

static void write_members(struct forms *forms, const struct contracts *contracts, enum idl_what what)
{
        for (size_t i = 0; i < contracts->count; i++) {
                forms->contract = contracts->list[i];
                for (const struct idl_member *m = forms->contract->members; m != NULL; m = m->next) {
                        if (m->what != what || (what == IDL_METHOD && m->said.notes[IDL_HTTP] == NULL))
                                continue;
                        json_out_key(forms->out, arena_printf(forms->arena, "%s.%s", forms->contract->name, m->name));
                        json_out_object(forms->out);
                        if (what == IDL_METHOD)
                                write_method(forms, m);
                        else if (m->type->kind == IDL_ENUM)
                                write_words(forms, m->type);
                        else
                                write_fields(forms, "fields", m->type, NULL);
                        json_out_object_end(forms->out);
                }
        }
}

static void write_values(const struct forms *forms)
{
        const struct value_type *type;

        for (size_t i = 0; (type = value_type_at(i)) != NULL; i++) {
                json_out_key(forms->out, type->name);
                json_out_object(forms->out);
                write_text(forms, "says", type->says);
                write_text(forms, "pattern", type->pattern);
                write_text(forms, "example", type->example);
                json_out_key(forms->out, "max");
                json_out_integer(forms->out, (int64_t)type->max_bytes);
                write_flag(forms, "secret", type->secret);
                write_flag(forms, "lines", type->lines);
                json_out_object_end(forms->out);
        }
}

void emit_forms(FILE *out, const struct contracts *contracts)
{
        ASSERT(out != NULL && contracts != NULL);
        struct json_out *json CLEANUP(json_out_freep) = json_out_new();
        struct forms forms = {.out = json, .arena = contracts->arena};
        size_t length;

        json_out_object(json);
        json_out_key(json, "methods");
        json_out_object(json);
        write_members(&forms, contracts, IDL_METHOD);
        json_out_object_end(json);
        json_out_key(json, "types");
        json_out_object(json);
        write_members(&forms, contracts, IDL_TYPE);
        json_out_object_end(json);
        json_out_key(json, "values");
        json_out_object(json);
        write_values(&forms);
        json_out_object_end(json);
        json_out_object_end(json);
        const char *bytes = json_out_bytes(json, &length);
        fwrite(bytes, 1, length, out);
}
