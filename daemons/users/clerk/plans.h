/* What each request comes down to: pure functions from accounts and a wish to the steps of a plan. 0, or -1 with
 * *failure; a plan that failed is not used. A plan without steps: it is so already. */
#ifndef BULKHEAD_USERS_CLERK_PLANS_H
#define BULKHEAD_USERS_CLERK_PLANS_H

#include "base/failure.h"
#include "daemons/users/clerk/accounts.h"
#include "plan/plan.h"

struct planner {
        struct plan *plan;
        const struct accounts *accounts;
        uint32_t last_number;                   /* the highest that was ever given, as far as is known */
        bool (*claimed)(uint32_t number);       /* by a change under way; NULL */
        bool (*name_claimed)(const char *name); /* the same; NULL */
        bool (*smb)(uint32_t uid);              /* may that account have a password for SMB? NULL: none has */
        struct failure *failure;
};

struct user_wish {
        const char *name, *full_name, *password; /* NULL: none */
        enum role role;
        bool shell;
        const char *const *groups;
        size_t group_count;
};
int plan_user_create(struct planner *planner, const struct user_wish *wish);

struct user_edit {
        const char *full_name; /* NULL: stays */
        bool has_role, has_enabled, has_shell;
        enum role role;
        bool enabled, shell;
};
int plan_user_update(struct planner *planner, const struct account *account, const struct user_edit *edit);
int plan_user_delete(struct planner *planner, const struct account *account);

int plan_password_set(struct planner *planner, const struct account *account, const char *password);
int plan_password_change(struct planner *planner, const struct account *account, const char *password, const char *old);
int plan_smb_password_set(struct planner *planner, const struct account *account, const char *password);
/* Without a step when there is none. */
int plan_smb_password_drop(struct planner *planner, const struct account *account);

int plan_group_create(struct planner *planner, const char *name);
int plan_group_delete(struct planner *planner, const struct group_entry *group);
int plan_group_join(struct planner *planner, const struct account *account, const struct group_entry *group);
int plan_group_leave(struct planner *planner, const struct account *account, const struct group_entry *group);

/* The first administrator; the set-up code is used up by it. */
int plan_setup(struct planner *planner, const struct user_wish *wish);

/* Accounts from CSV (import.c), all or none; and all accounts in the same form. */
int plan_import(struct planner *planner, const char *csv, size_t *ret_count);
const char *export_csv(const struct accounts *accounts, struct arena *arena);

/* number as text, for a step. */
const char *plan_number(struct planner *planner, uint64_t number);

#endif
