/* The part of the storage hand's list that is about arrays of disks (md), and about pools that are not btrfs: included in
 * its middle (storage_operations.c). mdadm does what it is told to root only, so PID 1 starts it (bulkhead-array@.service).
 * An array is known by its number, as mdadm writes it. Rights: none; data without functions. */
/* clang-format off */
#define ARRAY   "/dev/disk/by-id/md-uuid-{array}"
#define ORDERED .act = ACT_FILE, .path = "/var/lib/bulkhead-storage-hand/work/{pool}.array"
        [STORAGE_ARRAY_MAKE] = {
                .name = "array_make",
                .says = "Order: make the array {array} (md {level}) of {count} disks, for the {system} pool {pool}: {disks}",
                .proof = PROOF_WARRANT, .role = ROLE_ADMIN,
                .params = {"pool:pool_name", "array:array", "level:array_level", "count:number", "id:number",
                           "system:file_system", "disks:disk_path*"},
                .act = ACT_FILE, .path = "/var/lib/bulkhead-storage-hand/work/{pool}.array",
                .lines = "ARRAY=/dev/disk/by-id/md-uuid-{array}\nMAKE=--create /dev/md/p{id}.{system} --run --metadata=1.2 "
                         "--homehost=any --name=p{id}.{system} --uuid={array} --level={level} --bitmap=internal "
                         "--raid-devices={count} \\\n{disks} \\",
                .guard = "disks_are_empty",
        },
        [STORAGE_ARRAY_START] = {
                .name = "array_start", .says = "Make the array {array} that is ordered for the pool {pool}, with nothing on it",
                .proof = PROOF_WARRANT, .role = ROLE_ADMIN, .params = {"pool:pool_name", "array:array"},
                .act = ACT_UNIT, .verb = "restart", .unit = "bulkhead-array@{pool}.service",
                .undo = "array_stop", .undo_values = {"pool", "array"},
        },
        [STORAGE_ARRAY_STOP] = {
                .name = "array_stop", .says = "Let go of the disks of the array {array} of the pool {pool}; what is on them stays",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .flags = OPERATION_FORWARD,
                .params = {"pool:pool_name", "array:array"},
                .act = ACT_UNIT, .verb = "restart", .unit = "bulkhead-array-stop@{array}.service",
        },
        [STORAGE_ARRAY_ADD] = {
                .name = "array_add",
                .says = "Order: give the array {array} of the pool {pool} the disk {disk} (serial number {serial}, at {place}), for an "
                        "empty place or as a spare; those that have failed are taken out",
                .proof = PROOF_WARRANT, .role = ROLE_ADMIN,
                .params = {"pool:pool_name", "array:array", "disk:disk", "serial:label", "place:label"}, ORDERED,
                .lines = "DO=--manage " ARRAY " --remove faulty --remove detached --add /dev/disk/by-id/{disk}",
        },
        [STORAGE_ARRAY_REPLACE] = {
                .name = "array_replace",
                .says = "Order: in the array {array} of the pool {pool}, replace {old} (serial number {old_serial}, at {old_place}) by "
                        "{disk} (serial number {serial}, at {place})",
                .proof = PROOF_WARRANT, .role = ROLE_ADMIN,
                .params = {"pool:pool_name", "array:array", "old:disk", "disk:disk", "old_serial:label", "old_place:label",
                           "serial:label", "place:label"}, ORDERED,
                .lines = "DO=--manage " ARRAY " --add /dev/disk/by-id/{disk} --replace /dev/disk/by-id/{old} --with /dev/disk/by-id/{disk}",
        },
        [STORAGE_ARRAY_DROP] = {
                .name = "array_drop",
                .says = "Order: take the disk {disk} (serial number {serial}, at {place}) out of the array {array} of the pool {pool}",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN,
                .params = {"pool:pool_name", "array:array", "disk:disk", "serial:label", "place:label"}, ORDERED,
                .lines = "DO=--manage " ARRAY " --remove /dev/disk/by-id/{disk}",
        },
        [STORAGE_ARRAY_IDLE] = {
                .name = "array_idle", .says = "Order: stop reading all of the array {array} of the pool {pool}",
                .proof = PROOF_TICKET, .role = ROLE_OPERATOR, .params = {"pool:pool_name", "array:array"}, ORDERED,
                .lines = "DO=--action=idle " ARRAY,
        },
        [STORAGE_ARRAY_WIDEN] = {
                .name = "array_widen",
                .says = "Order: spread the array {array} of the pool {pool} over {count} disks. All that is on it is written anew, which "
                        "takes hours, with large disks days; it cannot be stopped, and goes on after a restart",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .params = {"pool:pool_name", "array:array", "count:number"}, ORDERED,
                .lines = "DO=--grow " ARRAY " --raid-devices={count}",
        },
        [STORAGE_ARRAY_STRETCH] = {
                .name = "array_stretch",
                .says = "Order: have the array {array} of the pool {pool} use as much of each of its disks as the smallest has",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .params = {"pool:pool_name", "array:array"}, ORDERED,
                .lines = "DO=--grow " ARRAY " --size=max",
        },
        [STORAGE_ARRAY_CHECK_START] = {
                .name = "array_check_start", .says = "Read all of the array of the pool {pool}, and compare its disks",
                .proof = PROOF_TICKET, .role = ROLE_OPERATOR, .params = {"pool:pool_name"},
                .act = ACT_UNIT, .verb = "start", .unit = "bulkhead-array-check@{pool}.service",
                .undo = "array_check_stop", .undo_values = {"pool"},
        },
        [STORAGE_ARRAY_CHECK_STOP] = {
                .name = "array_check_stop", .says = "Stop comparing the disks of the array of the pool {pool}",
                .proof = PROOF_TICKET, .role = ROLE_OPERATOR, .flags = OPERATION_FORWARD, .params = {"pool:pool_name"},
                .act = ACT_UNIT, .verb = "stop", .unit = "bulkhead-array-check@{pool}.service",
        },
        [STORAGE_ARRAY_CHECK_ORDER] = {
                .name = "array_check_order",
                .says = "Compare the disks of the array of the pool {pool} each {every} ({at}), as if somebody had begun it",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .params = {"pool:pool_name", "every:period", "at:clock_time"},
                .act = ACT_FILE, .path = "/etc/bulkhead/scrubs/{pool}", .lines = "{every} {at} array",
        },
        [STORAGE_GROW_ORDER] = {
                .name = "grow_order",
                .says = "Order: make what lies on the pool {pool} as large as its disks, as soon as they have the room; it does not become "
                        "smaller again",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .params = {"pool:pool_name"},
                .act = ACT_FILE, .path = "/var/lib/bulkhead-storage-hand/work/{pool}.grow", .lines = "grow",
        },
        [STORAGE_GROW_START] = {
                .name = "grow_start", .says = "Have the pool {pool} begin to grow",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .flags = OPERATION_FORWARD, .params = {"pool:pool_name"},
                .act = ACT_UNIT, .verb = "start", .unit = "bulkhead-grow@{pool}.service",
        },
        [STORAGE_ARRAY_WORK] = {
                .name = "array_work", .says = "Have md begin what is ordered for the array of the pool {pool}",
                .proof = PROOF_TICKET, .role = ROLE_OPERATOR, .flags = OPERATION_FORWARD, .params = {"pool:pool_name"},
                .act = ACT_UNIT, .verb = "restart", .unit = "bulkhead-array-work@{pool}.service",
        },
        [STORAGE_EXT4_FORMAT] = {
                .name = "ext4_format", .says = "Make the file system of the pool {pool}: ext4, on {disks}",
                .proof = PROOF_WARRANT, .role = ROLE_ADMIN, .flags = OPERATION_DESTROYS,
                .params = {"pool:pool_name", "uuid:uuid", "disks:disk_path*"},
                .act = ACT_RUN, .program = "/usr/sbin/mke2fs",
                .args = {"-q", "-F", "-t", "ext4", "-m", "0", "-U{uuid}", "--", "{disks}"},
                .guard = "disks_are_empty",
        },
        [STORAGE_XFS_FORMAT] = {
                .name = "xfs_format", .says = "Make the file system of the pool {pool}: XFS, on {disks}",
                .proof = PROOF_WARRANT, .role = ROLE_ADMIN, .flags = OPERATION_DESTROYS,
                .params = {"pool:pool_name", "uuid:uuid", "disks:disk_path*"},
                .act = ACT_RUN, .program = "/usr/sbin/mkfs.xfs", .args = {"-q", "-f", "-m", "uuid={uuid}", "--", "{disks}"},
                .guard = "disks_are_empty",
        },

#undef ARRAY
#undef ORDERED
