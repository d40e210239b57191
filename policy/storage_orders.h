/* The part of the storage hand's list that is about standing orders: included in its middle (storage_operations.c).
 * Rights: none; data without functions. */
/* clang-format off */

/* What is done alike when a person asks and when it is time. */
#define NEXT "/var/lib/bulkhead-storage-hand/carry/{replication}"
#define NEXT_WHOLE                                                                                                     \
        .params = {"replication:schedule", "snapshot:snapshot"}, .act = ACT_FILE, .path = NEXT,                        \
        .lines = "WORK=work {snapshot}\nSNAPSHOT={snapshot}\nHOW=--quiet"
#define NEXT_SINCE                                                                                                     \
        .params = {"replication:schedule", "snapshot:snapshot", "pool:pool_name", "dataset:dataset_folder",            \
                   "parent:snapshot"},                                                                                 \
        .act = ACT_FILE, .path = NEXT,                                                                                 \
        .lines = "WORK=work {snapshot} {parent}\nSNAPSHOT={snapshot}\nHOW=-p/srv/{pool}/.snapshots/{dataset}/{parent}"
#define DRILL                                                                                                          \
        .params = {"replication:schedule", "snapshot:snapshot"}, .act = ACT_FILE,                                      \
        .path = "/var/lib/bulkhead-storage-hand/carry/{replication}.drill",                                            \
        .lines = "WORK=work {snapshot}\nSNAPSHOT={snapshot}\nHOW=--quiet"
#define DRILL_BEGIN                                                                                                    \
        .params = {"replication:schedule"}, .act = ACT_UNIT, .verb = "start",                                          \
        .unit = "bulkhead-carry@{replication}.drill.service"
#define FAR_BEGIN                                                                                                      \
        .params = {"replication:schedule"}, .act = ACT_UNIT, .verb = "start",                                          \
        .unit = "bulkhead-far@{replication}.service"
#define BEGIN                                                                                                          \
        .params = {"replication:schedule"}, .act = ACT_UNIT, .verb = "start",                                          \
        .unit = "bulkhead-carry@{replication}.service"

        /* --- schedules: what a person has confirmed once, and is done from then on --- */
        [STORAGE_SCHEDULE_WANT] = {
                .name = "schedule_want",
                .says = "Keep the dataset {dataset} of the pool {pool} as it is each {every} ({at}), and of those that were kept "
                        "so no more than the newest of the last {keep} hours, days, weeks, months and years",
                .proof = PROOF_WARRANT, .role = ROLE_ADMIN,
                .params = {"schedule:schedule", "pool:pool_name", "dataset:dataset", "every:period", "at:clock_time",
                           "keep:keep_rule"},
                .act = ACT_FILE, .path = "/etc/bulkhead/schedules/{schedule}",
                .lines = "pool {pool}\ndataset {dataset}\nevery {every}\nat {at}\nkeep {keep}",
        },
        [STORAGE_SCHEDULE_FORGET] = {
                .name = "schedule_forget", .says = "Keep and delete nothing more by the schedule {schedule}; what it kept stays",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .params = {"schedule:schedule"},
                .act = ACT_FILE, .path = "/etc/bulkhead/schedules/{schedule}",
        },

        /* --- scrubs by themselves: PID 1 has the clock (systemd/generator/ makes the timers) --- */
        [STORAGE_SCRUB_ORDER] = {
                .name = "scrub_order", .says = "Read all of the pool {pool} each {every} ({at}), as if somebody had begun it",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .params = {"pool:pool_name", "every:period", "at:clock_time"},
                .act = ACT_FILE, .path = "/etc/bulkhead/scrubs/{pool}", .lines = "{every} {at}",
        },
        [STORAGE_SCRUB_ORDER_FORGET] = {
                .name = "scrub_order_forget", .says = "Read all of the pool {pool} by itself no more",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .params = {"pool:pool_name"},
                .act = ACT_FILE, .path = "/etc/bulkhead/scrubs/{pool}",
        },
        [STORAGE_SCRUB_TIMER_START] = {
                .name = "scrub_timer_start", .says = "Have the system manager wait for when the pool {pool} is to be read",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .params = {"pool:pool_name"},
                .act = ACT_UNIT, .verb = "start", .unit = "bulkhead-scrub@{pool}.timer",
                .undo = "scrub_timer_stop", .undo_values = {"pool"},
        },
        [STORAGE_SCRUB_TIMER_STOP] = {
                .name = "scrub_timer_stop", .says = "Have the system manager wait no more for when the pool {pool} is to be read",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .params = {"pool:pool_name"},
                .act = ACT_UNIT, .verb = "stop", .unit = "bulkhead-scrub@{pool}.timer",
                .undo = "scrub_timer_start", .undo_values = {"pool"},
        },

        /* --- disks by themselves: their tests likewise; when they stop, they are told whenever they come --- */
        [STORAGE_TEST_ORDER] = {
                .name = "test_order", .says = "Have the disk {disk} test itself each {every} ({at}): {test}",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN,
                .params = {"disk:disk_unit", "test:self_test", "every:period", "at:clock_time"},
                .act = ACT_FILE, .path = "/etc/bulkhead/self-tests/{disk}", .lines = "TEST={test}\nEVERY={every}\nAT={at}",
        },
        [STORAGE_TEST_ORDER_FORGET] = {
                .name = "test_order_forget", .says = "Have the disk {disk} test itself by itself no more",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .params = {"disk:disk_unit"},
                .act = ACT_FILE, .path = "/etc/bulkhead/self-tests/{disk}",
        },
        [STORAGE_TEST_TIMER_START] = {
                .name = "test_timer_start", .says = "Have the system manager wait for when the disk {disk} is to test itself",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .params = {"disk:disk_unit"},
                .act = ACT_UNIT, .verb = "start", .unit = "bulkhead-self-test@{disk}.timer",
                .undo = "test_timer_stop", .undo_values = {"disk"},
        },
        [STORAGE_TEST_TIMER_STOP] = {
                .name = "test_timer_stop",
                .says = "Have the system manager wait no more for when the disk {disk} is to test itself",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .params = {"disk:disk_unit"},
                .act = ACT_UNIT, .verb = "stop", .unit = "bulkhead-self-test@{disk}.timer",
                .undo = "test_timer_start", .undo_values = {"disk"},
        },
        [STORAGE_SPIN_DOWN_ORDER] = {
                .name = "spin_down_order",
                .says = "Let the disk {disk} stop when nobody uses it: hdparm -S {timer} (0: never; to 240: times 5 seconds; "
                        "from 241: half hours)",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .params = {"disk:disk_unit", "timer:spin_down"},
                .act = ACT_FILE, .path = "/etc/bulkhead/spin-down/{disk}", .lines = "TIMER={timer}",
        },
        [STORAGE_SPIN_DOWN_APPLY] = {
                .name = "spin_down_apply", .says = "Tell the disk {disk} when to stop",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .params = {"disk:disk_unit"},
                .act = ACT_UNIT, .verb = "restart", .unit = "bulkhead-spin-down@{disk}.service",
                .undo = "spin_down_apply", .undo_values = {"disk"},
        },

        [STORAGE_LIGHT_ON] = {
                .name = "light_on", .says = "Light the lamp at the place of the disk {disk}",
                .proof = PROOF_TICKET, .role = ROLE_OPERATOR, .params = {"disk:disk_unit"},
                .act = ACT_UNIT, .verb = "start", .unit = "bulkhead-light@on:{disk}.service",
                .undo = "light_off", .undo_values = {"disk"},
        },
        [STORAGE_LIGHT_OFF] = {
                .name = "light_off", .says = "Put out the lamp at the place of the disk {disk}",
                .proof = PROOF_TICKET, .role = ROLE_OPERATOR, .params = {"disk:disk_unit"},
                .act = ACT_UNIT, .verb = "start", .unit = "bulkhead-light@off:{disk}.service",
                .undo = "light_on", .undo_values = {"disk"},
        },

        /* --- replication: standing orders too. The clerk says which snapshot is next; from where to where only the order
         * says. PID 1 starts btrfs' own tools, and between them who carries, who has no rights (bulkhead-carry@.service) --- */
        [STORAGE_REPLICATION_WANT] = {
                .name = "replication_want",
                .says = "Send the newest snapshot of {dataset} in the pool {pool} to the pool {to_pool}, as one of {to}, each "
                        "{every} ({at}); bytes a second at most: {rate}",
                .proof = PROOF_WARRANT, .role = ROLE_ADMIN,
                .params = {"replication:schedule", "pool:pool_name", "dataset:dataset_folder", "to_pool:pool_name",
                           "to:dataset_folder", "rate:number?", "every:period", "at:clock_time"},
                .act = ACT_FILE, .path = "/etc/bulkhead/replications/{replication}",
                .lines = "FROM=/srv/{pool}/.snapshots/{dataset}\nINTO=/srv/{to_pool}\nKEEP=/srv/{to_pool}/.snapshots/{to}\n"
                         "RATE={rate}\nEVERY={every}\nAT={at}",
        },
        [STORAGE_REPLICATION_FORGET] = {
                .name = "replication_forget", .says = "Send nothing more by the order {replication}; what was sent stays",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .params = {"replication:schedule"},
                .act = ACT_FILE, .path = "/etc/bulkhead/replications/{replication}",
        },
        [STORAGE_REPLICATION_WHOLE] = {
                .name = "replication_whole", .says = "Send all of the snapshot {snapshot} next by the order {replication}",
                .proof = PROOF_TICKET, .role = ROLE_OPERATOR, NEXT_WHOLE},
        [STORAGE_REPLICATION_SINCE] = {
                .name = "replication_since",
                .says = "Send next by the order {replication} what the snapshot {snapshot} has beyond {parent}",
                .proof = PROOF_TICKET, .role = ROLE_OPERATOR, NEXT_SINCE},
        [STORAGE_REPLICATION_BEGIN] = {
                .name = "replication_begin", .says = "Begin to send by the order {replication}",
                .proof = PROOF_TICKET, .role = ROLE_OPERATOR, .undo = "replication_stop", .undo_values = {"replication"}, BEGIN},
        [STORAGE_REPLICATION_STOP] = {
                .name = "replication_stop", .says = "Stop sending by the order {replication}; what was half received goes",
                .proof = PROOF_TICKET, .role = ROLE_OPERATOR, .flags = OPERATION_FORWARD, .params = {"replication:schedule"},
                .act = ACT_UNIT, .verb = "stop", .unit = "bulkhead-carry@{replication}.service",
        },
        [STORAGE_REPLICATION_DUE_WHOLE] = {
                .name = "replication_due_whole", .says = "Send all of {snapshot} next by {replication}, for it is time",
                .proof = PROOF_CLERK, .flags = OPERATION_ANSWERS, NEXT_WHOLE},
        [STORAGE_REPLICATION_DUE_SINCE] = {
                .name = "replication_due_since",
                .says = "Send what {snapshot} has beyond {parent} next by {replication}, for it is time",
                .proof = PROOF_CLERK, .flags = OPERATION_ANSWERS, NEXT_SINCE},
        [STORAGE_REPLICATION_DUE] = {
                .name = "replication_due", .says = "Begin to send by {replication}, for it is time",
                .proof = PROOF_CLERK, .flags = OPERATION_ANSWERS, BEGIN},

        /* --- drills: what was sent is sent back, beside the dataset, compared and thrown away --- */
        [STORAGE_DRILL_WANT] = {
                .name = "drill_want",
                .says = "Each {every} ({at}) send back the newest snapshot that {replication} sent, from {to} in the pool {to_pool} "
                        "into the pool {pool}, compare it, and throw it away; bytes a second at most: {rate}",
                .proof = PROOF_WARRANT, .role = ROLE_ADMIN,
                .params = {"replication:schedule", "pool:pool_name", "to_pool:pool_name", "to:dataset_folder", "rate:number?",
                           "every:period", "at:clock_time"},
                .act = ACT_FILE, .path = "/etc/bulkhead/replications/{replication}.drill",
                .lines = "FROM=/srv/{to_pool}/.snapshots/{to}\nINTO=/srv/{pool}\n"
                         "KEEP=/srv/{pool}/.incoming/{replication}.drill/kept\nRATE={rate}\nEVERY={every}\nAT={at}",
        },
        [STORAGE_DRILL_FORGET] = {
                .name = "drill_forget", .says = "Send nothing back any more for {replication}",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .params = {"replication:schedule"},
                .act = ACT_FILE, .path = "/etc/bulkhead/replications/{replication}.drill",
        },
        [STORAGE_DRILL_NEXT] = {
                .name = "drill_next", .says = "Send back {snapshot} next for {replication}",
                .proof = PROOF_TICKET, .role = ROLE_OPERATOR, DRILL},
        [STORAGE_DRILL_BEGIN] = {
                .name = "drill_begin", .says = "Begin to send back for {replication}",
                .proof = PROOF_TICKET, .role = ROLE_OPERATOR, .undo = "drill_stop", .undo_values = {"replication"}, DRILL_BEGIN},
        [STORAGE_DRILL_STOP] = {
                .name = "drill_stop", .says = "Stop sending back for {replication}",
                .proof = PROOF_TICKET, .role = ROLE_OPERATOR, .flags = OPERATION_FORWARD, .params = {"replication:schedule"},
                .act = ACT_UNIT, .verb = "stop", .unit = "bulkhead-carry@{replication}.drill.service",
        },
        [STORAGE_DRILL_DUE_NEXT] = {
                .name = "drill_due_next", .says = "Send back {snapshot} next for {replication}, for it is time",
                .proof = PROOF_CLERK, .flags = OPERATION_ANSWERS, DRILL},
        [STORAGE_DRILL_DUE] = {
                .name = "drill_due", .says = "Begin to send back for {replication}, for it is time",
                .proof = PROOF_CLERK, .flags = OPERATION_ANSWERS, DRILL_BEGIN},

        /* --- other machines: who they are, as OpenSSH reads it. One unit makes a key for each and asks it for its own; a
         * person confirms that (remote_trust), and nobody else is ever taken for it --- */
        [STORAGE_REMOTE_WANT] = {
                .name = "remote_want",
                .says = "Know another machine as {remote}: {user} at {address}, port {port}; it gets a key of its own",
                .proof = PROOF_WARRANT, .role = ROLE_ADMIN,
                .params = {"remote:schedule", "address:remote_host", "port:number", "user:owner"},
                .act = ACT_FILE, .path = "/etc/bulkhead/remotes/{remote}",
                .lines = "Host {remote}\nHostName {address}\nPort {port}\nUser {user}\nHostKeyAlias {remote}\n"
                         "UserKnownHostsFile /etc/bulkhead/remotes/{remote}.hosts\nGlobalKnownHostsFile none\n"
                         "IdentityFile /var/lib/bulkhead-far/{remote}\nIdentitiesOnly yes\nIdentityAgent none\n"
                         "BatchMode yes\nStrictHostKeyChecking yes\nUpdateHostKeys no\nHostKeyAlgorithms ssh-ed25519\n"
                         "PreferredAuthentications publickey\nForwardAgent no\nForwardX11 no\nRequestTTY no\n"
                         "ClearAllForwardings yes\nPermitLocalCommand no\nCanonicalizeHostname no\nEscapeChar none\n"
                         "ConnectTimeout 20\nServerAliveInterval 15\nServerAliveCountMax 4\nLogLevel ERROR",
        },
        [STORAGE_REMOTE_FORGET] = {
                .name = "remote_forget", .says = "Know the machine {remote} no more",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .params = {"remote:schedule"},
                .act = ACT_FILE, .path = "/etc/bulkhead/remotes/{remote}",
        },
        [STORAGE_REMOTE_TRUST] = {
                .name = "remote_trust",
                .says = "Take for {remote} whoever has the host key {fingerprint} ({key}), and nobody else",
                .proof = PROOF_WARRANT, .role = ROLE_ADMIN,
                .params = {"remote:schedule", "fingerprint:host_fingerprint", "key:ssh_key"},
                .act = ACT_FILE, .path = "/etc/bulkhead/remotes/{remote}.hosts", .lines = "{remote} {key}",
        },
        [STORAGE_REMOTE_DOUBT] = {
                .name = "remote_doubt", .says = "Take nobody for {remote} any more",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .params = {"remote:schedule"},
                .act = ACT_FILE, .path = "/etc/bulkhead/remotes/{remote}.hosts",
        },
        [STORAGE_REMOTE_MEET] = {
                .name = "remote_meet",
                .says = "Ask {remote} for its host key, and whether it lets us in; the key for it is made, or goes with it",
                .proof = PROOF_TICKET, .role = ROLE_OPERATOR, .flags = OPERATION_FORWARD, .params = {"remote:schedule"},
                .act = ACT_UNIT, .verb = "start", .unit = "bulkhead-remote@{remote}.service",
        },
        /* --- and from other machines: what lets each in is a line as OpenSSH reads it, in a file of its own --- */
        [STORAGE_SENDER_WANT] = {
                .name = "sender_want",
                .says = "Let {sender} send snapshots into {place}, and do nothing else: whoever has the key {fingerprint} ({key})",
                .proof = PROOF_WARRANT, .role = ROLE_ADMIN,
                .params = {"sender:schedule", "place:receive_path", "fingerprint:host_fingerprint", "key:ssh_key"},
                .act = ACT_FILE, .path = "/etc/bulkhead/senders/{sender}",
                .lines = "restrict,command=\"/usr/libexec/bulkhead/receive-only {place}\" {key}",
        },
        [STORAGE_SENDER_FORGET] = {
                .name = "sender_forget", .says = "Let {sender} send nothing more; what came stays",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .params = {"sender:schedule"},
                .act = ACT_FILE, .path = "/etc/bulkhead/senders/{sender}",
        },
        [STORAGE_SENDERS_SERVE] = {
                .name = "senders_serve", .says = "Listen for other machines that send snapshots (port 2225)",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .flags = OPERATION_FORWARD,
                .act = ACT_UNIT, .verb = "start", .unit = "bulkhead-senders.service",
        },
        [STORAGE_SENDERS_ANEW] = {
                .name = "senders_anew",
                .says = "End what is being received, and listen only for those that may still send; the others begin again by themselves",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .flags = OPERATION_FORWARD,
                .act = ACT_UNIT, .verb = "restart", .unit = "bulkhead-senders.service",
        },
        [STORAGE_FAR_WANT] = {
                .name = "far_want",
                .says = "Send the newest snapshot of {dataset} in the pool {pool} to another machine, {to}, each {every} ({at}); "
                        "bytes a second at most: {rate}",
                .proof = PROOF_WARRANT, .role = ROLE_ADMIN,
                .params = {"replication:schedule", "pool:pool_name", "dataset:dataset_folder", "to:remote_place",
                           "rate:number?", "every:period", "at:clock_time"},
                .act = ACT_FILE, .path = "/etc/bulkhead/replications/{replication}",
                .lines = "FROM=/srv/{pool}/.snapshots/{dataset}\nTO={to}\nRATE={rate}\nEVERY={every}\nAT={at}",
        },
        [STORAGE_FAR_BEGIN] = {
                .name = "far_begin", .says = "Begin to send to another machine by the order {replication}",
                .proof = PROOF_TICKET, .role = ROLE_OPERATOR, .undo = "far_stop", .undo_values = {"replication"}, FAR_BEGIN},
        [STORAGE_FAR_STOP] = {
                .name = "far_stop",
                .says = "Stop sending to another machine by the order {replication}; what was half received goes",
                .proof = PROOF_TICKET, .role = ROLE_OPERATOR, .flags = OPERATION_FORWARD, .params = {"replication:schedule"},
                .act = ACT_UNIT, .verb = "stop", .unit = "bulkhead-far@{replication}.service",
        },
        [STORAGE_FAR_DUE] = {
                .name = "far_due", .says = "Begin to send to another machine by {replication}, for it is time",
                .proof = PROOF_CLERK, .flags = OPERATION_ANSWERS, FAR_BEGIN},
