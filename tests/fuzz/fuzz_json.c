/* JSON: what is accepted is written as JSON that reads back to the same bytes, and another library finds the same in
 * what came as in what was written.
 * Rights: none. */
#include "base/log.h"
#include "base/mem.h"
#include "json/json.h"

#include <json-c/json.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static bool look(const char *name, const struct json *value, void *context)
{
        const struct json *object = context;
        size_t length;
        if (value != NULL)
                ASSERT(json_member(object, name) == value);
        if (json_type_of(value) == JSON_TEXT)
                ASSERT(strlen(json_text(value, &length)) == length); /* no NUL cuts it short */
        if (json_type_of(value) == JSON_INTEGER)
                ASSERT(json_integer(value) <= JSON_INTEGER_MAX && json_integer(value) >= -JSON_INTEGER_MAX);
        return true;
}

static struct json_object *other_reader(const char *bytes, size_t length)
{
        struct json_tokener *tokener = json_tokener_new();
        ASSERT(tokener != NULL);
        struct json_object *object = json_tokener_parse_ex(tokener, bytes, (int)length);
        if (json_tokener_get_error(tokener) == json_tokener_continue) /* a bare number */
                object = json_tokener_parse_ex(tokener, "", 1);
        ASSERT(json_tokener_get_error(tokener) == json_tokener_success && object != NULL);
        json_tokener_free(tokener);
        return object;
}

static void compare(const char *came, size_t came_length, const char *written, size_t written_length)
{
        struct json_object *one = other_reader(came, came_length), *two = other_reader(written, written_length);
        ASSERT(json_object_equal(one, two));
        json_object_put(one);
        json_object_put(two);
}

struct span_of {
        const char *text;
        size_t length;
        bool escapes;
};

/* What is found in the text is what the tree has; with an escape in a name it is not found, or that other member is. */
static bool find(const char *name, const struct json *value, void *context)
{
        const struct span_of *of = context;
        struct json_place place = {.name = name};
        ASSERT(json_spans(of->text, of->length, &place, 1) == 0 && (place.value != NULL || of->escapes));
        if (place.value == NULL || of->escapes)
                return true;
        CLEANUP(json_freep) struct json *found = json_parse(place.value, place.length, NULL);
        ASSERT(json_type_of(found) == json_type_of(value) && json_length(found) == json_length(value));
        ASSERT(place.items == (json_type_of(value) == JSON_ARRAY ? json_length(value) : 0));
        return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
        struct failure failure = {0};
        CLEANUP(json_freep) struct json *value = json_parse((const char *)bytes, length, &failure);
        struct json_place place = {.name = "a"};
        int spans = json_spans((const char *)bytes, length, &place, 1); /* any bytes do no harm */
        if (value == NULL) {
                ASSERT(failure.code == FAILURE_MALFORMED && failure.message[0] != '\0');
                return 0;
        }
        ASSERT((spans == 0) == (json_type_of(value) == JSON_OBJECT));
        struct span_of of = {(const char *)bytes, length, memchr(bytes, '\\', length) != NULL};
        json_each(value, find, &of);
        json_each(value, look, value);
        CLEANUP(json_out_freep) struct json_out *out = json_out_new();
        json_out_value(out, value);
        size_t once_length, twice_length;
        const char *once = json_out_bytes(out, &once_length);
        CLEANUP(json_freep) struct json *again = json_parse(once, once_length, NULL);
        ASSERT(again != NULL);
        CLEANUP(json_out_freep) struct json_out *out_again = json_out_new();
        json_out_value(out_again, again);
        const char *twice = json_out_bytes(out_again, &twice_length);
        ASSERT(once_length == twice_length && memcmp(once, twice, once_length) == 0);
        compare((const char *)bytes, length, once, once_length);
        return 0;
}
