/* Accounts and groups of the domain, as people name them: each has a number there, by which a share knows them. So a
 * share that names them needs no controller to let others in, and who is called otherwise later stays who they are.
 * Rights: the shares clerk; its hand asks winbind. */
#include "daemons/shares/clerk/domain.h"

#include "base/log.h"
#include "base/mem.h"

#include <string.h>

enum { NAMES_MAX = 3 * 256, PRINTED_MAX = 4096 };

struct asking {
        struct arena *arena; /* holds it, and what is found */
        const struct named_list *lists;
        size_t list_count, list, name; /* the one that is asked about */
        const char **sids;
        size_t count;
        names_seen *seen;
        void *context;
};

static void end(struct asking *asking, const struct failure *failure)
{
        asking->seen(asking->sids, asking->count, failure, asking->context);
        arena_free(asking->arena);
}

static void next(struct asking *asking);

static void answered(const struct reply *reply, const char *output, size_t output_length, void *context)
{
        struct asking *asking = context;
        const struct named_list *list = &asking->lists[asking->list];
        const char *name = list->names[asking->name];
        struct failure failure = {0};
        const char *sid =
                reply && reply->outcome == OUTCOME_SUCCESS && output
                        ? domain_sid_read(arena_text(asking->arena, output, output_length), *name == '@', asking->arena)
                        : NULL;
        if (!sid) {
                failure_set(&failure, FAILURE_NOT_FOUND, list->field,
                            "Is it spelled as there, and does a controller answer? bulkhead smb domain",
                            "The domain knows no %s %s.", *name == '@' ? "group" : "account", name + (*name == '@'));
                end(asking, &failure);
                return;
        }
        asking->sids[asking->count++] = arena_printf(asking->arena, "%s %s", sid, name);
        asking->name++;
        next(asking);
}

/* Goes on with the next name that is the domain's and is not known yet. */
static void next(struct asking *asking)
{
        for (; asking->list < asking->list_count; asking->list++, asking->name = 0) {
                const struct named_list *list = &asking->lists[asking->list];
                for (; asking->name < list->count; asking->name++) {
                        const char *name = list->names[asking->name], *plain = name + (*name == '@');
                        const char *between = strchr(plain, '\\');
                        struct failure failure = {0};
                        if (!between || entry_named(asking->sids, asking->count, name) ||
                            asking->count == 2 * NAMES_MAX)
                                continue;
                        if (!domain_is(plain, (size_t)(between - plain))) {
                                failure_set(&failure, FAILURE_NOT_FOUND, list->field, "bulkhead smb domain",
                                            "This machine is in no domain %.*s.", (int)(between - plain), plain);
                                end(asking, &failure);
                                return;
                        }
                        shares_ask_much(SHARES_NAME_LOOK, plain, PRINTED_MAX, asking->arena, answered, asking);
                        return;
                }
        }
        end(asking, NULL);
}

void domain_names(const struct named_list *lists, size_t count, const char *const *known, size_t known_count,
                  names_seen *seen, void *context)
{
        ASSERT((lists || count == 0) && seen);
        struct arena *arena = arena_new();
        struct asking *asking = arena_alloc(arena, sizeof(*asking));
        *asking =
                (struct asking){.arena = arena, .lists = lists, .list_count = count, .seen = seen, .context = context};
        asking->sids = arena_array(arena, 2 * NAMES_MAX, sizeof(*asking->sids));
        for (size_t i = 0; i < known_count && i < NAMES_MAX; i++)
                asking->sids[asking->count++] = arena_text(arena, known[i], strlen(known[i]));
        next(asking);
}
