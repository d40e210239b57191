/* Everything the storage hand can do: the whole list, as data. Read by the hand (which does it), the clerk (which
 * plans with it), the command line (which shows it) and policy/project.c (which prints docs/security.md and polkit's
 * rules).
 * Rights: none; data without functions. */
#include "policy/storage_operations.h"

/* One entry in a few lines, so that the whole list is read like a table. */
/* clang-format off */
static const struct operation list[STORAGE_OPERATION_COUNT] = {
        /* --- answers: no plan, no journal, no undo --- */
        [STORAGE_SURVEY] = {
                .name = "survey", .says = "Copy out the trees in which the file system keeps what it is made of; only of subvolumes above: {after}",
                .proof = PROOF_CLERK, .flags = OPERATION_ANSWERS, .params = {"pool:pool_name", "after:number?"},
                .act = ACT_CALL, .call = "survey",
        },

        [STORAGE_DISK_LOOK] = {
                .name = "disk_look", .says = "Say whether the disk {disk} is there and in nobody's use",
                .proof = PROOF_CLERK, .flags = OPERATION_ANSWERS, .params = {"disk:disk"},
                .act = ACT_CALL, .call = "disk_look",
        },

        [STORAGE_SMART_ATA] = {
                .name = "smart_ata", .says = "Copy out what the ATA disk {disk} says of its health (also when it sleeps: {wake})",
                .proof = PROOF_CLERK, .flags = OPERATION_ANSWERS, .params = {"disk:disk", "wake:flag"},
                .act = ACT_CALL, .call = "smart_ata",
        },
        [STORAGE_SMART_SCSI] = {
                .name = "smart_scsi", .says = "Copy out what the SCSI disk {disk} says of its health (also when it sleeps: {wake})",
                .proof = PROOF_CLERK, .flags = OPERATION_ANSWERS, .params = {"disk:disk", "wake:flag"},
                .act = ACT_CALL, .call = "smart_scsi",
        },
        [STORAGE_SMART_NVME] = {
                .name = "smart_nvme", .says = "Copy out what the NVMe disk {disk} says of its health (also when it sleeps: {wake})",
                .proof = PROOF_CLERK, .flags = OPERATION_ANSWERS, .params = {"disk:disk", "wake:flag"},
                .act = ACT_CALL, .call = "smart_nvme",
        },
        [STORAGE_SCHEDULE_RUN] = {
                .name = "schedule_run", .says = "Do what the standing order {schedule} says, when it is not done yet",
                .proof = PROOF_CLERK, .flags = OPERATION_ANSWERS, .params = {"schedule:schedule"},
                .act = ACT_CALL, .call = "schedule_run",
        },

        /* --- disks: only whole ones, known by an identity that outlives a reboot, and that nothing has open --- */
        [STORAGE_DISK_ERASE] = {
                .name = "disk_erase",
                .says = "Erase what says what is on the disk {disk} (serial number {serial}, {size}); all on it is lost",
                .proof = PROOF_WARRANT, .role = ROLE_ADMIN, .flags = OPERATION_DESTROYS,
                .params = {"disk:disk", "serial:label", "size:bytes"},
                .act = ACT_RUN, .program = "/usr/sbin/wipefs", .args = {"--all", "--", "/dev/disk/by-id/{disk}"},
                .guard = "disk_is_that",
        },

        [STORAGE_SELF_TEST] = {
                .name = "self_test", .says = "Have the {kind} disk {disk} test itself: {test}",
                .proof = PROOF_TICKET, .role = ROLE_OPERATOR,
                .params = {"disk:disk", "kind:disk_kind", "test:self_test"},
                .act = ACT_CALL, .call = "self_test", .undo = "self_test_stop", .undo_values = {"disk", "kind"},
        },
        [STORAGE_SELF_TEST_STOP] = {
                .name = "self_test_stop", .says = "Have the {kind} disk {disk} stop the test that it is doing",
                .proof = PROOF_TICKET, .role = ROLE_OPERATOR, .flags = OPERATION_FORWARD,
                .params = {"disk:disk", "kind:disk_kind"},
                .act = ACT_CALL, .call = "self_test_stop",
        },

        /* --- pools --- */
        [STORAGE_POOL_FORMAT] = {
                .name = "pool_format", .says = "Make the file system of the pool {pool}: data {data}, metadata {metadata}",
                .proof = PROOF_WARRANT, .role = ROLE_ADMIN, .flags = OPERATION_DESTROYS,
                .params = {"pool:pool_name", "uuid:uuid", "data:pool_profile", "metadata:pool_profile", "disks:disk_path*"},
                .act = ACT_RUN, .program = "/usr/sbin/mkfs.btrfs",
                .args = {"--quiet", "--label={pool}", "--uuid={uuid}", "--data={data}", "--metadata={metadata}", "--",
                         "{disks}"},
                .guard = "disks_are_empty",
        },
        [STORAGE_PLACE_MAKE] = {
                .name = "place_make",
                .says = "Make the folder /srv/{pool}, in which nothing can be written while the pool is away",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .params = {"pool:pool_name"},
                .act = ACT_CALL, .call = "place_make", .guard = "place_is_free",
                .undo = "place_remove", .undo_values = {"pool"},
        },
        [STORAGE_PLACE_REMOVE] = {
                .name = "place_remove", .says = "Remove the empty folder /srv/{pool}",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .params = {"pool:pool_name"},
                .act = ACT_CALL, .call = "place_remove", .undo = "place_make", .undo_values = {"pool"},
        },
        [STORAGE_POOL_WANT] = {
                .name = "pool_want", .says = "Have the {system} pool {pool} mounted at /srv/{pool}, now and after each start",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN,
                .params = {"pool:pool_name", "uuid:uuid", "system:file_system", "options:mount_option*"},
                .act = ACT_FILE, .path = "/etc/bulkhead/pools/{pool}", .lines = "{system} {uuid}\n{options}",
        },
        [STORAGE_POOL_FORGET] = {
                .name = "pool_forget", .says = "Have the pool {pool} mounted no more",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .params = {"pool:pool_name"},
                .act = ACT_FILE, .path = "/etc/bulkhead/pools/{pool}",
        },
        [STORAGE_UNITS_RELOAD] = {
                .name = "units_reload", .says = "Have the system manager read again what is to be mounted",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .act = ACT_UNIT, .verb = "daemon-reload",
                .undo = "units_reload",
        },
        [STORAGE_POOL_MOUNT] = {
                .name = "pool_mount", .says = "Mount the pool {pool} at /srv/{pool}",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .params = {"pool:pool_name"},
                .act = ACT_UNIT, .verb = "start", .unit = "bulkhead-mount@{pool}.service",
                .undo = "pool_unmount", .undo_values = {"pool"},
        },
        [STORAGE_POOL_UNMOUNT] = {
                .name = "pool_unmount", .says = "Unmount the pool {pool}",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .params = {"pool:pool_name"},
                .act = ACT_UNIT, .verb = "stop", .unit = "srv-{pool}.mount",
                .undo = "pool_mount", .undo_values = {"pool"},
        },
        [STORAGE_POOL_FURNISH] = {
                .name = "pool_furnish", .says = "Prepare the pool {pool}: a place for snapshots, and counting of space",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .flags = OPERATION_FORWARD, .params = {"pool:pool_name"},
                .act = ACT_CALL, .call = "pool_furnish",
        },

        /* --- what is done to pools. What takes long PID 1 starts (bulkhead-scrub@.service, bulkhead-work@.service), so that
         * neither this hand waits for it nor it ends with this hand --- */
        [STORAGE_WORK_LOOK] = {
                .name = "work_look", .says = "Say how far the work on the pool {pool} is",
                .proof = PROOF_CLERK, .flags = OPERATION_ANSWERS, .params = {"pool:pool_name"},
                .act = ACT_CALL, .call = "work_look",
        },
        [STORAGE_SCRUB_START] = {
                .name = "scrub_start", .says = "Read all of the pool {pool}, and repair what is wrong from what is right",
                .proof = PROOF_TICKET, .role = ROLE_OPERATOR, .params = {"pool:pool_name"},
                .act = ACT_UNIT, .verb = "start", .unit = "bulkhead-scrub@{pool}.service", .guard = "pool_is_there",
                .undo = "scrub_stop", .undo_values = {"pool"},
        },
        [STORAGE_SCRUB_STOP] = {
                .name = "scrub_stop", .says = "Stop reading all of the pool {pool}",
                .proof = PROOF_TICKET, .role = ROLE_OPERATOR, .flags = OPERATION_FORWARD, .params = {"pool:pool_name"},
                .act = ACT_UNIT, .verb = "stop", .unit = "bulkhead-scrub@{pool}.service",
        },
        [STORAGE_BALANCE_STOP] = {
                .name = "balance_stop", .says = "Stop laying out anew what is on the pool {pool}; what is done stays so",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .flags = OPERATION_FORWARD, .params = {"pool:pool_name"},
                .act = ACT_RUN, .program = "/usr/bin/btrfs", .args = {"balance", "cancel", "--", "/srv/{pool}"},
                .guard = "pool_is_there",
        },
        [STORAGE_REPLACE_STOP] = {
                .name = "replace_stop", .says = "Stop replacing a disk of the pool {pool}; the old one stays part of it",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .flags = OPERATION_FORWARD, .params = {"pool:pool_name"},
                .act = ACT_RUN, .program = "/usr/bin/btrfs", .args = {"replace", "cancel", "--", "/srv/{pool}"},
                .guard = "pool_is_there",
        },
        [STORAGE_REMOVE_STOP] = {
                .name = "remove_stop", .says = "Stop removing a disk from the pool {pool}; it stays part of it",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .flags = OPERATION_FORWARD, .params = {"pool:pool_name"},
                .act = ACT_RUN, .program = "/usr/bin/btrfs", .args = {"device", "remove", "--", "cancel", "/srv/{pool}"},
                .guard = "pool_is_there",
        },
        [STORAGE_WORK_REPLACE] = {
                .name = "work_replace",
                .says = "Order: in the pool {pool}, replace disk number {number} (serial number {old}, at {old_place}) by "
                        "{disk} (serial number {serial}, at {place})",
                .proof = PROOF_WARRANT, .role = ROLE_ADMIN,
                .params = {"pool:pool_name", "number:number", "disk:disk", "old:label", "old_place:label", "serial:label",
                           "place:label"},
                .act = ACT_FILE, .path = "/var/lib/bulkhead-storage-hand/work/{pool}",
                .lines = "WORK=work replace {number} {disk}\nBEFORE=replace cancel\nSTART=replace start -B {number} /dev/disk/by-id/{disk}\nDISK=/dev/disk/by-id/{disk}\n"
                         "HELD=/dev/disk/by-id/{disk}",
                .guard = "pool_is_there",
        },
        [STORAGE_WORK_REMOVE] = {
                .name = "work_remove",
                .says = "Order: empty disk number {number} (serial number {serial}, at {place}), on which the pool {pool} has "
                        "{used}, and take it out",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN,
                .params = {"pool:pool_name", "number:number", "serial:label", "place:label", "used:bytes"},
                .act = ACT_FILE, .path = "/var/lib/bulkhead-storage-hand/work/{pool}",
                .lines = "WORK=work remove {number} {used}\nSTART=device remove {number}", .guard = "pool_is_there",
        },
        [STORAGE_WORK_REMOVE_TO_ONE] = {
                .name = "work_remove_to_one",
                .says = "Order: have what says where everything lies twice on one disk, then empty disk number {number} "
                        "(serial number {serial}, at {place}), on which the pool {pool} has {used}, and take it out",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN,
                .params = {"pool:pool_name", "number:number", "serial:label", "place:label", "used:bytes"},
                .act = ACT_FILE, .path = "/var/lib/bulkhead-storage-hand/work/{pool}",
                .lines = "WORK=work remove {number} {used}\nBEFORE=balance start --force -mconvert=dup,soft\n"
                         "START=device remove {number}",
                .guard = "pool_is_there",
        },
        [STORAGE_WORK_BALANCE] = {
                .name = "work_balance", .says = "Order: lay out anew all that is on the pool {pool}, evenly over its disks",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .params = {"pool:pool_name"},
                .act = ACT_FILE, .path = "/var/lib/bulkhead-storage-hand/work/{pool}",
                .lines = "WORK=work balance\nSTART=balance start --full-balance", .guard = "pool_is_there",
        },
        [STORAGE_WORK_CONVERT] = {
                .name = "work_convert",
                .says = "Order: lay out anew what is on the pool {pool}: data {data}, metadata {metadata}",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN,
                .params = {"pool:pool_name", "data:pool_profile", "metadata:pool_profile"},
                .act = ACT_FILE, .path = "/var/lib/bulkhead-storage-hand/work/{pool}",
                .lines = "WORK=work balance {data}\nSTART=balance start --force -dconvert={data},soft -mconvert={metadata},soft",
                .guard = "pool_is_there",
        },
        [STORAGE_WORK_START] = {
                .name = "work_start", .says = "Begin what is ordered for the pool {pool}",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .flags = OPERATION_FORWARD, .params = {"pool:pool_name"},
                .act = ACT_UNIT, .verb = "start", .unit = "bulkhead-work@{pool}.service", .guard = "pool_is_there",
        },
        [STORAGE_DEVICE_ADD] = {
                .name = "device_add", .says = "Add the disk {disk} to the pool {pool}",
                .proof = PROOF_WARRANT, .role = ROLE_ADMIN, .flags = OPERATION_FORWARD,
                .params = {"pool:pool_name", "disk:disk"},
                .act = ACT_RUN, .program = "/usr/bin/btrfs", .args = {"device", "add", "--", "/dev/disk/by-id/{disk}", "/srv/{pool}"},
                .guard = "disk_may_join",
        },
        [STORAGE_DISK_ANNOUNCE] = {
                .name = "disk_announce", .says = "Have the system look anew at what is on the disk {disk}",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .flags = OPERATION_FORWARD, .params = {"disk:disk"},
                /* udev does when somebody closes it who could write to it, but not while it is at work on it: then it holds
                 * the lock. Of what the kernel itself wrote nobody tells it. */
                .act = ACT_RUN, .program = "/usr/bin/flock",
                .args = {"--timeout=60", "/dev/disk/by-id/{disk}", "/usr/bin/dd", "if=/dev/null", "of=/dev/disk/by-id/{disk}",
                         "count=0", "conv=notrunc", "status=none"},
        },
        [STORAGE_POOL_LABEL] = {
                .name = "pool_label", .says = "Have the file system of the pool {pool} call itself so",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .flags = OPERATION_FORWARD, .params = {"pool:pool_name"},
                .act = ACT_RUN, .program = "/usr/bin/btrfs", .args = {"filesystem", "label", "--", "/srv/{pool}", "{pool}"},
                .guard = "pool_is_there",
        },
        [STORAGE_ERRORS_CLEAR] = {
                .name = "errors_clear", .says = "Count the errors of the disks of the pool {pool} from zero again",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .flags = OPERATION_FORWARD, .params = {"pool:pool_name"},
                .act = ACT_RUN, .program = "/usr/bin/btrfs", .args = {"device", "stats", "--reset", "--", "/srv/{pool}"},
                .guard = "pool_is_there",
        },

        /* --- who has how much on ext4 and XFS: the kernel counts it and holds them to it; PID 1 starts what asks and tells it
         * (bulkhead-quotas@.service, bulkhead-quota@.service, which see to it that the pool is there), for hands may not --- */
        [STORAGE_QUOTAS_LOOK] = {
                .name = "quotas_look", .says = "Write down who has how much in the pool {pool}",
                .proof = PROOF_CLERK, .flags = OPERATION_ANSWERS, .params = {"pool:pool_name"},
                .act = ACT_UNIT, .verb = "start", .unit = "bulkhead-quotas@{pool}.service",
        },
        [STORAGE_QUOTAS_COUNT] = {
                .name = "quotas_count", .says = "Have the ext4 of the pool {pool} count who has how much",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .params = {"pool:pool_name", "uuid:uuid"},
                .act = ACT_RUN, .program = "/usr/sbin/tune2fs",
                .args = {"-O", "quota", "-Q", "usrquota,grpquota", "--", "/dev/disk/by-uuid/{uuid}"},
                .undo = "quotas_uncount", .undo_values = {"pool", "uuid"},
        },
        [STORAGE_QUOTAS_UNCOUNT] = {
                .name = "quotas_uncount", .says = "Have the ext4 of the pool {pool} count it no more",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .flags = OPERATION_FORWARD,
                .params = {"pool:pool_name", "uuid:uuid"},
                .act = ACT_RUN, .program = "/usr/sbin/tune2fs", .args = {"-O", "^quota", "--", "/dev/disk/by-uuid/{uuid}"},
        },
        [STORAGE_QUOTA_USER] = {
                .name = "quota_user",
                .says = "Let {account} (number {number}) have {limit} in the pool {pool} at most; 0: without a limit",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN,
                .params = {"pool:pool_name", "account:folder_owner", "number:number", "limit:bytes", "before:bytes"},
                .act = ACT_UNIT, .verb = "start", .unit = "bulkhead-quota@{pool}:user:{number}:{limit}.service",
                .undo = "quota_user", .undo_values = {"pool", "account", "number", "before", "limit"},
        },
        [STORAGE_QUOTA_GROUP] = {
                .name = "quota_group",
                .says = "Let the group {account} (number {number}) have {limit} in the pool {pool} at most; 0: without a limit",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN,
                .params = {"pool:pool_name", "account:folder_owner", "number:number", "limit:bytes", "before:bytes"},
                .act = ACT_UNIT, .verb = "start", .unit = "bulkhead-quota@{pool}:group:{number}:{limit}.service",
                .undo = "quota_group", .undo_values = {"pool", "account", "number", "before", "limit"},
        },

#include "policy/storage_arrays.h"
#include "policy/storage_ceph.h"
#include "policy/storage_datasets.h"
#include "policy/storage_encryption.h"
#include "policy/storage_orders.h"
#include "policy/storage_zfs.h"
#include "policy/storage_zfs_sets.h"
};
/* clang-format on */

const struct operations storage_operations = {.hand = "storage", .list = list, .count = STORAGE_OPERATION_COUNT};
