/* Requests as steps. What is refused here is refused for the person's sake, with a good word; the hand's guards
 * refuse it again for everybody's.
 * Rights: the users clerk; pure functions. */
#include "daemons/users/clerk/plans.h"

#include "base/log.h"
#include "policy/users_operations.h"

#include <inttypes.h>
#include <string.h>

static const char *shell_of(bool shell)
{
        return shell ? "/bin/bash" : "/usr/sbin/nologin";
}

const char *plan_number(struct planner *planner, uint64_t number)
{
        ASSERT(planner);
        return arena_printf(planner->plan->arena, "%" PRIu64, number);
}

#define STEP(planner, ...) plan_step((planner)->plan, (planner)->failure, __VA_ARGS__, NULL)

static bool is_free(const struct planner *planner, uint32_t number)
{
        return !accounts_number_taken(planner->accounts, number) && !(planner->claimed && planner->claimed(number));
}

/* A number after the highest one ever given, so that files of who is gone never belong to somebody new; only when
 * all are used up, the lowest that is free. */
static int take_number(struct planner *planner, uint32_t *ret_number)
{
        uint32_t number = planner->last_number < ACCOUNT_FIRST ? ACCOUNT_FIRST : planner->last_number + 1;
        while (number <= ACCOUNT_LAST && !is_free(planner, number))
                number++;
        if (number > ACCOUNT_LAST)
                for (number = ACCOUNT_FIRST; number <= ACCOUNT_LAST && !is_free(planner, number);)
                        number++;
        if (number > ACCOUNT_LAST)
                return failure_set(planner->failure, FAILURE_CONFLICT, "", "Remove some.",
                                   "There is no number left for another account or group.");
        planner->last_number = number;
        *ret_number = number;
        return 0;
}

/* Is a step of this very plan going to make the name? */
static bool in_plan(const struct plan *plan, const char *name)
{
        for (size_t i = 0; i < plan->count; i++)
                if (plan->steps[i].operation == USERS_GROUP_MAKE && strcmp(plan->steps[i].values[0].text, name) == 0)
                        return true;
        return false;
}

static int check_name(const struct planner *planner, const char *field, const char *name)
{
        if (accounts_name_taken(planner->accounts, name) || in_plan(planner->plan, name))
                return failure_set(planner->failure, FAILURE_CONFLICT, field, "Choose another name.", "%s is taken.",
                                   name);
        if (planner->name_claimed && planner->name_claimed(name))
                return failure_set(planner->failure, FAILURE_CONFLICT, field, "", "%s is just being made.", name);
        return 0;
}

static int give_role(struct planner *planner, const char *name, const char *uid, enum role role)
{
        if (role == ROLE_ADMIN)
                return STEP(planner, USERS_ADMIN_JOIN, name, uid);
        return STEP(planner, USERS_ROLE_JOIN, name, uid, role_name(role));
}

static int take_role(struct planner *planner, const char *name, const char *uid, enum role role)
{
        if (role == ROLE_ADMIN)
                return STEP(planner, USERS_ADMIN_LEAVE, name, uid);
        return STEP(planner, USERS_ROLE_LEAVE, name, uid, role_name(role));
}

static int join_groups(struct planner *planner, const struct user_wish *wish, const char *uid)
{
        for (size_t i = 0; i < wish->group_count; i++) {
                const struct group_entry *group = group_by_name(planner->accounts, wish->groups[i]);
                if (!group)
                        return failure_set(planner->failure, FAILURE_NOT_FOUND, "groups", "Create it first.",
                                           "There is no group %s.", wish->groups[i]);
                if (STEP(planner, USERS_GROUP_JOIN, wish->name, uid, group->name, plan_number(planner, group->gid)) !=
                    0)
                        return -1;
        }
        return 0;
}

int plan_user_create(struct planner *planner, const struct user_wish *wish)
{
        ASSERT(planner && wish && wish->name && wish->role > ROLE_NOBODY);
        uint32_t number = 0;
        if (check_name(planner, "username", wish->name) != 0 || take_number(planner, &number) != 0)
                return -1;
        const char *uid = plan_number(planner, number);
        const char *full_name = wish->full_name ? wish->full_name : "";
        if (STEP(planner, USERS_GROUP_MAKE, wish->name, uid) != 0 ||
            STEP(planner, USERS_ACCOUNT_MAKE, wish->name, uid, full_name, shell_of(wish->shell)) != 0 ||
            give_role(planner, wish->name, uid, wish->role) != 0 || join_groups(planner, wish, uid) != 0)
                return -1;
        return wish->password ? STEP(planner, USERS_PASSWORD_FIRST, wish->name, uid, wish->password) : 0;
}

int plan_setup(struct planner *planner, const struct user_wish *wish)
{
        ASSERT(planner && wish && wish->role == ROLE_ADMIN && wish->password);
        if (accounts_have_admin(planner->accounts, NULL))
                return failure_set(planner->failure, FAILURE_CONFLICT, "", "Sign in.",
                                   "There is an administrator already.");
        return plan_user_create(planner, wish) == 0 ? STEP(planner, USERS_SETUP_DONE) : -1;
}

static int keep_an_admin(const struct planner *planner, const struct account *account)
{
        if (account->role != ROLE_ADMIN || !account->enabled || accounts_have_admin(planner->accounts, account))
                return 0;
        return failure_set(planner->failure, FAILURE_CONFLICT, "username", "Make somebody else an administrator first.",
                           "%s is the last administrator.", account->name);
}

int plan_smb_password_set(struct planner *planner, const struct account *account, const char *password)
{
        ASSERT(planner && account && password);
        return STEP(planner, USERS_SMB_PASSWORD_SET, account->name, plan_number(planner, account->uid), password);
}

int plan_smb_password_drop(struct planner *planner, const struct account *account)
{
        ASSERT(planner && account);
        if (!planner->smb || !planner->smb(account->uid))
                return 0;
        return STEP(planner, USERS_SMB_PASSWORD_DROP, account->name, plan_number(planner, account->uid));
}

static int change_role(struct planner *planner, const struct account *account, const char *uid, enum role role)
{
        if (account->roles == 1u << role)
                return 0;
        if (role != ROLE_ADMIN && keep_an_admin(planner, account) != 0)
                return -1;
        /* Before, not after: an administrator's password is at no time kept in the form that SMB needs. */
        if (role == ROLE_ADMIN && account->role != ROLE_ADMIN && plan_smb_password_drop(planner, account) != 0)
                return -1;
        if (!(account->roles & 1u << role) && give_role(planner, account->name, uid, role) != 0)
                return -1;
        for (enum role old = ROLE_VIEWER; old <= ROLE_ADMIN; old++)
                if (old != role && (account->roles & 1u << old) && take_role(planner, account->name, uid, old) != 0)
                        return -1;
        return 0;
}

static int change_enabled(struct planner *planner, const struct account *account, const char *uid, bool enabled)
{
        if (account->enabled == enabled)
                return 0;
        if (enabled)
                return STEP(planner, USERS_ACCOUNT_UNLOCK, account->name, uid);
        return keep_an_admin(planner, account) == 0 ? STEP(planner, USERS_ACCOUNT_LOCK, account->name, uid) : -1;
}

int plan_user_update(struct planner *planner, const struct account *account, const struct user_edit *edit)
{
        ASSERT(planner && account && edit);
        const char *uid = plan_number(planner, account->uid);
        if (edit->full_name && strcmp(edit->full_name, account->full_name) != 0 &&
            STEP(planner, USERS_FULL_NAME_SET, account->name, uid, edit->full_name, account->full_name) != 0)
                return -1;
        if (edit->has_shell && edit->shell != account->shell &&
            STEP(planner, USERS_SHELL_SET, account->name, uid, shell_of(edit->shell), shell_of(account->shell)) != 0)
                return -1;
        uint16_t before = planner->plan->count;
        if ((edit->has_role && change_role(planner, account, uid, edit->role) != 0) ||
            (edit->has_enabled && change_enabled(planner, account, uid, edit->enabled) != 0))
                return -1;
        bool loses = planner->plan->count > before && !(edit->has_enabled && edit->enabled && !account->enabled);
        return loses ? STEP(planner, USERS_SIGN_OUT, account->name, uid) : 0;
}

int plan_user_delete(struct planner *planner, const struct account *account)
{
        ASSERT(planner && account);
        const char *uid = plan_number(planner, account->uid);
        if (keep_an_admin(planner, account) != 0 || STEP(planner, USERS_CREDENTIALS_DROP, account->name, uid) != 0 ||
            STEP(planner, USERS_GROUPS_CLEAR, account->name, uid) != 0 ||
            STEP(planner, USERS_ACCOUNT_DROP, account->name, uid) != 0)
                return -1;
        /* userdel may have taken the group along: then that step is skipped. The last two are for one that was cut off.
         */
        if (STEP(planner, USERS_GROUP_DROP, account->name, uid) != 0 || STEP(planner, USERS_ACCOUNT_FILES_MEND) != 0)
                return -1;
        return STEP(planner, USERS_GROUP_FILES_MEND);
}

int plan_password_set(struct planner *planner, const struct account *account, const char *password)
{
        ASSERT(planner && account && password);
        const char *uid = plan_number(planner, account->uid);
        if (STEP(planner, USERS_PASSWORD_SET, account->name, uid, password) != 0)
                return -1;
        return STEP(planner, USERS_SIGN_OUT, account->name, uid);
}

int plan_password_change(struct planner *planner, const struct account *account, const char *password, const char *old)
{
        ASSERT(planner && account && password && old);
        const char *uid = plan_number(planner, account->uid);
        if (STEP(planner, USERS_PASSWORD_CHANGE, account->name, uid, password, old) != 0)
                return -1;
        return STEP(planner, USERS_SIGN_OUT, account->name, uid);
}

int plan_group_create(struct planner *planner, const char *name)
{
        ASSERT(planner && name);
        uint32_t number = 0;
        if (check_name(planner, "name", name) != 0 || take_number(planner, &number) != 0)
                return -1;
        return STEP(planner, USERS_GROUP_MAKE, name, plan_number(planner, number));
}

int plan_group_delete(struct planner *planner, const struct group_entry *group)
{
        ASSERT(planner && group);
        return STEP(planner, USERS_GROUP_DROP, group->name, plan_number(planner, group->gid));
}

int plan_group_join(struct planner *planner, const struct account *account, const struct group_entry *group)
{
        ASSERT(planner && account && group);
        if (account_in_group(account, group->name))
                return 0;
        return STEP(planner, USERS_GROUP_JOIN, account->name, plan_number(planner, account->uid), group->name,
                    plan_number(planner, group->gid));
}

int plan_group_leave(struct planner *planner, const struct account *account, const struct group_entry *group)
{
        ASSERT(planner && account && group);
        if (!account_in_group(account, group->name))
                return 0;
        return STEP(planner, USERS_GROUP_LEAVE, account->name, plan_number(planner, account->uid), group->name,
                    plan_number(planner, group->gid));
}
