/* Patches: two documents with a line end between them (the texts of JSON hold none, so it is a blank there). What
 * json_patch writes, applied by hand and by json_patch_apply to the first, gives the second. And the second may itself
 * be a patch for the first: whatever it says, what comes out is JSON again.
 * Rights: none. */
#include "base/log.h"
#include "base/mem.h"
#include "json/json.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* The next name of a pointer, unescaped; the rest of the pointer. */
static const char *name_of(const char *pointer, char *name)
{
        ASSERT(*pointer == '/');
        for (pointer++; *pointer != '\0' && *pointer != '/'; pointer++) {
                if (*pointer == '~')
                        *name++ = *++pointer == '0' ? '~' : '/';
                else
                        *name++ = *pointer;
        }
        *name = '\0';
        return pointer;
}

static size_t index_of(const char *name)
{
        char *end;
        size_t index = strtoul(name, &end, 10);
        ASSERT(*name != '\0' && *end == '\0');
        return index;
}

static void apply_to_array(struct json_object *array, size_t at, const char *kind, struct json_object *value)
{
        size_t count = json_object_array_length(array);
        if (strcmp(kind, "remove") == 0) {
                ASSERT(at < count);
                json_object_array_del_idx(array, at, 1);
                return;
        }
        ASSERT(strcmp(kind, "add") == 0 ? at <= count : at < count);
        if (strcmp(kind, "add") == 0) { /* json-c cannot insert: move the others */
                json_object_array_add(array, NULL);
                for (size_t i = count; i > at; i--)
                        json_object_array_put_idx(array, i, json_object_get(json_object_array_get_idx(array, i - 1)));
        }
        json_object_array_put_idx(array, at, json_object_get(value));
}

static void apply_to_object(struct json_object *object, const char *name, const char *kind, struct json_object *value)
{
        bool there = json_object_object_get_ex(object, name, NULL);
        if (strcmp(kind, "remove") == 0) {
                ASSERT(there);
                json_object_object_del(object, name);
                return;
        }
        ASSERT(strcmp(kind, "add") == 0 ? !there : there);
        json_object_object_add(object, name, json_object_get(value));
}

static void apply(struct json_object **document, struct json_object *operation)
{
        const char *kind = json_object_get_string(json_object_object_get(operation, "op"));
        const char *path = json_object_get_string(json_object_object_get(operation, "path"));
        struct json_object *value = json_object_object_get(operation, "value"), *at = *document;
        if (*path == '\0') {
                ASSERT(strcmp(kind, "replace") == 0);
                json_object_put(*document);
                *document = json_object_get(value);
                return;
        }
        char *name = mem_new(strlen(path) + 1, 1);
        for (path = name_of(path, name); *path != '\0'; path = name_of(path, name))
                at = json_object_is_type(at, json_type_array) ? json_object_array_get_idx(at, index_of(name))
                                                              : json_object_object_get(at, name);
        if (json_object_is_type(at, json_type_array))
                apply_to_array(at, index_of(name), kind, value);
        else
                apply_to_object(at, name, kind, value);
        free(name);
}

static void check(const char *before, const char *after, const char *patch)
{
        struct json_object *document = json_tokener_parse(before), *wanted = json_tokener_parse(after);
        struct json_object *operations = json_tokener_parse(patch);
        ASSERT(json_object_is_type(operations, json_type_array));
        for (size_t i = 0; i < json_object_array_length(operations); i++)
                apply(&document, json_object_array_get_idx(operations, i));
        ASSERT(json_object_equal(document, wanted));
        json_object_put(document);
        json_object_put(wanted);
        json_object_put(operations);
}

/* Ours gives the same; the whole is JSON within its limits. */
static void check_apply(const char *before, const char *after, const char *patch)
{
        CLEANUP(json_out_freep) struct json_out *out = json_out_new(), *nothing = json_out_new();
        size_t length;
        int applied = json_patch_apply(before, strlen(before), patch, strlen(patch), out);
        ASSERT(after == NULL || applied == 0);
        if (applied != 0)
                return;
        const char *got = json_out_bytes(out, &length);
        const char *wanted = after == NULL ? got : after;
        ASSERT(json_patch(got, length, wanted, strlen(wanted), nothing) == 0);
        ASSERT(strcmp(json_out_bytes(nothing, NULL), "[]") == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
        const uint8_t *end = length == 0 ? NULL : memchr(bytes, '\n', length);
        if (end == NULL)
                return 0;
        size_t head = (size_t)(end - bytes), rest = length - head - 1;
        char *before = mem_new(head + 1, 1), *after = mem_new(rest + 1, 1);
        memcpy(before, bytes, head);
        memcpy(after, end + 1, rest);
        CLEANUP(json_out_freep) struct json_out *out = json_out_new();
        if (json_patch(before, head, after, rest, out) == 0) {
                check(before, after, json_out_bytes(out, NULL));
                check_apply(before, after, json_out_bytes(out, NULL));
        }
        check_apply(before, NULL, after);
        free(before);
        free(after);
        return 0;
}
