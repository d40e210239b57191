/* The part of the storage hand's list that is about ZFS: included in its middle (storage_operations.c). PID 1 has ZFS's own
 * tools act (bulkhead-zfs@.service and what is beside it). Rights: none; data without functions. */
/* clang-format off */
#define ORDERED .act = ACT_FILE, .path = "/var/lib/bulkhead-storage-hand/work/{pool}.zfs"

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

        /* --- made, and changed while it is in use: what to do is in a file that is made of checked values, and PID 1 has ZFS's own
         * tool do it (bulkhead-zfs-make@.service, bulkhead-zfs-work@.service); ZFS goes on by itself --- */
        [STORAGE_ZFS_MAKE_ORDER] = {
                .name = "zfs_make_order", .says = "Order: make the ZFS pool {pool} ({layout}) of {disks}",
                .proof = PROOF_WARRANT, .role = ROLE_ADMIN,
                .params = {"pool:pool_name", "uuid:uuid", "layout:zfs_layout", "disks:disk_path*"}, ORDERED,
                .lines = "MAKE={uuid} {layout} \\\n{disks} \\",
                .guard = "disks_are_empty",
        },
        [STORAGE_ZFS_MAKE] = {
                .name = "zfs_make", .says = "Make the ZFS pool {pool} that is ordered, with nothing in it, and write down its number",
                .proof = PROOF_WARRANT, .role = ROLE_ADMIN, .params = {"pool:pool_name"},
                .act = ACT_UNIT, .verb = "start", .unit = "bulkhead-zfs-make@{pool}.service",
        },
        [STORAGE_ZFS_ADD] = {
                .name = "zfs_add",
                .says = "Order: make the ZFS pool {pool} larger by {disks} (together a {part}); they cannot be taken out again",
                .proof = PROOF_WARRANT, .role = ROLE_ADMIN, .params = {"pool:pool_name", "part:zfs_part?", "disks:disk_path*"},
                ORDERED, .lines = "DO=add {part} \\\n{disks} \\",
                .guard = "disks_are_empty",
        },
        [STORAGE_ZFS_ATTACH] = {
                .name = "zfs_attach",
                .says = "Order: in the ZFS pool {pool}, have all that is on {beside} on {disk} (serial number {serial}, at {place}) too",
                .proof = PROOF_WARRANT, .role = ROLE_ADMIN,
                .params = {"pool:pool_name", "to:zfs_number", "beside:label", "disk:disk", "serial:label", "place:label"},
                ORDERED, .lines = "DO=attach {to} /dev/disk/by-id/{disk}",
        },
        [STORAGE_ZFS_REPLACE] = {
                .name = "zfs_replace",
                .says = "Order: in the ZFS pool {pool}, replace disk number {number} (serial number {old_serial}, at {old_place}) by "
                        "{disk} (serial number {serial}, at {place})",
                .proof = PROOF_WARRANT, .role = ROLE_ADMIN,
                .params = {"pool:pool_name", "number:number", "old:zfs_number", "disk:disk", "old_serial:label",
                           "old_place:label", "serial:label", "place:label"},
                ORDERED, .lines = "DO=replace {old} /dev/disk/by-id/{disk}",
        },
        [STORAGE_ZFS_REPLACE_STOP] = {
                .name = "zfs_replace_stop",
                .says = "Order: stop replacing a disk of the ZFS pool {pool} by {disk}; the old one stays part of it",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .params = {"pool:pool_name", "new:zfs_number", "disk:label"},
                ORDERED, .lines = "DO=detach {new}",
        },
        [STORAGE_ZFS_DROP] = {
                .name = "zfs_drop",
                .says = "Order: take disk number {number} (serial number {serial}, at {place}) out of the ZFS pool {pool}",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN,
                .params = {"pool:pool_name", "number:number", "old:zfs_number", "serial:label", "place:label"},
                ORDERED, .lines = "DO=detach {old}",
        },
        [STORAGE_ZFS_CLEAR] = {
                .name = "zfs_clear", .says = "Order: count the errors of the disks of the ZFS pool {pool} from zero again",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .params = {"pool:pool_name"}, ORDERED, .lines = "DO=clear",
        },
        [STORAGE_ZFS_SCRUB_STOP] = {
                .name = "zfs_scrub_stop", .says = "Order: stop reading all of the ZFS pool {pool}",
                .proof = PROOF_TICKET, .role = ROLE_OPERATOR, .params = {"pool:pool_name"}, ORDERED, .lines = "DO=stop-scrub",
        },
        [STORAGE_ZFS_WORK] = {
                .name = "zfs_work", .says = "Have ZFS begin what is ordered for the pool {pool}",
                .proof = PROOF_TICKET, .role = ROLE_OPERATOR, .flags = OPERATION_FORWARD, .params = {"pool:pool_name"},
                .act = ACT_UNIT, .verb = "restart", .unit = "bulkhead-zfs-work@{pool}.service",
        },
        [STORAGE_ZFS_SCRUB_START] = {
                .name = "zfs_scrub_start", .says = "Have ZFS read all of the pool {pool}, and repair what is wrong from what is right",
                .proof = PROOF_TICKET, .role = ROLE_OPERATOR, .flags = OPERATION_FORWARD, .params = {"pool:pool_name"},
                .act = ACT_UNIT, .verb = "start", .unit = "bulkhead-zfs-scrub@{pool}.service",
        },
        [STORAGE_ZFS_SCRUB_ORDER] = {
                .name = "zfs_scrub_order", .says = "Have ZFS read all of the pool {pool} each {every} ({at}), as if somebody had begun it",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .params = {"pool:pool_name", "every:period", "at:clock_time"},
                .act = ACT_FILE, .path = "/etc/bulkhead/scrubs/{pool}", .lines = "{every} {at} zfs",
        },

#undef ORDERED
