/* Everything the users hand can do: the whole list, as data. Read by the hand (which does it), the clerk (which
 * plans with it), the command line (which shows it) and policy/project.c (which prints docs/security.md).
 * Rights: none; data without functions. */
#include "policy/users_operations.h"

#define USERADD  "/usr/sbin/useradd"
#define USERDEL  "/usr/sbin/userdel"
#define USERMOD  "/usr/sbin/usermod"
#define GROUPADD "/usr/sbin/groupadd"
#define GROUPDEL "/usr/sbin/groupdel"
#define PWCONV   "/usr/sbin/pwconv"
#define GRPCONV  "/usr/sbin/grpconv"

/* One entry in a few lines, so that the whole list is read like a table. */
/* clang-format off */
static const struct operation list[USERS_OPERATION_COUNT] = {
        /* --- answers: no plan, no journal, no undo --- */
        [USERS_HELLO] = {
                .name = "hello", .says = "Publish keys and revocations; say whether set-up is needed",
                .proof = PROOF_CLERK, .flags = OPERATION_ANSWERS, .act = ACT_CALL, .call = "hello",
        },
        [USERS_LOGIN] = {
                .name = "login", .says = "Check the password of {name} and open a session",
                .proof = PROOF_CLERK, .flags = OPERATION_ANSWERS,
                .params = {"name:user_name", "password:password_try", "code:code?", "address:address?",
                           "device:device?"},
                .act = ACT_CALL, .call = "login",
        },
        [USERS_EXCHANGE] = {
                .name = "exchange", .says = "Give a ticket for a session or an API key",
                .proof = PROOF_CLERK, .flags = OPERATION_ANSWERS,
                .params = {"credential:credential", "address:address?"}, .act = ACT_CALL, .call = "exchange",
        },
        [USERS_REFRESH] = {
                .name = "refresh", .says = "Give a fresh ticket for the one that asks",
                .proof = PROOF_TICKET, .role = ROLE_VIEWER, .flags = OPERATION_ANSWERS,
                .params = {"address:address?"}, .act = ACT_CALL, .call = "refresh",
        },
        [USERS_CONFIRM] = {
                .name = "confirm", .says = "Check the person's factor and sign a warrant for the plan {digest}",
                .proof = PROOF_TICKET, .role = ROLE_VIEWER, .flags = OPERATION_ANSWERS,
                .params = {"digest:digest", "password:password_try?", "code:code?"}, .act = ACT_CALL, .call = "confirm",
        },
        [USERS_CHECKPOINT] = {
                .name = "checkpoint", .says = "Sign the head of the ledger's chain {chain} at row {number}",
                .proof = PROOF_CLERK, .flags = OPERATION_ANSWERS,
                .params = {"chain:chain", "number:number", "hash:digest"}, .act = ACT_CALL, .call = "checkpoint",
        },
        [USERS_TOTP_BEGIN] = {
                .name = "totp_begin", .says = "Make a second-factor secret for {name}, not yet in force",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .flags = OPERATION_ANSWERS | OPERATION_OWN,
                .params = {"name:user_name", "uid:account_id", "password:password_try"},
                .act = ACT_CALL, .call = "totp_begin",
        },
        [USERS_SETUP_TICKET] = {
                .name = "setup_ticket",
                .says = "Check the set-up code and sign a ticket and a warrant for the plan {digest}",
                .proof = PROOF_CLERK, .flags = OPERATION_ANSWERS,
                .params = {"setup_code:setup_code", "digest:digest", "address:address?"},
                .act = ACT_CALL, .call = "setup_ticket",
        },
        [USERS_CONSOLE_TICKET] = {
                .name = "console_ticket", .says = "Give root on the console a ticket",
                .proof = PROOF_CONSOLE, .flags = OPERATION_ANSWERS, .act = ACT_CALL, .call = "console_ticket",
        },
        [USERS_CONSOLE_CONFIRM] = {
                .name = "console_confirm", .says = "Give root on the console a warrant for the plan {digest}",
                .proof = PROOF_CONSOLE, .flags = OPERATION_ANSWERS, .params = {"digest:digest"},
                .act = ACT_CALL, .call = "console_confirm",
        },
        [USERS_CONSOLE_SETUP_CODE] = {
                .name = "console_setup_code", .says = "Show root on the console the set-up code",
                .proof = PROOF_CONSOLE, .flags = OPERATION_ANSWERS, .act = ACT_CALL, .call = "console_setup_code",
        },

        /* --- groups --- */
        [USERS_GROUP_MAKE] = {
                .name = "group_make", .says = "Create the group {name} with number {gid}",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .params = {"name:group_name", "gid:account_id"},
                .act = ACT_RUN, .program = GROUPADD, .args = {"--gid={gid}", "--", "{name}"},
                .guard = "group_is_free", .undo = "group_drop", .undo_values = {"name", "gid"},
        },
        [USERS_GROUP_DROP] = {
                .name = "group_drop", .says = "Remove the group {name}",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .params = {"name:group_name", "gid:account_id"},
                .act = ACT_RUN, .program = GROUPDEL, .args = {"--", "{name}"},
                .guard = "group_is_ours", .undo = "group_make", .undo_values = {"name", "gid"},
        },
        [USERS_GROUP_JOIN] = {
                .name = "group_join", .says = "Put {name} into the group {group}",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN,
                .params = {"name:user_name", "uid:account_id", "group:group_name", "gid:account_id"},
                .act = ACT_RUN, .program = USERMOD, .args = {"--append", "--groups={group}", "--", "{name}"},
                .guard = "membership_is_ours", .undo = "group_leave", .undo_values = {"name", "uid", "group", "gid"},
        },
        [USERS_GROUP_LEAVE] = {
                .name = "group_leave", .says = "Take {name} out of the group {group}",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN,
                .params = {"name:user_name", "uid:account_id", "group:group_name", "gid:account_id"},
                .act = ACT_RUN, .program = USERMOD, .args = {"--remove", "--groups={group}", "--", "{name}"},
                .guard = "membership_is_ours", .undo = "group_join", .undo_values = {"name", "uid", "group", "gid"},
        },

        /* --- accounts --- */
        [USERS_ACCOUNT_MAKE] = {
                .name = "account_make", .says = "Create the Unix account {name} with number {uid}",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN,
                .params = {"name:user_name", "uid:account_id", "full_name:full_name?", "shell:shell"},
                .act = ACT_RUN, .program = USERADD,
                .args = {"--uid={uid}", "--gid={uid}", "--comment={full_name}", "--create-home",
                         "--home-dir=/home/{name}",
                         "--shell={shell}", "--", "{name}"},
                .guard = "account_is_free", .undo = "account_unmake", .undo_values = {"name", "uid"},
        },
        [USERS_ACCOUNT_DROP] = {
                .name = "account_drop", .says = "Remove the Unix account {name} and its home directory",
                .proof = PROOF_WARRANT, .role = ROLE_ADMIN, .flags = OPERATION_DESTROYS,
                .params = {"name:user_name", "uid:account_id"},
                .act = ACT_RUN, .program = USERDEL, .args = {"--remove", "--", "{name}"}, .guard = "account_may_go",
        },
        [USERS_ACCOUNT_UNMAKE] = {
                .name = "account_unmake", .says = "Remove the Unix account {name} that was just made, and its home directory",
                .proof = PROOF_WARRANT, .role = ROLE_ADMIN, .params = {"name:user_name", "uid:account_id"},
                .act = ACT_CALL, .call = "account_unmake",
        },
        [USERS_ACCOUNT_LOCK] = {
                .name = "account_lock", .says = "Disable the account {name}",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .flags = OPERATION_BETWEEN,
                .params = {"name:user_name", "uid:account_id"},
                .act = ACT_RUN, .program = USERMOD,
                .args = {"--append", "--groups=bulkhead-disabled", "--expiredate=1", "--", "{name}"},
                .guard = "account_may_go", .undo = "account_unlock", .undo_values = {"name", "uid"},
        },
        [USERS_ACCOUNT_UNLOCK] = {
                .name = "account_unlock", .says = "Enable the account {name}",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .params = {"name:user_name", "uid:account_id"},
                .act = ACT_RUN, .program = USERMOD,
                .args = {"--remove", "--groups=bulkhead-disabled", "--expiredate=", "--", "{name}"},
                .guard = "account_may_go", .undo = "account_lock", .undo_values = {"name", "uid"},
        },
        [USERS_ROLE_JOIN] = {
                .name = "role_join", .says = "Give {name} the role {role}",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .flags = OPERATION_BETWEEN,
                .params = {"name:user_name", "uid:account_id", "role:lesser_role"},
                .act = ACT_RUN, .program = USERMOD, .args = {"--append", "--groups=bulkhead-{role}", "--", "{name}"},
                .guard = "role_is_ours", .undo = "role_leave", .undo_values = {"name", "uid", "role"},
        },
        [USERS_ROLE_LEAVE] = {
                .name = "role_leave", .says = "Take the role {role} from {name}",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .flags = OPERATION_BETWEEN,
                .params = {"name:user_name", "uid:account_id", "role:lesser_role"},
                .act = ACT_RUN, .program = USERMOD, .args = {"--remove", "--groups=bulkhead-{role}", "--", "{name}"},
                .guard = "role_is_ours", .undo = "role_join", .undo_values = {"name", "uid", "role"},
        },
        [USERS_ADMIN_JOIN] = {
                .name = "admin_join", .says = "Make {name} an administrator",
                .proof = PROOF_WARRANT, .role = ROLE_ADMIN, .params = {"name:user_name", "uid:account_id"},
                .act = ACT_RUN, .program = USERMOD, .args = {"--append", "--groups=bulkhead-admin", "--", "{name}"},
                .guard = "role_is_ours", .undo = "admin_leave", .undo_values = {"name", "uid"},
        },
        [USERS_ADMIN_LEAVE] = {
                .name = "admin_leave", .says = "{name} is no longer an administrator",
                .proof = PROOF_WARRANT, .role = ROLE_ADMIN, .flags = OPERATION_BETWEEN,
                .params = {"name:user_name", "uid:account_id"},
                .act = ACT_RUN, .program = USERMOD, .args = {"--remove", "--groups=bulkhead-admin", "--", "{name}"},
                .guard = "role_is_ours", .undo = "admin_join", .undo_values = {"name", "uid"},
        },
        [USERS_FULL_NAME_SET] = {
                .name = "full_name_set", .says = "Set the full name of {name} to {full_name}",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN,
                .params = {"name:user_name", "uid:account_id", "full_name:full_name?", "was:full_name?"},
                .act = ACT_RUN, .program = USERMOD, .args = {"--comment={full_name}", "--", "{name}"},
                .guard = "account_is_ours", .undo = "full_name_set", .undo_values = {"name", "uid", "was", "full_name"},
        },
        [USERS_SHELL_SET] = {
                .name = "shell_set", .says = "Set the shell of {name} to {shell}",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN,
                .params = {"name:user_name", "uid:account_id", "shell:shell", "was:shell"},
                .act = ACT_RUN, .program = USERMOD, .args = {"--shell={shell}", "--", "{name}"},
                .guard = "account_is_ours", .undo = "shell_set", .undo_values = {"name", "uid", "was", "shell"},
        },

        /* userdel writes four files one after the other. Cut off between them it leaves what it cannot find any more: a
         * name in a group (whoever gets that name next would get its rights), lines for an account that is gone. */
        [USERS_GROUPS_CLEAR] = {
                .name = "groups_clear", .says = "Take {name} out of every group",
                .proof = PROOF_WARRANT, .role = ROLE_ADMIN, .flags = OPERATION_DESTROYS,
                .params = {"name:user_name", "uid:account_id"},
                .act = ACT_RUN, .program = USERMOD, .args = {"--groups=", "--", "{name}"}, .guard = "account_may_go",
        },
        [USERS_ACCOUNT_FILES_MEND] = {
                .name = "account_files_mend", .says = "Drop shadow lines of accounts that are gone",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .act = ACT_RUN, .program = PWCONV,
        },
        [USERS_GROUP_FILES_MEND] = {
                .name = "group_files_mend", .says = "Drop shadow lines of groups that are gone",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .act = ACT_RUN, .program = GRPCONV,
        },

        /* --- passwords --- */
        [USERS_PASSWORD_FIRST] = {
                .name = "password_first", .says = "Set the first password of {name}",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN,
                .params = {"name:user_name", "uid:account_id", "password:password"},
                .act = ACT_CALL, .call = "password_set", .guard = "password_is_unset",
                .undo = "password_restore", .undo_values = {"name", "uid"},
        },
        [USERS_PASSWORD_SET] = {
                .name = "password_set", .says = "Set the password of {name}",
                .proof = PROOF_WARRANT, .role = ROLE_ADMIN, .flags = OPERATION_BETWEEN,
                .params = {"name:user_name", "uid:account_id", "password:password"},
                .act = ACT_CALL, .call = "password_set", .guard = "account_is_ours",
                .undo = "password_restore", .undo_values = {"name", "uid"},
        },
        [USERS_PASSWORD_CHANGE] = {
                .name = "password_change", .says = "Change the password of {name}, who knows the old one",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .flags = OPERATION_OWN | OPERATION_BETWEEN,
                .params = {"name:user_name", "uid:account_id", "password:password", "old:password_try"},
                .act = ACT_CALL, .call = "password_set", .guard = "password_is_known",
                .undo = "password_restore", .undo_values = {"name", "uid"},
        },
        [USERS_PASSWORD_RESTORE] = {
                .name = "password_restore", .says = "Put the former password of {name} back",
                .proof = PROOF_WARRANT, .role = ROLE_ADMIN, .params = {"name:user_name", "uid:account_id"},
                .act = ACT_CALL, .call = "password_restore", .guard = "account_is_ours",
        },

        [USERS_SMB_PASSWORD_SET] = {
                .name = "smb_password_set", .says = "Set a password of its own for {name} on SMB shares",
                .proof = PROOF_WARRANT, .role = ROLE_ADMIN,
                .params = {"name:user_name", "uid:account_id", "password:password"},
                .act = ACT_CALL, .call = "smb_password_set", .guard = "account_is_ours",
                .undo = "smb_password_restore", .undo_values = {"name", "uid"},
        },
        [USERS_SMB_PASSWORD_DROP] = {
                .name = "smb_password_drop", .says = "Let {name} no longer use SMB shares with a password",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .flags = OPERATION_BETWEEN,
                .params = {"name:user_name", "uid:account_id"},
                .act = ACT_CALL, .call = "smb_password_drop", .guard = "account_is_ours",
                .undo = "smb_password_restore", .undo_values = {"name", "uid"},
        },
        [USERS_SMB_PASSWORD_RESTORE] = {
                .name = "smb_password_restore", .says = "Put the former password of {name} for SMB shares back",
                .proof = PROOF_WARRANT, .role = ROLE_ADMIN, .params = {"name:user_name", "uid:account_id"},
                .act = ACT_CALL, .call = "password_restore", .guard = "account_is_ours",
        },

        /* --- sessions, keys, second factors --- */
        [USERS_SIGN_OUT] = {
                .name = "sign_out", .says = "End every session and ticket of {name}",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN,
                .flags = OPERATION_OWN | OPERATION_BETWEEN | OPERATION_FORWARD,
                .params = {"name:user_name", "uid:account_id"}, .act = ACT_CALL, .call = "sign_out",
                .guard = "account_is_ours",
        },
        [USERS_SIGN_OUT_ALL] = {
                .name = "sign_out_all", .says = "End every session and every ticket",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .flags = OPERATION_BETWEEN | OPERATION_FORWARD,
                .act = ACT_CALL, .call = "sign_out_all",
        },
        [USERS_SESSION_END] = {
                .name = "session_end", .says = "End the session {session} of {name}",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN,
                .flags = OPERATION_OWN | OPERATION_BETWEEN | OPERATION_FORWARD,
                .params = {"name:user_name", "session:number"}, .act = ACT_CALL, .call = "credential_end",
                .guard = "credential_is_theirs",
        },
        [USERS_SIGNING_KEY_ROTATE] = {
                .name = "signing_key_rotate", .says = "Sign with a new key from now on",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .flags = OPERATION_FORWARD,
                .act = ACT_CALL, .call = "signing_key_rotate",
        },
        [USERS_KEY_MAKE] = {
                .name = "key_make", .says = "Make the API key {key} for {name} with the role {role}",
                .proof = PROOF_WARRANT, .role = ROLE_ADMIN, .flags = OPERATION_OWN,
                .params = {"name:user_name", "uid:account_id", "key:number", "role:role", "scopes:key_scopes?",
                           "expires:timestamp?", "networks:network*"},
                .act = ACT_CALL, .call = "key_make", .guard = "key_is_free",
                .undo = "key_drop", .undo_values = {"name", "uid", "key"},
        },
        [USERS_KEY_DROP] = {
                .name = "key_drop", .says = "Revoke the API key {key} of {name}",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN,
                .flags = OPERATION_OWN | OPERATION_DESTROYS | OPERATION_BETWEEN,
                .params = {"name:user_name", "uid:account_id", "key:number"},
                .act = ACT_CALL, .call = "credential_end", .guard = "credential_is_theirs",
        },
        [USERS_KEY_LABEL] = {
                .name = "key_label", .says = "Name the API key {key} of {name} {label}",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .flags = OPERATION_OWN,
                .params = {"name:user_name", "uid:account_id", "key:number", "label:label"},
                .act = ACT_TABLE, .path = "users.api_key", .lines = "the label of key {key}: {label}",
        },
        [USERS_TOTP_FINISH] = {
                .name = "totp_finish", .says = "Put the second factor of {name} in force",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .flags = OPERATION_OWN,
                .params = {"name:user_name", "uid:account_id", "code:code"},
                .act = ACT_CALL, .call = "totp_finish", .guard = "totp_code_is_right",
                .undo = "totp_undo", .undo_values = {"name", "uid"},
        },
        [USERS_TOTP_UNDO] = {
                .name = "totp_undo", .says = "Take back the second factor of {name} that was just made",
                .proof = PROOF_WARRANT, .role = ROLE_ADMIN,
                .params = {"name:user_name", "uid:account_id"}, .act = ACT_CALL, .call = "totp_drop",
                .guard = "account_is_ours",
        },
        [USERS_TOTP_DROP] = {
                .name = "totp_drop", .says = "Remove the second factor of {name}",
                .proof = PROOF_WARRANT, .role = ROLE_ADMIN, .flags = OPERATION_OWN | OPERATION_DESTROYS,
                .params = {"name:user_name", "uid:account_id"}, .act = ACT_CALL, .call = "totp_drop",
                .guard = "account_is_ours",
        },
        [USERS_SSH_KEYS_SET] = {
                .name = "ssh_keys_set", .says = "Set the SSH keys of {name}",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .flags = OPERATION_OWN,
                .params = {"name:user_name", "uid:account_id", "keys:ssh_key*"},
                .act = ACT_FILE, .path = "/var/lib/bulkhead/ssh-keys/{name}", .lines = "{keys}",
                .guard = "account_is_ours",
        },
        [USERS_CREDENTIALS_DROP] = {
                .name = "credentials_drop", .says = "Remove keys, second factor and sessions of {name}",
                .proof = PROOF_WARRANT, .role = ROLE_ADMIN, .flags = OPERATION_DESTROYS,
                .params = {"name:user_name", "uid:account_id"}, .act = ACT_CALL, .call = "credentials_drop",
                .guard = "account_is_ours",
        },

        /* --- set-up and settings --- */
        [USERS_SETUP_DONE] = {
                /* Nothing to take back: while there is no administrator a new code is made whenever one is wanted. */
                .name = "setup_done", .says = "The set-up code is used up",
                .proof = PROOF_WARRANT, .role = ROLE_ADMIN, .act = ACT_CALL, .call = "setup_done",
        },
        [USERS_PASSWORD_POLICY_SET] = {
                .name = "password_policy_set",
                .says = "Passwords have at least {minimum} bytes; second factor for administrators: {admin_totp}",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .params = {"minimum:password_minimum", "admin_totp:flag"},
                .act = ACT_FILE, .path = "/var/lib/bulkhead-users-hand/password-policy",
                .lines = "{minimum} {admin_totp}",
        },
};
/* clang-format on */

const struct operations users_operations = {.hand = "users", .list = list, .count = USERS_OPERATION_COUNT};
