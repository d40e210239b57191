/* All that the users hand may do, beside its operations (policy/users_operations.c).
 * Rights: none; data without functions. */
#include "policy/policies.h"

#include <linux/capability.h>
#include <stddef.h>

static const struct process_capability capabilities[] = {
        {CAP_CHOWN, "useradd gives a home directory to its owner"},
        {CAP_DAC_OVERRIDE, "the account files and home directories belong to others"},
        {CAP_FOWNER, "useradd and userdel set modes and remove files of others"},
        {-1, NULL},
};

static const struct process_path paths[] = {
        {"/usr", PATH_READ | PATH_EXECUTE, "useradd, usermod, userdel, groupadd, groupdel, chpasswd, PAM's helper"},
        {"/etc", PATH_READ | PATH_WRITE, "passwd, shadow, group, gshadow and their locks are made and renamed here"},
        /* Below /etc the unit keeps these read-only: who writes them is root. */
        {"/etc/pam.d", PATH_READ, "how passwords are checked"},
        {"/etc/security", PATH_READ, "how passwords are checked"},
        {"/etc/sudoers", PATH_READ, "not its business"},
        {"/etc/sudoers.d", PATH_READ, "not its business"},
        {"/etc/systemd", PATH_READ, "not its business"},
        {"/etc/ssh", PATH_READ, "not its business"},
        {"/etc/ld.so.conf.d", PATH_READ, "not its business"},
        {"/etc/init.d", PATH_READ, "not its business"},
        {"/etc/cron.d", PATH_READ, "not its business"},
        {"/etc/cron.daily", PATH_READ, "not its business"},
        {"/etc/cron.hourly", PATH_READ, "not its business"},
        {"/etc/profile.d", PATH_READ, "not its business"},
        {"/etc/apt", PATH_READ, "not its business"},
        {"/etc/default", PATH_READ, "what useradd starts from"},
        {"/etc/skel", PATH_READ, "what a new home directory holds"},
        {"/etc/bulkhead", PATH_READ, "settings"},
        {"/home", PATH_READ | PATH_WRITE, "home directories are made and removed"},
        {"/var/mail", PATH_READ | PATH_WRITE, "userdel removes the mail box"},
        {"/run/bulkhead/trust", PATH_READ | PATH_WRITE, "publishes keys and revocations"},
        {"/run/bulkhead-users-hand", PATH_READ | PATH_WRITE, "sessions, spent warrants"},
        {"/var/lib/bulkhead-users-hand", PATH_READ | PATH_WRITE, "signing keys, second factors, API keys, journal"},
        {"/var/lib/bulkhead/ssh-keys", PATH_READ | PATH_WRITE, "the SSH keys of accounts"},
        {"/var/lib/bulkhead/checkpoints", PATH_READ | PATH_WRITE, "signed heads of the ledger"},
        {"/var/lib/bulkhead/smb", PATH_READ | PATH_WRITE | PATH_CLOSED, "what smbd, as root, reads of passwords"},
        {"/proc", PATH_READ, "userdel looks whether somebody is signed in; tools look at themselves"},
        {"/run/utmp", PATH_READ, "userdel looks whether somebody is signed in"},
        {"/dev/null", PATH_READ | PATH_WRITE, "where tools print when nobody listens"},
        {"/dev/urandom", PATH_READ, "salts of password hashes"},
        {NULL, 0, NULL},
};

const struct process_policy policy_users_hand = {
        .name = "users-hand",
        .says = "Changes Unix accounts, checks passwords, signs tickets; the only one that sees a secret",
        .kind = PROCESS_HAND,
        .user = "bulkhead-users-hand",
        .group = "bulkhead-users-hand",
        .capabilities = capabilities,
        .socket = "/run/bulkhead/users-hand.sock",
        .socket_group = "bulkhead-users",
        .socket_mode = 0660,
        .paths = paths,
        .why_no_filter = "its tools inherit the filter: only calls that none of them may ever make are closed",
        .families = "AF_UNIX",
        .state_directory = "bulkhead-users-hand",
        .runtime_directory = "bulkhead-users-hand",
        .memory_max = "128M",
        .tasks_max = 16,
        .files_max = 128,
        .idle_exit_s = 30,
};
