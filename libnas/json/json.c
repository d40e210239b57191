/* Looking at a JSON value that was read, and comparing two.
 * Rights: every process that reads JSON; none needed. */
#include "json/parts.h"

#include "base/log.h"

#include <string.h>

/* null, like a member that is not there, is no value at all. */
static const struct json *value_or_null(const struct json *value)
{
        return value->kind == JSON_NULL ? NULL : value;
}

enum json_kind json_type_of(const struct json *value)
{
        return value == NULL ? JSON_NULL : value->kind;
}

const char *json_type_name(enum json_kind type)
{
        static const char *const names[] = {"null",   "true or false", "an integer", "a number",
                                            "a text", "an array",      "an object"};
        ASSERT((size_t)type < sizeof names / sizeof names[0]);
        return names[type];
}

bool json_boolean(const struct json *value)
{
        ASSERT(json_type_of(value) == JSON_BOOLEAN);
        return value->boolean;
}

int64_t json_integer(const struct json *value)
{
        ASSERT(json_type_of(value) == JSON_INTEGER);
        return value->integer;
}

double json_number(const struct json *value)
{
        ASSERT(json_type_of(value) == JSON_INTEGER || json_type_of(value) == JSON_NUMBER);
        return value->kind == JSON_INTEGER ? (double)value->integer : value->number;
}

const char *json_text(const struct json *value, size_t *ret_length)
{
        ASSERT(json_type_of(value) == JSON_TEXT);
        if (ret_length != NULL)
                *ret_length = value->length;
        return value->text;
}

size_t json_length(const struct json *value)
{
        enum json_kind kind = json_type_of(value);
        return kind == JSON_ARRAY || kind == JSON_OBJECT ? value->count : 0;
}

const struct json *json_item(const struct json *array, size_t index)
{
        ASSERT(json_type_of(array) == JSON_ARRAY && index < array->count);
        return value_or_null(&array->inner[index]);
}

struct json *json_find(const struct json *object, const char *name, size_t length)
{
        size_t count = json_type_of(object) == JSON_OBJECT ? object->count : 0;
        for (size_t i = 0; i < count; i++)
                if (object->inner[i].name_length == length && memcmp(object->inner[i].name, name, length) == 0)
                        return &object->inner[i];
        return NULL;
}

const struct json *json_member(const struct json *object, const char *name)
{
        const struct json *member = json_find(object, name, strlen(name));
        return member == NULL ? NULL : value_or_null(member);
}

struct json *json_take(struct json *object, const char *name)
{
        struct json *member = json_find(object, name, strlen(name));
        if (member == NULL)
                return NULL;
        struct shared *shared = ((struct document *)object)->shared;
        struct document *taken = arena_alloc(shared->arena, sizeof *taken);
        *taken = (struct document){.value = *member, .shared = shared};
        size_t behind = (size_t)(object->inner + --object->count - member);
        memmove(member, member + 1, behind * sizeof *member);
        if (taken->value.kind == JSON_NULL)
                return NULL;
        shared->holders++;
        return &taken->value;
}

bool json_has(const struct json *object, const char *name)
{
        return json_find(object, name, strlen(name)) != NULL;
}

void json_each(const struct json *object, bool (*each)(const char *name, const struct json *value, void *context),
               void *context)
{
        size_t count = json_type_of(object) == JSON_OBJECT ? object->count : 0;
        for (size_t i = 0; i < count; i++)
                if (!each(object->inner[i].name, value_or_null(&object->inner[i]), context))
                        return;
}

static bool same_inner(const struct json *a, const struct json *b)
{
        for (size_t i = 0; i < a->count; i++) {
                const struct json *one = &a->inner[i], *other = &b->inner[i];
                if (a->kind == JSON_OBJECT) /* most often in the same order */
                        other = other->name_length == one->name_length &&
                                                memcmp(other->name, one->name, one->name_length) == 0
                                        ? other
                                        : json_find(b, one->name, one->name_length);
                if (other == NULL || !json_same(one, other))
                        return false;
        }
        return true;
}

bool json_same(const struct json *a, const struct json *b)
{
        enum json_kind kind = json_type_of(a);
        if (a == b)
                return true;
        if (kind != json_type_of(b))
                return false;
        switch (kind) {
        case JSON_BOOLEAN:
                return a->boolean == b->boolean;
        case JSON_INTEGER:
                return a->integer == b->integer;
        case JSON_NUMBER: /* finite, or it were no document */
                return a->number <= b->number && a->number >= b->number;
        case JSON_TEXT:
                return a->length == b->length && memcmp(a->text, b->text, a->length) == 0;
        case JSON_ARRAY:
        case JSON_OBJECT:
                return a->count == b->count && same_inner(a, b);
        default:
                return true;
        }
}
