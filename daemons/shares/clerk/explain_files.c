/* Why somebody can, or cannot, use what is offered: what the folders say, and what would have them say otherwise. Of all
 * that would, what gives least is named: being in a group that may already; a dataset of root's, who needs no rights.
 *
 * Rights: the shares clerk; reads the accounts, its hand has said what the folders are. */
#include "daemons/shares/clerk/explain.h"

#include "base/log.h"
#include "base/mem.h"

#include <inttypes.h>
#include <string.h>

enum { DATASET_FIRST = 256 };

/* Not the group that an account has of its own, nor one that is a role. */
static bool may_be_joined(const struct question *question, const struct account_group *group)
{
        return account_group_is_bulkheads(group) && !accounts_numbered(&question->accounts, group->gid);
}

static bool mends_by_group(struct question *question, const struct folder *folder, unsigned wanted)
{
        const struct accounts *accounts = &question->accounts;
        struct person more = question->person;
        uint32_t *gids = arena_array(question->arena, more.gid_count + 1, sizeof(*gids));
        for (size_t i = 0; i < more.gid_count; i++)
                gids[i] = more.gids[i];
        more.gids = gids;
        more.gid_count++;
        for (size_t i = 0; more.of == PERSON_OF_MACHINE && i < accounts->group_count; i++) {
                const struct account_group *group = &accounts->groups[i];
                gids[more.gid_count - 1] = group->gid;
                if (!may_be_joined(question, group) || !folder_allows(folder, &more, wanted))
                        continue;
                question->answer.fix =
                        arena_printf(question->arena, "bulkhead groups add %s %s", group->name, more.name);
                explain_mended_by(
                        question, "nas.users.AddMember",
                        arena_printf(question->arena, "{\"name\":\"%s\",\"username\":\"%s\"}", group->name, more.name));
                return true;
        }
        return false;
}

static bool mends_by_owner(struct question *question, const struct folder *folder, unsigned wanted)
{
        struct arena *arena = question->arena;
        const char *name = question->person.name, *pool = live_pool_of(folder->path, arena);
        struct folder given = *folder;
        given.uid = question->person.uid;
        if (folder->uid != 0 || folder->number < DATASET_FIRST || !folder_allows(&given, &question->person, wanted))
                return false;
        question->answer.fix = arena_printf(arena, "bulkhead datasets set %s %" PRIu64 " --owner %s", pool,
                                            folder->number, explain_quoted(name, arena));
        explain_mended_by(question, "nas.storage.UpdateDataset",
                          arena_printf(arena, "{\"pool\":\"%s\",\"id\":%" PRIu64 ",\"owner\":\"%s\"}", pool,
                                       folder->number, explain_replaced(name, "\\", "\\\\", arena)));
        return true;
}

/* What no call mends. */
static const char *by_hand(const struct question *question, const struct folder *folder)
{
        struct arena *arena = question->arena;
        if (folder->dataset)
                return arena_printf(arena, "bulkhead datasets set, for %s: an owner, group or mode that lets %s in",
                                    folder->path, question->person.name);
        return arena_printf(arena, "setfacl -m u:%s:rwx %s",
                            question->person.of == PERSON_OF_MACHINE
                                    ? question->person.name
                                    : arena_printf(arena, "%" PRIu32, question->person.uid),
                            explain_quoted(folder->path, arena));
}

static bool lets(struct question *question, const struct folder *folder, unsigned wanted, const char *verb)
{
        if (folder_allows(folder, &question->person, wanted))
                return true;
        const size_t at = (size_t)(folder - question->way);
        const char *because =
                arena_printf(question->arena, "the folder %s (of %s, group %s, mode %04o%s) does not let them %s.",
                             folder->path, question->owners[at].owner, question->owners[at].group, folder->mode,
                             folder->acl_length > 0 ? ", with an ACL" : "", verb);
        explain_stops(question, (wanted & MAY_WRITE) != 0, because, by_hand(question, folder));
        if (!mends_by_group(question, folder, wanted))
                (void)mends_by_owner(question, folder, wanted);
        return false;
}

bool explain_reaches(struct question *question)
{
        ASSERT(question && question->way_count > 0);
        const size_t last = question->way_count - 1;
        for (size_t i = question->by->whole_way ? 0 : last; i < last; i++)
                if (!lets(question, &question->way[i], MAY_SEARCH, "through"))
                        return false;
        return lets(question, &question->way[last], MAY_SEARCH | MAY_READ, "read");
}

bool explain_lets_write(struct question *question, const struct folder *folder)
{
        ASSERT(question && folder);
        return lets(question, folder, MAY_WRITE | MAY_SEARCH, "write");
}
