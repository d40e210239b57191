/* The users hand: its state, and what its files do for each other. The functions that the policy names are bound in
 * main.c; each is an act_function (act/hand.h). */
#ifndef BULKHEAD_USERS_HAND_USERS_H
#define BULKHEAD_USERS_HAND_USERS_H

#include "act/hand.h"
#include "base/backoff.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "sys/account.h"
#include "sys/file.h"
#include "sys/table.h"
#include "ticket/checkpoint.h"
#include "ticket/sign.h"
#include "value/code.h"
#include "value/credential.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#define STATE_DIRECTORY "/var/lib/bulkhead-users-hand"
#define RUN_DIRECTORY "/run/bulkhead-users-hand"
#define SSH_KEYS_DIRECTORY "/var/lib/bulkhead/ssh-keys"

enum { SETUP_SUBJECT = 4294967294u };

struct users {
        int state, run, trust_directory, checkpoints; /* directories */
        struct signing_key signing;
        struct trust_content trust;
        struct backoff *backoff; /* shared memory, so that it outlives the process */
        uint8_t device_key[32];
        struct table sessions, keys, factors, pending; /* pending: second factors not yet in force */
};

/* --- state.c --- */
int users_prepare(void **ret_state, struct failure *failure);
const char *text_of(const struct act_context *context, const char *param); /* "" when absent */
uint64_t number_of(const struct act_context *context, const char *param);
uint32_t uid_of(const struct act_context *context); /* the parameter "uid" */
/* Replaces a file of the hand's own. 0 or -errno. */
int save(int directory, const char *name, const void *bytes, size_t length, mode_t mode);
/* Reads exactly length bytes; when there is no such file, makes it of random bytes. 0 or -errno. */
int load_or_make(int directory, const char *name, uint8_t *ret_bytes, size_t length);

/* --- accounts.c: what the account files say --- */
struct person {
        char name[TICKET_NAME_SIZE];
        uint32_t uid;
        enum role role; /* NOBODY: none of Bulkhead's groups */
        bool enabled;
};
bool person_find(const char *name, uint32_t uid, struct person *ret_person); /* name NULL: by uid. Ours only */
bool administrator_exists(void);                                             /* an enabled one */
act_function account_is_free, account_is_ours, account_is_ours_or_gone, account_may_go, role_is_ours, role_may_go,
        membership_is_ours, group_is_free, group_is_ours;

/* --- passwords.c --- */
/* Takes the same time for a wrong password and for person NULL. True: right, and the account is enabled. */
bool password_right(const struct person *person, const char *password);
act_function password_set, password_restore, password_is_unset, password_is_known;

/* --- login.c --- */
struct attempt { /* a try, counted for an account and an address, or for a device alone */
        struct users *users;
        uint64_t names[2];
        unsigned count;
        bool known;
};
struct attempt attempt_by(struct users *users, const char *account, const char *address);
int attempt_admit(const struct attempt *attempt, struct failure *failure); /* or FAILURE_BUSY with the time to wait */
void attempt_end(const struct attempt *attempt, bool right);
/* For who is signed in already; tries are counted for their session. 0, or -1 with FAILURE_INVALID or FAILURE_BUSY. */
int password_confirmed(struct act_context *context, const char *name, const char *password, struct failure *failure);
act_function login, confirm;

/* --- sessions.c --- */
void credential_hash(const struct credential *credential, uint8_t ret_hash[HASH_BYTES]);
/* Answers with a ticket (what is missing in it is filled in) and its end. */
void ticket_answer(struct act_context *context, struct ticket *ticket, const struct person *person, uint64_t life_ms);
/* Answers with a warrant for the ticket's holder and the action's digest, and its end. */
void warrant_answer(struct act_context *context, const struct ticket *ticket);
/* Answers with a ticket, its end and the credential of a new session. */
int session_open(struct act_context *context, const struct person *person, uint64_t *ret_id, struct failure *failure);
int account_sign_out(struct users *users, uint32_t uid, struct failure *failure); /* every session and ticket */
act_function exchange, refresh, sign_out, sign_out_all, session_end, session_is_theirs, credentials_drop;

/* --- keys.c --- */
/* Answers with a ticket for a key, if it is good from the action's address. False: it is not. */
bool key_exchange(struct act_context *context, const struct credential *credential);
act_function key_make, key_drop, key_is_free, key_is_theirs;

/* --- totp.c --- */
bool factor_right(struct users *users, uint32_t uid, const char *code); /* uses the code up */
act_function totp_begin, totp_finish, totp_drop, totp_code_is_right;

/* --- setup.c, checkpoint.c --- */
unsigned password_minimum(const struct users *users, bool *ret_admin_totp);
act_function hello, setup_ticket, setup_done, setup_reopen, setup_is_needed, console_ticket, console_confirm,
        console_setup_code, checkpoint;

/* --- trust_publish.c --- */
void trust_start(struct users *users);
int trust_publish(struct users *users, struct failure *failure); /* after a change to users->trust */
act_function signing_key_rotate;

/* How large rows are that only one file looks into. */
enum { SESSION_ROW_BYTES = 64, KEY_ROW_BYTES = 448, FACTOR_ROW_BYTES = 304 };

#endif
