/* What is inside an object of a view: columns, fields of forms, actions, steps, parts.
 * Rights: a program of the build machine; memory only. */
#include "web/check/shapes.h"

#include "base/log.h"

#include <string.h>

void is_columns(const struct here *here, const struct json *value, const char *place)
{
        check_list(here, &column_shape, value, here->inner, place);
}

void is_reply_columns(const struct here *here, const struct json *value, const char *place)
{
        const struct scope reply = {.item = here->method != NULL ? answer_of(here->method) : NULL};
        check_list(here, &column_shape, value, &reply, place);
}

void is_form_fields(const struct here *here, const struct json *value, const char *place)
{
        check_list(here, &form_field_shape, value, here->inner, place);
}

/* The method whose form this is part of. */
static const struct idl_member *asked_of(const struct here *here)
{
        const struct scope *scope = here->outer;
        while (scope != NULL && scope->method == NULL)
                scope = scope->up;
        return scope != NULL ? scope->method : here->method;
}

void is_param(const struct here *here, const struct json *value, const char *place)
{
        const char *name = word_in(here, value, place);
        const struct idl_member *method = asked_of(here);

        if (name != NULL && method != NULL && idl_field(method->type, name) == NULL)
                view_fault(here->checker, place, "%s has no parameter \"%s\"", method->name, name);
}

/* What a form begins with is there for its conditions; NULL: nothing, or a list. */
static const struct idl_type *begun_with(const struct here *here)
{
        const struct json *from = json_member(here->object, "from");
        const char *name = from != NULL ? text_of(from, "method") : NULL;
        const struct idl_member *method = name != NULL ? find_method(here->checker, name) : NULL;
        return method != NULL && !json_has(from, "of") ? answer_of(method) : NULL;
}

void is_params(const struct here *here, const struct json *value, const char *place)
{
        const struct scope scope = {.up = here->outer, .item = begun_with(here), .method = here->method};
        check_list(here, &form_field_shape, value, &scope, place);
}

void is_initial(const struct here *here, const struct json *value, const char *place)
{
        const char *text = json_type_of(value) == JSON_TEXT ? json_text(value, NULL) : "";
        if (*text == '$')
                check_path(here, text + 1, place);
}

void is_choices(const struct here *here, const struct json *value, const char *place)
{
        check_object(here, &choices_shape, value, here->inner, place);
}

void is_from(const struct here *here, const struct json *value, const char *place)
{
        check_object(here, &from_shape, value, here->outer, place);
}

void is_actions(const struct here *here, const struct json *value, const char *place)
{
        check_list(here, &action_shape, value, here->outer, place);
}

void is_row(const struct here *here, const struct json *value, const char *place)
{
        check_list(here, &action_shape, value, here->inner, place);
}

void is_action(const struct here *here, const struct json *value, const char *place)
{
        check_object(here, &action_shape, value, here->outer, place);
}

void is_next_action(const struct here *here, const struct json *value, const char *place)
{
        const struct scope after = {.up = here->inner, .item = here->method != NULL ? answer_of(here->method) : NULL};
        check_object(here, &action_shape, value, &after, place);
}

void is_steps(const struct here *here, const struct json *value, const char *place)
{
        const struct scope scope = {.up = here->inner, .item = begun_with(here)};
        check_list(here, &step_shape, value, &scope, place);
}

void is_empty(const struct here *here, const struct json *value, const char *place)
{
        check_object(here, &empty_shape, value, here->outer, place);
}

static void check_part(const struct here *here, const struct json *value, const char *place)
{
        const char *kind = text_of(value, "kind");
        const struct shape *shape = kind != NULL ? part_shape(kind) : NULL;

        if (shape == NULL)
                view_fault(here->checker, place, "there is no component \"%s\"", kind != NULL ? kind : "");
        else
                check_object(here, shape, value, here->inner, place);
}

void is_parts(const struct here *here, const struct json *value, const char *place)
{
        if (json_type_of(value) != JSON_ARRAY)
                view_fault(here->checker, place, "expected a list of components");
        else
                for (size_t i = 0; i < json_length(value); i++)
                        check_part(here, json_item(value, i), place_at(here->checker, place, i));
}
