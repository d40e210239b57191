/* Accounts and groups as the system has them: /etc/passwd and /etc/group, parsed. Bulkhead's are those with a number
 * from 20000 to 29999 (an account has a group of its own with the same number); of all others only the names and
 * numbers matter, because they are taken. */
#ifndef BULKHEAD_USERS_CLERK_ACCOUNTS_H
#define BULKHEAD_USERS_CLERK_ACCOUNTS_H

#include "base/arena.h"
#include "base/role.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { ACCOUNT_FIRST = 20000, ACCOUNT_LAST = 29999 };

struct account {
        uint32_t uid;
        const char *name, *full_name;
        enum role role; /* the highest; ROLE_NOBODY: no role group */
        unsigned roles; /* 1 << role for each role group it is in */
        bool enabled, shell;
        const char **groups; /* Bulkhead's own, by name, sorted */
        size_t group_count;
};

struct group_entry {
        uint32_t gid;
        const char *name;
        const char **members; /* of Bulkhead's accounts, sorted */
        size_t member_count;
};

struct accounts {
        struct arena *arena;      /* all of it */
        struct account *accounts; /* sorted by name */
        size_t account_count;
        struct group_entry *groups; /* sorted by name; without roles and the accounts' own groups */
        size_t group_count;
        const char **names; /* of every account and group there is */
        size_t name_count;
        uint32_t *numbers; /* in the range, of every account and group there is */
        size_t number_count;
};

/* Both streams are read to their end. NULL when one cannot be read. */
struct accounts *accounts_parse(FILE *passwd, FILE *group);
void accounts_free(struct accounts *accounts);

const struct account *account_by_name(const struct accounts *accounts, const char *name); /* NULL: none of ours */
const struct account *account_by_uid(const struct accounts *accounts, uint32_t uid);
const struct group_entry *group_by_name(const struct accounts *accounts, const char *name);
bool accounts_name_taken(const struct accounts *accounts, const char *name);
bool accounts_number_taken(const struct accounts *accounts, uint32_t number);
bool account_in_group(const struct account *account, const char *group);
/* Is there an enabled administrator other than but (NULL: at all)? */
bool accounts_have_admin(const struct accounts *accounts, const struct account *but);

/* The live state: read at start, and again whenever one of the files is replaced. */
int accounts_prepare(void); /* before the jail; 0 or -errno */
void accounts_watch(void (*changed)(void));
const struct accounts *accounts_now(void);
void accounts_reload(void); /* at once, for who has just changed something */

#endif
