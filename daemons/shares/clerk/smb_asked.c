/* What is asked before a share over SMB is written: the domain who its names are, Samba whether it still has the share
 * as we wrote it, and the hand what the folder is.
 *
 * Rights: the shares clerk; the hand's socket. */
#include "daemons/shares/clerk/smb_asked.h"

#include "base/log.h"
#include "base/mem.h"

#include <string.h>

enum { SHARE_BYTES_MAX = 64 * 1024 };

struct smb_asked *smb_asked_new(struct call *call, smb_answered *answered)
{
        ASSERT(call && answered);
        struct arena *arena = arena_new();
        struct smb_asked *asked = arena_alloc(arena, sizeof(*asked));
        *asked = (struct smb_asked){.arena = arena, .call = call, .answered = answered};
        return asked;
}

static void refuse(struct smb_asked *asked, const struct failure *failure)
{
        changes_refuse(clerk.changes, asked->call, failure);
        arena_free(asked->arena);
}

static void looked(const struct folder *way, size_t count, const struct failure *failure, void *context)
{
        struct smb_asked *asked = context;
        asked->answered(asked, way, count, failure);
        arena_free(asked->arena);
}

/* What somebody set by hand would be lost. When Samba cannot be asked, its own tools refuse the change later. */
static void shown(const struct reply *reply, const char *output, size_t output_length, void *context)
{
        struct smb_asked *asked = context;
        struct failure failure = {0};
        if (reply && reply->outcome == OUTCOME_SUCCESS &&
            drift_refuse_samba(asked->name, output ? output : "", output_length, &failure) != 0)
                refuse(asked, &failure);
        else if (live_path_is_here(asked->path))
                folder_look(asked->path, looked, asked);
        else
                looked(NULL, 0, NULL, asked); /* nothing is known of it, and that is said when it is planned */
}

static void named(const char *const *sids, size_t count, const struct failure *failure, void *context)
{
        struct smb_asked *asked = context;
        if (failure) {
                refuse(asked, failure);
                return;
        }
        const char **list = arena_array(asked->arena, count + 1, sizeof(*list));
        for (size_t i = 0; i < count; i++)
                list[i] = arena_text(asked->arena, sids[i], strlen(sids[i]));
        asked->sids = list;
        asked->sid_count = count;
        shares_ask_much(SHARES_SMB_SHOWN, asked->name, SHARE_BYTES_MAX, asked->arena, shown, asked);
}

void smb_ask(struct smb_asked *asked, const smb_share *before)
{
        ASSERT(asked && asked->name && asked->path);
        domain_names(asked->lists, SMB_LISTS, before ? before->sids : NULL, before ? before->sids_count : 0, named,
                     asked);
}
