/* What is wanted of shares beside what there is, between drift.c, drift_look.c and drift_samba.c. */
#ifndef BULKHEAD_SHARES_CLERK_DRIFT_H
#define BULKHEAD_SHARES_CLERK_DRIFT_H

#include "daemons/shares/clerk/kept.h"
#include "daemons/shares/clerk/shares.h"

enum { DRIFTS_MAX = 1024, DRIFT_WORDS_MAX = 400 };

/* --- drift_samba.c: the shares that Samba has, as it prints them. Pure --- */

struct samba_share {
        const char *name, *lines; /* each with its tab and line feed, as in a file of ours */
};
struct samba {
        bool known; /* else Samba is not installed, or cannot be asked */
        struct samba_share *list;
        size_t count;
};
struct samba samba_read(const char *text, size_t length, struct arena *arena);
const struct samba_share *samba_find(const struct samba *samba, const char *name);
/* What lines of one are not in the other, for people; "" when there are none. */
const char *lines_only_in(const char *text, const char *other, struct arena *arena);

/* --- drift_look.c: what has come apart --- */

struct drift_put {
        const smb_share *share; /* NULL: none */
        const char *dataset;    /* whose snapshots are its previous versions; NULL */
};
struct drift {
        struct nas_shares_share_drift shown;
        struct drift_put restore, adopt;
        const char *drop;   /* restored by dropping that one from Samba; NULL */
        const char *server; /* restored by writing the file of that service; NULL */
        /* Restored by writing that one; NULL. */
        const nfs_export *export;
        const transfer_offer *transfer;
};
/* All of them, in the arena. */
const struct drift *drift_look(const struct samba *samba, struct arena *arena, size_t *ret_count);

/* --- drift_servers.c: the servers' own files --- */

enum { SERVER_FILES = 6 };
struct server_drift {
        const char *service, *wanted, *found;
        bool known; /* what is wanted */
};
/* Is that one not as we would write it? */
bool server_drifts(size_t index, struct arena *arena, struct server_drift *ret_drift);
int server_plan_restore(struct plan *plan, const char *service, struct failure *failure); /* and has it read again */
/* 0, or -1 and why nothing is written over. */
int drift_refuse_when(bool lost, const char *what, const char *name, struct failure *failure);

#endif
