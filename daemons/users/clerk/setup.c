/* The first administrator: who reads the set-up code from the console makes one, once. The hand checks the code and
 * gives a ticket and a warrant for exactly the plan that was made for it.
 * Rights: the users clerk; asks its hand. The code and the password pass through, into nothing else. */
#include "daemons/users/clerk/users.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"

#include <string.h>

void nas_users_setup_state(struct call *call, const struct nas_users_setup_state_in *in)
{
        (void)in;
        struct nas_users_setup_state_out out = {.needed = !accounts_have_admin(accounts_now(), NULL)};
        nas_users_setup_state_reply(call, &out);
}

static void admitted(struct call *call, struct reader *reader, void *context)
{
        struct change *change = context;
        change->ticket = answer_text(reader, change->arena);
        answer_expiry(reader, change->arena);
        change->warrant = answer_text(reader, change->arena);
        answer_expiry(reader, change->arena);
        if (reader_ended(reader)) {
                change_run(clerk.changes, call, change);
                return;
        }
        change_free(change);
        answer_broken(call);
}

static void not_admitted(struct call *call, const struct failure *failure, void *context)
{
        change_free(context);
        if (failure->code != FAILURE_BUSY)
                users_refuse(call, failure);
        else
                call_fail(call, failure);
}

static const char *digest_of(const struct change *change)
{
        size_t length;
        uint8_t digest[HASH_BYTES];
        char *hex = arena_alloc(change->arena, 2 * HASH_BYTES + 1);
        plan_seal(change->plan, clerk.plan_key);
        const uint8_t *bytes = plan_encode(change->plan, change->arena, &length);
        plan_digest(bytes, length, digest);
        text_hex(digest, sizeof(digest), hex);
        return hex;
}

void nas_users_setup(struct call *call, const struct nas_users_setup_in *in)
{
        struct failure failure = {0};
        struct change *change = user_change(in->username);
        struct planner planner = users_planner(change, &failure);
        struct user_wish wish = {
                .name = in->username, .full_name = in->full_name, .password = in->password, .role = ROLE_ADMIN};
        change->ends_caller = true; /* its ticket is good for this and nothing else */
        if (password_allowed(in->password, in->username, &failure) != 0 || plan_setup(&planner, &wish) != 0 ||
            call_caller(call)->dry_run) {
                users_run(call, change, failure.code == FAILURE_NONE ? 0 : -1, &failure);
                return;
        }
        struct ask ask = {.operation = USERS_SETUP_TICKET,
                          .lane = ASK_SLOWLY,
                          .answered = admitted,
                          .failed = not_admitted,
                          .context = change};
        ask_hand(call, &ask, in->setup_code, digest_of(change), call_address(call), NULL);
}
