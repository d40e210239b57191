/* Accounts and groups as /etc/passwd and /etc/group have them, read directly: a name service could be made to say
 * anything. What is Bulkhead's is told by its number. */
#ifndef BULKHEAD_SYS_ACCOUNT_H
#define BULKHEAD_SYS_ACCOUNT_H

#include "base/arena.h"
#include "base/role.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ACCOUNT_FIRST = 20000, ACCOUNT_LAST = 29999 };
#define ACCOUNT_GROUP_PREFIX "bulkhead-" /* followed by a role, or by "disabled" */

struct account {
        const char *name, *full_name, *home, *shell;
        uint32_t uid, gid;
};

struct account_group {
        const char *name;
        uint32_t gid;
        const char *const *members;
        size_t member_count;
};

struct accounts {
        const struct account *list;
        size_t count;
        const struct account_group *groups;
        size_t group_count;
};

/* Reads both files whole; the memory is in the arena. 0, or -errno when one cannot be read to its end. */
int accounts_read(struct arena *arena, struct accounts *ret_accounts);

/* NULL when there is none. */
const struct account *accounts_named(const struct accounts *accounts, const char *name);
const struct account *accounts_numbered(const struct accounts *accounts, uint64_t uid);
const struct account_group *accounts_group(const struct accounts *accounts, const char *name);
const struct account_group *accounts_group_numbered(const struct accounts *accounts, uint64_t gid);
bool accounts_has_member(const struct account_group *group, const char *name); /* NULL has none */

/* Numbers in the range, and the account's own group has its number too. */
bool account_is_bulkheads(const struct account *account);
bool account_group_is_bulkheads(const struct account_group *group);
/* The highest role counts; NOBODY: in none of the groups. */
enum role account_role(const struct accounts *accounts, const char *name);
bool account_enabled(const struct accounts *accounts, const char *name);
/* Is there an enabled administrator of Bulkhead's, other than but? */
bool accounts_has_admin(const struct accounts *accounts, const char *but);

#endif
