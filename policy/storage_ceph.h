/* The part of the storage hand's list that is about file systems of Ceph clusters: included in its middle
 * (storage_operations.c). PID 1 has Ceph's client mount them (bulkhead-ceph@.service). The key lies where the hand keeps
 * those of encrypted pools; PID 1 passes it to that client. Rights: none; data without functions. */
/* clang-format off */
#define KEPT "/var/lib/bulkhead-storage-hand/keys/kept/{uuid}"
#define BEFORE KEPT ".before"

        [STORAGE_CEPH_KEY_KEEP] = {
                .name = "ceph_key_keep", .says = "Keep the key by which the pool {pool} ({uuid}) is used",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN,
                .params = {"pool:pool_name", "uuid:uuid", "key:ceph_key"}, .input = "{key}",
                .act = ACT_RUN, .program = "/usr/bin/dd", .args = {"of=" KEPT, "bs=4096", "conv=fsync", "status=none"},
                .undo = "ceph_key_drop", .undo_values = {"pool", "uuid"},
        },
        [STORAGE_CEPH_KEY_DROP] = {
                .name = "ceph_key_drop", .says = "Keep the key by which the pool {pool} ({uuid}) is used no longer",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .flags = OPERATION_FORWARD,
                .params = {"pool:pool_name", "uuid:uuid"},
                .act = ACT_RUN, .program = "/usr/bin/rm", .args = {"--force", "--", KEPT},
        },
        /* Another one: until it has been used the one before lies beside it. */
        [STORAGE_CEPH_KEY_ASIDE] = {
                .name = "ceph_key_aside", .says = "Keep the key by which the pool {pool} ({uuid}) was used until now beside the new one",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .params = {"pool:pool_name", "uuid:uuid"},
                .act = ACT_RUN, .program = "/usr/bin/dd", .args = {"if=" KEPT, "of=" BEFORE, "conv=fsync", "status=none"},
                .undo = "ceph_key_aside_drop", .undo_values = {"pool", "uuid"},
        },
        [STORAGE_CEPH_KEY_CHANGE] = {
                .name = "ceph_key_change", .says = "Keep another key by which the pool {pool} ({uuid}) is used",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN,
                .params = {"pool:pool_name", "uuid:uuid", "key:ceph_key"}, .input = "{key}",
                .act = ACT_RUN, .program = "/usr/bin/dd", .args = {"of=" KEPT, "bs=4096", "conv=fsync", "status=none"},
                .undo = "ceph_key_back", .undo_values = {"pool", "uuid"},
        },
        [STORAGE_CEPH_KEY_BACK] = {
                .name = "ceph_key_back", .says = "Have the pool {pool} ({uuid}) used by the key from before again",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .params = {"pool:pool_name", "uuid:uuid"},
                .act = ACT_RUN, .program = "/usr/bin/dd", .args = {"if=" BEFORE, "of=" KEPT, "conv=fsync", "status=none"},
        },
        [STORAGE_CEPH_KEY_ASIDE_DROP] = {
                .name = "ceph_key_aside_drop", .says = "Keep the key from before of the pool {pool} ({uuid}) no longer",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .flags = OPERATION_FORWARD,
                .params = {"pool:pool_name", "uuid:uuid"},
                .act = ACT_RUN, .program = "/usr/bin/rm", .args = {"--force", "--", BEFORE},
        },
        /* Also where it is tried again and again already, by what was right before. */
        [STORAGE_CEPH_AGAIN] = {
                .name = "ceph_again", .says = "Mount the pool {pool} of a Ceph cluster at /srv/{pool}, by what is ordered now",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .flags = OPERATION_FORWARD, .params = {"pool:pool_name"},
                .act = ACT_UNIT, .verb = "restart", .unit = "bulkhead-ceph@{pool}.service",
        },
        [STORAGE_CEPH_WANT] = {
                .name = "ceph_want",
                .says = "Have {path} of the Ceph cluster {fsid} (file system: {file_system}) used as {user}, by the monitors "
                        "{monitors}, as the pool {pool}",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN,
                .params = {"pool:pool_name", "fsid:uuid", "user:ceph_user", "path:ceph_path", "file_system:ceph_name?",
                           "monitors:ceph_monitors"},
                .act = ACT_FILE, .path = "/etc/bulkhead/ceph/{pool}",
                .lines = "FSID={fsid}\nCLIENT={user}\nPLACE={path}\nFILE_SYSTEM={file_system}\nMONITORS={monitors}",
        },
        [STORAGE_CEPH_FORGET] = {
                .name = "ceph_forget", .says = "Have the Ceph cluster of the pool {pool} used no more",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .params = {"pool:pool_name"},
                .act = ACT_FILE, .path = "/etc/bulkhead/ceph/{pool}",
        },
        [STORAGE_CEPH_MOUNT] = {
                .name = "ceph_mount", .says = "Mount the pool {pool} of a Ceph cluster at /srv/{pool}",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .params = {"pool:pool_name"},
                /* That needs bulkhead-ceph@.service, and is over when it is mounted. */
                .act = ACT_UNIT, .verb = "start", .unit = "bulkhead-mount@{pool}.service",
                .undo = "ceph_end", .undo_values = {"pool"},
        },
        [STORAGE_CEPH_LOOK] = {
                .name = "ceph_look", .says = "Look again and again how much is in the pool {pool}",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .params = {"pool:pool_name"},
                .act = ACT_UNIT, .verb = "start", .unit = "bulkhead-ceph-look@{pool}.service",
                .undo = "ceph_look_end", .undo_values = {"pool"},
        },
        [STORAGE_CEPH_LOOK_END] = {
                .name = "ceph_look_end", .says = "Look into the pool {pool} no more, so that it can be unmounted",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .params = {"pool:pool_name"},
                .act = ACT_UNIT, .verb = "stop", .unit = "bulkhead-ceph-look@{pool}.service",
                .undo = "ceph_look", .undo_values = {"pool"},
        },
        /* Its client ends, whether its cluster answers or not; what it could not write there any more is lost. */
        [STORAGE_CEPH_END] = {
                .name = "ceph_end", .says = "End the client of the Ceph cluster of the pool {pool}",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .flags = OPERATION_FORWARD, .params = {"pool:pool_name"},
                .act = ACT_UNIT, .verb = "stop", .unit = "bulkhead-ceph@{pool}.service",
        },

#undef BEFORE
#undef KEPT
