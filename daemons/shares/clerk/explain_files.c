/* Why somebody can, or cannot, use what is offered: what the folders say, and what would have them say otherwise. Of all
 * that would, what gives least is named: being in a group that may already; a dataset of root's, who needs no rights.
 *
 * Rights: the shares clerk; reads the accounts, its hand has said what the folders are. */
#include "daemons/shares/clerk/explain.h"

#include "base/log.h"
#include "base/mem.h"

#include <inttypes.h>
#include <string.h>

static void mended_by_joining(struct question *question, const char *group)
{
        struct arena *arena = question->arena;
        const char *name = question->person.name;
        question->answer.fix = arena_printf(arena, "bulkhead groups add %s %s", group, name);
        explain_mended_by(question, "nas.users.AddMember",
                          arena_printf(arena, "{\"name\":\"%s\",\"username\":\"%s\"}", group, name));
}

static void mended_by_dataset(struct question *question, const struct folder *folder, const struct mending *mending)
{
        struct arena *arena = question->arena;
        const char *pool = live_pool_of(folder->path, arena), *words = "", *members = "";
        const char *const named[][2] = {
                {"owner", mending->owner},
                {"group", mending->group},
                {"mode", mending->mode != folder->mode ? arena_printf(arena, "%04o", mending->mode) : NULL}};
        for (size_t i = 0; i < ARRAY_SIZE(named); i++) {
                if (!named[i][1])
                        continue;
                words = arena_printf(arena, "%s --%s %s", words, named[i][0], explain_quoted(named[i][1], arena));
                members = arena_printf(arena, "%s,\"%s\":\"%s\"", members, named[i][0],
                                       explain_replaced(named[i][1], "\\", "\\\\", arena));
        }
        question->answer.fix =
                arena_printf(arena, "bulkhead datasets set %s %" PRIu64 "%s", pool, folder->number, words);
        explain_mended_by(question, "nas.storage.UpdateDataset",
                          arena_printf(arena, "{\"pool\":\"%s\",\"id\":%" PRIu64 "%s}", pool, folder->number, members));
}

/* What no call mends: an entry in the ACL for them alone, with what they may already, for it is what counts then. */
static const char *by_hand(const struct question *question, const struct folder *folder, unsigned wanted)
{
        static const struct {
                unsigned right;
                char letter;
        } rights[] = {{MAY_READ, 'r'}, {MAY_WRITE, 'w'}, {MAY_SEARCH, 'x'}};
        struct arena *arena = question->arena;
        char letters[ARRAY_SIZE(rights) + 1] = "---";
        for (size_t i = 0; i < ARRAY_SIZE(rights); i++)
                if ((wanted & rights[i].right) != 0 || folder_allows(folder, &question->person, rights[i].right))
                        letters[i] = rights[i].letter;
        return arena_printf(arena, "setfacl -m u:%s:%s %s",
                            question->person.of == PERSON_OF_MACHINE
                                    ? question->person.name
                                    : arena_printf(arena, "%" PRIu32, question->person.uid),
                            letters, explain_quoted(folder->path, arena));
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
        explain_stops(question, (wanted & MAY_WRITE) != 0, because, by_hand(question, folder, wanted));
        struct mending mending;
        if (!folder_mend(folder, &question->person, &question->accounts, wanted, question->arena, &mending))
                return false;
        if (mending.joins)
                mended_by_joining(question, mending.joins);
        else
                mended_by_dataset(question, folder, &mending);
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
