/* What members of one object have to do with each other.
 * Rights: a program of the build machine; memory only. */
#include "web/check/shapes.h"

#include "base/log.h"
#include "value/value.h"

#include <string.h>

void column_after(const struct here *here)
{
        ASSERT(here != NULL);
        const char *path = text_of(here->object, "field");

        if (path == NULL)
                return;
        if (!json_has(here->object, "text"))
                need_text(here->checker, here->place, "field", path);
        need_words(here->checker, here->place, look_up(here->inner, path));
}

/* What is said of a parameter, or of the field of the same name in what the method answers. */
static const char *doc_of(const struct idl_member *method, const struct idl_field *field)
{
        const struct idl_field *answered = field_at(answer_of(method), field->name);
        return *field->said.doc != '\0' || answered == NULL ? field->said.doc : answered->said.doc;
}

static void check_asked(const struct here *here, const struct idl_member *method, const struct idl_field *field,
                        bool named, bool helped)
{
        if (!named)
                need_text(here->checker, here->place, "field", field->name);
        if (!helped)
                need_doc(here->checker, here->place, doc_of(method, field));
        const struct idl_note *is = field->said.notes[IDL_IS];
        const struct value_type *value = is != NULL ? value_type_find(is->words[0]) : NULL;
        if (value != NULL && value->pattern != NULL)
                need_doc(here->checker, here->place, value->says);
        need_words(here->checker, here->place, field->type);
}

void form_field_after(const struct here *here)
{
        ASSERT(here != NULL);
        const char *name = text_of(here->object, "param");
        const struct scope *scope = here->outer;

        while (scope != NULL && scope->method == NULL)
                scope = scope->up;
        const struct idl_field *field = name != NULL && scope != NULL ? idl_field(scope->method->type, name) : NULL;
        if (field != NULL)
                check_asked(here, scope->method, field, json_has(here->object, "text"), json_has(here->object, "help"));
}

/* --- actions --- */

static bool list_names(const struct json *fields, const char *name)
{
        for (size_t i = 0; i < json_length(fields); i++) {
                const struct json *one = json_item(fields, i);
                const char *param = json_type_of(one) == JSON_TEXT ? json_text(one, NULL) : text_of(one, "param");
                if (param != NULL && strcmp(param, name) == 0)
                        return true;
        }
        return false;
}

static bool is_asked(const struct here *here, const char *name)
{
        const struct json *steps = json_member(here->object, "steps");

        for (size_t i = 0; i < json_length(steps); i++)
                if (list_names(json_member(json_item(steps, i), "fields"), name))
                        return true;
        return list_names(json_member(here->object, "fields"), name);
}

static void check_parameter(const struct here *here, const struct idl_field *field)
{
        const struct json *with = json_member(here->object, "with");
        enum idl_http_place where = idl_http_place(here->method, field);
        bool given = (with != NULL && json_has(with, field->name)) ||
                     (where == IDL_HTTP_PATH && look_up(here->outer, field->name) != NULL);
        bool chosen = json_has(here->object, "fields") || json_has(here->object, "steps");

        if (given || where == IDL_HTTP_COOKIE || is_asked(here, field->name))
                return;
        if (!chosen)
                check_asked(here, here->method, field, false, false);
        else if (!field->type->optional)
                view_fault(here->checker, here->place, "%s needs \"%s\", and nothing gives or asks for it",
                           here->method->name, field->name);
}

void action_after(const struct here *here)
{
        ASSERT(here != NULL);
        unsigned targets = 0;
        static const char *const ways[] = {"method", "view", "href"};

        for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++)
                targets += json_has(here->object, ways[i]);
        if (targets != 1)
                view_fault(here->checker, here->place, "expected one of \"method\", \"view\" and \"href\"");
        if (here->method == NULL) {
                if (!json_has(here->object, "text"))
                        view_fault(here->checker, here->place, "%s without a method needs \"text\"", here->shape->name);
                return;
        }
        if (!json_has(here->object, "text") && !json_has(here->object, "title"))
                need_text(here->checker, here->place, "verb", here->method->name);
        for (const struct idl_field *f = here->method->type->fields; f != NULL; f = f->next)
                check_parameter(here, f);
}

void check_opens(const struct here *here, const struct scope *scope, const char *view, const char *place)
{
        const struct checker *checker = here->checker;
        char name[IDL_NAME_MAX + 1];
        size_t length;

        for (size_t i = 0; view != NULL && i < checker->view_count; i++) {
                if (strcmp(checker->views[i].name, view) != 0)
                        continue;
                const char *at = text_of(checker->views[i].json, "at");
                for (const char *param; at != NULL && (param = idl_path_param(&at, &length)) != NULL;) {
                        if (length >= sizeof(name))
                                continue;
                        memcpy(name, param, length);
                        name[length] = '\0';
                        if (look_up(scope, name) == NULL)
                                view_fault(here->checker, place,
                                           "the view \"%s\" needs \"%s\", and nothing here is called so", view, name);
                }
                return;
        }
        if (view != NULL)
                view_fault(here->checker, place, "there is no view \"%s\"", view);
}
