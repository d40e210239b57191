/* The walk over a view, by the tables of its objects' shapes.
 * Rights: a program of the build machine; memory only. */
#include "web/check/shapes.h"

#include "base/log.h"
#include "base/mem.h"

#include <string.h>

const char *text_of(const struct json *object, const char *name)
{
        const struct json *text = json_type_of(object) == JSON_OBJECT ? json_member(object, name) : NULL;
        return json_type_of(text) == JSON_TEXT ? json_text(text, NULL) : NULL;
}

static bool check_member(const char *name, const struct json *value, void *context)
{
        const struct here *here = context;
        const char *place = place_in(here->checker, here->place, name);

        for (const struct member *m = here->shape->members; m->name != NULL; m++) {
                if (strcmp(m->name, name) != 0)
                        continue;
                m->means(here, value, place);
                return true;
        }
        view_fault(here->checker, place, "%s has no \"%s\"", here->shape->name, name);
        return true;
}

/* What its own method brings: the items of its answer, the answer, or the parameters that it asks for. */
static const struct scope *make_inner(struct here *here)
{
        struct scope *inner = arena_alloc(here->checker->arena, sizeof(*inner));
        const char *name = text_of(here->object, "method"), *of = text_of(here->object, "of");
        const struct idl_type *type;

        *inner = (struct scope){.up = here->outer, .given = json_member(here->object, "with")};
        if (here->shape->brings == ADDRESS)
                inner->address = text_of(here->object, "at");
        here->method = name != NULL && here->shape->brings != ADDRESS ? find_method(here->checker, name) : NULL;
        if (here->method == NULL)
                return inner;
        if (here->shape->brings == CALL) {
                inner->method = here->method;
                return inner;
        }
        type = answer_of(here->method);
        if (of != NULL)
                type = field_at(type, of) != NULL ? field_at(type, of)->type : NULL;
        inner->item = here->shape->brings == ITEMS ? item_of(type) : type;
        if (inner->item == NULL && type != NULL)
                view_fault(here->checker, here->place, "%s%s%s is no list", name, of != NULL ? " " : "",
                           of != NULL ? of : "");
        return inner;
}

static const struct json *spelled_out(const struct here *around, const struct shape *shape, const struct json *value)
{
        struct json_out *out CLEANUP(json_out_freep) = json_out_new();
        size_t length;

        json_out_object(out);
        json_out_key(out, shape->shorthand);
        json_out_value(out, value);
        json_out_object_end(out);
        const char *bytes = json_out_bytes(out, &length);
        return json_parse_in(around->checker->arena, bytes, length, NULL);
}

void check_object(const struct here *around, const struct shape *shape, const struct json *value,
                  const struct scope *scope, const char *place)
{
        ASSERT(around != NULL && shape != NULL && place != NULL);
        if (shape->shorthand != NULL && json_type_of(value) == JSON_TEXT)
                value = spelled_out(around, shape, value);
        struct here here = {
                .checker = around->checker, .shape = shape, .object = value, .place = place, .outer = scope};

        if (json_type_of(value) != JSON_OBJECT) {
                view_fault(here.checker, place, "expected %s, an object", shape->name);
                return;
        }
        for (const struct member *m = shape->members; m->name != NULL; m++)
                if (m->required && !json_has(value, m->name))
                        view_fault(here.checker, place, "%s needs \"%s\"", shape->name, m->name);
        here.inner = make_inner(&here);
        json_each(value, check_member, &here);
        if (shape->after != NULL)
                shape->after(&here);
}

void check_list(const struct here *around, const struct shape *shape, const struct json *value,
                const struct scope *scope, const char *place)
{
        ASSERT(around != NULL && shape != NULL && place != NULL);
        if (json_type_of(value) != JSON_ARRAY)
                view_fault(around->checker, place, "expected a list, each of it %s", shape->name);
        else
                for (size_t i = 0; i < json_length(value); i++)
                        check_object(around, shape, json_item(value, i), scope, place_at(around->checker, place, i));
}

void check_view(struct checker *checker, const struct view *view)
{
        ASSERT(checker != NULL && view != NULL);
        const struct idl_contract *person = NULL;

        for (size_t i = 0; i < checker->contract_count; i++)
                if (strcmp(checker->contracts[i]->name, "nas.users") == 0)
                        person = checker->contracts[i];
        const struct scope everywhere = {.person = person, .page = true};
        const struct here around = {.checker = checker};
        checker->file = view->file;
        check_object(&around, &view_shape, view->json, &everywhere, "");
}
