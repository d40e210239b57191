/* The users hand: its state, and what its files do for each other. */
#ifndef BULKHEAD_USERS_HAND_USERS_H
#define BULKHEAD_USERS_HAND_USERS_H

#include "act/hand.h"
#include "base/backoff.h"
#include "sys/account.h"
#include "sys/table.h"
#include "ticket/api_key.h"
#include "ticket/checkpoint.h"
#include "ticket/factor.h"
#include "ticket/sign.h"
#include "ticket/smb.h"

#define STATE_DIRECTORY    "/var/lib/bulkhead-users-hand"
#define RUN_DIRECTORY      "/run/bulkhead-users-hand"
#define SSH_KEYS_DIRECTORY "/var/lib/bulkhead/ssh-keys"
#define SMB_DIRECTORY      "/var/lib/bulkhead/smb"

enum { SETUP_SUBJECT = 4294967294u };

struct users {
        int state, run, trust_directory, checkpoints, smb_directory;
        struct signing_key signing;
        struct trust_content trust;
        struct backoff *backoff; /* shared memory, so that it outlives the process */
        uint8_t device_key[32];
        struct table sessions, keys, factors, smb, pending; /* pending: second factors not yet in force */
};

/* What the policy names: guards and deeds, each an act_function (act/hand.h). main.c binds them. */
/* clang-format off */
#define USERS_FUNCTIONS(X) \
        X(account_is_free) X(account_is_ours) X(account_may_go) X(role_is_ours) X(membership_is_ours) X(group_is_free) \
        X(group_is_ours) X(password_set) X(password_restore) X(password_is_unset) X(password_is_known) X(login) \
        X(confirm) X(exchange) X(refresh) X(sign_out) X(sign_out_all) X(credential_end) X(credential_is_theirs) \
        X(credentials_drop) X(key_make) X(key_is_free) X(totp_begin) X(totp_finish) \
        X(totp_drop) X(totp_code_is_right) X(hello) X(setup_ticket) X(setup_done) X(console_ticket) X(console_confirm) \
        X(console_setup_code) X(checkpoint) X(signing_key_rotate) \
        X(account_unmake) X(smb_password_set) X(smb_password_drop)
/* clang-format on */
#define USERS_DECLARE(function) act_function function;
USERS_FUNCTIONS(USERS_DECLARE)

/* --- state.c --- */
int users_prepare(void **ret_state, struct failure *failure);
uint32_t uid_of(const struct act_context *context); /* the parameter "uid" */

/* --- accounts.c: what the account files say --- */
struct person {
        char name[TICKET_NAME_SIZE];
        uint32_t uid;
        enum role role; /* NOBODY: none of Bulkhead's groups */
        bool enabled;
};
bool person_find(const char *name, uint32_t uid, struct person *ret_person); /* name NULL: by uid. Ours only */
bool administrator_exists(void);                                             /* an enabled one */

/* --- passwords.c --- */
/* Takes the same time for a wrong password and for person NULL. True: right, and the account is enabled. */
bool password_right(const struct person *person, const char *password);
/* What smbd reads, as tables and account files have it now; after each step. */
int smb_publish(const struct act_context *context, struct failure *failure);

/* --- login.c --- */
/* A try to be counted for an account and an address; either may be "". 0, or -1 with FAILURE_BUSY. */
int attempt_admit(struct users *users, const char *account, const char *address, struct attempt *ret_attempt,
                  struct failure *failure);
/* For who is signed in already; tries are counted for their session. 0, or -1 with FAILURE_INVALID or FAILURE_BUSY. */
int password_confirmed(struct act_context *context, const char *name, const char *password, struct failure *failure);

/* --- sessions.c --- */
/* Answers with a ticket (what is missing in it is filled in) and its end. */
void ticket_answer(struct act_context *context, struct ticket *ticket, const struct person *person, uint64_t life_ms);
/* Answers with a warrant for the ticket's holder and the action's digest, and its end. */
void warrant_answer(struct act_context *context, const struct ticket *ticket);
/* Answers with a ticket, its end and the credential of a new session. */
int session_open(struct act_context *context, const struct person *person, uint64_t *ret_id, struct failure *failure);

/* --- keys.c --- */
/* Answers with a ticket for a key, if it is good from the action's address. False: it is not. */
bool key_exchange(struct act_context *context, const struct credential *credential);

/* --- totp.c --- */
bool factor_right(struct users *users, uint32_t uid, const char *code); /* uses it up */

/* --- setup.c --- */
unsigned password_minimum(const struct users *users, bool *ret_admin_totp);

/* --- trust_publish.c --- */
void trust_start(struct users *users);
int trust_publish(struct users *users, struct failure *failure); /* after a change to users->trust */

#endif
