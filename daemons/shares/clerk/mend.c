/* What would let somebody into a folder that does not let them: the change that gives least of those that Bulkhead makes.
 *
 * A folder of root's is given to them, or its group to their own, since that takes nothing from anybody; what belongs to
 * others stays theirs. A group that already may is what was meant for such as them, and so comes before any change of
 * whose the folder is. More for a whole group is the last that is said.
 *
 * Rights: none; pure functions. */
#include "daemons/shares/clerk/shares.h"

#include "base/log.h"

#include <string.h>

enum { FIRST_DATASET = 256, OWNER_SHIFT = 6, GROUP_SHIFT = 3, EVERYTHING = MAY_READ | MAY_WRITE | MAY_SEARCH };

struct wish {
        const struct folder *folder;
        const struct person *person;
        const struct accounts *accounts;
        unsigned wanted;
};

static unsigned allowed(const struct folder *folder, const struct person *person)
{
        unsigned all = 0;
        for (unsigned one = MAY_SEARCH; one <= MAY_READ; one <<= 1)
                if (folder_allows(folder, person, one))
                        all |= one;
        return all;
}

static bool is_own(const struct folder *folder)
{
        return folder->number >= FIRST_DATASET; /* the pool's own folder and what lies in a dataset have no settings */
}

/* --- a group that already may --- */

/* Those of roles give more than folders, those of accounts are theirs. */
static bool can_be_joined(const struct accounts *accounts, const struct account_group *group)
{
        return account_group_is_bulkheads(group) && !accounts_numbered(accounts, group->gid) &&
               strncmp(group->name, ACCOUNT_GROUP_PREFIX, strlen(ACCOUNT_GROUP_PREFIX)) != 0;
}

static bool by_joining(const struct wish *wish, struct arena *arena, struct mending *mending)
{
        const size_t count = wish->person->gid_count;
        uint32_t *gids = arena_array(arena, count + 1, sizeof(*gids));
        struct person then = *wish->person;
        unsigned least = EVERYTHING + 1;
        if (count > 0)
                memcpy(gids, wish->person->gids, count * sizeof(*gids));
        then.gids = gids;
        then.gid_count = count + 1;
        for (size_t i = 0; then.of == PERSON_OF_MACHINE && i < wish->accounts->group_count; i++) {
                const struct account_group *group = &wish->accounts->groups[i];
                gids[count] = group->gid;
                const unsigned gets = can_be_joined(wish->accounts, group) ? allowed(wish->folder, &then) : 0;
                if ((gets & wish->wanted) != wish->wanted || gets >= least)
                        continue;
                least = gets;
                mending->joins = group->name;
        }
        return mending->joins;
}

/* --- the folder itself --- */

static bool is_mended(const struct wish *wish, const struct folder *then, struct mending *mending)
{
        const bool is = folder_allows(then, wish->person, wish->wanted);
        *mending = is ? (struct mending){.owner = mending->owner, .group = mending->group, .mode = then->mode}
                      : (struct mending){0};
        return is;
}

/* In an ACL the mode's part for the owner is the owner's entry, so that this holds with one, too. */
static bool as_owner(const struct wish *wish, struct mending *mending)
{
        const struct folder *folder = wish->folder;
        if (folder->uid != wish->person->uid && folder->uid != 0)
                return false;
        mending->owner = folder->uid == 0 ? wish->person->name : NULL;
        mending->mode = (uint16_t)(folder->mode | wish->wanted << OWNER_SHIFT);
        return true;
}

/* Nobody is in it whom the folder does not belong to anyway. */
static bool is_nobodys(const struct wish *wish, uint32_t gid)
{
        const struct account_group *group = accounts_group_numbered(wish->accounts, gid);
        return (gid == 0 || gid == wish->folder->uid || gid == wish->person->uid) && group && group->member_count == 0;
}

static bool by_own_group(const struct wish *wish, struct mending *mending)
{
        struct folder then = *wish->folder;
        const struct account_group *own = accounts_group_numbered(wish->accounts, wish->person->uid);
        if (wish->person->of != PERSON_OF_MACHINE || then.uid == wish->person->uid || then.acl_length > 0 || !own ||
            !is_nobodys(wish, then.gid) || !is_nobodys(wish, own->gid))
                return false;
        mending->group = then.gid == own->gid ? NULL : own->name;
        then.gid = own->gid;
        then.mode |= (uint16_t)(wish->wanted << GROUP_SHIFT);
        return is_mended(wish, &then, mending);
}

static bool by_more_for_group(const struct wish *wish, struct mending *mending)
{
        struct folder then = *wish->folder;
        then.mode |= (uint16_t)(wish->wanted << GROUP_SHIFT);
        return then.acl_length == 0 && is_mended(wish, &then, mending);
}

bool folder_mend(const struct folder *folder, const struct person *person, const struct accounts *accounts,
                 unsigned wanted, struct arena *arena, struct mending *ret_mending)
{
        ASSERT(folder && person && accounts && arena && ret_mending);
        const struct wish wish = {folder, person, accounts, wanted | allowed(folder, person)};
        struct mending mending = {.mode = folder->mode};
        const bool can = by_joining(&wish, arena, &mending) ||
                         (is_own(folder) && (by_own_group(&wish, &mending) || as_owner(&wish, &mending) ||
                                             by_more_for_group(&wish, &mending)));
        if (can)
                *ret_mending = mending;
        return can;
}
