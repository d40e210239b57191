/* The numbers of the storage hand's operations. A number is never given to another operation: journals outlive
 * upgrades. */
#ifndef BULKHEAD_POLICY_STORAGE_OPERATIONS_H
#define BULKHEAD_POLICY_STORAGE_OPERATIONS_H

#include "plan/operation.h"

enum storage_operation {
        /* answers */
        STORAGE_SURVEY = 0,
        STORAGE_DISK_LOOK = 1,
        STORAGE_SMART_ATA = 2,
        STORAGE_SMART_SCSI = 3,
        STORAGE_SMART_NVME = 4,
        STORAGE_SCHEDULE_RUN = 5,
        /* disks */
        STORAGE_DISK_ERASE = 20,
        STORAGE_SELF_TEST = 21,
        STORAGE_SELF_TEST_STOP = 22,
        STORAGE_TEST_ORDER = 23,
        STORAGE_TEST_ORDER_FORGET = 24,
        STORAGE_TEST_TIMER_START = 25,
        STORAGE_TEST_TIMER_STOP = 26,
        STORAGE_SPIN_DOWN_ORDER = 27,
        STORAGE_SPIN_DOWN_APPLY = 28,
        /* pools */
        STORAGE_POOL_FORMAT = 30,
        STORAGE_PLACE_MAKE = 31,
        STORAGE_PLACE_REMOVE = 32,
        STORAGE_POOL_WANT = 33,
        STORAGE_POOL_FORGET = 34,
        /* 35 was pool_remember */
        STORAGE_UNITS_RELOAD = 36,
        STORAGE_POOL_MOUNT = 37,
        STORAGE_POOL_UNMOUNT = 38,
        STORAGE_POOL_FURNISH = 39,
        /* what is done to pools */
        STORAGE_WORK_LOOK = 40,
        STORAGE_SCRUB_START = 41,
        STORAGE_SCRUB_STOP = 42,
        STORAGE_BALANCE_STOP = 43,
        STORAGE_REPLACE_STOP = 44,
        STORAGE_REMOVE_STOP = 45,
        STORAGE_WORK_START = 46,
        STORAGE_WORK_REPLACE = 47,
        STORAGE_WORK_REMOVE = 48,
        STORAGE_WORK_BALANCE = 49,
        STORAGE_WORK_CONVERT = 50,
        STORAGE_DEVICE_ADD = 51,
        STORAGE_POOL_LABEL = 52,
        STORAGE_ERRORS_CLEAR = 53,
        STORAGE_DISK_ANNOUNCE = 54,
        STORAGE_SCRUB_ORDER = 55,
        STORAGE_SCRUB_ORDER_FORGET = 56,
        STORAGE_SCRUB_TIMER_START = 57,
        STORAGE_SCRUB_TIMER_STOP = 58,
        /* datasets */
        STORAGE_DATASET_MAKE = 60,
        STORAGE_DATASET_UNMAKE = 61,
        STORAGE_DATASET_DELETE = 62,
        STORAGE_DATASET_ACCESS = 63,
        STORAGE_DATASET_ACCESS_RESTORE = 64,
        STORAGE_DATASET_LIMIT = 65,
        STORAGE_DATASET_LIMIT_BACK = 66,
        STORAGE_DATASET_RENAME = 67,
        STORAGE_SNAPSHOTS_RENAME = 68,
        STORAGE_DATASET_ROLLBACK = 69,
        STORAGE_DATASET_ROLLBACK_UNDO = 70,
        STORAGE_CLONE_UNMAKE = 71,
        STORAGE_DATASET_COMPRESS = 72,
        /* snapshots */
        STORAGE_SNAPSHOT_MAKE = 80,
        STORAGE_SNAPSHOT_UNMAKE = 81,
        STORAGE_SNAPSHOT_DELETE = 82,
        STORAGE_SNAPSHOT_CLONE = 83,
        STORAGE_SNAPSHOT_HOLD = 84,
        STORAGE_SNAPSHOT_RELEASE = 85,
        STORAGE_FOLDER_LOOK = 86,
        STORAGE_FILES_RESTORE = 87,
        STORAGE_FILES_UNMAKE = 88,
        /* schedules */
        STORAGE_SCHEDULE_WANT = 100,
        STORAGE_SCHEDULE_FORGET = 101,
        /* 102 was schedule_remember */
        /* replication */
        STORAGE_REPLICATION_WANT = 110,
        STORAGE_REPLICATION_FORGET = 111,
        STORAGE_REPLICATION_WHOLE = 112,
        STORAGE_REPLICATION_SINCE = 113,
        STORAGE_REPLICATION_BEGIN = 114,
        STORAGE_REPLICATION_STOP = 115,
        STORAGE_REPLICATION_DUE_WHOLE = 116,
        STORAGE_REPLICATION_DUE_SINCE = 117,
        STORAGE_REPLICATION_DUE = 118,
        STORAGE_DRILL_WANT = 119,
        STORAGE_DRILL_FORGET = 120,
        STORAGE_DRILL_NEXT = 121,
        STORAGE_DRILL_BEGIN = 122,
        STORAGE_DRILL_STOP = 123,
        STORAGE_DRILL_DUE_NEXT = 124,
        STORAGE_DRILL_DUE = 125,
        /* replication to other machines */
        STORAGE_REMOTE_WANT = 126,
        STORAGE_REMOTE_FORGET = 127,
        STORAGE_REMOTE_TRUST = 128,
        STORAGE_REMOTE_DOUBT = 129,
        STORAGE_REMOTE_MEET = 130,
        STORAGE_FAR_WANT = 131,
        STORAGE_FAR_BEGIN = 132,
        STORAGE_FAR_STOP = 133,
        STORAGE_FAR_DUE = 134,
        /* encrypted pools */
        STORAGE_KEY_MAKE = 140,
        STORAGE_KEY_UNMAKE = 141,
        STORAGE_KEY_GIVE = 142,
        STORAGE_KEY_DROP = 143,
        STORAGE_KEY_CHECK = 144,
        STORAGE_LUKS_FORMAT = 145,
        STORAGE_LUKS_ERASE = 146,
        STORAGE_LUKS_WANT = 147,
        STORAGE_LUKS_FORGET = 148,
        STORAGE_LUKS_OPEN = 149,
        STORAGE_LUKS_CLOSE = 150,
        STORAGE_LUKS_FORMAT_KEPT = 151,
        STORAGE_LUKS_LOOK = 152,
        STORAGE_LUKS_KEY_ADD = 153,
        STORAGE_LUKS_KEY_ADD_KEPT = 154,
        STORAGE_LUKS_KEY_REMOVE = 155,
        STORAGE_LUKS_SLOT_KILL = 156,
        /* pools on arrays of disks (md), and those that are not btrfs */
        STORAGE_ARRAY_MAKE = 170,
        STORAGE_ARRAY_START = 171,
        STORAGE_ARRAY_STOP = 172,
        STORAGE_EXT4_FORMAT = 173,
        STORAGE_XFS_FORMAT = 174,
        STORAGE_ARRAY_ADD = 175,
        STORAGE_ARRAY_REPLACE = 176,
        STORAGE_ARRAY_DROP = 177,
        STORAGE_ARRAY_CHECK = 178,
        STORAGE_ARRAY_IDLE = 179,
        STORAGE_ARRAY_WORK = 180,
        /* limits of accounts and groups */
        STORAGE_QUOTAS_LOOK = 190,
        STORAGE_QUOTAS_COUNT = 191,
        STORAGE_QUOTAS_UNCOUNT = 192,
        STORAGE_QUOTA_USER = 193,
        STORAGE_QUOTA_GROUP = 194,
        STORAGE_OPERATION_COUNT
};

/* How the survey tells an item of a subvolume's own tree, of the folder at its top, from those of the pool's trees:
 * this beside its kind, and the subvolume's number as its object. */
enum { SURVEY_OWN = 256 };

extern const struct operations storage_operations;

#endif
