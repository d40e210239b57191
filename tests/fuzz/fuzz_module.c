/* What a module's program says: one message, and what it publishes or answers held to a contract.
 * Rights: none. */
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "daemons/modules/clerk/modules.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static const char contract[] =
        "interface module.fuzz\ntype Colour (red, green)\ntype Inner (\n  # @max 9\n  t: ?string,\n  c: ?Colour\n)\n"
        "type State (\n  # @range 1 9\n  i: int,\n  f: ?float,\n  b: ?bool,\n  # @is user_name\n  u: ?string,\n"
        "  # @max 3\n  l: ?[]Inner,\n  # @max 3\n  m: ?[string]int,\n  o: ?object,\n  # @max 2\n  w: ?[]Colour\n)\n";

static const struct shape *state_shape(void)
{
        static const struct shape *shape;
        char message[256];
        if (shape)
                return shape;
        struct arena *arena = arena_new(); /* as long as the process */
        const struct idl_contract *parsed =
                idl_parse(arena, "module.fuzz.varlink", contract, strlen(contract), message);
        ASSERT(parsed && idl_check(&parsed, 1, message) == 0 && idl_check_module(parsed, "fuzz", message) == 0);
        return shape = shape_of(arena, idl_member(parsed, IDL_TYPE, "State")->type);
}

/* What was taken is taken again, as it was written. */
static void hold(const struct json *value)
{
        struct failure failure = {0};
        CLEANUP(json_out_freep) struct json_out *out = json_out_new(), *again = json_out_new();
        if (shape_again(state_shape(), value, out, &failure) != 0) {
                ASSERT(failure.code == FAILURE_INVALID && *failure.message != '\0');
                return;
        }
        size_t length, again_length;
        const char *text = json_out_bytes(out, &length);
        CLEANUP(json_freep) struct json *read = json_parse(text, length, NULL);
        ASSERT(read && shape_again(state_shape(), read, again, &failure) == 0);
        const char *text_again = json_out_bytes(again, &again_length);
        ASSERT(again_length == length && memcmp(text, text_again, length) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct failure failure = {0};
        const char *text = arena_text(arena, (const char *)bytes, length);
        struct said said = said_read(arena, text, length, &failure);
        switch (said.what) {
        case SAID_NONSENSE:
                ASSERT(failure.code == FAILURE_MALFORMED && *failure.message != '\0');
                break;
        case SAID_COMMIT:
        case SAID_DONE:
                hold(said.value);
                break;
        case SAID_REFUSED:
                ASSERT(*said.message != '\0' && strlen(said.message) <= 300 && strlen(said.field) <= 60);
                ASSERT(text_printable(said.message, strlen(said.message)) &&
                       text_printable(said.field, strlen(said.field)));
                break;
        }
        return 0;
}
