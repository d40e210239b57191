/* The number of a pool of ZFS's, which is half as long as that of another file system, written as those are. */
#ifndef BULKHEAD_VALUE_ZFS_H
#define BULKHEAD_VALUE_ZFS_H

#include <stdbool.h>

#define ZFS_UUID "00000000-0000-0000-" /* before it */
enum { ZFS_UUID_SIZE = 37 };
/* Of its digits as ZFS writes them. False: they are none. */
bool zfs_uuid(const char *digits, char ret_uuid[ZFS_UUID_SIZE]);

#endif
