/* The door of plans: decoding what a less privileged peer sent. What is taken must be the one encoding.
 * Rights: none. */
#include "base/log.h"
#include "base/mem.h"
#include "plan/plan.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void again(struct arena *arena, const struct plan *plan, const uint8_t *bytes, size_t length)
{
        size_t again_length;
        const uint8_t *encoded = plan_encode(plan, arena, &again_length);
        ASSERT(again_length == length && memcmp(encoded, bytes, length) == 0);
        for (size_t i = 0; i < plan->count; i++) {
                struct action undo;
                action_words(plan->operations, &plan->steps[i], arena);
                action_literal(plan->operations, &plan->steps[i], arena);
                if (action_undo(plan->operations, &plan->steps[i], arena, &undo))
                        ASSERT(action_check(plan->operations, &undo, NULL) == 0);
        }
        encoded = plan_encode_blanked(plan, arena, &again_length);
        ASSERT(plan_decode_blanked(arena, encoded, again_length, NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct failure failure;
        struct plan *plan = plan_decode(arena, bytes, length, &failure);
        if (plan)
                again(arena, plan, bytes, length);
        return 0;
}
