/* The part of the storage hand's list that is about datasets and their snapshots: included in its middle
 * (storage_operations.c). Rights: none; data without functions. */
/* clang-format off */
        /* --- datasets: subvolumes, known by their number beside their name --- */
        [STORAGE_DATASET_MAKE] = {
                .name = "dataset_make",
                .says = "Make the dataset {dataset} in the pool {pool}; compression: {compression}; copy on write: {copy_on_write}",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN,
                .params = {"pool:pool_name", "dataset:dataset", "compression:compression?", "copy_on_write:flag"},
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

        [STORAGE_DATASET_ACCESS] = {
                .name = "dataset_access",
                .says = "Give the dataset {dataset} of the pool {pool} the owner {owner}, the group {group} and the mode {mode}; "
                        "who may do what in it, and in all that will be made in it: {preset}",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN,
                .params = {"pool:pool_name", "dataset:dataset", "number:number", "owner:given_owner?", "group:given_owner?",
                           "mode:folder_mode?", "preset:access_preset?"},
                .act = ACT_CALL, .call = "dataset_access",
                .undo = "dataset_access_restore", .undo_values = {"pool", "dataset", "number"},
        },
        [STORAGE_DATASET_ACCESS_RESTORE] = {
                .name = "dataset_access_restore", .says = "Give the dataset {dataset} of the pool {pool} back to who had it",
                .proof = PROOF_WARRANT, .role = ROLE_ADMIN,
                .params = {"pool:pool_name", "dataset:dataset", "number:number"},
                .act = ACT_CALL, .call = "dataset_access_restore",
        },
        [STORAGE_DATASET_LIMIT] = {
                .name = "dataset_limit", .says = "Set what the dataset {dataset} of the pool {pool} may hold at most: {bytes}",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN,
                .params = {"pool:pool_name", "dataset:dataset", "number:number", "bytes:bytes?", "before:bytes?"},
                .act = ACT_CALL, .call = "dataset_limit",
                .undo = "dataset_limit_back", .undo_values = {"pool", "dataset", "number", "before"},
        },
        [STORAGE_DATASET_LIMIT_BACK] = {
                .name = "dataset_limit_back", .says = "Let the dataset {dataset} of the pool {pool} hold what it could before",
                .proof = PROOF_WARRANT, .role = ROLE_ADMIN,
                .params = {"pool:pool_name", "dataset:dataset", "number:number", "bytes:bytes?"},
                .act = ACT_CALL, .call = "dataset_limit",
        },
        [STORAGE_DATASET_COMPRESS] = {
                .name = "dataset_compress",
                .says = "Compress what is written to the dataset {dataset} of the pool {pool} from now on: {compression}",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN,
                .params = {"pool:pool_name", "dataset:dataset", "number:number", "compression:compression?",
                           "before:compression?"},
                .act = ACT_CALL, .call = "dataset_compress",
                .undo = "dataset_compress", .undo_values = {"pool", "dataset", "number", "before", "compression"},
        },
        [STORAGE_DATASET_RENAME] = {
                .name = "dataset_rename", .says = "Call the dataset {dataset} of the pool {pool} {to}",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN,
                .params = {"pool:pool_name", "dataset:dataset", "number:number", "to:dataset"},
                .act = ACT_CALL, .call = "dataset_rename",
                .undo = "dataset_rename", .undo_values = {"pool", "to", "number", "dataset"},
        },
        [STORAGE_SNAPSHOTS_RENAME] = {
                .name = "snapshots_rename", .says = "Let the snapshots of {dataset} in the pool {pool} be those of {to}",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .params = {"pool:pool_name", "dataset:dataset", "to:dataset"},
                .act = ACT_CALL, .call = "snapshots_rename",
                .undo = "snapshots_rename", .undo_values = {"pool", "to", "dataset"},
        },
        [STORAGE_DATASET_ROLLBACK] = {
                .name = "dataset_rollback",
                .says = "Put the dataset {dataset} of the pool {pool} back to how the snapshot {snapshot} has it; keep how it is "
                        "now as the snapshot {kept}",
                .proof = PROOF_WARRANT, .role = ROLE_OPERATOR,
                .params = {"pool:pool_name", "dataset:dataset", "number:number", "snapshot:snapshot", "of:number",
                           "kept:snapshot", "bytes:bytes?"},
                .act = ACT_CALL, .call = "dataset_rollback",
                .undo = "dataset_rollback_undo", .undo_values = {"pool", "dataset", "number", "snapshot", "kept"},
        },
        [STORAGE_DATASET_ROLLBACK_UNDO] = {
                .name = "dataset_rollback_undo", .says = "Put the dataset {dataset} of the pool {pool} back to how it was",
                .proof = PROOF_WARRANT, .role = ROLE_ADMIN,
                .params = {"pool:pool_name", "dataset:dataset", "number:number", "snapshot:snapshot", "kept:snapshot"},
                .act = ACT_CALL, .call = "dataset_rollback_undo",
        },
        [STORAGE_CLONE_UNMAKE] = {
                .name = "clone_unmake", .says = "Delete the dataset {dataset} of the pool {pool} that was just made of a snapshot",
                .proof = PROOF_WARRANT, .role = ROLE_ADMIN, .params = {"pool:pool_name", "dataset:dataset"},
                .act = ACT_CALL, .call = "clone_unmake",
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
        [STORAGE_MOMENT_ORDER] = {
                .name = "moment_order",
                .says = "Order: keep these datasets of the pool {pool} as they are at one moment, each as {snapshot}: {datasets}",
                .proof = PROOF_TICKET, .role = ROLE_OPERATOR, .params = {"pool:pool_name", "snapshot:snapshot", "datasets:dataset*"},
                .act = ACT_FILE, .path = "/var/lib/bulkhead-storage-hand/moment/{pool}",
                .lines = "SNAPSHOT={snapshot}\nDATASET={datasets}",
        },
        [STORAGE_MOMENT_TAKE] = {
                .name = "moment_take", .says = "Keep those datasets of the pool {pool} as they are now",
                .proof = PROOF_TICKET, .role = ROLE_OPERATOR, .flags = OPERATION_FORWARD, .params = {"pool:pool_name"},
                .act = ACT_UNIT, .verb = "start", .unit = "bulkhead-moment@{pool}.service",
        },
        [STORAGE_SNAPSHOT_DELETE] = {
                .name = "snapshot_delete",
                .says = "Delete the snapshot {snapshot} of {dataset} in the pool {pool} (number {number})",
                .proof = PROOF_WARRANT, .role = ROLE_OPERATOR, .flags = OPERATION_DESTROYS,
                .params = {"pool:pool_name", "dataset:dataset", "snapshot:snapshot", "number:number"},
                .act = ACT_CALL, .call = "snapshot_delete", .guard = "snapshot_is_let_go",
        },
        [STORAGE_SNAPSHOT_CLONE] = {
                .name = "snapshot_clone",
                .says = "Make the dataset {to} in the pool {pool} from the snapshot {snapshot} of {dataset}",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN,
                .params = {"pool:pool_name", "dataset:dataset", "snapshot:snapshot", "number:number", "to:dataset"},
                .act = ACT_CALL, .call = "snapshot_clone", .undo = "clone_unmake", .undo_values = {"pool", "to"},
        },
        [STORAGE_SNAPSHOT_HOLD] = {
                .name = "snapshot_hold", .says = "Let nobody delete the snapshot {snapshot} of {dataset} in the pool {pool}",
                .proof = PROOF_TICKET, .role = ROLE_OPERATOR,
                .params = {"pool:pool_name", "dataset:dataset", "snapshot:snapshot"},
                .act = ACT_CALL, .call = "snapshot_hold",
                .undo = "snapshot_release", .undo_values = {"pool", "dataset", "snapshot"},
        },
        [STORAGE_SNAPSHOT_RELEASE] = {
                .name = "snapshot_release", .says = "Let the snapshot {snapshot} of {dataset} in the pool {pool} be deleted again",
                .proof = PROOF_TICKET, .role = ROLE_OPERATOR,
                .params = {"pool:pool_name", "dataset:dataset", "snapshot:snapshot"},
                .act = ACT_CALL, .call = "snapshot_release",
                .undo = "snapshot_hold", .undo_values = {"pool", "dataset", "snapshot"},
        },

        /* --- files in snapshots --- */
        [STORAGE_FOLDER_LOOK] = {
                .name = "folder_look",
                .says = "List the folder {path} of the snapshot {snapshot} (number {of}) of {dataset} in the pool {pool}",
                .proof = PROOF_TICKET, .role = ROLE_OPERATOR, .flags = OPERATION_ANSWERS,
                .params = {"pool:pool_name", "dataset:dataset", "snapshot:snapshot", "of:number", "path:file_path?"},
                .act = ACT_CALL, .call = "folder_look",
        },
        [STORAGE_FILES_RESTORE] = {
                .name = "files_restore",
                .says = "Put {path} of the snapshot {snapshot} back into the dataset {dataset} of the pool {pool}, as {to}; what "
                        "has that name now gets this behind its own, or else nothing is done: {kept}",
                .proof = PROOF_TICKET, .role = ROLE_OPERATOR,
                .params = {"pool:pool_name", "dataset:dataset", "number:number", "snapshot:snapshot", "of:number",
                           "path:file_path", "to:file_path", "kept:snapshot?"},
                .act = ACT_CALL, .call = "files_restore", .undo = "files_unmake", .undo_values = {"pool", "dataset"},
        },
        [STORAGE_FILES_UNMAKE] = {
                .name = "files_unmake", .says = "Remove what was half put back into the dataset {dataset} of the pool {pool}",
                .proof = PROOF_WARRANT, .role = ROLE_ADMIN, .params = {"pool:pool_name", "dataset:dataset"},
                .act = ACT_RUN, .program = "/usr/bin/rm",
                .args = {"--recursive", "--force", "--one-file-system", "--", "/srv/{pool}/{dataset}/.restoring"},
        },
