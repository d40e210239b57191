/* The users hand: its state, and what its files do for each other. The functions that the policy names are bound in
 * main.c; each is an act_function (act/hand.h). */
#ifndef BULKHEAD_USERS_HAND_USERS_H
#define BULKHEAD_USERS_HAND_USERS_H

#include "act/hand.h"
#include "ticket/sign.h"
#include "value/credential.h"

#include <stdbool.h>
#include <stdint.h>

#define STATE_DIRECTORY "/var/lib/bulkhead-users-hand"
#define RUN_DIRECTORY "/run/bulkhead-users-hand"
#define CHECKPOINT_DIRECTORY "/var/lib/bulkhead/checkpoints"
#define SSH_KEYS_DIRECTORY "/var/lib/bulkhead/ssh-keys"

enum { ACCOUNT_FIRST = 20000, ACCOUNT_LAST = 29999, SETUP_SUBJECT = 4294967294u };
enum { SESSION_ROW_BYTES = 64, KEY_ROW_BYTES = 448, FACTOR_ROW_BYTES = 304 };
enum { ACCOUNT_NAME_SIZE = 32, CODE_SIZE = 30, ADDRESS_BYTES = 16 };

/* --- store.c: rows of one size in one file, all in memory, replaced whole --- */
struct row { /* what every row begins with */
        uint64_t id;
        uint32_t uid, spare;
};
struct table {
        int directory;
        const char *file;
        size_t row_bytes, max, count;
        uint8_t *rows;
};
void table_open(struct table *table); /* the first three and max are given; a damaged file ends the process */
void *table_find(const struct table *table, uint64_t id);
void *table_add(struct table *table, uint64_t id, uint32_t uid); /* NULL: full */
void table_remove(struct table *table, void *row);
void table_remove_uid(struct table *table, uint32_t uid);
int table_save(struct table *table, struct failure *failure); /* on failure memory is as the file again */

/* --- the state --- */
struct backoff;
struct users {
        int state, run, trust_directory, checkpoints;
        struct signing_key signing;
        struct trust_content trust;
        struct backoff *backoff;
        uint8_t device_key[32];
        struct table sessions, keys, factors, pending; /* pending: second factors not yet in force */
};
int users_prepare(void **ret_state, struct failure *failure);

/* --- values of the action at hand --- */
const char *text_of(const struct act_context *context, const char *param); /* "" when absent */
uint64_t number_of(const struct act_context *context, const char *param);
void code_make(char target[CODE_SIZE]); /* 120 random bits, six groups of four */
/* IPv4 as ::ffff:a.b.c.d. False: not an address (the empty text is none). */
bool address_read(const char *text, uint8_t ret_bytes[ADDRESS_BYTES]);

/* --- accounts.c: what the kernel's account files say --- */
struct account {
        char name[ACCOUNT_NAME_SIZE];
        uint32_t uid;
        enum role role; /* NOBODY: none of Bulkhead's groups */
        bool enabled;
};
bool account_by_name(const char *name, struct account *ret_account); /* ours only: number and group in the range */
bool account_by_uid(uint32_t uid, struct account *ret_account);
bool administrator_exists(const char *but); /* an enabled one, not counting but (NULL: all) */
act_function account_is_free, account_is_ours, account_is_ours_or_gone, account_may_go, role_is_ours, role_may_go,
        membership_is_ours, group_is_free, group_is_ours;

/* --- passwords.c --- */
/* Takes the same time whatever account is (NULL: nobody we know). True: right, and the account is enabled. */
bool password_right(const struct account *account, const char *password);
/* The same for who is signed in already (login.c): tries are counted, a wrong one is FAILURE_INVALID. */
int password_confirmed(struct act_context *context, const struct account *account, const char *password,
                       struct failure *failure);
act_function password_set, password_restore, password_is_unset, password_is_known;

/* --- backoff.c --- */
struct attempt {
        struct users *users;
        uint64_t buckets[2];
        unsigned count;
        bool known; /* by a device that signed in before: a bucket of its own, which nobody else can fill */
};
void backoff_open(struct users *users);
struct attempt attempt_by(struct users *users, const char *account, const char *address);
struct attempt attempt_by_device(struct users *users, const char *device);
int attempt_admit(const struct attempt *attempt, struct failure *failure); /* or FAILURE_BUSY with the time to wait */
void attempt_end(const struct attempt *attempt, bool right);

/* --- sessions.c --- */
/* Answers with a ticket (what is missing in it is filled) and its end. */
void ticket_answer(struct act_context *context, struct ticket *ticket, uint64_t life_ms);
/* Answers with a warrant for the ticket's holder and the action's digest, and its end. */
void warrant_answer(struct act_context *context, const struct ticket *ticket);
/* Answers with a ticket, its end and the session's credential. */
int session_open(struct act_context *context, const struct account *account, uint64_t *ret_session,
                 struct failure *failure);
/* Ends every session and ticket of uid. */
int account_sign_out(struct users *users, uint32_t uid, struct failure *failure);
act_function exchange, refresh, sign_out, sign_out_all, session_end, session_is_theirs, credentials_drop;

/* --- keys.c --- */
/* Answers with a ticket for a key, if it is good from the action's address. */
int key_exchange(struct act_context *context, const struct credential *credential, struct failure *failure);
/* What is kept of a session or a key: nobody can find the secret from it. */
void credential_hash(const struct credential *credential, uint8_t ret_hash[HASH_BYTES]);
act_function key_make, key_drop, key_is_free, key_is_theirs;

/* --- totp.c --- */
bool factor_needed(const struct users *users, uint32_t uid);
bool factor_right(struct users *users, uint32_t uid, const char *code); /* uses the code up */
act_function totp_begin, totp_finish, totp_drop, totp_code_is_right;

/* --- login.c, console.c, setup.c, checkpoint.c --- */
act_function login, confirm, console_ticket, console_confirm, console_setup_code, checkpoint, hello, setup_ticket,
        setup_done, setup_reopen, setup_is_needed;
void password_policy(const struct users *users, unsigned *ret_minimum, bool *ret_admin_totp);

/* --- trust_publish.c --- */
void trust_start(struct users *users);
uint32_t trust_epoch(const struct users *users, uint32_t subject);
int trust_raise(struct users *users, uint32_t subject, struct failure *failure); /* all tickets of subject end */
int trust_raise_all(struct users *users, struct failure *failure);
int trust_end_session(struct users *users, uint64_t session, struct failure *failure);
act_function signing_key_rotate;

#endif
