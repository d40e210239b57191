/* What /etc/passwd and /etc/group say, read directly, and the guards made of it: no operation ever touches an
 * account or group whose number is not Bulkhead's, and the last enabled administrator stays.
 * Rights: the users hand; reads account files. A file that cannot be read ends the process: nothing is guessed. */
#include "daemons/users/hand/users.h"

#include "base/log.h"
#include "base/mem.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>

static FILE *open_file(const char *path)
{
        FILE *file = fopen(path, "re");
        if (!file)
                log_fatal("%s: %s", path, strerror(errno));
        return file;
}

static void close_file(FILE **file)
{
        if (ferror(*file))
                log_fatal("The account files cannot be read.");
        fclose(*file);
}

static bool in_range(uint64_t number)
{
        return number >= ACCOUNT_FIRST && number <= ACCOUNT_LAST;
}

/* Any entry, ours or not, of that name (NULL: of that number). */
static bool find_passwd(const char *name, uint64_t uid, struct account *ret_account, bool *ret_ours)
{
        CLEANUP(close_file) FILE *file = open_file("/etc/passwd");
        for (struct passwd *entry; (entry = fgetpwent(file));) {
                if (name ? strcmp(entry->pw_name, name) != 0 : entry->pw_uid != uid)
                        continue;
                *ret_account = (struct account){.uid = entry->pw_uid, .role = ROLE_NOBODY, .enabled = true};
                snprintf(ret_account->name, sizeof(ret_account->name), "%s", entry->pw_name);
                *ret_ours = in_range(entry->pw_uid) && entry->pw_gid == entry->pw_uid &&
                            strlen(entry->pw_name) < sizeof(ret_account->name);
                return true;
        }
        return false;
}

static bool find_group(const char *name, uint64_t gid, uint64_t *ret_gid)
{
        CLEANUP(close_file) FILE *file = open_file("/etc/group");
        for (struct group *entry; (entry = fgetgrent(file));)
                if (name ? strcmp(entry->gr_name, name) == 0 : entry->gr_gid == gid) {
                        *ret_gid = entry->gr_gid;
                        return true;
                }
        return false;
}

static bool is_member(const struct group *group, const char *name)
{
        for (char **member = group->gr_mem; *member; member++)
                if (strcmp(*member, name) == 0)
                        return true;
        return false;
}

static bool in_group(const char *group, const char *name)
{
        CLEANUP(close_file) FILE *file = open_file("/etc/group");
        for (struct group *entry; (entry = fgetgrent(file));)
                if (strcmp(entry->gr_name, group) == 0)
                        return is_member(entry, name);
        return false;
}

/* The highest role counts. */
static void read_groups(struct account *account)
{
        static const char prefix[] = "bulkhead-";
        CLEANUP(close_file) FILE *file = open_file("/etc/group");
        for (struct group *entry; (entry = fgetgrent(file));) {
                enum role role;
                if (strncmp(entry->gr_name, prefix, strlen(prefix)) != 0 || !is_member(entry, account->name))
                        continue;
                const char *word = entry->gr_name + strlen(prefix);
                if (strcmp(word, "disabled") == 0)
                        account->enabled = false;
                else if (role_parse(word, &role) == 0 && role > account->role)
                        account->role = role;
        }
}

static bool find_ours(const char *name, uint32_t uid, struct account *ret_account)
{
        struct account account;
        bool ours;
        if (!find_passwd(name, uid, &account, &ours) || !ours)
                return false;
        read_groups(&account);
        *ret_account = account;
        return true;
}

bool account_by_name(const char *name, struct account *ret_account)
{
        ASSERT(name && ret_account);
        return find_ours(name, 0, ret_account);
}

bool account_by_uid(uint32_t uid, struct account *ret_account)
{
        ASSERT(ret_account);
        return find_ours(NULL, uid, ret_account);
}

static bool administrator_at(size_t index, char ret_name[ACCOUNT_NAME_SIZE])
{
        CLEANUP(close_file) FILE *file = open_file("/etc/group");
        for (struct group *entry; (entry = fgetgrent(file));)
                for (char **member = entry->gr_mem; strcmp(entry->gr_name, "bulkhead-admin") == 0 && *member; member++)
                        if (index-- == 0) {
                                snprintf(ret_name, ACCOUNT_NAME_SIZE, "%s", *member);
                                return true;
                        }
        return false;
}

bool administrator_exists(const char *but)
{
        char name[ACCOUNT_NAME_SIZE];
        struct account account;
        for (size_t i = 0; administrator_at(i, name); i++)
                if ((!but || strcmp(name, but) != 0) && account_by_name(name, &account) && account.enabled)
                        return true;
        return false;
}

static int conflict(struct failure *failure, const char *field, const char *what)
{
        return failure_set(failure, FAILURE_CONFLICT, field, "", "%s", what);
}

/* The account that name and uid together name; ACT_SKIP: it is gone and something is being undone. */
static int ours(const struct act_context *context, struct account *ret_account, struct failure *failure)
{
        const char *name = text_of(context, "name");
        bool is_ours;
        uint64_t uid = number_of(context, "uid");
        if (account_by_name(name, ret_account) && ret_account->uid == uid)
                return 0;
        if (find_passwd(name, 0, ret_account, &is_ours) || find_passwd(NULL, uid, ret_account, &is_ours))
                return conflict(failure, "username", "is not an account of Bulkhead's with that number");
        return context->undoing ? ACT_SKIP
                                : failure_set(failure, FAILURE_NOT_FOUND, "username", "", "there is no such account");
}

int account_is_ours(struct act_context *context, struct failure *failure)
{
        struct account account;
        return ours(context, &account, failure);
}

int account_is_ours_or_gone(struct act_context *context, struct failure *failure)
{
        struct account account;
        int result = ours(context, &account, failure);
        return result < 0 && failure->code == FAILURE_NOT_FOUND ? 0 : result;
}

int account_is_free(struct act_context *context, struct failure *failure)
{
        const struct users *users = context->state;
        uint64_t uid = number_of(context, "uid");
        struct account account;
        bool is_ours;
        if (find_passwd(text_of(context, "name"), 0, &account, &is_ours))
                return conflict(failure, "username", "is taken");
        if (find_passwd(NULL, uid, &account, &is_ours) || table_find(&users->factors, uid))
                return conflict(failure, "username", "would get a number that is taken");
        return 0;
}

static int not_the_last(const struct act_context *context, const struct account *account, struct failure *failure)
{
        if (context->undoing || account->role != ROLE_ADMIN || !account->enabled || administrator_exists(account->name))
                return 0;
        return failure_set(failure, FAILURE_CONFLICT, "username", "Make somebody else an administrator first.",
                           "is the last administrator");
}

int account_may_go(struct act_context *context, struct failure *failure)
{
        struct account account;
        bool drops = context->operation->flags & OPERATION_DESTROYS;
        int result = ours(context, &account, failure);
        if (result != 0)
                return result < 0 && drops && failure->code == FAILURE_NOT_FOUND ? ACT_SKIP : result;
        if (!drops && !context->undoing && !account.enabled)
                return ACT_SKIP;
        return not_the_last(context, &account, failure);
}

/* Membership that is already as wanted is left alone, so that its undo cannot take away what was there before.
 * Undoing, the tool runs in any case: it may have been cut off between its files. */
static int membership(const struct act_context *context, const char *group, const char *name)
{
        bool joins = strstr(context->operation->name, "_join") != NULL;
        return !context->undoing && in_group(group, name) == joins ? ACT_SKIP : 0;
}

int role_is_ours(struct act_context *context, struct failure *failure)
{
        struct account account;
        int result = ours(context, &account, failure);
        const char *role = text_of(context, "role");
        const char *group = arena_printf(context->arena, "bulkhead-%s", *role ? role : "admin");
        return result != 0 ? result : membership(context, group, account.name);
}

int role_may_go(struct act_context *context, struct failure *failure)
{
        struct account account;
        int result = ours(context, &account, failure);
        if (result == 0)
                result = not_the_last(context, &account, failure);
        return result != 0 ? result : role_is_ours(context, failure);
}

int membership_is_ours(struct act_context *context, struct failure *failure)
{
        const char *group = text_of(context, "group");
        struct account account;
        uint64_t gid;
        int result = ours(context, &account, failure);
        if (result != 0)
                return result;
        if (!find_group(group, 0, &gid))
                return context->undoing ? ACT_SKIP
                                        : failure_set(failure, FAILURE_NOT_FOUND, "name", "", "there is no such group");
        if (gid != number_of(context, "gid") || !in_range(gid))
                return conflict(failure, "name", "is not a group of Bulkhead's with that number");
        return membership(context, group, account.name);
}

int group_is_free(struct act_context *context, struct failure *failure)
{
        uint64_t gid, wanted = number_of(context, "gid");
        if (find_group(text_of(context, "name"), 0, &gid))
                return context->undoing && gid == wanted ? ACT_SKIP : conflict(failure, "name", "is taken");
        return find_group(NULL, wanted, &gid) ? conflict(failure, "name", "would get a number that is taken") : 0;
}

int group_is_ours(struct act_context *context, struct failure *failure)
{
        uint64_t gid;
        if (!find_group(text_of(context, "name"), 0, &gid))
                return ACT_SKIP;
        return gid == number_of(context, "gid") && in_range(gid)
                       ? 0
                       : conflict(failure, "name", "is not a group of Bulkhead's with that number");
}
