/* What the files of the storage clerk share. One file a subject; a handler is four calls: what was read (generated),
 * decide, act, answer. */
#ifndef BULKHEAD_STORAGE_CLERK_STORAGE_H
#define BULKHEAD_STORAGE_CLERK_STORAGE_H

#include "daemons/storage/clerk/machine.h"
#include "daemons/storage/clerk/smart.h"
#include "daemons/storage/clerk/tree.h"
#include "nas_storage.h"
#include "policy/storage_operations.h"
#include "serve/clerk.h"
#include "state/watch.h"
#include "sys/ability.h"

#define SERVED          "/srv"
#define SNAPSHOTS       ".snapshots"
#define WORK_FOLDER     "/var/lib/bulkhead/work"
#define CEPH_FOLDER     "/run/bulkhead/ceph"
#define ZFS_FOLDER      "/run/bulkhead/zfs"
#define ZFS_SETS_FOLDER "/run/bulkhead/zfs-sets"

/* --- the clerk as its skeleton sees it, and what is watched (clerk.c) --- */

struct clerk storage_clerk(void);

struct topics {
        struct topic *disks, *disk, *pools, *pool, *importable, *datasets, *snapshots, *replications, *remotes,
                *senders, *drift, *suggestions;
};
extern struct topics topics; /* made once at start */

/* The last part of a handler: runs the change when result is 0, else refuses the call and drops the change. */
void storage_run(struct call *call, struct change *change, int result, const struct failure *failure);
struct change *storage_change(const char *kind, const char *name);
void storage_refuse(struct call *call, const struct failure *failure);
/* A number as steps take it, and a moment as people read it, in the arena. */
const char *plan_number(struct arena *arena, uint64_t number);
const char *moment(struct arena *arena, int64_t us);

/* --- the machine now (live.c) --- */

int live_prepare(void); /* before the jail; 0 or -errno */
void live_watch(void);
void live_tick(void);          /* each second: has something changed of which nobody tells? */
void live_tell(void *context); /* everybody who watches, of all that can have changed */
void live_reload(void);        /* at once, for who has just changed something */
/* Is it in a runtime suspend of the kernel's? Opening it would wake it. */
bool live_suspended(const char *name);
/* How often that block device was read and written; not counting what it is asked about itself. */
uint64_t live_uses(const char *name);
/* Reads again all that a change may have changed, then calls done. */
void live_acted(const struct plan *plan, loop_tick *done, void *context);
const struct machine *machine_now(void);
/* How far the work on an array is, of a thousand; -1: not known. *ret_left_s: so many seconds more; -1: not known. */
int live_array_permille(const char *name, int64_t *ret_left_s);
/* What units have written down of a pool of a Ceph cluster, in a file of that name; "": nothing. In the arena. */
const char *live_ceph(const char *file, struct arena *arena);
/* The same of a pool of ZFS's. */
const char *live_zfs(const char *file, struct arena *arena);
/* What "zfs list" said last of what is in one; NULL: it cannot be read. */
char *live_zfs_sets(const char *pool, struct arena *arena);
/* Is that program there? */
bool live_installed(const char *program);
/* How much is stored in what is mounted there, and how much more can be. False: it cannot be asked. */
bool live_room(const char *mounted, uint64_t *ret_used, uint64_t *ret_available);

/* --- what only the hand can see (look.c) --- */

/* An operation that answers, of one value; arena lives until done. What is asked of a pool may answer much. */
void look_ask(uint16_t operation, const char *value, struct arena *arena, hand_done *done, void *context);
enum verdict { VERDICT_UNKNOWN, VERDICT_FREE, VERDICT_USED, VERDICT_AWAY };
void look_at_disks(const struct machine *machine); /* asks about those that may be free */
enum verdict look_verdict(const struct disk *disk);
/* The trees of the pool with that name; NULL: it is not mounted, or was not looked at yet. */
const struct tree *look_tree(const char *pool);
unsigned look_count(void); /* another number whenever some tree may be another one */
/* Looks into the pools that have changed, or into all; done is called when that is over, or at once. */
void look_into_pools(bool all, loop_tick *done, void *context);
/* The same for those that have changed and that one; fresh: there it has only become more. */
void look_into_pool(const char *pool, bool fresh, loop_tick *done, void *context);

/* --- what is wanted (wanted.c) --- */

enum { WANTED_OPTIONS_MAX = 4 };
struct wanted_ceph { /* no fsid: it is of no cluster */
        const char *fsid, *user, *path, *monitors;
        const char *file_system; /* NULL: the only one, or the one that the cluster takes then */
};
struct wanted {                                  /* a pool */
        const char *name, *uuid, *type;          /* btrfs, ext4, xfs, cephfs or zfs */
        int64_t id;                              /* made of the UUID */
        bool degraded;                           /* is to be mounted also when a disk is missing */
        const char *options[WANTED_OPTIONS_MAX]; /* all others */
        size_t option_count;
        bool encrypted, kept, given; /* is there a key that this machine keeps, and a passphrase that somebody knows? */
        const char *const *luks;     /* the numbers of its encrypted disks */
        size_t luks_count;
        const char *tang, *thumbprint; /* the server in the network that opens it, and its key; NULL: none does */
        struct wanted_ceph ceph;
};
int wanted_prepare(void);
void wanted_read(void); /* the hand's files */
size_t wanted_count(void);
unsigned wanted_changes(void); /* how often that changed since the start */
const struct wanted *wanted_at(size_t index);
const struct wanted *wanted_named(const char *name); /* NULL */
const struct wanted *wanted_with(const char *uuid);  /* NULL */

/* --- disks.c --- */

const struct disk *disk_with(const char *id); /* NULL */
/* The one that is that block device of a file system's, also by a partition; NULL. */
const struct disk *disk_named(const char *name);
/* Two disks that say that they are the same part of that file system, as a disk and its copy do: nobody can say which
 * one would be used. False: there are none. */
bool disks_copied(const char *uuid, const char **ret_one, const char **ret_other);
struct nas_storage_disk disk_describe(const struct disk *disk, struct arena *arena);
void disks_write(struct json_out *out, struct call *call, void *context);
enum { POOL_DISKS_MAX = 64 }; /* of one when it is made, as the contract says */
/* May the disks of a request become part of a pool? Gives them; 0 or -1. */
int disks_take(const char *field, const char *const *ids, size_t count, bool erase, const struct disk **ret_disks,
               struct failure *failure);
/* The same of one; NULL, with the field disk. */
const struct disk *disk_take(const char *id, bool erase, struct failure *failure);
int plan_erase(struct change *change, const struct disk *disk, struct failure *failure);

/* --- health.c, health_show.c --- */

/* By which commands it is asked of its health. */
enum smart_kind disk_kind(const struct disk *disk);
void health_tick(void); /* each second: is it time to ask a disk? */
/* What it said last, and when; NULL: it was not asked yet. */
const struct smart *health_of(const struct disk *disk, int64_t *ret_asked_us);
enum nas_storage_smart health_verdict(const struct disk *disk);
/* Asks that disk now; done is called when it has answered. */
void health_ask(const struct disk *disk, bool wake, loop_tick *done, void *context);
void disk_write(struct json_out *out, struct call *call, void *context);
/* One that is here and can be told from others; NULL with NotFound or Conflict. */
const struct disk *disk_alone(const char *id, struct failure *failure);
/* Can it test itself? Gives it; 0 or -1. */
int disk_can_test(const char *id, const struct disk **ret_disk, struct failure *failure);

/* --- disk_orders.c: what disks do by themselves --- */

int disk_orders_prepare(void); /* before the jail; 0 or -errno */
bool disk_test_schedule(const char *id, struct arena *arena, struct nas_storage_test_schedule *ret_schedule);
/* After how many minutes it stops, 0: never. False: nothing was said of it. */
bool disk_spin_down(const char *id, int64_t *ret_minutes);

/* --- history.c --- */

/* Writes down what changed since the last time. */
void history_note(const char *disk, const struct smart *smart);
extern const struct db_statement storage_statements[];
extern const size_t storage_statement_count;

/* --- pools.c, pool_plans.c, importable.c --- */

/* The file system of a pool, when the kernel has it open, or it is ext4 or XFS and there; NULL. */
const struct file_system *pool_system(const struct wanted *pool);
bool pool_is_btrfs(const struct wanted *pool);
bool pool_is_ceph(const struct wanted *pool);                   /* ceph.c */
bool pool_is_zfs(const struct wanted *pool);                    /* zfs.c */
bool pool_wants(const struct wanted *pool, const char *option); /* of those with which it is to be mounted */
/* What can be done with btrfs only. -1 with Conflict: it is of another kind. */
int pool_must_be_btrfs(const struct wanted *pool, struct failure *failure);
/* One that has datasets and snapshots, and is mounted; NULL with NotFound or Conflict. */
const struct tree *pool_find_sets(const char *name, struct failure *failure);
const struct wanted *pool_find(const char *name, struct failure *failure);    /* NULL with NotFound */
const struct tree *pool_find_tree(const char *name, struct failure *failure); /* NULL with NotFound or Conflict */
struct nas_storage_pool pool_describe(const struct wanted *wanted, struct arena *arena);
void pools_write(struct json_out *out, struct call *call, void *context);
void pool_write(struct json_out *out, struct call *call, void *context);
/* The kind of file system that could be imported as that one; NULL: there is none. */
const char *importable_type(const char *uuid);
void importable_write(struct json_out *out, struct call *call, void *context);
void suggestions_write(struct json_out *out, struct call *call, void *context);

/* Changes of pools answer with the pool. */
struct change *pool_change(const char *name);
void pool_answer(struct json_out *out, const struct reply *reply, void *context);
bool pool_has_errors(const struct device_errors *errors);
bool pool_is_mounted(const struct wanted *pool);
int pool_name_is_free(const char *name, struct failure *failure);
/* What it is to be mounted as from now on. */
int plan_want(struct plan *plan, const struct wanted *pool, struct failure *failure);
int plan_mount(struct change *change, const struct wanted *pool, struct failure *failure);
int plan_unmount(struct change *change, const char *name, bool mounted, struct failure *failure);
const struct disk *pool_disk(const struct wanted *pool, const struct member *member); /* NULL: it is not here */

const char *pool_new_uuid(struct arena *arena, const char *of); /* always the same of the same text */

/* --- able.c --- */

int able_prepare(void);                            /* before the jail; 0 or -errno */
const struct ability *unable_to(const char *name); /* why not; NULL: it can be done, or is not known */

/* --- people.c: whom datasets belong to who is not of this machine --- */

enum { PEOPLE = 2 }; /* an account, and a group */
/* given: given_owners, in the order of the names ("" for none). failure: why one of them cannot be. */
typedef void people_found(const char *const given[PEOPLE], const struct failure *failure, void *context);
/* Finds the numbers of those that are of the domain or the directory; the others are given as they are. found is called
 * once, later or at once. fields: of the request, static. */
void people_find(const char *const fields[PEOPLE], const char *const names[PEOPLE], people_found *found, void *context);
/* What a number of the domain's or the directory's is called; NULL: it is of neither, or not known yet, and then it is
 * asked for and all pools are looked into again. */
const char *people_named(uint32_t number, bool group);
void people_tick(void); /* each second */

/* --- quotas.c: who has how much on ext4 and XFS --- */

int quotas_prepare(void); /* before the jail; 0 or -errno */

/* --- work.c: what takes long; work_plans.c begins and stops it --- */

int work_prepare(void);
/* What a unit for that pool has said, which writes to POOL.WHAT; "": nothing. */
const char *work_said(const char *pool, const char *what, struct arena *arena);
void work_read(void);                             /* what it says, and what became of it */
void work_tick(void);                             /* each second: how far is it? */
const char *disk_serial(const struct disk *disk); /* as people are told; NULL: it is away */
const char *disk_place(const struct disk *disk);
bool disk_says_its_pool(const struct disk *disk);           /* what is on it is, or was, a pool of ours, be that away */
int work_refuse(const char *pool, struct failure *failure); /* -1 with Conflict while something is done to it */
/* Is something of btrfs' own being done to it? */
bool pool_is_busy(const struct wanted *pool);
/* What is being done to it; false: nothing. */
bool work_now(const struct wanted *pool, struct arena *arena, struct nas_storage_work *ret_work);
/* What was done last: a scrub, or something else; false: nothing yet. */
bool work_past(const struct wanted *pool, bool scrub, struct arena *arena, struct nas_storage_past_work *ret_past);

/* --- scrubs.c: those that begin by themselves --- */

int scrubs_prepare(void); /* before the jail; 0 or -errno */
bool scrub_ordered(const char *pool);
/* To have the pool, which is called so then, read by itself: by btrfs, or by md when it lies on an array. */
int plan_scrub_order(struct change *change, const struct wanted *pool, const char *name, const char *every,
                     const char *at, struct failure *failure);
bool scrub_schedule(const struct wanted *pool, struct arena *arena, struct nas_storage_scrub_schedule *ret_schedule);

/* What the trees of that pool do not say (facts.c). */
void facts_add(struct tree *tree, const char *pool_name);
/* The same of those that were added from that place on. */
void facts_extend(struct tree *tree, const char *pool_name, size_t first);
void facts_count(struct tree *tree); /* how many snapshots each dataset has; a part of it, which needs no machine */

/* --- page.c --- */

struct page_place { /* where the page before ended */
        bool set;
        uint64_t first, second;
};
struct page_place page_read(const char *cursor); /* NULL, and what is no cursor: the beginning */
const char *page_text(struct arena *arena, uint64_t first, uint64_t second);

/* --- datasets.c, dataset_plans.c, snapshots.c --- */

/* NULL with NotFound or Conflict. */
const struct subvolume *dataset_numbered(const char *pool, int64_t number, struct failure *failure);
/* The snapshot that a call is about, what it is of and what it is called; NULL: the call was refused. */
const struct subvolume *snapshot_of_call(struct call *call, const char *pool, int64_t number, const char **ret_dataset,
                                         const char **ret_name);
/* A change about one dataset; with dataset_answer it answers {dataset}. */
struct change *dataset_change(const char *pool, const char *name);
void dataset_answer(struct json_out *out, const struct reply *reply, void *context);
/* Does a subvolume lie in another, however deep and whatever it is called? */
bool subvolume_lies_in(const struct tree *tree, const struct subvolume *inner, uint64_t outer);
/* May there be one of that name: is it free, and is what it would lie in there? 0 or -1. */
int dataset_name_is_free(const struct tree *tree, const char *name, struct failure *failure);
int dataset_has_parent(struct change *change, const struct tree *tree, const char *name, struct failure *failure);
/* lz4 is no compression of btrfs'. -1. */
int dataset_lacks_lz4(struct failure *failure);
int dataset_is_new(struct change *change, const struct tree *tree, const char *name, struct failure *failure);

/* The dataset's name when the subvolume is one; NULL. */
const char *dataset_name(const struct subvolume *subvolume);
struct nas_storage_snapshot snapshot_describe(const char *pool, const struct tree_snapshot *one, struct arena *arena);
const struct tree_snapshot *snapshot_named(const struct tree *tree, const char *dataset, const char *name); /* NULL */
/* The dataset that a snapshot is of, in the arena, and its own name; false: it is none. */
bool snapshot_read(const struct subvolume *subvolume, struct arena *arena, const char **ret_dataset,
                   const char **ret_name);
const struct subvolume *dataset_with(const struct tree *tree, const char *name); /* NULL */
void datasets_write(struct json_out *out, struct call *call, void *context);
void snapshots_write(struct json_out *out, struct call *call, void *context);
/* Steps that delete all snapshots of a dataset. */
int plan_delete_snapshots(struct change *change, const char *pool, const struct tree *tree, const char *dataset,
                          struct failure *failure);

#endif
