/* Everything the shares hand can do: the whole list, as data. Read by the hand (which does it), the clerk (which
 * plans with it), the command line (which shows it) and policy/project.c (which prints docs/security.md and polkit's
 * rules).
 * Rights: none; data without functions. */
#include "policy/shares_operations.h"

/* One entry in a few lines, so that the whole list is read like a table. */
/* clang-format off */
#define SMB_SHARE                                                                                                      \
                .params = {"share:share_name", "id:number", "created:timestamp", "settings:smb_setting*"},            \
                .act = ACT_FILE, .path = "/etc/bulkhead/smb/{share}",                                                 \
                .lines = "# {id} {created}\n[{share}]\n\t{settings}",                                                 \
                .guard = "path_is_served", .check = "smb_check", .call = "smb_load",

static const struct operation list[SHARES_OPERATION_COUNT] = {
        /* --- questions: what only root may ask Samba is asked by a unit of its own --- */
        [SHARES_SMB_LOOK] = {
                .name = "smb_look", .says = "Have Samba write down who uses shares over SMB",
                .proof = PROOF_CLERK, .flags = OPERATION_ANSWERS,
                .act = ACT_UNIT, .verb = "start", .unit = "bulkhead-smb-look.service",
        },
        [SHARES_SMB_END] = {
                .name = "smb_end", .says = "Disconnect the SMB client that process {process} serves: its account was disabled",
                .proof = PROOF_CLERK, .flags = OPERATION_ANSWERS, .params = {"process:number"},
                .act = ACT_UNIT, .verb = "start", .unit = "bulkhead-smb-end@{process}.service",
        },
        [SHARES_FOLDER_LOOK] = {
                .name = "folder_look", .says = "Say whose {path} is, who may do what there, and where its dataset begins",
                .proof = PROOF_CLERK, .flags = OPERATION_ANSWERS, .params = {"path:served_path"},
                .act = ACT_CALL, .call = "folder_look",
        },
        [SHARES_ROOM_LOOK] = {
                .name = "room_look", .says = "Say how much room the dataset {path} has, and whether it can be written to",
                .proof = PROOF_CLERK, .flags = OPERATION_ANSWERS, .params = {"path:served_path"},
                .act = ACT_CALL, .call = "room_look",
        },
        [SHARES_QUOTA_LOOK] = {
                .name = "quota_look", .says = "Write down how much the account {user} and the group {group} have in the pool {pool}",
                .proof = PROOF_CLERK, .flags = OPERATION_ANSWERS, .params = {"pool:pool_name", "user:number", "group:number"},
                .act = ACT_UNIT, .verb = "start", .unit = "bulkhead-quotas-of@{pool}:{user}:{group}.service",
        },
        [SHARES_SMB_REGISTRY] = {
                .name = "smb_registry", .says = "Say which shares Samba has, and how they are set",
                .proof = PROOF_CLERK, .flags = OPERATION_ANSWERS,
                .act = ACT_RUN, .program = "/usr/bin/net",
                .args = {"--configfile=/usr/share/bulkhead/smb.conf", "--option=interfaces=127.0.0.1/8", "conf", "list"},
        },

        [SHARES_SMB_SHOWN] = {
                .name = "smb_shown", .says = "Say how Samba has the share {share}",
                .proof = PROOF_CLERK, .flags = OPERATION_ANSWERS, .params = {"share:share_name"},
                .act = ACT_RUN, .program = "/usr/bin/net",
                .args = {"--configfile=/usr/share/bulkhead/smb.conf", "--option=interfaces=127.0.0.1/8", "conf",
                         "showshare", "--", "{share}"},
        },
        [SHARES_NFS_LOOK] = {
                .name = "nfs_look", .says = "Have the NFS server write down who uses exports",
                .proof = PROOF_CLERK, .flags = OPERATION_ANSWERS,
                .act = ACT_UNIT, .verb = "start", .unit = "bulkhead-nfs-look.service",
        },
        [SHARES_DOMAIN_LOOK] = {
                .name = "domain_look", .says = "Ask the network for the domain {realm}, and whether it knows this machine",
                .proof = PROOF_CLERK, .flags = OPERATION_ANSWERS, .params = {"realm:realm"},
                .act = ACT_UNIT, .verb = "start", .unit = "bulkhead-domain-look@{realm}.service",
        },
        [SHARES_NAME_LOOK] = {
                .name = "name_look", .says = "Ask the domain which number {name} has",
                .proof = PROOF_CLERK, .flags = OPERATION_ANSWERS, .params = {"name:share_user"},
                .act = ACT_RUN, .program = "/usr/bin/wbinfo", .args = {"--name-to-sid={name}"},
        },

        [SHARES_DIRECTORY_LOOK] = {
                .name = "directory_look", .says = "Ask the directory which number {name} has",
                .proof = PROOF_CLERK, .flags = OPERATION_ANSWERS, .params = {"name:directory_name"},
                .act = ACT_UNIT, .verb = "start", .unit = "bulkhead-directory-look@{name}.service",
        },
        [SHARES_DIRECTORY_CHECK] = {
                .name = "directory_check", .says = "Ask {server} of the directory whether it knows this machine",
                .proof = PROOF_CLERK, .flags = OPERATION_ANSWERS, .params = {"server:host_name"},
                .act = ACT_UNIT, .verb = "start", .unit = "bulkhead-directory-check@{server}.service",
        },

        [SHARES_TRANSFERS_END] = {
                .name = "transfers_end", .says = "End what accounts that are disabled have running",
                .proof = PROOF_CLERK, .flags = OPERATION_ANSWERS,
                .act = ACT_UNIT, .verb = "start", .unit = "bulkhead-transfers-end.service",
        },

        /* --- SMB: a file a share, which Samba takes into its registry, so that no client of another share notices --- */
        [SHARES_SMB_PUT] = {
                .name = "smb_put", .says = "Offer the share {share} over SMB as written here",
                .proof = PROOF_TICKET, .role = ROLE_OPERATOR, SMB_SHARE
        },
        /* What somebody changed by hand in Samba's registry could not be brought back: an undo knows the file alone. */
        [SHARES_SMB_SETTLE] = {
                .name = "smb_settle", .says = "Have Samba, too, offer the share {share} as written here",
                .proof = PROOF_TICKET, .role = ROLE_OPERATOR, .flags = OPERATION_FORWARD, SMB_SHARE
        },
        [SHARES_SMB_DROP] = {
                .name = "smb_drop", .says = "Offer the share {share} over SMB no more; what is in it stays",
                .proof = PROOF_TICKET, .role = ROLE_OPERATOR, .params = {"share:share_name"},
                .act = ACT_FILE, .path = "/etc/bulkhead/smb/{share}", .call = "smb_load",
        },
        [SHARES_SMB_SERVER] = {
                .name = "smb_server", .says = "Have Samba serve as written here",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .params = {"settings:smb_server_setting*"},
                .act = ACT_FILE, .path = "/etc/bulkhead/services/smb.conf", .lines = "{settings}",
                .check = "smb_check",
        },

        [SHARES_SMB_DISCONNECT] = {
                .name = "smb_disconnect", .says = "Disconnect the SMB client that process {process} serves",
                .proof = PROOF_TICKET, .role = ROLE_OPERATOR, .flags = OPERATION_FORWARD, .params = {"process:number"},
                .act = ACT_UNIT, .verb = "start", .unit = "bulkhead-smb-end@{process}.service",
        },

        [SHARES_HOMES_MAKE] = {
                .name = "homes_make", .says = "Make the folders in the pool {pool} that accounts have of their own in shares",
                .proof = PROOF_TICKET, .role = ROLE_OPERATOR, .params = {"pool:pool_name"},
                .act = ACT_UNIT, .verb = "restart", .unit = "bulkhead-homes@{pool}.service",
        },

        /* --- Samba's unit has a journal of its own, with rules of its own --- */
        [SHARES_AUDIT_KEEP] = {
                .name = "audit_keep",
                .says = "Keep for {days} days who did what in SMB shares, at most {most} MiB of it; what is beyond that goes for good",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .params = {"days:number", "most:number"},
                .act = ACT_FILE, .path = "/etc/bulkhead/services/audit.conf",
                .lines = "[Journal]\nSplitMode=none\nMaxRetentionSec={days}day\nMaxFileSec=1day\nSystemMaxUse={most}M",
        },
        [SHARES_AUDIT_FOLLOW] = {
                .name = "audit_follow", .says = "Have the journal of SMB read its rules again",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .flags = OPERATION_FORWARD,
                .act = ACT_UNIT, .verb = "restart", .unit = "systemd-journald@bulkhead-smb.service",
        },

        /* --- NFS: a file an export; what is exported is mounted for it alone, by PID 1 (systemd/generator/) --- */
        [SHARES_NFS_PUT] = {
                .name = "nfs_put", .says = "Export {path} over NFS as /{share}, to these clients ({state})",
                .proof = PROOF_TICKET, .role = ROLE_OPERATOR,
                .params = {"number:nfs_number", "state:nfs_state", "created:timestamp", "path:nfs_path",
                           "share:share_name", "client:nfs_block*"},
                .act = ACT_FILE, .path = "/etc/bulkhead/nfs/{number}.{state}",
                .lines = "# {created} {path}\nEXPORT {{\n\tExport_Id = {number};\n\tPath = \"/run/bulkhead/nfs/{number}\";"
                         "\n\tPseudo = \"/{share}\";\n\t{client}\n\tFSAL {{ Name = VFS; }\n}",
                .guard = "nfs_is_served", .call = "nfs_list",
        },
        [SHARES_NFS_DROP] = {
                .name = "nfs_drop", .says = "Forget the export {number} ({state}); what is in it stays",
                .proof = PROOF_TICKET, .role = ROLE_OPERATOR, .params = {"number:nfs_number", "state:nfs_state"},
                .act = ACT_FILE, .path = "/etc/bulkhead/nfs/{number}.{state}", .call = "nfs_list",
        },
        [SHARES_NFS_MOUNT] = {
                .name = "nfs_mount", .says = "Mount what the export {number} is of, for the NFS server",
                .proof = PROOF_TICKET, .role = ROLE_OPERATOR, .params = {"number:nfs_number"},
                .act = ACT_UNIT, .verb = "start", .unit = "bulkhead-export@{number}.service",
                .undo = "nfs_unmount", .undo_values = {"number"},
        },
        [SHARES_NFS_UNMOUNT] = {
                .name = "nfs_unmount", .says = "Unmount what the export {number} was of",
                .proof = PROOF_TICKET, .role = ROLE_OPERATOR, .params = {"number:nfs_number"},
                .act = ACT_UNIT, .verb = "stop", .unit = "bulkhead-export@{number}.service",
                .undo = "nfs_mount", .undo_values = {"number"},
        },
        [SHARES_NFS_CHECK] = {
                .name = "nfs_check", .says = "Have the NFS server's own checker judge the export {number} before the server is told",
                .proof = PROOF_TICKET, .role = ROLE_OPERATOR, .params = {"number:nfs_number"},
                .act = ACT_UNIT, .verb = "start", .unit = "bulkhead-nfs-check@{number}.service",
        },
        [SHARES_NFS_FOLLOW] = {
                .name = "nfs_follow", .says = "Have what the NFS server is shown be as written",
                .proof = PROOF_TICKET, .role = ROLE_OPERATOR,
                .act = ACT_UNIT, .verb = "restart", .unit = "bulkhead-nfs-names.service",
                .undo = "nfs_follow",
        },
        [SHARES_NFS_WITHDRAW] = {
                .name = "nfs_withdraw", .says = "Have the NFS server offer the export {number} no more",
                .proof = PROOF_TICKET, .role = ROLE_OPERATOR, .params = {"number:nfs_number"},
                .act = ACT_UNIT, .verb = "start", .unit = "bulkhead-nfs-withdraw@{number}.service",
        },
        [SHARES_NFS_DISCONNECT] = {
                .name = "nfs_disconnect", .says = "Disconnect the NFS client {client}, with all that it has open",
                .proof = PROOF_TICKET, .role = ROLE_OPERATOR, .flags = OPERATION_FORWARD, .params = {"client:number"},
                .act = ACT_UNIT, .verb = "start", .unit = "bulkhead-nfs-end@{client}.service",
        },
        [SHARES_NFS_LIST] = {
                .name = "nfs_list", .says = "Have the NFS server's list name the exports that are turned on, and nothing else",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .act = ACT_CALL, .call = "nfs_list",
        },
        [SHARES_UNITS_RELOAD] = {
                .name = "units_reload", .says = "Have the system manager read again what is to be mounted",
                .proof = PROOF_TICKET, .role = ROLE_OPERATOR, .act = ACT_UNIT, .verb = "daemon-reload",
                .undo = "units_reload",
        },

        /* --- FTP, SFTP, WebDAV, rsync: a file a folder; what each server shows is made of them by PID 1's program
         * (systemd/transfers), so that no server is told anything of them --- */
        [SHARES_TRANSFER_PUT] = {
                .name = "transfer_put", .says = "Offer the folder {share} by other ways as written here",
                .proof = PROOF_TICKET, .role = ROLE_OPERATOR,
                .params = {"share:share_name", "id:number", "created:timestamp", "settings:transfer_setting*"},
                .act = ACT_FILE, .path = "/etc/bulkhead/transfers/{share}", .lines = "# {id} {created}\n{settings}",
                .guard = "path_is_served",
        },
        [SHARES_TRANSFER_DROP] = {
                .name = "transfer_drop", .says = "Offer the folder {share} by other ways no more; what is in it stays",
                .proof = PROOF_TICKET, .role = ROLE_OPERATOR, .params = {"share:share_name"},
                .act = ACT_FILE, .path = "/etc/bulkhead/transfers/{share}",
        },
        [SHARES_TRANSFERS_FOLLOW] = {
                .name = "transfers_follow", .says = "Have the folders offered in the pool {pool} be as written",
                .proof = PROOF_TICKET, .role = ROLE_OPERATOR, .params = {"pool:pool_name"},
                .act = ACT_UNIT, .verb = "start", .unit = "bulkhead-transfers@{pool}.service",
                .undo = "transfers_follow", .undo_values = {"pool"},
        },

        [SHARES_FTP_SERVER] = {
                .name = "ftp_server", .says = "Have the FTP server serve as written here",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .params = {"settings:ftp_server_setting*"},
                .act = ACT_FILE, .path = "/etc/bulkhead/services/ftp.conf", .lines = "{settings}",
        },

        /* --- a domain: what Samba is told of it is a file; who may have this machine join stands in another until the unit
         * that joins has read it --- */
        [SHARES_DOMAIN_PUT] = {
                .name = "domain_put", .says = "Have Samba be in a domain as written here",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .params = {"settings:domain_setting*"},
                .act = ACT_FILE, .path = "/etc/bulkhead/services/domain.conf", .lines = "{settings}",
                .check = "smb_check",
        },
        [SHARES_DOMAIN_DROP] = {
                .name = "domain_drop", .says = "Have Samba be in no domain",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN,
                .act = ACT_FILE, .path = "/etc/bulkhead/services/domain.conf",
        },
        [SHARES_JOIN_SECRET] = {
                .name = "join_secret", .says = "Keep in memory, until the domain is joined, who allows it: {user}",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .params = {"user:domain_account", "password:domain_password"},
                .act = ACT_FILE, .path = "/run/bulkhead-shares-hand/join",
                .lines = "username = {user}\npassword = {password}",
                .undo = "join_forget",
        },
        [SHARES_JOIN_FORGET] = {
                .name = "join_forget", .says = "Forget who allows that the domain is joined",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN,
                .act = ACT_FILE, .path = "/run/bulkhead-shares-hand/join",
        },
        [SHARES_DOMAIN_JOIN] = {
                .name = "domain_join", .says = "Have the domain make an account for this machine",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN,
                .act = ACT_UNIT, .verb = "start", .unit = "bulkhead-join.service",
                .undo = "domain_unjoin",
        },
        [SHARES_DOMAIN_UNJOIN] = {
                .name = "domain_unjoin", .says = "Forget what proves to the domain who this machine is",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .flags = OPERATION_FORWARD,
                .act = ACT_UNIT, .verb = "start", .unit = "bulkhead-unjoin.service",
        },
        [SHARES_WINBIND_START] = {
                .name = "winbind_start", .says = "Start the service that asks the domain who its accounts are",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN,
                .act = ACT_UNIT, .verb = "start", .unit = "bulkhead-winbind.service",
                .undo = "winbind_stop",
        },
        [SHARES_WINBIND_STOP] = {
                .name = "winbind_stop", .says = "Stop the service that asks the domain who its accounts are",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN,
                .act = ACT_UNIT, .verb = "stop", .unit = "bulkhead-winbind.service",
                .undo = "winbind_start",
        },

        /* --- a directory (LDAP): which it is, who signed its certificate, and what proves to it who this machine is --- */
        [SHARES_DIRECTORY_PUT] = {
                .name = "directory_put", .says = "Take people from the directory {servers}",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN,
                .params = {"servers:ldap_servers", "base:ldap_name", "bind:ldap_name"},
                .act = ACT_FILE, .path = "/etc/bulkhead/services/directory.conf",
                .lines = "LDAPURI={servers}\nLDAPBASE={base}\nLDAPBINDDN={bind}",
        },
        [SHARES_DIRECTORY_DROP] = {
                .name = "directory_drop", .says = "Take nobody from a directory",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN,
                .act = ACT_FILE, .path = "/etc/bulkhead/services/directory.conf",
        },
        [SHARES_DIRECTORY_CA] = {
                .name = "directory_ca", .says = "Believe the directory whose certificate this authority signed",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .params = {"ca:pem_chain"},
                .act = ACT_FILE, .path = "/etc/bulkhead/services/directory.pem", .lines = "{ca}",
        },
        [SHARES_DIRECTORY_CA_DROP] = {
                .name = "directory_ca_drop", .says = "Forget who signs the directory's certificate",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN,
                .act = ACT_FILE, .path = "/etc/bulkhead/services/directory.pem",
        },
        [SHARES_DIRECTORY_SECRET] = {
                .name = "directory_secret", .says = "Keep what proves to the directory who this machine is",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .params = {"password:domain_password"},
                .act = ACT_FILE, .path = "/var/lib/bulkhead-shares-hand/directory", .lines = "{password}",
                .undo = "directory_forget",
        },
        [SHARES_DIRECTORY_FORGET] = {
                .name = "directory_forget", .says = "Forget what proves to the directory who this machine is",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN,
                .act = ACT_FILE, .path = "/var/lib/bulkhead-shares-hand/directory",
        },
        [SHARES_DIRECTORY_TRY] = {
                .name = "directory_try", .says = "Sign in once to {server} of the directory, to see that it can be asked",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .params = {"server:host_name"},
                .act = ACT_UNIT, .verb = "start", .unit = "bulkhead-directory-check@{server}.service",
        },
        [SHARES_DIRECTORY_FOLLOW] = {
                .name = "directory_follow", .says = "Have the service that asks the directory be as written, if there is one",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN,
                .act = ACT_UNIT, .verb = "restart", .unit = "bulkhead-directory.service",
                .undo = "directory_follow",
        },

        /* --- services: PID 1 has them; they start with the machine while the file is there --- */
        [SHARES_SERVICE_WANT] = {
                .name = "service_want", .says = "Have the service {service} start with the machine",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .params = {"service:service"},
                .act = ACT_FILE, .path = "/etc/bulkhead/services/{service}", .lines = "wanted",
        },
        [SHARES_SERVICE_FORGET] = {
                .name = "service_forget", .says = "Have the service {service} no longer start with the machine",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .params = {"service:service"},
                .act = ACT_FILE, .path = "/etc/bulkhead/services/{service}",
        },
        [SHARES_SERVICE_START] = {
                .name = "service_start", .says = "Start the service {service}",
                .proof = PROOF_TICKET, .role = ROLE_OPERATOR, .params = {"service:service"},
                .act = ACT_UNIT, .verb = "start", .unit = "bulkhead-{service}.service",
                .undo = "service_stop", .undo_values = {"service"},
        },
        [SHARES_SERVICE_STOP] = {
                .name = "service_stop", .says = "Stop the service {service}",
                .proof = PROOF_TICKET, .role = ROLE_OPERATOR, .params = {"service:service"},
                .act = ACT_UNIT, .verb = "stop", .unit = "bulkhead-{service}.service",
                .undo = "service_start", .undo_values = {"service"},
        },
        [SHARES_SERVICE_RESTART] = {
                .name = "service_restart", .says = "Stop the service {service} and start it anew",
                .proof = PROOF_TICKET, .role = ROLE_OPERATOR, .flags = OPERATION_FORWARD, .params = {"service:service"},
                .act = ACT_UNIT, .verb = "restart", .unit = "bulkhead-{service}.service",
        },
        [SHARES_SERVICE_RELOAD] = {
                .name = "service_reload", .says = "Have the service {service} read its settings again; nobody is disconnected",
                .proof = PROOF_TICKET, .role = ROLE_OPERATOR, .flags = OPERATION_FORWARD, .params = {"service:service"},
                .act = ACT_UNIT, .verb = "reload", .unit = "bulkhead-{service}.service",
        },
};
/* clang-format on */

const struct operations shares_operations = {.hand = "shares", .list = list, .count = SHARES_OPERATION_COUNT};
