/* The part of the storage hand's list that is about file systems and snapshots in pools of ZFS: included in its middle
 * (storage_operations.c). Rights: none; data without functions. */
/* clang-format off */

        [STORAGE_ZFS_SETS_LOOK] = {
                .name = "zfs_sets_look", .says = "Write down which file systems and snapshots are in the ZFS pool {pool}",
                .proof = PROOF_CLERK, .flags = OPERATION_ANSWERS, .params = {"pool:pool_name"},
                .act = ACT_UNIT, .verb = "start", .unit = "bulkhead-zfs-sets@{pool}.service",
        },
