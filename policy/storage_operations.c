/* Everything the storage hand can do: the whole list, as data. Read by the hand (which does it), the clerk (which
 * plans with it), the command line (which shows it) and policy/project.c (which prints docs/security.md and polkit's
 * rules).
 * Rights: none; data without functions. */
#include "policy/storage_operations.h"

#define BY_ID "/dev/disk/by-id/"

/* One entry in a few lines, so that the whole list is read like a table. */
/* clang-format off */
static const struct operation list[STORAGE_OPERATION_COUNT] = {
        /* --- answers: no plan, no journal, no undo --- */
        [STORAGE_SURVEY] = {
                .name = "survey", .says = "Copy out the trees in which the file system keeps what it is made of",
                .proof = PROOF_CLERK, .flags = OPERATION_ANSWERS, .params = {"pool:pool_name"},
                .act = ACT_CALL, .call = "survey",
        },

        [STORAGE_DISK_LOOK] = {
                .name = "disk_look", .says = "Say whether the disk {disk} is there and in nobody's use",
                .proof = PROOF_CLERK, .flags = OPERATION_ANSWERS, .params = {"disk:disk"},
                .act = ACT_CALL, .call = "disk_look",
        },

        /* --- disks: only whole ones, known by an identity that outlives a reboot, and that nothing has open --- */
        [STORAGE_DISK_ERASE] = {
                .name = "disk_erase",
                .says = "Erase what says what is on the disk {disk} (serial number {serial}, {size} bytes); all on it is lost",
                .proof = PROOF_WARRANT, .role = ROLE_ADMIN, .flags = OPERATION_DESTROYS,
                .params = {"disk:disk", "serial:label", "size:number"},
                .act = ACT_RUN, .program = "/usr/sbin/wipefs", .args = {"--all", "--", BY_ID "{disk}"},
                .guard = "disk_is_that",
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
                .name = "pool_want", .says = "Have the pool {pool} mounted at /srv/{pool}, now and after each start",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN,
                .params = {"pool:pool_name", "uuid:uuid", "options:mount_option*"},
                .act = ACT_FILE, .path = "/etc/bulkhead/pools/{pool}", .lines = "btrfs {uuid}\n{options}",
        },
        [STORAGE_POOL_FORGET] = {
                .name = "pool_forget", .says = "Have the pool {pool} mounted no more",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .params = {"pool:pool_name"},
                .act = ACT_CALL, .call = "pool_forget", .undo = "pool_remember", .undo_values = {"pool"},
        },
        [STORAGE_POOL_REMEMBER] = {
                .name = "pool_remember", .says = "Have the pool {pool} mounted again",
                .proof = PROOF_WARRANT, .role = ROLE_ADMIN, .params = {"pool:pool_name"},
                .act = ACT_CALL, .call = "pool_remember",
        },
        [STORAGE_UNITS_RELOAD] = {
                .name = "units_reload", .says = "Have the system manager read again what is to be mounted",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .act = ACT_UNIT, .verb = "daemon-reload",
                .undo = "units_reload",
        },
        [STORAGE_POOL_MOUNT] = {
                .name = "pool_mount", .says = "Mount the pool {pool} at /srv/{pool}",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .params = {"pool:pool_name"},
                .act = ACT_UNIT, .verb = "start", .unit = "srv-{pool}.mount",
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

        /* --- datasets: subvolumes, known by their number beside their name --- */
        [STORAGE_DATASET_MAKE] = {
                .name = "dataset_make", .says = "Make the dataset {dataset} in the pool {pool}",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .params = {"pool:pool_name", "dataset:dataset"},
                .act = ACT_CALL, .call = "dataset_make", .guard = "dataset_is_free",
                .undo = "dataset_unmake", .undo_values = {"pool", "dataset"},
        },
        [STORAGE_DATASET_UNMAKE] = {
                .name = "dataset_unmake", .says = "Remove the dataset {dataset} of the pool {pool}, which is new and empty",
                .proof = PROOF_WARRANT, .role = ROLE_ADMIN, .params = {"pool:pool_name", "dataset:dataset"},
                .act = ACT_CALL, .call = "dataset_unmake",
        },
        [STORAGE_DATASET_DELETE] = {
                .name = "dataset_delete",
                .says = "Delete the dataset {dataset} of the pool {pool} (number {number}) with all that is in it",
                .proof = PROOF_WARRANT, .role = ROLE_ADMIN, .flags = OPERATION_DESTROYS,
                .params = {"pool:pool_name", "dataset:dataset", "number:number"},
                .act = ACT_CALL, .call = "dataset_delete",
        },

        /* --- snapshots: read-only, in .snapshots/DATASET of the pool --- */
        [STORAGE_SNAPSHOT_MAKE] = {
                .name = "snapshot_make", .says = "Keep the dataset {dataset} of the pool {pool} as it is now, as {snapshot}",
                .proof = PROOF_TICKET, .role = ROLE_OPERATOR,
                .params = {"pool:pool_name", "dataset:dataset", "number:number", "snapshot:snapshot"},
                .act = ACT_CALL, .call = "snapshot_make", .guard = "snapshot_is_free",
                .undo = "snapshot_unmake", .undo_values = {"pool", "dataset", "snapshot"},
        },
        [STORAGE_SNAPSHOT_UNMAKE] = {
                .name = "snapshot_unmake", .says = "Drop the snapshot {snapshot} of {dataset} in the pool {pool} that was just made",
                .proof = PROOF_WARRANT, .role = ROLE_ADMIN,
                .params = {"pool:pool_name", "dataset:dataset", "snapshot:snapshot"},
                .act = ACT_CALL, .call = "snapshot_unmake",
        },
        [STORAGE_SNAPSHOT_DELETE] = {
                .name = "snapshot_delete",
                .says = "Delete the snapshot {snapshot} of {dataset} in the pool {pool} (number {number})",
                .proof = PROOF_WARRANT, .role = ROLE_OPERATOR, .flags = OPERATION_DESTROYS,
                .params = {"pool:pool_name", "dataset:dataset", "snapshot:snapshot", "number:number"},
                .act = ACT_CALL, .call = "snapshot_delete",
        },
};
/* clang-format on */

const struct operations storage_operations = {.hand = "storage", .list = list, .count = STORAGE_OPERATION_COUNT};
