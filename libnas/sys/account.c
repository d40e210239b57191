/* Accounts and groups of this machine.
 * Rights: clerks and hands; reads /etc/passwd and /etc/group. */
#include "sys/account.h"

#include "base/log.h"
#include "base/mem.h"
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void close_file(FILE **file)
{
        if (*file)
                fclose(*file);
}

/* The file as it is, in memory: glibc's readers ask for their place in it at each line, which in a file would be a
 * system call each. NULL with errno. */
static FILE *open_whole(struct arena *arena, const char *path)
{
        CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
        struct stat status;
        if (fd < 0 || fstat(fd, &status) != 0)
                return NULL;
        size_t length = (size_t)status.st_size, have = 0;
        char *bytes = arena_alloc(arena, length + 1);
        for (ssize_t got = 1; got != 0 && have <= length; have += (size_t)got)
                if ((got = read(fd, bytes + have, length + 1 - have)) < 0)
                        return NULL;
        errno = EBUSY; /* files are replaced, not changed: this one is being written */
        return have == length ? fmemopen(bytes, length, "re") : NULL;
}

static const char *copy(struct arena *arena, const char *text)
{
        return text ? arena_text(arena, text, strlen(text)) : "";
}

/* A list in the arena that doubles when it is full. */
static void *room(struct arena *arena, void *list, size_t count, size_t size)
{
        if ((count & (count - 1)) != 0 && count > 0)
                return list;
        void *larger = arena_array(arena, count ? 2 * count : 1, size);
        if (list && count > 0)
                memcpy(larger, list, count * size);
        return larger;
}

static int read_passwd(struct arena *arena, struct accounts *accounts)
{
        CLEANUP(close_file) FILE *file = open_whole(arena, "/etc/passwd");
        struct account *list = NULL;
        if (!file)
                return -errno;
        for (struct passwd *entry; (entry = fgetpwent(file));) {
                list = room(arena, list, accounts->count, sizeof(*list));
                list[accounts->count++] = (struct account){.name = copy(arena, entry->pw_name),
                                                           .full_name = copy(arena, entry->pw_gecos),
                                                           .home = copy(arena, entry->pw_dir),
                                                           .shell = copy(arena, entry->pw_shell),
                                                           .uid = entry->pw_uid,
                                                           .gid = entry->pw_gid};
        }
        accounts->list = list;
        return ferror(file) ? -EIO : 0;
}

static int read_group(struct arena *arena, struct accounts *accounts)
{
        CLEANUP(close_file) FILE *file = open_whole(arena, "/etc/group");
        struct account_group *list = NULL;
        if (!file)
                return -errno;
        for (struct group *entry; (entry = fgetgrent(file));) {
                size_t count = 0;
                while (entry->gr_mem[count])
                        count++;
                const char **members = arena_array(arena, count, sizeof(*members));
                for (size_t i = 0; i < count; i++)
                        members[i] = copy(arena, entry->gr_mem[i]);
                list = room(arena, list, accounts->group_count, sizeof(*list));
                list[accounts->group_count++] = (struct account_group){.name = copy(arena, entry->gr_name),
                                                                       .gid = entry->gr_gid,
                                                                       .members = members,
                                                                       .member_count = count};
        }
        accounts->groups = list;
        return ferror(file) ? -EIO : 0;
}

int accounts_read(struct arena *arena, struct accounts *ret_accounts)
{
        ASSERT(arena && ret_accounts);
        struct accounts accounts = {0};
        int result = read_passwd(arena, &accounts);
        if (result == 0)
                result = read_group(arena, &accounts);
        if (result == 0)
                *ret_accounts = accounts;
        return result;
}

const struct account *accounts_named(const struct accounts *accounts, const char *name)
{
        ASSERT(accounts && name);
        for (size_t i = 0; i < accounts->count; i++)
                if (strcmp(accounts->list[i].name, name) == 0)
                        return &accounts->list[i];
        return NULL;
}

const struct account *accounts_numbered(const struct accounts *accounts, uint64_t uid)
{
        ASSERT(accounts);
        for (size_t i = 0; i < accounts->count; i++)
                if (accounts->list[i].uid == uid)
                        return &accounts->list[i];
        return NULL;
}

const struct account_group *accounts_group(const struct accounts *accounts, const char *name)
{
        ASSERT(accounts && name);
        for (size_t i = 0; i < accounts->group_count; i++)
                if (strcmp(accounts->groups[i].name, name) == 0)
                        return &accounts->groups[i];
        return NULL;
}

const struct account_group *accounts_group_numbered(const struct accounts *accounts, uint64_t gid)
{
        ASSERT(accounts);
        for (size_t i = 0; i < accounts->group_count; i++)
                if (accounts->groups[i].gid == gid)
                        return &accounts->groups[i];
        return NULL;
}

bool accounts_has_member(const struct account_group *group, const char *name)
{
        ASSERT(name);
        for (size_t i = 0; group && i < group->member_count; i++)
                if (strcmp(group->members[i], name) == 0)
                        return true;
        return false;
}

static bool in_range(uint32_t number)
{
        return number >= ACCOUNT_FIRST && number <= ACCOUNT_LAST;
}

bool account_is_bulkheads(const struct account *account)
{
        ASSERT(account);
        return in_range(account->uid) && account->gid == account->uid;
}

bool account_group_is_bulkheads(const struct account_group *group)
{
        ASSERT(group);
        return in_range(group->gid);
}

enum role account_role(const struct accounts *accounts, const char *name)
{
        ASSERT(accounts && name);
        for (enum role role = ROLE_ADMIN; role > ROLE_NOBODY; role--) {
                char group[sizeof(ACCOUNT_GROUP_PREFIX) + 16];
                snprintf(group, sizeof(group), ACCOUNT_GROUP_PREFIX "%s", role_name(role));
                if (accounts_has_member(accounts_group(accounts, group), name))
                        return role;
        }
        return ROLE_NOBODY;
}

bool account_enabled(const struct accounts *accounts, const char *name)
{
        ASSERT(accounts && name);
        return !accounts_has_member(accounts_group(accounts, ACCOUNT_GROUP_PREFIX "disabled"), name);
}

bool accounts_has_admin(const struct accounts *accounts, const char *but)
{
        ASSERT(accounts && but);
        const struct account_group *group = accounts_group(accounts, ACCOUNT_GROUP_PREFIX "admin");
        for (size_t i = 0; group && i < group->member_count; i++) {
                const struct account *one = accounts_named(accounts, group->members[i]);
                if (one && account_is_bulkheads(one) && account_enabled(accounts, one->name) &&
                    strcmp(one->name, but) != 0)
                        return true;
        }
        return false;
}
