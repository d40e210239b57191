/* The shares hand: its state, and what its policy names. */
#ifndef BULKHEAD_SHARES_HAND_SHARES_H
#define BULKHEAD_SHARES_HAND_SHARES_H

#include "act/hand.h"
#include "value/types.h"

#include <unistd.h>

#define STATE_DIRECTORY "/var/lib/bulkhead-shares-hand"
#define RUN_DIRECTORY   "/run/bulkhead-shares-hand"
#define SMB_DIRECTORY   "/etc/bulkhead/smb"
#define NFS_DIRECTORY   "/etc/bulkhead/nfs"
#define SERVICES        "/etc/bulkhead/services"
#define SERVED          "/srv"

struct shares {
        int served, smb, nfs, services; /* directories */
};

/* What the policy names: guards and deeds, each an act_function (act/hand.h). main.c binds them. */
/* clang-format off */
#define SHARES_FUNCTIONS(X) \
        X(folder_look) X(room_look) X(path_is_served) X(smb_check) X(smb_load) \
        X(nfs_is_served) X(nfs_list)
/* clang-format on */
#define SHARES_DECLARE(function) act_function function;
SHARES_FUNCTIONS(SHARES_DECLARE)

/* --- folder.c --- */

enum { DATASET_INODE = 256 }; /* what every root of a btrfs subvolume has, and nothing else there */
/* A folder below /srv ("/srv/tank/photos"), reached through no link, so that nobody who may write in a pool chooses
 * what is offered. A descriptor, or -errno. */
int folder_open(const struct act_context *context, const char *path, int flags);
/* --- room.c --- Of the dataset that a folder is in, in its pool; 0: it has none that is known. */
uint64_t dataset_number(int folder);

#endif
