/* What is asked before a share over SMB is written: by smb_asked.c, for smb.c. */
#ifndef BULKHEAD_SHARES_CLERK_SMB_ASKED_H
#define BULKHEAD_SHARES_CLERK_SMB_ASKED_H

#include "daemons/shares/clerk/shares.h"

enum { SMB_LISTS = 3 };
#define SMB_LISTS_OF(asked, in)                                                                                        \
        (asked)->lists[0] = (struct named_list){"valid_users", (in)->valid_users, (in)->valid_users_count};            \
        (asked)->lists[1] = (struct named_list){"read_list", (in)->read_list, (in)->read_list_count};                  \
        (asked)->lists[2] = (struct named_list)                                                                        \
        {                                                                                                              \
                "write_list", (in)->write_list, (in)->write_list_count                                                 \
        }

struct smb_asked;
/* way: each folder on the way to what is shared; none when its pool is away. failure: what was wrong; NULL. */
typedef void smb_answered(struct smb_asked *asked, const struct folder *way, size_t count,
                          const struct failure *failure);

struct smb_asked {
        struct arena *arena; /* holds it, until it is answered */
        struct call *call;
        union {
                struct nas_shares_create_smb_share_in create;
                struct nas_shares_update_smb_share_in update;
        } in; /* what it points to is the call's */
        struct named_list lists[SMB_LISTS];
        const char *name, *path; /* as Samba calls it; what is shared */
        /* answers */
        const char *const *sids;
        size_t sid_count;

        smb_answered *answered;
};

struct smb_asked *smb_asked_new(struct call *call, smb_answered *answered);
/* before: the share that is changed; NULL: a new one. A failure before the folder is looked at refuses the call. */
void smb_ask(struct smb_asked *asked, const smb_share *before);

#endif
