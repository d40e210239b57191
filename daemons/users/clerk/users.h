/* What the handlers of the users clerk share. One file a subject; a handler is four calls: what was read (generated),
 * decide, act, answer. */
#ifndef BULKHEAD_USERS_CLERK_USERS_H
#define BULKHEAD_USERS_CLERK_USERS_H

#include "base/bytes.h"
#include "daemons/users/clerk/accounts.h"
#include "daemons/users/clerk/plans.h"
#include "daemons/users/clerk/tables.h"
#include "nas_users.h"
#include "policy/users_operations.h"
#include "serve/clerk.h"
#include "state/watch.h"

/* --- who asks (users.c) --- */

bool asker_is_admin(const struct call *call);
/* The account of who asks; NULL for root on the console and for who is not known. */
const struct account *asker_account(const struct call *call);
/* The same, or NULL with *failure for who has none. */
const struct account *asker_own(const struct call *call, struct failure *failure);
/* Any account, for what only administrators reach. NULL with NotFound. */
const struct account *find_user(const char *name, struct failure *failure);
/* One's own account, or any for an administrator. NULL with NotFound: who may not see it learns nothing. */
const struct account *find_reachable(const struct call *call, const char *name, struct failure *failure);

struct nas_users_user user_out(const struct account *account);
enum role role_in(enum nas_users_role role);
enum nas_users_role role_out(enum role role);

/* --- changes (users.c) --- */

struct planner users_planner(const struct change *change, struct failure *failure);
/* The last part of a handler: runs the change when result is 0, else refuses the call and drops the change. */
void users_run(struct call *call, struct change *change, int result, const struct failure *failure);
/* A change about one account, that answers {user}. */
struct change *user_change(const char *name);
/* A copy of text in the change's arena: what comes with a call may be gone before the change is. */
const char *change_keep(const struct change *change, const char *text);

void users_refuse(struct call *call, const struct failure *failure);

/* --- the clerk as its skeleton sees it, and what is watched (clerk.c) --- */

struct clerk users_clerk(void);

struct topics {
        struct topic *users, *groups, *sessions, *keys;
};
extern struct topics topics; /* made once at start */
struct topic *users_topic(void);
struct topic *groups_topic(void);
struct topic *sessions_topic(void);
struct topic *keys_topic(void);

/* --- asking the hand (ask.c) --- */

enum ask_lane {
        ASK_AT_ONCE,
        ASK_SLOWLY /* checks a password: one at a time, a few wait, the others are told to come again */
};
enum { ASK_WAITING_MAX = 16 };

/* Told the answer; *reader is the operation's answer. Answers the call. The call is NULL when nobody waits. */
typedef void asked(struct call *call, struct reader *reader, void *context);
/* Told why not; NULL: the failure is the answer. */
typedef void asked_failed(struct call *call, const struct failure *failure, void *context);
struct ask {
        uint16_t operation;
        enum ask_lane lane;
        asked *answered;
        asked_failed *failed;
        void *context;      /* lives as long as the call, or longer */
        const char *ticket; /* NULL: none */
};
/* Values follow as const char *, ended by NULL. call may be NULL for what nobody waits for. */
void ask_hand(struct call *call, const struct ask *ask, ...) __attribute__((sentinel));

/* A text field of an answer, in the arena; "" and bad when there is none. */
const char *answer_text(struct reader *reader, struct arena *arena);
/* A moment on the boot clock as people read it. */
const char *answer_expiry(struct reader *reader, struct arena *arena);
/* What the hand said cannot be understood: nothing is made up. */
void answer_broken(struct call *call);

/* --- what goes on by itself --- */

void policy_start(void); /* policy.c: asks the hand for the password policy */
void policy_again(void); /* the same, after a change */
/* Which accounts have a password for SMB, as the hand has published it; and whether it has yet (password.c). */
int smb_prepare(void); /* before the jail; 0 or -errno */
void smb_reload(void);
bool smb_known(void);
bool smb_of(uint32_t uid);
/* Is a new password long enough and not made of the name? NULL: no password, which is fine. 0 or -1. */
int password_allowed(const char *password, const char *name, struct failure *failure);
void checkpoints_look(void); /* each second */
void checkpoints_stop(loop_tick *done);
void sessions_save(void); /* sessions.c: those that the database has not yet */
int ssh_keys_prepare(void);

struct opened_session {
        int64_t id;
        uint32_t uid;
        const char *name, *address, *request, *source;
        loop_tick *known; /* told once: it is written down, or cannot be now and will be later */
        void *context;
};
void session_opened(const struct opened_session *opened);

#endif
