/* The guards: no operation ever touches an account or group whose number is not Bulkhead's, and the last enabled
 * administrator stays.
 * Rights: the users hand; reads account files. If they cannot be read the process ends: nothing is guessed. */
#include "daemons/users/hand/users.h"

#include <stdio.h>
#include <unistd.h>

#define HOMES "/home"

static struct accounts read_all(struct arena *arena)
{
        struct accounts all;
        log_must(accounts_read(arena, &all), "The account files");
        return all;
}

bool person_find(const char *name, uint32_t uid, struct person *ret_person)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct accounts all = read_all(arena);
        const struct account *account = name ? accounts_named(&all, name) : accounts_numbered(&all, uid);
        if (!account || !account_is_bulkheads(account) || strlen(account->name) >= sizeof(ret_person->name))
                return false;
        *ret_person = (struct person){.uid = account->uid,
                                      .role = account_role(&all, account->name),
                                      .enabled = account_enabled(&all, account->name)};
        snprintf(ret_person->name, sizeof(ret_person->name), "%s", account->name);
        return true;
}

bool administrator_exists(void)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct accounts all = read_all(arena);
        return accounts_has_admin(&all, "");
}

static int conflict(struct failure *failure, const char *field, const char *what)
{
        return failure_set(failure, FAILURE_CONFLICT, field, "", "%s", what);
}

/* Do name and uid together name an account of ours? ACT_SKIP: it is gone, and something is being undone. */
static int ours(const struct act_context *context, struct accounts *ret_all, struct failure *failure)
{
        *ret_all = read_all(context->arena);
        const struct account *named = accounts_named(ret_all, act_text(context, "name")),
                             *numbered = accounts_numbered(ret_all, uid_of(context));
        if (named && named == numbered && account_is_bulkheads(named))
                return 0;
        if (named || numbered)
                return conflict(failure, "username", "is not an account of Bulkhead's with that number");
        failure_set(failure, FAILURE_NOT_FOUND, "username", "", "there is no such account");
        return context->undoing ? ACT_SKIP : -ENOENT;
}

/* What takes away for good also cleans up after an account that is gone. */
int account_is_ours(struct act_context *context, struct failure *failure)
{
        struct accounts all;
        int result = ours(context, &all, failure);
        return result == -ENOENT && (context->operation->flags & OPERATION_DESTROYS) ? 0 : result;
}

int account_is_free(struct act_context *context, struct failure *failure)
{
        const struct users *users = context->state;
        struct accounts all = read_all(context->arena);
        if (accounts_named(&all, act_text(context, "name")))
                return conflict(failure, "username", "is taken");
        if (accounts_numbered(&all, uid_of(context)) || table_find(&users->factors, uid_of(context)))
                return conflict(failure, "username", "would get a number that is taken");
        if (access(arena_printf(context->arena, HOMES "/%s", act_text(context, "name")), F_OK) == 0)
                return conflict(failure, "username", "would get a home folder that is there already");
        return 0;
}

/* Takes a creation back, also one that was cut off before there was an account. What useradd makes first is its home:
 * the guard has seen that there was none, and nothing is removed that is not a copy of what every new one holds. */
int account_unmake(struct act_context *context, struct failure *failure)
{
        struct accounts all;
        const char *const args[] = {"/usr/sbin/userdel", "--remove", "--", act_text(context, "name"), NULL};
        int result = ours(context, &all, failure);
        if (result != ACT_SKIP)
                return result == 0 ? act_run(context, args, NULL, failure) : -1;
        (void)file_unmake(HOMES, act_text(context, "name"), "/etc/skel", uid_of(context));
        return 0;
}

/* Between two steps of another plan nobody knows who will be one: what made somebody an administrator may be undone. */
static int not_the_last(const struct act_context *context, const struct accounts *all, struct failure *failure)
{
        const char *name = act_text(context, "name");
        if (context->undoing || account_role(all, name) != ROLE_ADMIN || !account_enabled(all, name) ||
            (!context->between && accounts_has_admin(all, name)))
                return 0;
        return context->between ? failure_set(failure, FAILURE_BUSY, "username", "Try again.", "is an administrator")
                                : conflict(failure, "username", "is the last administrator");
}

/* What is locked or unlocked already is left alone: undoing what was not done would lock who was never locked. */
int account_may_go(struct act_context *context, struct failure *failure)
{
        struct accounts all;
        bool drops = context->operation->flags & OPERATION_DESTROYS;
        bool unlocks = strcmp(context->operation->name, "account_unlock") == 0;
        int result = ours(context, &all, failure);
        if (drops ? result == -ENOENT
                  : result == 0 && !context->undoing && account_enabled(&all, act_text(context, "name")) == unlocks)
                return ACT_SKIP;
        return result != 0 ? result : not_the_last(context, &all, failure);
}

/* Membership that is already as wanted is left alone, so that its undo cannot take away what was there before.
 * Undoing, the tool runs in any case: it may have been cut off between its files. */
static int membership(const struct act_context *context, const struct account_group *group)
{
        bool joins = strstr(context->operation->name, "_join") != NULL;
        return !context->undoing && accounts_has_member(group, act_text(context, "name")) == joins ? ACT_SKIP : 0;
}

int role_is_ours(struct act_context *context, struct failure *failure)
{
        struct accounts all;
        int result = ours(context, &all, failure);
        const char *role = *act_text(context, "role") ? act_text(context, "role") : "admin";
        const char *group = arena_printf(context->arena, ACCOUNT_GROUP_PREFIX "%s", role);
        if (result == 0 && strcmp(context->operation->name, "admin_leave") == 0)
                result = not_the_last(context, &all, failure);
        return result != 0 ? result : membership(context, accounts_group(&all, group));
}

int membership_is_ours(struct act_context *context, struct failure *failure)
{
        struct accounts all;
        int result = ours(context, &all, failure);
        const struct account_group *group = accounts_group(&all, act_text(context, "group"));
        if (result == 0 && (!group || group->gid != act_number(context, "gid") || !account_group_is_bulkheads(group)))
                return context->undoing && !group ? ACT_SKIP
                                                  : conflict(failure, "name", "is not a group of Bulkhead's");
        return result != 0 ? result : membership(context, group);
}

int group_is_free(struct act_context *context, struct failure *failure)
{
        struct accounts all = read_all(context->arena);
        const struct account_group *named = accounts_group(&all, act_text(context, "name")),
                                   *numbered = accounts_group_numbered(&all, act_number(context, "gid"));
        if (named && named == numbered && context->undoing)
                return ACT_SKIP;
        return named || numbered ? conflict(failure, "name", "is taken, or its number is") : 0;
}

int group_is_ours(struct act_context *context, struct failure *failure)
{
        struct accounts all = read_all(context->arena);
        const struct account_group *group = accounts_group(&all, act_text(context, "name"));
        if (!group)
                return ACT_SKIP;
        bool same = group->gid == act_number(context, "gid") && account_group_is_bulkheads(group);
        return same ? 0 : conflict(failure, "name", "is not a group of Bulkhead's with that number");
}
