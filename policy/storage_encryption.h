/* The part of the storage hand's list that is about encrypted pools: included in its middle (storage_operations.c).
 * What opens and closes disks is PID 1's (bulkhead-unlock@.service). A key that is given by a person lies in memory
 * only, for as long as a plan needs it; it is there before anything is lost, for what is finished after a crash must
 * find it. Rights: none; data without functions. */
/* clang-format off */
#define KEYS   "/var/lib/bulkhead-storage-hand/keys"
#define OPENED "--batch-mode", "--disable-locks", "--key-file=" KEYS "/{place}/{uuid}"

        [STORAGE_KEY_MAKE] = {
                .name = "key_make", .says = "Make a key for the pool {pool}, which this machine keeps",
                .proof = PROOF_WARRANT, .role = ROLE_ADMIN, .params = {"pool:pool_name", "uuid:uuid"},
                /* 122 bits by chance, which can also be read and typed. */
                .act = ACT_RUN, .program = "/usr/bin/dd",
                .args = {"if=/proc/sys/kernel/random/uuid", "of=" KEYS "/kept/{uuid}", "bs=36", "count=1",
                         "conv=fsync", "status=none"},
                .undo = "key_unmake", .undo_values = {"pool", "uuid"},
        },
        [STORAGE_KEY_UNMAKE] = {
                .name = "key_unmake", .says = "Forget the key that this machine keeps for the pool {pool}",
                .proof = PROOF_WARRANT, .role = ROLE_ADMIN, .flags = OPERATION_DESTROYS,
                .params = {"pool:pool_name", "uuid:uuid"},
                .act = ACT_RUN, .program = "/usr/bin/rm", .args = {"--force", "--", KEYS "/kept/{uuid}"},
        },
        [STORAGE_KEY_GIVE] = {
                .name = "key_give", .says = "Hold the passphrase of the pool {pool} ready, in memory ({place})",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN,
                .params = {"pool:pool_name", "uuid:uuid", "place:key_place", "passphrase:password_try"}, .input = "{passphrase}",
                .act = ACT_RUN, .program = "/usr/bin/dd", .args = {"of=" KEYS "/{place}/{uuid}", "bs=4096", "status=none"},
                .undo = "key_drop", .undo_values = {"pool", "uuid", "place"},
        },
        [STORAGE_KEY_DROP] = {
                .name = "key_drop", .says = "Hold the passphrase of the pool {pool} no longer ({place})",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .params = {"pool:pool_name", "uuid:uuid", "place:key_place"},
                .act = ACT_RUN, .program = "/usr/bin/rm", .args = {"--force", "--", KEYS "/{place}/{uuid}"},
        },
        [STORAGE_KEY_CHECK] = {
                .name = "key_check", .says = "See that the key of the pool {pool} opens the disk that is {luks} ({place})",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN,
                .params = {"pool:pool_name", "uuid:uuid", "place:key_place", "luks:uuid"}, .refuses = "passphrase",
                .act = ACT_RUN, .program = "/usr/sbin/cryptsetup",
                .args = {"open", "--test-passphrase", "--type=luks2", OPENED, "--", "/dev/disk/by-uuid/{luks}"},
        },
        /* About a second's work for each guess. As much on every machine: measuring it took longest of all. */
        [STORAGE_LUKS_FORMAT] = {
                .name = "luks_format",
                .says = "Encrypt the disk {disks} as {luks}, for the pool {pool} ({uuid}), with a key that is {place}",
                .proof = PROOF_WARRANT, .role = ROLE_ADMIN, .flags = OPERATION_DESTROYS,
                .params = {"pool:pool_name", "uuid:uuid", "place:key_place", "luks:uuid", "disks:disk_path*"},
                .act = ACT_RUN, .program = "/usr/sbin/cryptsetup",
                .args = {"luksFormat", "--type=luks2", "--uuid={luks}", "--label={uuid}", "--pbkdf=argon2id",
                         "--pbkdf-force-iterations=5", "--pbkdf-memory=131072", OPENED, "--", "{disks}"},
                .guard = "disks_are_empty",
        },
        /* A key of so many bits needs no long work on it: nobody guesses it. */
        [STORAGE_LUKS_FORMAT_KEPT] = {
                .name = "luks_format_kept",
                .says = "Encrypt the disk {disks} as {luks}, for the pool {pool} ({uuid}), with the key that this machine keeps",
                .proof = PROOF_WARRANT, .role = ROLE_ADMIN, .flags = OPERATION_DESTROYS,
                .params = {"pool:pool_name", "uuid:uuid", "place:key_place", "luks:uuid", "disks:disk_path*"},
                .act = ACT_RUN, .program = "/usr/sbin/cryptsetup",
                .args = {"luksFormat", "--type=luks2", "--uuid={luks}", "--label={uuid}", "--pbkdf=pbkdf2",
                         "--pbkdf-force-iterations=1000", OPENED, "--", "{disks}"},
                .guard = "disks_are_empty",
        },
        [STORAGE_LUKS_ERASE] = {
                .name = "luks_erase", .says = "Erase all keys of the encrypted disk {disks}: nobody can open it any more",
                .proof = PROOF_WARRANT, .role = ROLE_ADMIN, .flags = OPERATION_DESTROYS, .params = {"disks:disk_path*"},
                .act = ACT_RUN, .program = "/usr/sbin/cryptsetup",
                .args = {"erase", "--batch-mode", "--disable-locks", "--", "{disks}"},
                .guard = "disks_are_empty",
        },
        [STORAGE_LUKS_WANT] = {
                .name = "luks_want",
                .says = "Have the encrypted disks of the pool {pool} opened; by a key that this machine keeps: {kept}; by a "
                        "passphrase: {given}",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN,
                .params = {"pool:pool_name", "uuid:uuid", "kept:flag", "given:flag", "luks:uuid*"},
                .act = ACT_FILE, .path = "/etc/bulkhead/encryption/{pool}", .lines = "{uuid} {kept} {given}\n{luks}",
        },
        [STORAGE_LUKS_FORGET] = {
                .name = "luks_forget", .says = "Have the encrypted disks of the pool {pool} opened no more",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .params = {"pool:pool_name"},
                .act = ACT_FILE, .path = "/etc/bulkhead/encryption/{pool}",
        },
        /* Anew, for one that went while it was open. */
        [STORAGE_LUKS_OPEN] = {
                .name = "luks_open", .says = "Open the encrypted disk {luks} of the pool {pool}",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .params = {"pool:pool_name", "luks:uuid"},
                .act = ACT_UNIT, .verb = "restart", .unit = "bulkhead-unlock@{luks}.service",
                .undo = "luks_close", .undo_values = {"pool", "luks"},
        },
        [STORAGE_LUKS_CLOSE] = {
                .name = "luks_close", .says = "Lock the encrypted disk {luks} of the pool {pool}",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .flags = OPERATION_FORWARD,
                .params = {"pool:pool_name", "luks:uuid"},
                .act = ACT_UNIT, .verb = "stop", .unit = "bulkhead-unlock@{luks}.service",
        },

        /* --- ways to open them, later --- */
        [STORAGE_LUKS_LOOK] = {
                .name = "luks_look", .says = "Copy out which keys the encrypted disk {luks} has, and of what kind; no key is in that",
                .proof = PROOF_CLERK, .flags = OPERATION_ANSWERS, .params = {"luks:uuid"},
                .act = ACT_RUN, .program = "/usr/sbin/cryptsetup",
                .args = {"luksDump", "--dump-json-metadata", "--disable-locks", "--", "/dev/disk/by-uuid/{luks}"},
        },
        [STORAGE_LUKS_KEY_ADD] = {
                .name = "luks_key_add",
                .says = "Have the key that is {place} open the disk {luks} of the pool {pool} too, as the one does that is {by}",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN,
                .params = {"pool:pool_name", "uuid:uuid", "luks:uuid", "by:key_place", "place:key_place"},
                .act = ACT_RUN, .program = "/usr/sbin/cryptsetup",
                .args = {"luksAddKey", "--batch-mode", "--disable-locks", "--pbkdf=argon2id",
                         "--pbkdf-force-iterations=5", "--pbkdf-memory=131072",
                         "--key-file=" KEYS "/{by}/{uuid}", "--", "/dev/disk/by-uuid/{luks}", KEYS "/{place}/{uuid}"},
                .undo = "luks_key_remove", .undo_values = {"pool", "uuid", "luks", "place"},
        },
        [STORAGE_LUKS_KEY_ADD_KEPT] = {
                .name = "luks_key_add_kept",
                .says = "Have the key that this machine keeps open the disk {luks} of the pool {pool} too, as the one does that is {by}",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN,
                .params = {"pool:pool_name", "uuid:uuid", "luks:uuid", "by:key_place", "place:key_place"},
                .act = ACT_RUN, .program = "/usr/sbin/cryptsetup",
                .args = {"luksAddKey", "--batch-mode", "--disable-locks", "--pbkdf=pbkdf2", "--pbkdf-force-iterations=1000",
                         "--key-file=" KEYS "/{by}/{uuid}", "--", "/dev/disk/by-uuid/{luks}", KEYS "/{place}/{uuid}"},
                .undo = "luks_key_remove", .undo_values = {"pool", "uuid", "luks", "place"},
        },
        /* By the key itself: whatever else opens the disk stays. Status 2: it opens nothing there. */
        [STORAGE_LUKS_KEY_REMOVE] = {
                .name = "luks_key_remove", .says = "Have the key that is {place} open the disk {luks} of the pool {pool} no more",
                .proof = PROOF_WARRANT, .role = ROLE_ADMIN, .flags = OPERATION_DESTROYS, .already = 2,
                .params = {"pool:pool_name", "uuid:uuid", "luks:uuid", "place:key_place"},
                .act = ACT_RUN, .program = "/usr/sbin/cryptsetup",
                .args = {"luksRemoveKey", "--batch-mode", "--disable-locks", "--", "/dev/disk/by-uuid/{luks}",
                         KEYS "/{place}/{uuid}"},
        },
        /* By its number: what opens nothing any more need not be known for that, also after the power was lost. Status
         * 1: nothing is there. */
        [STORAGE_LUKS_SLOT_KILL] = {
                .name = "luks_slot_kill", .says = "Have the key number {number} of the disk {luks} of the pool {pool} open it no more",
                .proof = PROOF_WARRANT, .role = ROLE_ADMIN, .flags = OPERATION_DESTROYS, .already = 1,
                .params = {"pool:pool_name", "luks:uuid", "number:key_slot"},
                .act = ACT_RUN, .program = "/usr/sbin/cryptsetup",
                .args = {"luksKillSlot", "--batch-mode", "--disable-locks", "--", "/dev/disk/by-uuid/{luks}", "{number}"},
        },

        /* --- by a server in the network (Tang). Who asks it has a key alone, and no disk (bulkhead-tang-seal@.service,
         * bulkhead-tang-recall@.service, bulkhead-tang@.service); what is kept here opens nothing without that server --- */
        [STORAGE_TANG_LOOK] = {
                .name = "tang_look", .says = "Ask the Tang server {server} which keys it has; nothing is told it",
                .proof = PROOF_CLERK, .flags = OPERATION_ANSWERS, .params = {"server:tang_unit"},
                .act = ACT_UNIT, .verb = "start", .unit = "bulkhead-tang-look@{server}.service",
        },
        [STORAGE_KEY_CHANCE] = {
                .name = "key_chance", .says = "Make a new key for the pool {pool}, in memory, for this moment",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .params = {"pool:pool_name", "uuid:uuid", "place:key_place"},
                .act = ACT_RUN, .program = "/usr/bin/dd",
                .args = {"if=/proc/sys/kernel/random/uuid", "of=" KEYS "/{place}/{uuid}", "bs=36", "count=1", "status=none"},
                .undo = "key_drop", .undo_values = {"pool", "uuid", "place"},
        },
        [STORAGE_TANG_WANT] = {
                .name = "tang_want",
                .says = "Have the Tang server {url}, whose key has the thumbprint {thumbprint}, open the pool {pool} ({uuid})",
                .proof = PROOF_WARRANT, .role = ROLE_ADMIN,
                .params = {"pool:pool_name", "uuid:uuid", "url:tang_url", "thumbprint:tang_thumbprint"},
                .act = ACT_FILE, .path = "/etc/bulkhead/tang/{uuid}", .lines = "URL={url}\nTHP={thumbprint}",
        },
        [STORAGE_TANG_FORGET] = {
                .name = "tang_forget", .says = "Have no Tang server open the pool {pool} ({uuid}) any more",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .params = {"pool:pool_name", "uuid:uuid"},
                .act = ACT_FILE, .path = "/etc/bulkhead/tang/{uuid}",
        },
        [STORAGE_TANG_SEAL] = {
                .name = "tang_seal", .says = "Seal the new key of the pool {pool} so that only its Tang server can help to open it",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .params = {"pool:pool_name", "uuid:uuid"},
                .act = ACT_UNIT, .verb = "start", .unit = "bulkhead-tang-seal@{uuid}.service",
                .undo = "tang_unseal", .undo_values = {"pool", "uuid"},
        },
        [STORAGE_TANG_KEEP] = {
                .name = "tang_keep", .says = "Wait until the sealed key of the pool {pool} is on the disk of the system",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .params = {"pool:pool_name", "uuid:uuid"},
                .act = ACT_RUN, .program = "/usr/bin/sync",
                .args = {"--", "/var/lib/bulkhead/tang/{uuid}", "/var/lib/bulkhead/tang"},
        },
        [STORAGE_TANG_UNSEAL] = {
                .name = "tang_unseal", .says = "Throw away the sealed key of the pool {pool}",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .flags = OPERATION_FORWARD, .params = {"pool:pool_name", "uuid:uuid"},
                .act = ACT_RUN, .program = "/usr/bin/rm", .args = {"--force", "--", "/var/lib/bulkhead/tang/{uuid}"},
        },
        [STORAGE_TANG_RECALL] = {
                .name = "tang_recall",
                .says = "Have the Tang server help to open the sealed key of the pool {pool}, and hold it ready, in memory",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .params = {"pool:pool_name", "uuid:uuid"},
                .act = ACT_UNIT, .verb = "start", .unit = "bulkhead-tang-recall@{uuid}.service",
                .undo = "tang_recall_end", .undo_values = {"pool", "uuid"},
        },
        [STORAGE_TANG_RECALL_END] = {
                .name = "tang_recall_end", .says = "Ask the Tang server for the sealed key of the pool {pool} no more",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .flags = OPERATION_FORWARD, .params = {"pool:pool_name", "uuid:uuid"},
                .act = ACT_UNIT, .verb = "stop", .unit = "bulkhead-tang-recall@{uuid}.service",
        },
        [STORAGE_TANG_OPEN] = {
                .name = "tang_open",
                .says = "Have the Tang server open the sealed key of the pool {pool}, and the key what waits for it",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .params = {"pool:pool_name", "uuid:uuid"},
                .act = ACT_UNIT, .verb = "start", .unit = "bulkhead-tang@{uuid}.service",
                .undo = "tang_stop", .undo_values = {"pool", "uuid"},
        },
        [STORAGE_TANG_STOP] = {
                .name = "tang_stop", .says = "Ask the Tang server of the pool {pool} no more",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .flags = OPERATION_FORWARD, .params = {"pool:pool_name", "uuid:uuid"},
                .act = ACT_UNIT, .verb = "stop", .unit = "bulkhead-tang@{uuid}.service",
        },
        [STORAGE_LUKS_KEY_ADD_SEALED] = {
                .name = "luks_key_add_sealed",
                .says = "Have the key that was sealed open the disk {luks} of the pool {pool} too, as its key number {number}, as the "
                        "one does that is {by}",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN,
                .params = {"pool:pool_name", "uuid:uuid", "luks:uuid", "by:key_place", "place:key_place", "number:key_slot"},
                .act = ACT_RUN, .program = "/usr/sbin/cryptsetup",
                .args = {"luksAddKey", "--batch-mode", "--disable-locks", "--pbkdf=pbkdf2", "--pbkdf-force-iterations=1000",
                         "--new-key-slot={number}", "--key-file=" KEYS "/{by}/{uuid}", "--", "/dev/disk/by-uuid/{luks}",
                         KEYS "/{place}/{uuid}"},
                .undo = "luks_slot_kill", .undo_values = {"pool", "luks", "number"},
        },

#undef KEYS
#undef OPENED
