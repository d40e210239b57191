/* What the files of the shares clerk share. One file a subject; a handler is four calls: what was read (generated),
 * decide, act, answer. */
#ifndef BULKHEAD_SHARES_CLERK_SHARES_H
#define BULKHEAD_SHARES_CLERK_SHARES_H

#include "nas_shares.h"
#include "policy/shares_operations.h"
#include "serve/clerk.h"
#include "state/watch.h"
#include "sys/account.h"
#include "value/nfs_order.h"

#include <errno.h>
#include <limits.h>

#define SMB_FOLDER       "/etc/bulkhead/smb"
#define NFS_FOLDER       "/etc/bulkhead/nfs"
#define TRANSFERS_FOLDER "/etc/bulkhead/transfers"
#define SERVICES_FOLDER  "/etc/bulkhead/services"
enum { SHARES_MAX = 10000, EXPORTS_MAX = 1000 };

/* --- the clerk as its skeleton sees it, and what is watched (clerk.c) --- */

struct clerk shares_clerk(void);

struct topics {
        struct topic *smb_shares, *smb_share, *smb_server, *ftp_server, *services, *service, *nfs_exports, *nfs_export,
                *transfers, *transfer;
};
extern struct topics topics; /* made once at start */

/* The last part of a handler: runs the change when result is 0, else refuses the call and drops the change. */
void shares_run(struct call *call, struct change *change, int result, const struct failure *failure);
struct change *shares_change(const char *kind, const char *name);

/* --- what is wanted and what there is (live.c) --- */

int live_prepare(void); /* before the jail; 0 or -errno */
void live_watch(void);
void live_acted(const struct plan *plan, loop_tick *done, void *context);

/* --- following.c: what is asked of the hand whenever something changes --- */

struct following {
        void (*ask)(void); /* calls following_ended once, now or later */
        bool under_way, again;
        struct loop_watch *later;
};
void following_changed(struct following *following);
void following_ended(struct following *following, bool good);

/* --- mounts.c: which pools are mounted --- */

int mounts_prepare(void); /* before the jail; 0 or -errno */
void mounts_watch(loop_tick *changed);
void live_tick(void); /* first of all in a request: a pool may have come or gone a moment ago */
/* The name of the pool that a folder lies in, in the arena. */
const char *live_pool_of(const char *path, struct arena *arena);
/* Is that folder in a pool that is mounted? Which nobody can write to? */
bool live_path_is_here(const char *path);
/* Why it is not, in words; NULL: it is. */
const char *live_path_why_not(const char *path);
bool live_path_is_read_only(const char *path);
bool live_path_may_count(const char *path); /* how much each account has: ext4 and XFS can */

/* --- folder.c: what lies in pools, which only the hand may look at --- */

struct folder {
        const char *path; /* "/srv/tank/photos" */
        uint32_t uid, gid;
        uint16_t mode;
        bool dataset, zfs;  /* one begins there, also of ZFS's; or it is the pool */
        uint64_t number;    /* the dataset's; 0: it is none, or that is not known */
        const uint8_t *acl; /* as the kernel has it; NULL: none */
        size_t acl_length;
};
/* Each folder on the way to what was asked about, the pool's first. failure: it cannot be told; NULL. */
typedef void folder_seen(const struct folder *way, size_t count, const struct failure *failure, void *context);
void folder_look(const char *path, folder_seen *seen, void *context);
/* The innermost dataset on the way; NULL: it is the pool itself. */
const char *folder_dataset(const struct folder *way, size_t count);
/* The same, for those who look for its snapshots (smb_lines): with ZFS_SNAPSHOTS behind it when it is ZFS's. In the
 * arena. */
#define ZFS_SNAPSHOTS "/.zfs/snapshot"
const char *folder_versions(const struct folder *way, size_t count, struct arena *arena);
/* Asks what only the hand can do; harmless without a person behind it. arena: until answered. */
void shares_ask(uint16_t operation, const char *value, struct arena *arena, hand_done *answered, void *context);
void shares_ask_of(uint16_t operation, const char *const *values, size_t count, struct arena *arena,
                   hand_done *answered, void *context);
/* The same of what prints so much at most. */
void shares_ask_much(uint16_t operation, const char *value, size_t most, struct arena *arena, hand_done *answered,
                     void *context);

/* --- access.c: what the file system lets somebody do. Pure --- */

struct person {
        const char *name;
        uint32_t uid;
        const uint32_t *gids;
        size_t gid_count;
        enum { PERSON_OF_MACHINE, PERSON_OF_DOMAIN, PERSON_OF_DIRECTORY } of;
};
enum { MAY_SEARCH = 1, MAY_WRITE = 2, MAY_READ = 4 };
/* By a share's lists, as Samba does it. */
bool hosts_allow(const char *const *allow, size_t allow_count, const char *const *deny, size_t deny_count,
                 const char *address);
/* By owner, group, mode and ACL, as the kernel does it for who is not root. */
bool folder_allows(const struct folder *folder, const struct person *person, unsigned wanted);

/* --- mend.c: what would let somebody in there. Pure --- */

struct mending {
        const char *joins;         /* the group that they are put into; NULL: the folder is changed: */
        const char *owner, *group; /* NULL: stays */
        uint16_t mode;
};
/* How they would get what is wanted by one change that gives no more than it has to, and takes nothing from anybody but
 * root. False: no change that Bulkhead makes does that. */
bool folder_mend(const struct folder *folder, const struct person *person, const struct accounts *accounts,
                 unsigned wanted, struct arena *arena, struct mending *ret_mending);

/* --- smb_read.c, smb_lines.c: a share as its file says it, both ways. Pure --- */

typedef struct nas_shares_smb_share smb_share;
/* What a share is unless somebody says otherwise. */
smb_share smb_default(void);
/* The file's text, which it takes apart; texts stay in it, lists are in the arena. False: it is none of ours. */
bool smb_read(char *text, struct arena *arena, smb_share *ret_share);
enum { SMB_LINES_MAX = 60 };
/* What Samba is told of it. dataset: whose snapshots are its previous versions, as folder_versions says it; NULL: none.
 * How many lines.
 */
size_t smb_lines(const smb_share *share, const char *dataset, struct arena *arena,
                 const char *ret_lines[SMB_LINES_MAX]);
struct nas_shares_smb_server smb_server_read(char *text);
size_t smb_server_lines(const struct nas_shares_smb_server *server, struct arena *arena,
                        const char *ret_lines[SMB_LINES_MAX]);

/* --- smb_shares.c: those that there are --- */

void smb_prepare(int folder);
void smb_reload(void); /* reads what has changed */
void smb_forget(void); /* something else has changed: a mount, a service */
size_t smb_count(void);
const smb_share *smb_at(size_t index);
const smb_share *smb_numbered(int64_t id, struct failure *failure); /* NULL with NotFound */
const smb_share *smb_named(const char *name);                       /* NULL; small and capital letters are the same */
smb_share smb_shown(const smb_share *share);                        /* with what holds now */
const struct kept *smb_kept(void);
void smb_shares_write(struct json_out *out, struct call *call, void *context);
void smb_share_write(struct json_out *out, struct call *call, void *context);

/* --- smb.c --- */

/* operation: SHARES_SMB_PUT, or SHARES_SMB_SETTLE, which a crash does not undo. */
int smb_plan_write(struct plan *plan, uint16_t operation, const smb_share *share, const char *dataset,
                   struct failure *failure);
/* The same for the same name until there is such a share, and never one that there is. */
int64_t smb_new_id(const char *name);

/* --- smb_server.c --- */

void smb_server_reload(void);
const struct nas_shares_smb_server *smb_server(void);
int wsd_plan_group(struct plan *plan, struct failure *failure); /* the group of machines has changed */
void smb_server_write(struct json_out *out, struct call *call, void *context);

/* May people be told that? "" may be. 0 or -1. */
int smb_text_is_right(const char *text, struct failure *failure);

/* --- domain.c, domain_names.c: the domain that this machine is in --- */

#define DOMAIN_FILE "domain.conf"
void domain_prepare(int run);                    /* the folder in which units write down what they found */
void domain_acted(const struct plan *plan);      /* that may have changed which it is; NULL: not known */
bool domain_is(const char *name, size_t length); /* is it in that one (NULL: in any)? */
struct named_list {
        const char *field; /* of the request */
        const char *const *names;
        size_t count;
};
/* Of each name in the lists that is of a domain its named_sid, and those known before; gone when it returns. failure:
 * one is not known; NULL. */
typedef void names_seen(const char *const *sids, size_t count, const struct failure *failure, void *context);
/* lists and context stay until then. */
void domain_names(const struct named_list *lists, size_t count, const char *const *known, size_t known_count,
                  names_seen *seen, void *context);
/* Of "NUMBER NAME" that of this name (named_sid, named_number); NULL: there is none. Pure. */
const char *entry_named(const char *const *entries, size_t count, const char *name);

/* --- directory.c, directory_look.c, directory_names.c: the directory from which people of elsewhere are taken --- */

#define DIRECTORY_FILE "directory.conf"
void directory_prepare(int run); /* the folder in which units write down what they found */
void directory_names_prepare(int run);
void directory_look_prepare(int run);
void directory_acted(const struct plan *plan); /* that may have changed which it is; NULL: not known */
/* Of each name that is of the directory its named_number; gone when it returns. failure: one is not known; NULL. */
typedef void numbers_seen(const char *const *numbers, size_t count, const struct failure *failure, void *context);
/* names and context stay until then; of those known before nobody is asked. */
void directory_numbers(const char *const *names, size_t count, const char *const *known, size_t known_count,
                       numbers_seen *seen, void *context);

/* --- explain_limits.c --- */
void explain_limits_prepare(int run); /* the folder below which limits are written down */

/* --- smb_clients_read.c, smb_clients.c: who uses them --- */

/* What smbstatus says: answers in JSON, a line each, then tables. How many. Pure. */
size_t smb_clients_read(const char *text, size_t length, struct arena *arena,
                        const struct nas_shares_smb_client **ret_clients);
/* One more file that it has open. */
void smb_client_opens(struct nas_shares_smb_client *client, const struct nas_shares_smb_file *file,
                      struct arena *arena);
/* --- smb_locks_read.c: the tables; what is open, and which of that is locked --- */
void smb_opens_read(const char *table, struct nas_shares_smb_client *clients, size_t count, struct arena *arena);
void smb_locks_read(const char *table, struct nas_shares_smb_client *clients, size_t count, struct arena *arena);
/* failure: they are not known; NULL. */
typedef void clients_seen(const struct nas_shares_smb_client *clients, size_t count, const struct failure *failure,
                          void *context);
void smb_clients_prepare(int run); /* the folder in which they are written down */
void smb_accounts_changed(void);

/* --- service_logs.c --- Answers that the journal cannot be read: a negative errno, -EINVAL for a wrong cursor. */
void journal_refuse(struct call *call, int error);

/* --- audit_rules.c: how long it is kept who did what --- */

enum { AUDIT_RULE_MAX = 1000000 };
struct audit_rules {
        int64_t days, most; /* MiB */
};
/* As their file says it (NULL: there is none), and as it is written. Pure. */
struct audit_rules audit_rules_read(const char *text);
const char *audit_rules_text(const struct audit_rules *rules, struct arena *arena);
struct audit_rules audit_rules(struct arena *arena); /* now */
/* Is what was said then still to be shown? Its file may not have gone yet. Pure. */
bool audit_is_kept(const struct audit_rules *rules, int64_t at_us, int64_t now_us);
int audit_plan_keep(struct plan *plan, const struct audit_rules *rules, struct failure *failure);

/* --- audit_read.c: who did what --- */

/* What Samba says of one, of which everything behind the first five bars is hostile; in the arena. Pure. False: it is
 * none. */
bool access_read(const char *text, size_t length, struct arena *arena, struct nas_shares_file_access *ret_access);

/* --- nfs_read.c, nfs_exports.c: exports over NFS --- */

typedef struct nas_shares_nfs_export nfs_export;
enum { NFS_ID_MAX = 65535 };
/* An export as its file says it; text is taken apart, and it and file stay. Pure. False: it is none of ours. */
bool nfs_read(const char *file, char *text, struct arena *arena, nfs_export *ret_export);
void nfs_prepare(int folder);
void nfs_reload(void);
size_t nfs_count(void);
const nfs_export *nfs_at(size_t index);
const nfs_export *nfs_numbered(int64_t id, struct failure *failure); /* NULL with NotFound */
const nfs_export *nfs_named(const char *name);                       /* NULL; small and capital letters are the same */
nfs_export nfs_shown(const nfs_export *export);                      /* with what holds now */
const struct kept *nfs_kept(void);
void nfs_exports_write(struct json_out *out, struct call *call, void *context);
void nfs_export_write(struct json_out *out, struct call *call, void *context);

int nfs_plan_put(struct plan *plan, const nfs_export *export, struct failure *failure);

/* --- nfs_clients_read.c, nfs_clients.c: who uses them --- */

/* What the server says of them, taken apart; of the arena. How many. Pure. */
size_t nfs_clients_read(char *text, struct arena *arena, const struct nas_shares_nfs_client **ret_clients);
void nfs_clients_prepare(int run); /* the folder in which they are written down */

/* --- nfs_check.c: can the server do what an export asks of it? --- */

void nfs_check_prepare(int run);
int nfs_security_fits(const nfs_export *export, struct failure *failure);
/* What its checker printed, in people's words; unchanged when it printed nothing. */
void nfs_check_explain(char *said, struct failure *failure);
void nfs_explain(struct failure *failure, void *context); /* a change's explain */

/* --- transfers_list.c, transfers.c: folders offered by FTP, SFTP, WebDAV and rsync --- */

typedef struct nas_shares_transfer transfer_offer;
void transfers_prepare(int folder);
void transfers_reload(void);
const struct kept *transfers_kept(void);
struct kept_file;
/* What the file says without the lines that are none of ours, in the arena; NULL: still nothing. */
const transfer_offer *transfer_meant(const struct kept_file *file, const char *text, struct arena *arena);
size_t transfers_count(void);
const transfer_offer *transfer_at(size_t index);
const transfer_offer *transfer_numbered(int64_t id, struct failure *failure); /* NULL with NotFound */
const transfer_offer *transfer_named(const char *name); /* NULL; small and capital letters are the same */
int transfer_plan_put(struct plan *plan, const transfer_offer *transfer, struct failure *failure);
int transfer_plan_restore(struct change *change, const transfer_offer *transfer, struct failure *failure);
bool transfer_uses(const transfer_offer *transfer, const char *service);
transfer_offer transfer_shown(const transfer_offer *transfer, struct arena *arena); /* with what holds now */
void transfers_write(struct json_out *out, struct call *call, void *context);
void transfer_write(struct json_out *out, struct call *call, void *context);
void transfers_accounts_changed(void);

/* --- ftp_server.c --- */

enum { FTP_LINES = 3 };
/* As its file says it (NULL: there is none), and as it is written. Pure. */
struct nas_shares_ftp_server ftp_server_read(const char *text);
void ftp_server_lines(const struct nas_shares_ftp_server *server, struct arena *arena,
                      const char *ret_lines[FTP_LINES]);
void ftp_server_write(struct json_out *out, struct call *call, void *context);

/* --- drift.c, drift_look.c, drift_servers.c: what somebody changed by hand --- */

/* Would it be lost, were the file written anew? 0 or -1. */
int drift_refuse(const smb_share *share, struct failure *failure);
/* The same for the share of that name, as Samba says it has it. */
int drift_refuse_samba(const char *name, const char *shown, size_t length, struct failure *failure);
int drift_refuse_export(const nfs_export *export, struct failure *failure);
int drift_refuse_transfer(const transfer_offer *transfer, struct failure *failure);
int drift_refuse_server(const char *service, struct failure *failure);

/* --- overlap.c: one folder, offered in several ways --- */

struct offer {
        enum { OFFER_SMB, OFFER_NFS, OFFER_TRANSFER } way;
        int64_t id;
        const char *name, *path;
        bool writes, nobody_writes; /* somebody may change what is in it; who has no account, too */
};
struct offer offer_of_share(const smb_share *share);
struct offer offer_of_export(const nfs_export *export);
struct offer offer_of_transfer(const transfer_offer *transfer);
/* Do accounts, and groups as @NAME, exist? 0 or -1. */
int people_exist(const char *field, const char *const *names, size_t count, struct arena *arena,
                 struct failure *failure);
/* Is none of them of a directory, which tells SMB nothing by which it could check a password? 0 or -1. */
int people_fit_smb(const char *field, const char *const *names, size_t count, struct failure *failure);
/* Is none of them of a domain? 0 or -1. */
int people_are_ours(const char *field, const char *const *names, size_t count, struct failure *failure);
/* What else is offered of the same folder, for people; "" when nothing is. */
const char *offer_also(const struct offer *one, struct arena *arena);
/* Does it go together with all of that? 0 or -1. */
int offer_fits(const struct offer *one, struct arena *arena, struct failure *failure);

/* --- services.c: what runs, as PID 1 says --- */

void services_prepare(int folder);
char *service_file(const char *file, struct arena *arena); /* of how servers are set; NULL: it cannot be read */
void services_watch(loop_tick *changed);
void services_refresh(loop_tick *done, void *context); /* asks anew, then tells */
/* By name or number, as a service_key. */
bool service_wanted(const char *name);
bool service_runs(const char *name);
bool nfs_by_kernel(void); /* does the kernel's own server serve NFS? Else nfs-ganesha does */
const char *service_unit(const char *key);
const char *service_why_not(const char *name); /* does it not serve now, in words; NULL: it does */
void services_write(struct json_out *out, struct call *call, void *context);
void service_write(struct json_out *out, struct call *call, void *context);
/* Steps by which a service runs from now on, when it does not. 0 or -1. */
int plan_service(struct change *change, const char *name, struct failure *failure);

#endif
