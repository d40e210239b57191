/* Pools of encrypted disks: which there are, what opens them, and who helps with that. */
#ifndef BULKHEAD_STORAGE_CLERK_ENCRYPTION_H
#define BULKHEAD_STORAGE_CLERK_ENCRYPTION_H

#include "daemons/storage/clerk/storage.h"

/* --- encryption.c: pools of encrypted disks; unlock_plans.c opens and closes them --- */

/* Can this machine encrypt? 0, or -1 with Conflict. */
int encryption_possible(struct failure *failure);
const struct wanted *pool_with_luks(const char *luks); /* NULL */
const struct disk *disk_with_luks(const char *luks);   /* NULL */
/* It was part of an encrypted pool, and is still open. */
bool disk_is_left(const struct disk *disk);
/* None of its disks is open. */
bool pool_is_locked(const struct wanted *pool);
struct nas_storage_encryption encryption_describe(const struct wanted *pool, struct arena *arena);

int plan_encrypt(struct change *change, const struct wanted *pool, const struct disk *const *disks, size_t count,
                 struct failure *failure);
/* Closes one that is left, and has it opened no more. */
int plan_let_go(struct change *change, const struct disk *disk, struct failure *failure);
/* Has the pool's Tang server open it no more; nothing when it has none. Read again by PID 1 on both sides, by who
 * calls. */
int plan_tang_forget(struct change *change, const struct wanted *pool, struct failure *failure);
int plan_luks_want(struct change *change, const struct wanted *pool, struct failure *failure);
int plan_open(struct change *change, const struct wanted *pool, struct failure *failure); /* those that are closed */
int plan_close(struct change *change, const struct wanted *pool, struct failure *failure);
/* Holds the passphrase ready; or makes a key that is kept, for a new pool. Nothing when it is not encrypted. */
int plan_key(struct change *change, const struct wanted *pool, const char *passphrase, bool fresh,
             struct failure *failure);
int plan_key_drop(struct change *change, const struct wanted *pool, struct failure *failure);
int plan_key_forget(struct change *change, const struct wanted *pool, struct failure *failure);
/* Opens all that is closed, when its key is the right one; wanted: is it to be opened so from now on? */
int plan_unlock(struct change *change, const struct wanted *pool, const char *passphrase, bool want,
                struct failure *failure);
/* Has what lies on the pool become as large as its disks (work_plans.c). */
int plan_grow(struct change *change, const char *pool, struct failure *failure);
/* Erases a disk, and encrypts it when its pool is encrypted; *ret_name is what it is called then in /dev/disk/by-id. */
int plan_take(struct change *change, const struct wanted *pool, const struct disk *disk, const char *passphrase,
              const char **ret_name, struct failure *failure);
/* An encrypted pool; NULL with NotFound or Conflict. */
const struct wanted *pool_find_encrypted(const char *name, struct failure *failure);
/* Where the key lies by which its disks are opened: that which this machine keeps, when it keeps one. */
const char *key_place_of(const struct wanted *pool);
/* Nobody can open that disk any more. */
int plan_erase_keys(struct change *change, const struct disk *disk, struct failure *failure);
/* The numbers of the encrypted disks here that say that they are of that file system. */
size_t luks_of(const char *uuid, const char **ret_luks, size_t max);
/* The number of a disk that is to be encrypted for a pool. */
const char *luks_new(struct arena *arena, const struct wanted *pool, const struct disk *disk);
/* How an encrypted disk that is open is called below /dev/disk/by-id. */
const char *luks_name(struct arena *arena, const char *luks);

/* --- luks_look.c: which keys its disks have --- */

struct luks_slots {           /* of one disk, a bit each: */
        uint32_t slow, quick; /* made of passphrases, which takes long; keys that nobody guesses */
        uint32_t sealed;      /* keys that a Tang server helps to open */
};
struct luks_look {
        bool good;                 /* all of them are here and could say it */
        size_t count;              /* as many as the pool has */
        struct luks_slots slots[]; /* in the order of the pool's disks */
};
typedef void luks_done(const struct luks_look *look, void *context);
/* Asks all disks of the pool; done is called once, later or at once. */
void luks_ask(const struct wanted *pool, luks_done *done, void *context);
/* From what cryptsetup says of a disk. False: it is no such thing. */
bool luks_slots_read(const char *text, size_t length, struct luks_slots *ret_slots);

/* --- tang.c: servers in the network that help to open pools; tang_file.c reads what one said --- */

enum { TANG_PRINTS_MAX = 4 };
int tang_prepare(void);                     /* before the jail; 0 or -errno */
const char *tang_said(struct arena *arena); /* by the server that was asked last; NULL */
/* The thumbprints of the keys that it signs with, from what it said; 0: it is no such server. */
size_t tang_prints(const char *said, struct arena *arena, const char *ret_prints[TANG_PRINTS_MAX]);
typedef void tang_done(const char *const *prints, size_t count, void *context);
/* Asks a server; done is called once, later, with none when it does not answer. 0, or -1 with Conflict. */
int tang_ask(const char *url, tang_done *done, void *context, struct failure *failure);

#endif
