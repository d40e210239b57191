/* Parsing the account files.
 * Rights: the users clerk; pure functions over streams. */
#include "daemons/users/clerk/accounts.h"

#include "base/log.h"
#include "base/mem.h"

#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#define ROLE_PREFIX "bulkhead-"
#define LOGIN_SHELL "/bin/bash"

static bool in_range(uint64_t number)
{
        return number >= ACCOUNT_FIRST && number <= ACCOUNT_LAST;
}

static const char *keep(struct accounts *accounts, const char *text)
{
        return arena_text(accounts->arena, text, strlen(text));
}

/* Room for one more item in an arena array that doubles; room is a power of two. */
static void *grow(struct arena *arena, void *old, size_t count, size_t size)
{
        if (count > 0 && (count & (count - 1)) != 0)
                return old;
        void *larger = arena_array(arena, count ? 2 * count : 1, size);
        if (count > 0)
                memcpy(larger, old, count * size);
        return larger;
}

static void take_name(struct accounts *accounts, const char *name, uint64_t number)
{
        accounts->names = grow(accounts->arena, accounts->names, accounts->name_count, sizeof(*accounts->names));
        accounts->names[accounts->name_count++] = keep(accounts, name);
        if (!in_range(number))
                return;
        accounts->numbers =
                grow(accounts->arena, accounts->numbers, accounts->number_count, sizeof(*accounts->numbers));
        accounts->numbers[accounts->number_count++] = (uint32_t)number;
}

static int by_account_name(const void *a, const void *b)
{
        return strcmp(((const struct account *)a)->name, ((const struct account *)b)->name);
}

static int by_group_name(const void *a, const void *b)
{
        return strcmp(((const struct group_entry *)a)->name, ((const struct group_entry *)b)->name);
}

static int by_text(const void *a, const void *b)
{
        return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void sort(void *items, size_t count, size_t size, int (*order)(const void *, const void *))
{
        if (count > 1)
                qsort(items, count, size, order);
}

static void read_passwd(struct accounts *accounts, FILE *file)
{
        for (struct passwd *entry; (entry = fgetpwent(file));) {
                take_name(accounts, entry->pw_name, entry->pw_uid);
                if (!in_range(entry->pw_uid) || entry->pw_gid != entry->pw_uid)
                        continue;
                const char *gecos = entry->pw_gecos ? entry->pw_gecos : "";
                accounts->accounts =
                        grow(accounts->arena, accounts->accounts, accounts->account_count, sizeof(struct account));
                accounts->accounts[accounts->account_count++] =
                        (struct account){.uid = entry->pw_uid,
                                         .name = keep(accounts, entry->pw_name),
                                         .full_name = arena_text(accounts->arena, gecos, strcspn(gecos, ",")),
                                         .enabled = true,
                                         .shell = entry->pw_shell && strcmp(entry->pw_shell, LOGIN_SHELL) == 0};
        }
        sort(accounts->accounts, accounts->account_count, sizeof(struct account), by_account_name);
}

static struct account *find_account(const struct accounts *accounts, const char *name)
{
        const struct account key = {.name = name};
        return accounts->account_count ? bsearch(&key, accounts->accounts, accounts->account_count,
                                                 sizeof(struct account), by_account_name)
                                       : NULL;
}

/* bulkhead-ROLE and bulkhead-disabled say what an account may do. */
static void read_role(const struct accounts *accounts, const struct group *entry)
{
        const char *word = entry->gr_name + strlen(ROLE_PREFIX);
        bool disabled = strcmp(word, "disabled") == 0;
        enum role role = ROLE_NOBODY;
        if (!disabled && (role_parse(word, &role) != 0 || role == ROLE_NOBODY))
                return;
        for (char **member = entry->gr_mem; *member; member++) {
                struct account *account = find_account(accounts, *member);
                if (!account)
                        continue;
                if (disabled)
                        account->enabled = false;
                else
                        account->roles |= 1u << role;
                if (role > account->role)
                        account->role = role;
        }
}

static void join(struct accounts *accounts, struct group_entry *group, const char *member)
{
        struct account *account = find_account(accounts, member);
        if (!account || account_in_group(account, group->name))
                return;
        account->groups = grow(accounts->arena, account->groups, account->group_count, sizeof(*account->groups));
        account->groups[account->group_count++] = group->name;
        group->members = grow(accounts->arena, group->members, group->member_count, sizeof(*group->members));
        group->members[group->member_count++] = account->name;
}

static void read_group(struct accounts *accounts, FILE *file)
{
        for (struct group *entry; (entry = fgetgrent(file));) {
                take_name(accounts, entry->gr_name, entry->gr_gid);
                if (strncmp(entry->gr_name, ROLE_PREFIX, strlen(ROLE_PREFIX)) == 0) {
                        read_role(accounts, entry);
                        continue;
                }
                if (!in_range(entry->gr_gid) || account_by_uid(accounts, entry->gr_gid))
                        continue;
                accounts->groups =
                        grow(accounts->arena, accounts->groups, accounts->group_count, sizeof(struct group_entry));
                struct group_entry *group = &accounts->groups[accounts->group_count++];
                *group = (struct group_entry){.gid = entry->gr_gid, .name = keep(accounts, entry->gr_name)};
                for (char **member = entry->gr_mem; *member; member++)
                        join(accounts, group, *member);
                sort(group->members, group->member_count, sizeof(*group->members), by_text);
        }
        sort(accounts->groups, accounts->group_count, sizeof(struct group_entry), by_group_name);
        for (size_t i = 0; i < accounts->account_count; i++)
                sort(accounts->accounts[i].groups, accounts->accounts[i].group_count, sizeof(const char *), by_text);
}

struct accounts *accounts_parse(FILE *passwd, FILE *group)
{
        ASSERT(passwd && group);
        struct arena *arena = arena_new();
        struct accounts *accounts = arena_alloc(arena, sizeof(*accounts));
        accounts->arena = arena;
        read_passwd(accounts, passwd);
        read_group(accounts, group);
        if (!ferror(passwd) && !ferror(group))
                return accounts;
        arena_free(arena);
        return NULL;
}

void accounts_free(struct accounts *accounts)
{
        if (accounts)
                arena_free(accounts->arena);
}

const struct account *account_by_name(const struct accounts *accounts, const char *name)
{
        ASSERT(accounts && name);
        return find_account(accounts, name);
}

const struct account *account_by_uid(const struct accounts *accounts, uint32_t uid)
{
        ASSERT(accounts);
        for (size_t i = 0; i < accounts->account_count; i++)
                if (accounts->accounts[i].uid == uid)
                        return &accounts->accounts[i];
        return NULL;
}

const struct group_entry *group_by_name(const struct accounts *accounts, const char *name)
{
        ASSERT(accounts && name);
        const struct group_entry key = {.name = name};
        return accounts->group_count ? bsearch(&key, accounts->groups, accounts->group_count,
                                               sizeof(struct group_entry), by_group_name)
                                     : NULL;
}

bool accounts_name_taken(const struct accounts *accounts, const char *name)
{
        ASSERT(accounts && name);
        for (size_t i = 0; i < accounts->name_count; i++)
                if (strcmp(accounts->names[i], name) == 0)
                        return true;
        return false;
}

bool accounts_number_taken(const struct accounts *accounts, uint32_t number)
{
        ASSERT(accounts);
        for (size_t i = 0; i < accounts->number_count; i++)
                if (accounts->numbers[i] == number)
                        return true;
        return false;
}

bool account_in_group(const struct account *account, const char *group)
{
        ASSERT(account && group);
        for (size_t i = 0; i < account->group_count; i++)
                if (strcmp(account->groups[i], group) == 0)
                        return true;
        return false;
}

bool accounts_have_admin(const struct accounts *accounts, const struct account *but)
{
        ASSERT(accounts);
        for (size_t i = 0; i < accounts->account_count; i++) {
                const struct account *account = &accounts->accounts[i];
                if (account->role == ROLE_ADMIN && account->enabled && account != but)
                        return true;
        }
        return false;
}
