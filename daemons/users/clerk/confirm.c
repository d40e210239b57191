/* What a person confirms. The plan comes as bytes, from whatever clerk proposed it; it is read here from its typed
 * steps and the policies, so that who proposed it cannot dress it up, and the warrant is for exactly these bytes.
 * Rights: the users clerk; asks its hand for the signature. */
#include "daemons/users/clerk/users.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"

#include <string.h>

struct rendered { /* in the call's arena */
        char digest[2 * HASH_BYTES + 1];
        bool warrant, destroys;
        const struct nas_users_step *steps;
        size_t count;
};

static const struct plan *read_plan(struct call *call, const char *text, struct rendered *ret, struct failure *failure)
{
        struct arena *arena = call_arena(call);
        size_t room = strlen(text) + 1;
        uint8_t *bytes = arena_alloc(arena, room), digest[HASH_BYTES];
        long length = text_unbase64(text, strlen(text), bytes, room);
        if (length < 0) {
                failure_set(failure, FAILURE_INVALID, "plan", "Take it from a dry run.", "is not a plan.");
                return NULL;
        }
        plan_digest(bytes, (size_t)length, digest);
        text_hex(digest, sizeof(digest), ret->digest);
        return plan_decode(arena, bytes, (size_t)length, failure);
}

/* The values that its sentence names. */
static void add_values(const struct operations *operations, const struct action *step, struct arena *arena,
                       struct nas_users_step *ret)
{
        const struct operation *operation = &operations->list[step->operation];
        struct nas_users_step_value *values = arena_array(arena, OPERATION_PARAMS_MAX, sizeof(*values));
        struct param param;
        for (size_t i = 0; operation_param(operation, i, &param); i++) {
                const char *name = arena_text(arena, param.name, param.name_length);
                if (strstr(operation->says, arena_printf(arena, "{%s}", name)))
                        values[ret->values_count++] = (struct nas_users_step_value){
                                name, param.type->name, action_told(operations, step, &param, arena)};
        }
        ret->says = operation->says;
        ret->values = values;
}

static int render(struct call *call, const char *text, struct rendered *ret, struct failure *failure)
{
        struct arena *arena = call_arena(call);
        const struct plan *plan = read_plan(call, text, ret, failure);
        if (!plan)
                return -1;
        struct nas_users_step *steps = arena_array(arena, plan->count, sizeof(*steps));
        for (size_t i = 0; i < plan->count; i++) {
                const struct action *step = &plan->steps[i];
                steps[i] = (struct nas_users_step){.words = action_words(plan->operations, step, arena),
                                                   .literal = action_literal(plan->operations, step, arena),
                                                   .undo = action_undo_literal(plan->operations, step, arena)};
                add_values(plan->operations, step, arena, &steps[i]);
        }
        ret->warrant = plan_proof(plan) >= PROOF_WARRANT;
        ret->destroys = plan_destroys(plan);
        ret->steps = steps;
        ret->count = plan->count;
        return 0;
}

void nas_users_describe(struct call *call, const struct nas_users_describe_in *in)
{
        struct failure failure = {0};
        struct rendered rendered = {0};
        if (render(call, in->plan, &rendered, &failure) != 0) {
                call_fail(call, &failure);
                return;
        }
        struct nas_users_describe_out out = {.digest = rendered.digest,
                                             .warrant = rendered.warrant,
                                             .destroys = rendered.destroys,
                                             .steps = rendered.steps,
                                             .steps_count = rendered.count};
        nas_users_describe_reply(call, &out);
}

static void confirmed(struct call *call, struct reader *reader, void *context)
{
        const struct rendered *rendered = context;
        struct arena *arena = call_arena(call);
        struct nas_users_confirm_out out = {.warrant = answer_text(reader, arena)};
        out.expires = answer_expiry(reader, arena);
        out.steps = rendered->steps;
        out.steps_count = rendered->count;
        if (reader_ended(reader))
                nas_users_confirm_reply(call, &out);
        else
                answer_broken(call);
}

/* A wrong factor where somebody has signed in already is worth knowing. */
static void not_confirmed(struct call *call, const struct failure *failure, void *context)
{
        (void)context;
        if (failure->code != FAILURE_UNAVAILABLE && failure->code != FAILURE_BUSY)
                changes_refused(clerk.changes, call, "confirmation of a plan", failure);
        call_fail(call, failure);
}

void nas_users_confirm(struct call *call, const struct nas_users_confirm_in *in)
{
        struct failure failure = {0};
        struct rendered *rendered = arena_alloc(call_arena(call), sizeof(*rendered));
        int result = render(call, in->plan, rendered, &failure);
        if (result == 0 && strcmp(rendered->digest, in->digest) != 0)
                result = failure_set(&failure, FAILURE_INVALID, "digest", "Look at the plan again.",
                                     "is not the digest of this plan.");
        if (result != 0) {
                call_fail(call, &failure);
                return;
        }
        struct ask ask = {.operation = USERS_CONFIRM,
                          .lane = ASK_SLOWLY,
                          .answered = confirmed,
                          .failed = not_confirmed,
                          .context = rendered,
                          .ticket = call_caller(call)->ticket};
        ask_hand(call, &ask, in->digest, in->password ? in->password : "", in->code ? in->code : "", NULL);
}
