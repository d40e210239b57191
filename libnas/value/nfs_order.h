/* An export as the shares hand writes it (policy/shares_operations.c, nfs_put), and the line of exports(5) that tells
 * the kernel's server the same. */
#ifndef BULKHEAD_VALUE_NFS_ORDER_H
#define BULKHEAD_VALUE_NFS_ORDER_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>

enum { NFS_CLIENTS_MAX = 48 };

struct nfs_order {
        const char *number, *name;
        const char *blocks[NFS_CLIENTS_MAX]; /* of the type nfs_block */
        size_t count;
};

/* From the file NUMBER.on and its text, which is taken apart and holds what is returned. False: any byte of it is not
 * as the hand writes it. */
bool nfs_order_read(struct arena *arena, const char *file, char *text, struct nfs_order *ret_order);

/* "/NAME client(options) ..." with its end of line; "" when no client may use it. */
const char *nfs_order_line(struct arena *arena, const struct nfs_order *order);

#endif
