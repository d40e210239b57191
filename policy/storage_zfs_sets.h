/* The part of the storage hand's list that is about file systems and snapshots in pools of ZFS: included in its middle
 * (storage_operations.c). Each is an order, which PID 1 then has ZFS's own tool carry out (bulkhead-zfs-set@.service): no
 * hand may use ZFS's device. What is begun is finished after a crash, and found done if it is. Rights: none; data without
 * functions. */
/* clang-format off */
#define ORDER "/var/lib/bulkhead-storage-hand/zfs/{pool}"

        [STORAGE_ZFS_SETS_LOOK] = {
                .name = "zfs_sets_look", .says = "Write down which file systems and snapshots are in the ZFS pool {pool}",
                .proof = PROOF_CLERK, .flags = OPERATION_ANSWERS, .params = {"pool:pool_name"},
                .act = ACT_UNIT, .verb = "start", .unit = "bulkhead-zfs-sets@{pool}.service",
        },
        [STORAGE_ZFS_SCHEDULE_RUN] = {
                .name = "zfs_schedule_run",
                .says = "Do what the standing order {schedule} for a dataset of a ZFS pool says, when it is not done yet",
                .proof = PROOF_CLERK, .flags = OPERATION_ANSWERS, .params = {"schedule:schedule"},
                .act = ACT_UNIT, .verb = "start", .unit = "bulkhead-zfs-schedule@{schedule}.service",
        },
        [STORAGE_ZFS_SET_DO] = {
                .name = "zfs_set_do", .says = "Carry out what is ordered for what is in the ZFS pool {pool}",
                .proof = PROOF_TICKET, .role = ROLE_OPERATOR, .flags = OPERATION_FORWARD, .params = {"pool:pool_name"},
                .act = ACT_UNIT, .verb = "start", .unit = "bulkhead-zfs-set@{pool}.service",
        },
        [STORAGE_ZFS_SET_MAKE] = {
                .name = "zfs_set_make",
                .says = "Order: make the dataset {dataset} in the ZFS pool {pool}; compression: {compression}",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN,
                .params = {"pool:pool_name", "dataset:dataset", "compression:zfs_compression?"},
                .act = ACT_FILE, .path = ORDER, .lines = "DO=make\nDATASET={dataset}\nCOMPRESSION={compression}",
        },
        [STORAGE_ZFS_SET_SET] = {
                .name = "zfs_set_set",
                .says = "Order: let the dataset {dataset} of the ZFS pool {pool} hold {bytes} at most (0: as much as the pool has), "
                        "keep {reserved} for it (0: nothing), and compress what is written to it from now on: {compression}",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN,
                .params = {"pool:pool_name", "dataset:dataset", "number:number", "bytes:bytes?", "reserved:bytes?",
                           "compression:zfs_compression?"},
                .act = ACT_FILE, .path = ORDER,
                .lines = "DO=set\nDATASET={dataset}\nNUMBER={number}\nQUOTA={bytes}\nRESERVED={reserved}\nCOMPRESSION={compression}",
        },
        [STORAGE_ZFS_SET_RENAME] = {
                .name = "zfs_set_rename", .says = "Order: call the dataset {dataset} of the ZFS pool {pool} {to}",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN,
                .params = {"pool:pool_name", "dataset:dataset", "number:number", "to:dataset"},
                .act = ACT_FILE, .path = ORDER, .lines = "DO=rename\nDATASET={dataset}\nNUMBER={number}\nTO={to}",
        },
        [STORAGE_ZFS_SET_DELETE] = {
                .name = "zfs_set_delete",
                .says = "Order: delete the dataset {dataset} of the ZFS pool {pool} (number {number}) with all that is in it; with "
                        "all datasets that lie in it, and all their snapshots: {all}",
                .proof = PROOF_WARRANT, .role = ROLE_ADMIN, .flags = OPERATION_DESTROYS,
                .params = {"pool:pool_name", "dataset:dataset", "number:number", "all:flag"},
                .act = ACT_FILE, .path = ORDER, .lines = "DO=delete\nDATASET={dataset}\nNUMBER={number}\nALL={all}",
        },
        [STORAGE_ZFS_SNAPSHOT_MAKE] = {
                .name = "zfs_snapshot_make",
                .says = "Order: keep the dataset {dataset} of the ZFS pool {pool} as it is now, as {snapshot}",
                .proof = PROOF_TICKET, .role = ROLE_OPERATOR,
                .params = {"pool:pool_name", "dataset:dataset", "snapshot:snapshot"},
                .act = ACT_FILE, .path = ORDER, .lines = "DO=snapshot\nDATASET={dataset}\nSNAPSHOT={snapshot}",
        },
        [STORAGE_ZFS_SNAPSHOTS_MAKE] = {
                .name = "zfs_snapshots_make",
                .says = "Order: keep the dataset {dataset} of the ZFS pool {pool} and, as they are at the same moment, {others}, each as "
                        "{snapshot}",
                .proof = PROOF_TICKET, .role = ROLE_OPERATOR,
                .params = {"pool:pool_name", "dataset:dataset", "snapshot:snapshot", "others:dataset*"},
                .act = ACT_FILE, .path = ORDER, .lines = "DO=snapshot\nDATASET={dataset}\nSNAPSHOT={snapshot}\nALSO={others}",
        },
        [STORAGE_ZFS_SNAPSHOT_DELETE] = {
                .name = "zfs_snapshot_delete",
                .says = "Order: delete the snapshot {snapshot} of {dataset} in the ZFS pool {pool} (number {number})",
                .proof = PROOF_WARRANT, .role = ROLE_OPERATOR, .flags = OPERATION_DESTROYS,
                .params = {"pool:pool_name", "dataset:dataset", "snapshot:snapshot", "number:number"},
                .act = ACT_FILE, .path = ORDER,
                .lines = "DO=drop\nDATASET={dataset}\nSNAPSHOT={snapshot}\nNUMBER={number}",
        },
        [STORAGE_ZFS_SNAPSHOT_HOLD] = {
                .name = "zfs_snapshot_hold",
                .says = "Order: let nobody delete the snapshot {snapshot} of {dataset} in the ZFS pool {pool}",
                .proof = PROOF_TICKET, .role = ROLE_OPERATOR,
                .params = {"pool:pool_name", "dataset:dataset", "snapshot:snapshot"},
                .act = ACT_FILE, .path = ORDER, .lines = "DO=hold\nDATASET={dataset}\nSNAPSHOT={snapshot}",
        },
        [STORAGE_ZFS_SNAPSHOT_RELEASE] = {
                .name = "zfs_snapshot_release",
                .says = "Order: let the snapshot {snapshot} of {dataset} in the ZFS pool {pool} be deleted again",
                .proof = PROOF_TICKET, .role = ROLE_OPERATOR,
                .params = {"pool:pool_name", "dataset:dataset", "snapshot:snapshot"},
                .act = ACT_FILE, .path = ORDER, .lines = "DO=release\nDATASET={dataset}\nSNAPSHOT={snapshot}",
        },
        [STORAGE_ZFS_SNAPSHOT_CLONE] = {
                .name = "zfs_snapshot_clone",
                .says = "Order: make the dataset {to} in the ZFS pool {pool} from the snapshot {snapshot} of {dataset}",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN,
                .params = {"pool:pool_name", "dataset:dataset", "snapshot:snapshot", "to:dataset"},
                .act = ACT_FILE, .path = ORDER, .lines = "DO=clone\nDATASET={dataset}\nSNAPSHOT={snapshot}\nTO={to}",
        },
        [STORAGE_ZFS_SNAPSHOT_ROLLBACK] = {
                .name = "zfs_snapshot_rollback",
                .says = "Order: put the dataset {dataset} of the ZFS pool {pool} back to how the snapshot {snapshot} has it; keep how "
                        "it is now, with the snapshots that were made since, as the dataset {kept}",
                .proof = PROOF_WARRANT, .role = ROLE_OPERATOR,
                .params = {"pool:pool_name", "dataset:dataset", "number:number", "snapshot:snapshot", "kept:dataset"},
                .act = ACT_FILE, .path = ORDER,
                .lines = "DO=rollback\nDATASET={dataset}\nNUMBER={number}\nSNAPSHOT={snapshot}\nTO={kept}",
        },

#undef ORDER
