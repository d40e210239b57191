/* Accounts: who asks, what they may reach, and the methods that make, change, show and remove them.
 * Rights: the users clerk; works on what is in memory. */
#include "daemons/users/clerk/users.h"

#include "base/log.h"
#include "base/mem.h"

#include <stdio.h>
#include <string.h>

/* --- who asks --- */

bool asker_is_admin(const struct call *call)
{
        return call_who(call)->ticket.role >= ROLE_ADMIN;
}

const struct account *asker_account(const struct call *call)
{
        const struct bearer *bearer = call_who(call);
        const struct account *account = bearer->known ? account_by_name(accounts_now(), bearer->ticket.name) : NULL;
        return account && account->uid == bearer->ticket.subject ? account : NULL;
}

const struct account *asker_own(const struct call *call, struct failure *failure)
{
        const struct account *account = asker_account(call);
        if (!account)
                failure_set(failure, FAILURE_CONFLICT, "", "Sign in with an account.",
                            "This belongs to accounts; root on the console has none.");
        return account;
}

const struct account *find_user(const char *name, struct failure *failure)
{
        const struct account *account = account_by_name(accounts_now(), name);
        if (!account)
                failure_set(failure, FAILURE_NOT_FOUND, "username", "List the accounts.", "There is no account %s.",
                            name);
        return account;
}

const struct account *find_reachable(const struct call *call, const char *name, struct failure *failure)
{
        const struct account *account = find_user(name, failure);
        if (!account || asker_is_admin(call) || account == asker_account(call))
                return account;
        failure_set(failure, FAILURE_NOT_FOUND, "username", "List the accounts.", "There is no account %s.", name);
        return NULL;
}

/* --- as the contract has them --- */

enum role role_in(enum nas_users_role role)
{
        return (enum role)((int)role + ROLE_VIEWER);
}

enum nas_users_role role_out(enum role role)
{
        return role > ROLE_VIEWER ? (enum nas_users_role)(role - ROLE_VIEWER) : NAS_USERS_ROLE_VIEWER;
}

struct nas_users_user user_out(const struct account *account)
{
        ASSERT(account);
        const struct fact *fact = fact_of(tables_now(), account->uid);
        struct nas_users_user user = {.id = account->uid,
                                      .username = account->name,
                                      .full_name = *account->full_name ? account->full_name : NULL,
                                      .role = role_out(account->role),
                                      .enabled = account->enabled && account->role > ROLE_NOBODY,
                                      .shell = account->shell,
                                      .groups = account->groups,
                                      .groups_count = account->group_count};
        user.has_smb = smb_known();
        user.smb = smb_of(account->uid);
        if (fact) {
                user.has_totp = true;
                user.totp = fact->totp;
                user.created = *fact->created ? fact->created : NULL;
                user.last_login = *fact->last_login ? fact->last_login : NULL;
        }
        return user;
}

static void write_list(struct json_out *out, struct call *call, void *context)
{
        (void)call;
        (void)context;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        const struct accounts *accounts = accounts_now();
        struct nas_users_user *users = arena_array(arena, accounts->account_count, sizeof(*users));
        for (size_t i = 0; i < accounts->account_count; i++)
                users[i] = user_out(&accounts->accounts[i]);
        struct nas_users_list_users_out reply = {.users = users, .users_count = accounts->account_count};
        nas_users_list_users_out_write(out, &reply);
}

struct topic *users_topic(void)
{
        return topic_new("users", write_list, NULL);
}

void nas_users_list_users(struct call *call, const struct nas_users_list_users_in *in)
{
        (void)in;
        topic_serve(topics.users, call);
}

void nas_users_get_user(struct call *call, const struct nas_users_get_user_in *in)
{
        struct failure failure = {0};
        const struct account *account = find_user(in->username, &failure);
        if (!account) {
                call_fail(call, &failure);
                return;
        }
        struct nas_users_get_user_out out = {.user = user_out(account)};
        nas_users_get_user_reply(call, &out);
}

/* --- changing them --- */

static bool number_claimed(uint32_t number)
{
        char text[16];
        snprintf(text, sizeof(text), "%u", number);
        return changes_claim(clerk.changes, USERS_GROUP_MAKE, 1, text);
}

static bool smb_maybe(uint32_t uid)
{
        return !smb_known() || smb_of(uid);
}

static bool name_claimed(const char *name)
{
        return changes_claim(clerk.changes, USERS_GROUP_MAKE, 0, name);
}

struct planner users_planner(const struct change *change, struct failure *failure)
{
        const struct accounts *accounts = accounts_now();
        const struct tables *tables = tables_now();
        uint32_t last = tables ? tables->last_number : 0;
        for (size_t i = 0; i < accounts->number_count; i++)
                if (accounts->numbers[i] > last)
                        last = accounts->numbers[i];
        return (struct planner){.plan = change->plan,
                                .accounts = accounts,
                                .last_number = last,
                                .claimed = number_claimed,
                                .name_claimed = name_claimed,
                                .smb = smb_maybe,
                                .failure = failure};
}

void users_refuse(struct call *call, const struct failure *failure)
{
        changes_refuse(clerk.changes, call, failure);
}

void users_run(struct call *call, struct change *change, int result, const struct failure *failure)
{
        if (result == 0) {
                change_run(clerk.changes, call, change);
                return;
        }
        users_refuse(call, failure);
        change_free(change);
}

const char *change_keep(const struct change *change, const char *text)
{
        return arena_text(change->arena, text, strlen(text));
}

/* Create, update and set-up answer alike: {user}. An account that is gone again meanwhile leaves it out. */
static void answer_user(struct json_out *out, const struct reply *reply, void *context)
{
        (void)reply;
        const struct account *account = account_by_name(accounts_now(), context);
        if (account) {
                struct nas_users_create_user_out user = {.user = user_out(account)};
                nas_users_create_user_out_write(out, &user);
                return;
        }
        json_out_object(out);
        json_out_object_end(out);
}

struct change *user_change(const char *name)
{
        struct change *change = change_new(clerk.changes);
        change->object = arena_printf(change->arena, "user %s", name);
        change->who = change_keep(change, name);
        change->answer = answer_user;
        change->context = (void *)(uintptr_t)change->who;
        return change;
}

void nas_users_create_user(struct call *call, const struct nas_users_create_user_in *in)
{
        struct failure failure = {0};
        struct change *change = user_change(in->username);
        struct planner planner = users_planner(change, &failure);
        struct user_wish wish = {.name = in->username,
                                 .full_name = in->full_name,
                                 .password = in->password,
                                 .role = in->has_role ? role_in(in->role) : ROLE_USER,
                                 .shell = in->has_shell && in->shell};
        int result = password_allowed(in->password, in->username, &failure);
        if (result == 0)
                result = plan_user_create(&planner, &wish);
        users_run(call, change, result, &failure);
}

void nas_users_update_user(struct call *call, const struct nas_users_update_user_in *in)
{
        struct failure failure = {0};
        const struct account *account = find_user(in->username, &failure);
        if (!account) {
                users_refuse(call, &failure);
                return;
        }
        struct change *change = user_change(in->username);
        struct planner planner = users_planner(change, &failure);
        struct user_edit edit = {.full_name = in->full_name,
                                 .has_role = in->has_role,
                                 .has_enabled = in->has_enabled,
                                 .has_shell = in->has_shell,
                                 .role = role_in(in->role),
                                 .enabled = in->enabled,
                                 .shell = in->shell};
        change->always_warrant = account->role == ROLE_ADMIN;
        change->ends_caller = account == asker_account(call);
        users_run(call, change, plan_user_update(&planner, account, &edit), &failure);
}

void nas_users_delete_user(struct call *call, const struct nas_users_delete_user_in *in)
{
        struct failure failure = {0};
        const struct account *account = find_user(in->username, &failure);
        if (!account) {
                users_refuse(call, &failure);
                return;
        }
        struct change *change = user_change(in->username);
        struct planner planner = users_planner(change, &failure);
        change->who = arena_printf(change->arena, "%s; the home directory and all in it are lost", in->username);
        change->answer = NULL;
        change->ends_caller = account == asker_account(call);
        users_run(call, change, plan_user_delete(&planner, account), &failure);
}
