/* JSON: what is accepted is written as JSON that reads back to the same bytes, whatever the reader let pass.
 * Rights: none. */
#include "base/log.h"
#include "base/mem.h"
#include "json/json.h"

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

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
        struct failure failure = {0};
        CLEANUP(json_freep) struct json *value = json_parse((const char *)bytes, length, &failure);
        if (value == NULL) {
                ASSERT(failure.code == FAILURE_MALFORMED && failure.message[0] != '\0');
                return 0;
        }
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
        return 0;
}
