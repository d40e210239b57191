/* The door of the hand (requests) and of the clerk (replies): whatever is taken encodes to the same bytes.
 * Rights: none. */
#include "base/log.h"
#include "base/mem.h"
#include "plan/record.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct request request;
        struct reply reply;
        struct action action;
        size_t again_length;
        const uint8_t *again;
        if (request_decode(arena, bytes, length, &request) == 0) {
                again = request_encode(&request, arena, &again_length);
                ASSERT(again_length == length && memcmp(again, bytes, length) == 0);
        }
        if (reply_decode(arena, bytes, length, &reply) == 0) {
                again = reply_encode(&reply, arena, &again_length);
                ASSERT(again_length == length && memcmp(again, bytes, length) == 0);
        }
        if (action_decode(arena, bytes, length, &action) == 0) {
                again = action_encode(&action, arena, &again_length);
                ASSERT(again_length == length && memcmp(again, bytes, length) == 0);
        }
        return 0;
}
