/* The numbers of the shares hand's operations. A number is never given to another operation: journals outlive
 * upgrades. */
#ifndef BULKHEAD_POLICY_SHARES_OPERATIONS_H
#define BULKHEAD_POLICY_SHARES_OPERATIONS_H

#include "plan/operation.h"

enum shares_operation {
        /* questions */
        SHARES_SMB_LOOK = 1,
        SHARES_SMB_END = 2,
        SHARES_FOLDER_LOOK = 3,
        SHARES_SMB_REGISTRY = 4,
        SHARES_TRANSFERS_END = 5,
        SHARES_ROOM_LOOK = 6,
        SHARES_DOMAIN_LOOK = 7,
        SHARES_NAME_LOOK = 8,
        SHARES_SMB_SHOWN = 9,
        SHARES_DIRECTORY_LOOK = 10,
        SHARES_DIRECTORY_CHECK = 11,
        SHARES_NFS_LOOK = 12,
        SHARES_QUOTA_LOOK = 13,
        /* steps: SMB */
        SHARES_SMB_PUT = 20,
        SHARES_SMB_DROP = 21,
        SHARES_SMB_SERVER = 22,
        SHARES_SMB_DISCONNECT = 23,
        SHARES_HOMES_MAKE = 24,
        SHARES_AUDIT_KEEP = 25,
        SHARES_AUDIT_FOLLOW = 26,
        SHARES_SMB_SETTLE = 27,
        /* steps: NFS */
        SHARES_NFS_PUT = 30,
        SHARES_NFS_DROP = 31,
        SHARES_NFS_MOUNT = 32,
        SHARES_NFS_UNMOUNT = 33,
        SHARES_UNITS_RELOAD = 34,
        SHARES_NFS_WITHDRAW = 35,
        SHARES_NFS_LIST = 36,
        SHARES_NFS_CHECK = 37,
        SHARES_NFS_DISCONNECT = 38,
        SHARES_NFS_FOLLOW = 39,
        /* steps: folders offered by FTP, SFTP, WebDAV and rsync */
        SHARES_TRANSFER_PUT = 40,
        SHARES_TRANSFER_DROP = 41,
        SHARES_TRANSFERS_FOLLOW = 42,
        SHARES_FTP_SERVER = 43,
        /* steps: the domain */
        SHARES_DOMAIN_PUT = 50,
        SHARES_DOMAIN_DROP = 51,
        SHARES_JOIN_SECRET = 52,
        SHARES_DOMAIN_JOIN = 53,
        SHARES_DOMAIN_UNJOIN = 54,
        SHARES_WINBIND_START = 55,
        SHARES_WINBIND_STOP = 56,
        SHARES_JOIN_FORGET = 57,
        /* steps: services */
        SHARES_SERVICE_WANT = 60,
        SHARES_SERVICE_FORGET = 61,
        SHARES_SERVICE_START = 62,
        SHARES_SERVICE_STOP = 63,
        SHARES_SERVICE_RESTART = 64,
        SHARES_SERVICE_RELOAD = 65,
        /* steps: the directory */
        SHARES_DIRECTORY_PUT = 70,
        SHARES_DIRECTORY_DROP = 71,
        SHARES_DIRECTORY_CA = 72,
        SHARES_DIRECTORY_CA_DROP = 73,
        SHARES_DIRECTORY_SECRET = 74,
        SHARES_DIRECTORY_FORGET = 75,
        SHARES_DIRECTORY_TRY = 76,
        SHARES_DIRECTORY_FOLLOW = 77,
        SHARES_OPERATION_COUNT
};

extern const struct operations shares_operations;

#endif
