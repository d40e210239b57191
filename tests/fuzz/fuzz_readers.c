/* Every generated reader: the first byte chooses one, the rest is its JSON. What was read must come out and in again
 * the same.
 * Rights: none. */
#include "base/log.h"
#include "base/mem.h"
#include "readers.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

typedef int reader(const struct json *value, struct arena *arena, struct json_out *out);

#define READER(name)                                                                                                   \
        static int read_##name(const struct json *value, struct arena *arena, struct json_out *out)                    \
        {                                                                                                              \
                struct name target;                                                                                    \
                struct failure failure = {0};                                                                          \
                if (name##_read(value, arena, &target, &failure) < 0) {                                                \
                        ASSERT(failure.code == FAILURE_INVALID && failure.message[0] != '\0');                         \
                        return -1;                                                                                     \
                }                                                                                                      \
                name##_write(out, &target);                                                                            \
                return 0;                                                                                              \
        }
EACH_READER(READER)

#define ENTRY(name) read_##name,
static reader *const readers[] = {EACH_READER(ENTRY)};

static void again(reader *read, const struct json_out *first)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        CLEANUP(json_out_freep) struct json_out *second = json_out_new();
        struct failure failure;
        size_t length, other_length;
        const char *text = json_out_bytes(first, &length);
        CLEANUP(json_freep) struct json *value = json_parse(text, length, &failure);

        ASSERT(value != NULL && read(value, arena, second) == 0);
        const char *other = json_out_bytes(second, &other_length);
        ASSERT(length == other_length && memcmp(text, other, length) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
        if (length == 0)
                return 0;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        CLEANUP(json_out_freep) struct json_out *out = json_out_new();
        reader *read = readers[bytes[0] % ARRAY_SIZE(readers)];
        struct failure failure;
        CLEANUP(json_freep) struct json *value = json_parse((const char *)bytes + 1, length - 1, &failure);

        if (value != NULL && read(value, arena, out) == 0)
                again(read, out);
        return 0;
}
