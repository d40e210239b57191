/* Pools that are file systems of Ceph clusters (ceph.c). */
#ifndef BULKHEAD_STORAGE_CLERK_CEPH_H
#define BULKHEAD_STORAGE_CLERK_CEPH_H

#include "daemons/storage/clerk/storage.h"

/* What its client prints when it cannot mount one, the field of a request that is wrong then, and what people are told.
 */
struct ceph_fault {
        const char *word, *field, *message, *next;
};
const struct ceph_fault *ceph_fault(const char *text); /* NULL: nothing that is known */

/* False: its cluster does not answer. */
bool ceph_room_read(const char *said, uint64_t *ret_used, uint64_t *ret_available);
/* From the hand's file; no fsid: it is not as the hand writes it. */
struct wanted_ceph ceph_read(const char *text, struct arena *arena);

/* Its health and its room, why it is away, and from where it is. */
void ceph_judge(const struct wanted *wanted, struct nas_storage_pool *pool, struct arena *arena);
/* Says why it could not be mounted; context: the pool's name. */
void ceph_explain(struct failure *failure, void *context);

/* -1 with Conflict: it is of a cluster that does not answer. */
int ceph_must_answer(const struct wanted *pool, struct failure *failure);
/* Unmounts a pool of whatever kind. One whose cluster does not answer only goes with its client. */
int plan_pool_unmount(struct change *change, const struct wanted *pool, struct failure *failure);
int plan_ceph_want(struct change *change, const struct wanted *pool, struct failure *failure);
/* Ends the client of one, also when its cluster does not answer; of other pools nothing. */
int plan_ceph_end(struct change *change, const struct wanted *pool, struct failure *failure);
/* The same, and forgets its key. */
int plan_ceph_forget(struct change *change, const struct wanted *pool, struct failure *failure);

#endif
