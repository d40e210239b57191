/* The part of the storage hand's list that is about ZFS: included in its middle (storage_operations.c). PID 1 has ZFS's own
 * tools act (bulkhead-zfs@.service and what is beside it). Rights: none; data without functions. */
/* clang-format off */

        [STORAGE_ZFS_MOUNT] = {
                .name = "zfs_mount", .says = "Take up the ZFS pool {pool}, and mount it at /srv/{pool}",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .params = {"pool:pool_name"},
                /* That needs bulkhead-zfs@.service, and is over when it is mounted. */
                .act = ACT_UNIT, .verb = "start", .unit = "bulkhead-mount@{pool}.service",
                .undo = "zfs_end", .undo_values = {"pool"},
        },
        [STORAGE_ZFS_UNMOUNT] = {
                .name = "zfs_unmount", .says = "Unmount the file systems in the ZFS pool {pool}",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .params = {"pool:pool_name"},
                .act = ACT_UNIT, .verb = "start", .unit = "bulkhead-zfs-unmount@{pool}.service",
                .undo = "pool_mount", .undo_values = {"pool"},
        },
        [STORAGE_ZFS_END] = {
                .name = "zfs_end", .says = "Let go of the disks of the ZFS pool {pool}",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .flags = OPERATION_FORWARD, .params = {"pool:pool_name"},
                .act = ACT_UNIT, .verb = "stop", .unit = "bulkhead-zfs@{pool}.service",
        },
