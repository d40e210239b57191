/* Replication: standing orders to send snapshots elsewhere, and what becomes of them. */
#ifndef BULKHEAD_STORAGE_CLERK_REPLICATIONS_H
#define BULKHEAD_STORAGE_CLERK_REPLICATIONS_H

#include "daemons/storage/clerk/storage.h"
#include "daemons/storage/clerk/work_log.h"
#include "value/value.h"

struct replication {
        const char *name, *pool, *folder, *to_pool, *to_folder, *every, *at; /* texts live until the next reading */
        const char *to, *remote;  /* "MACHINE:PATH", and the machine: it is sent there, and to_pool is NULL; NULL */
        const struct tree *there; /* what is known to be there */
        int64_t rate;             /* bytes a second; 0: as fast as it goes */
        bool drill;               /* it sends back what another one sent; "NAME.drill" */
        bool has_log;
        struct work_log log; /* of the last time; its message also when somebody else than who receives complained */
};

struct replication_next {                          /* what would be sent now */
        const struct subvolume *snapshot, *parent; /* NULL: nothing; NULL: all of it */
        const char *name, *parent_name;
        const char *newest_there; /* the newest snapshot that is there; NULL */
        const char *why_not;      /* it cannot be; NULL */
};

/* --- replications.c --- */
int replications_prepare(void); /* before the jail; 0 or -errno */
void replications_read(void);
void replications_look(void); /* each second: is one due, how far is it? */
size_t replication_count(void);
const struct replication *replication_at(size_t index);
const struct replication *replication_named(const char *name); /* NULL */
/* Its drill; NULL: it has none. */
const struct replication *replication_drill(const struct replication *replication);
bool replication_runs(const struct replication *replication);
bool replication_is_late(const struct replication *replication);
/* How much went over, or was compared then. */
uint64_t replication_bytes(const struct replication *replication, bool *ret_compares);

/* --- replication_next.c: pure, but for the trees --- */
/* Texts are in the arena. */
struct replication_next replication_find_drill(const struct tree *from, const struct tree *to,
                                               const struct replication *drill);
struct replication_next replication_find(const struct tree *from, const struct tree *to,
                                         const struct replication *replication, struct arena *arena);
/* The dataset that a folder of snapshots is of, and the other way round. */
const char *replication_dataset(const char *folder, struct arena *arena);
const char *replication_folder(const char *dataset, struct arena *arena);

/* --- senders.c: other machines that send here --- */
struct sender {
        const char *name, *place, *key; /* in the arena it was read into */
};
int senders_prepare(void); /* before the jail; 0 or -errno */
struct topic *senders_topic(void);
/* Those that the hand wrote down. */
size_t senders_read(struct arena *arena, const struct sender **ret_senders);
/* Lets it send nothing more. */
int plan_revoke(struct change *change, const char *name, struct failure *failure);
/* The pool that a place is in. */
const char *sender_pool(const struct sender *sender, struct arena *arena);

/* --- remotes.c: other machines --- */
struct remote {
        const char *name, *address, *user, *trusted; /* the host key that was confirmed; NULL */
        int64_t port;
        const char *key, *offers, *says; /* ours for it; what it showed; "ok" or why not; NULL: not known yet */
};
#define FAR_FOLDER "far"   /* as which the snapshots on another machine are known */
int remotes_prepare(void); /* before the jail; 0 or -errno */
void remotes_read(void);
size_t remote_count(void);
const struct remote *remote_at(size_t index);
const struct remote *remote_named(const char *name); /* NULL */
/* "SHA256:..." of a key as it is written in files. */
const char *remote_fingerprint(const char *key, struct arena *arena);
/* The snapshots that are known to be where it is sent to: in its pool, or on another machine. NULL: the pool is away.
 */
const struct tree *replication_there(const struct replication *replication);
/* What is known to lie there, since that order sends to it. */
const struct tree *remote_snapshots(const char *order, const char *to, struct arena *arena);
/* The tree of a text with lines "UUID NAME", of which snapshots of that folder are made; what is no such line is left
 * out. Pure. */
const struct tree *remote_tree(const char *text, const char *folder, struct arena *arena);
/* "KEY=VALUE" (or whatever the key ends with), with a value of that type; NULL. Moves on to the next line. */
const char *order_line(char **rest, const char *key, const struct value_type *type);

/* --- remotes_show.c --- */
struct topic *remotes_topic(void);

/* --- replications_show.c --- */
struct topic *replications_topic(void);

#endif
