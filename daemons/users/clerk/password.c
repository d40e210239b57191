/* Passwords of accounts. The minimum is the hand's to enforce; saying so before a plan is made is for people.
 * Rights: the users clerk; passwords pass through into plans, where they are masked; who has one for SMB is read from
 * what the hand publishes. */
#include "daemons/users/clerk/users.h"

#include "sys/file.h"
#include "ticket/smb.h"
#include "ticket/trust.h"

#include <stdlib.h>
#include <string.h>

static struct {
        int directory; /* opened before the jail */
        bool known;
        uint8_t map[SMB_MAP_BYTES]; /* a bit an account */
} smb = {.directory = -1};

int smb_prepare(void)
{
        smb.directory = file_directory(TRUST_DIRECTORY);
        return smb.directory < 0 ? smb.directory : 0;
}

void smb_reload(void)
{
        uint8_t *bytes = NULL;
        size_t length = 0;
        bool read = file_read_below(smb.directory, SMB_MAP, SMB_MAP_BYTES, &bytes, &length) == 0;
        if (read && length == SMB_MAP_BYTES && (!smb.known || memcmp(smb.map, bytes, SMB_MAP_BYTES) != 0)) {
                memcpy(smb.map, bytes, SMB_MAP_BYTES);
                smb.known = true;
                topic_changed(topics.users);
        }
        free(bytes);
}

bool smb_known(void)
{
        return smb.known;
}

bool smb_of(uint32_t uid)
{
        return uid >= ACCOUNT_FIRST && uid <= ACCOUNT_LAST &&
               (smb.map[(uid - ACCOUNT_FIRST) / 8] >> (uid - ACCOUNT_FIRST) % 8 & 1) != 0;
}

void nas_users_set_smb_password(struct call *call, const struct nas_users_set_smb_password_in *in)
{
        struct failure failure = {0};
        const struct account *account = find_user(in->username, &failure);
        if (account && account->role != ROLE_ADMIN)
                failure_set(&failure, FAILURE_CONFLICT, "username", "Set the password of the account.",
                            "%s uses SMB shares with the password for signing in.", in->username);
        if (failure.code != FAILURE_NONE || password_allowed(in->password, in->username, &failure) != 0) {
                users_refuse(call, &failure);
                return;
        }
        struct change *change = user_change(in->username);
        struct planner planner = users_planner(change, &failure);
        users_run(call, change, plan_smb_password_set(&planner, account, in->password), &failure);
}

void nas_users_remove_smb_password(struct call *call, const struct nas_users_remove_smb_password_in *in)
{
        struct failure failure = {0};
        const struct account *account = find_user(in->username, &failure);
        if (!account) {
                users_refuse(call, &failure);
                return;
        }
        struct change *change = user_change(in->username);
        struct planner planner = users_planner(change, &failure);
        users_run(call, change, plan_smb_password_drop(&planner, account), &failure);
}

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
