/* Second factors. The secret is made in the hand and shown once; until a code proves that the app has it, nothing
 * changes.
 * Rights: the users clerk; asks its hand. Secrets pass through, into nothing else. */
#include "daemons/users/clerk/users.h"

#include "base/log.h"
#include "base/mem.h"

static void begun(struct call *call, struct reader *reader, void *context)
{
        (void)context;
        struct arena *arena = call_arena(call);
        struct nas_users_enrol_totp_out out = {.uri = answer_text(reader, arena)};
        out.key = answer_text(reader, arena);
        if (reader_ended(reader))
                nas_users_enrol_totp_reply(call, &out);
        else
                answer_broken(call);
}

void nas_users_enrol_totp(struct call *call, const struct nas_users_enrol_totp_in *in)
{
        struct failure failure = {0};
        const struct account *account = asker_own(call, &failure);
        if (!account) {
                users_refuse(call, &failure);
                return;
        }
        struct ask ask = {.operation = USERS_TOTP_BEGIN,
                          .lane = ASK_SLOWLY,
                          .answered = begun,
                          .ticket = call_caller(call)->ticket};
        const char *uid = arena_printf(call_arena(call), "%u", account->uid);
        ask_hand(call, &ask, account->name, uid, in->password, NULL);
}

static void answer_recovery(struct json_out *out, const struct reply *reply, void *context)
{
        (void)context;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct reader reader = reader_of(reply->answer, reply->answer_length);
        struct nas_users_confirm_totp_out answer = {.recovery = answer_text(&reader, arena)};
        nas_users_confirm_totp_out_write(out, &answer);
}

static struct change *factor_change(const struct account *account)
{
        ASSERT(account);
        struct change *change = change_new(clerk.changes);
        change->object = arena_printf(change->arena, "second factor of %s", account->name);
        change->who = change_keep(change, account->name);
        return change;
}

void nas_users_confirm_totp(struct call *call, const struct nas_users_confirm_totp_in *in)
{
        struct failure failure = {0};
        const struct account *account = asker_own(call, &failure);
        if (!account) {
                users_refuse(call, &failure);
                return;
        }
        struct change *change = factor_change(account);
        const char *uid = arena_printf(change->arena, "%u", account->uid);
        change->issues = true;
        change->answer = answer_recovery;
        users_run(call, change,
                  plan_step(change->plan, &failure, USERS_TOTP_FINISH, account->name, uid, in->code, NULL), &failure);
}

void nas_users_disable_totp(struct call *call, const struct nas_users_disable_totp_in *in)
{
        struct failure failure = {0};
        const struct account *account = find_reachable(call, in->username, &failure);
        const struct fact *fact = account ? fact_of(tables_now(), account->uid) : NULL;
        if (fact && !fact->totp)
                failure_set(&failure, FAILURE_CONFLICT, "username", "", "%s has no second factor.", in->username);
        if (failure.code != FAILURE_NONE) {
                users_refuse(call, &failure);
                return;
        }
        struct change *change = factor_change(account);
        const char *uid = arena_printf(change->arena, "%u", account->uid);
        users_run(call, change, plan_step(change->plan, &failure, USERS_TOTP_DROP, account->name, uid, NULL), &failure);
}
