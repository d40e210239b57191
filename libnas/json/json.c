/* JSON values: the only file, with patch.c and out.c's values, that knows json-c.
 * Rights: every process that reads JSON; none needed. */
#include "json/json.h"

#include "base/log.h"
#include "json/scan.h"

#include <json.h>
#include <math.h>
#include <string.h>

/* A value of ours is one of json-c's; the type is never completed, so that nobody else can look inside. */
static struct json_object *inside(const struct json *value)
{
        return (struct json_object *)(uintptr_t)value;
}

static struct json *outside(struct json_object *object)
{
        return (struct json *)object;
}

/* Members of all objects together; SIZE_MAX when a number is not finite. */
static size_t members_of(struct json_object *object)
{
        size_t count = 0;
        if (json_object_is_type(object, json_type_object)) {
                json_object_object_foreach(object, key, member)
                {
                        (void)key;
                        size_t below = members_of(member);
                        if (below == SIZE_MAX)
                                return SIZE_MAX;
                        count += 1 + below;
                }
        } else if (json_object_is_type(object, json_type_array)) {
                for (size_t i = 0; i < json_object_array_length(object); i++) {
                        size_t below = members_of(json_object_array_get_idx(object, i));
                        if (below == SIZE_MAX)
                                return SIZE_MAX;
                        count += below;
                }
        } else if (json_object_is_type(object, json_type_double) && !isfinite(json_object_get_double(object))) {
                return SIZE_MAX;
        }
        return count;
}

static struct json *malformed(struct failure *failure, const char *reason, size_t offset)
{
        (void)failure_set(failure, FAILURE_MALFORMED, NULL, "send one JSON value as RFC 8259 says, without duplicates",
                          "the JSON has %s at byte %zu", reason, offset);
        return NULL;
}

struct json *json_parse(const char *text, size_t length, struct failure *failure)
{
        ASSERT(text != NULL || length == 0);
        struct scan_result scanned = scan_json(text, length);
        if (scanned.reason != NULL)
                return malformed(failure, scanned.reason, scanned.offset);
        if (length > INT32_MAX)
                return malformed(failure, "too many bytes", 0);
        struct json_tokener *tokener = json_tokener_new_ex(JSON_DEPTH_MAX + 2);
        if (tokener == NULL)
                log_fatal("out of memory");
        json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
        struct json_object *object = json_tokener_parse_ex(tokener, text, (int)length);
        /* A bare number is complete only when something follows it. */
        if (json_tokener_get_error(tokener) == json_tokener_continue)
                object = json_tokener_parse_ex(tokener, "", 1);
        bool parsed = json_tokener_get_error(tokener) == json_tokener_success;
        json_tokener_free(tokener);
        size_t members = parsed ? members_of(object) : 0;
        if (parsed && object != NULL && members == scanned.members)
                return outside(object);
        (void)json_object_put(object);
        if (!parsed || object == NULL)
                return malformed(failure, "no value that can be used", 0);
        return malformed(failure, members == SIZE_MAX ? "a number that is too large" : "a member that comes twice", 0);
}

void json_free(struct json *document)
{
        (void)json_object_put(inside(document));
}

void json_freep(struct json **document)
{
        json_free(*document);
}

enum json_kind json_type_of(const struct json *value)
{
        switch (json_object_get_type(inside(value))) {
        case json_type_boolean:
                return JSON_BOOLEAN;
        case json_type_int:
                return JSON_INTEGER;
        case json_type_double:
                return JSON_NUMBER;
        case json_type_string:
                return JSON_TEXT;
        case json_type_array:
                return JSON_ARRAY;
        case json_type_object:
                return JSON_OBJECT;
        default:
                return JSON_NULL;
        }
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
        return json_object_get_boolean(inside(value)) != 0;
}

int64_t json_integer(const struct json *value)
{
        return json_object_get_int64(inside(value));
}

double json_number(const struct json *value)
{
        return json_object_get_double(inside(value));
}

const char *json_text(const struct json *value, size_t *ret_length)
{
        ASSERT(json_type_of(value) == JSON_TEXT);
        if (ret_length != NULL)
                *ret_length = (size_t)json_object_get_string_len(inside(value));
        return json_object_get_string(inside(value));
}

size_t json_length(const struct json *value)
{
        switch (json_type_of(value)) {
        case JSON_ARRAY:
                return json_object_array_length(inside(value));
        case JSON_OBJECT:
                return (size_t)json_object_object_length(inside(value));
        default:
                return 0;
        }
}

const struct json *json_item(const struct json *array, size_t index)
{
        ASSERT(index < json_length(array));
        return outside(json_object_array_get_idx(inside(array), index));
}

const struct json *json_member(const struct json *object, const char *name)
{
        struct json_object *member = NULL;
        if (json_type_of(object) == JSON_OBJECT)
                (void)json_object_object_get_ex(inside(object), name, &member);
        return outside(member);
}

struct json *json_take(struct json *object, const char *name)
{
        struct json_object *member = NULL;
        if (json_type_of(object) != JSON_OBJECT || !json_object_object_get_ex(inside(object), name, &member))
                return NULL;
        (void)json_object_get(member);
        json_object_object_del(inside(object), name);
        return outside(member);
}

bool json_has(const struct json *object, const char *name)
{
        return json_type_of(object) == JSON_OBJECT && json_object_object_get_ex(inside(object), name, NULL);
}

void json_each(const struct json *object, bool (*each)(const char *name, const struct json *value, void *context),
               void *context)
{
        if (json_type_of(object) != JSON_OBJECT)
                return;
        json_object_object_foreach(inside(object), key, member)
        {
                if (!each(key, outside(member), context))
                        return;
        }
}
