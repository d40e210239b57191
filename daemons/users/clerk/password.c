/* Passwords of accounts. The minimum is the hand's to enforce; saying so before a plan is made is for people.
 * Rights: the users clerk; passwords pass through into plans, where they are masked. */
#include "daemons/users/clerk/users.h"

#include <string.h>

void nas_users_set_password(struct call *call, const struct nas_users_set_password_in *in)
{
        struct failure failure = {0};
        const struct account *account = find_user(in->username, &failure);
        if (!account || password_allowed(in->password, in->username, &failure) != 0) {
                users_refuse(call, &failure);
                return;
        }
        struct change *change = user_change(in->username);
        struct planner planner = users_planner(change, &failure);
        change->who = arena_printf(change->arena, "%s, who is signed out everywhere", in->username);
        change->answer = NULL;
        change->ends_caller = account == asker_account(call);
        users_run(call, change, plan_password_set(&planner, account, in->password), &failure);
}

void nas_users_change_password(struct call *call, const struct nas_users_change_password_in *in)
{
        struct failure failure = {0};
        const struct account *account = asker_own(call, &failure);
        if (!account || password_allowed(in->password, account->name, &failure) != 0) {
                users_refuse(call, &failure);
                return;
        }
        struct change *change = user_change(account->name);
        struct planner planner = users_planner(change, &failure);
        change->who = "you, signed out everywhere";
        change->answer = NULL;
        change->ends_caller = true;
        users_run(call, change, plan_password_change(&planner, account, in->password, in->old), &failure);
}
