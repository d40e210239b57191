/* Why somebody can or cannot use what is offered: what all ways have in common (explain.c), and what each asks. */
#ifndef BULKHEAD_SHARES_CLERK_EXPLAIN_H
#define BULKHEAD_SHARES_CLERK_EXPLAIN_H

#include "daemons/shares/clerk/shares.h"

#include "sys/account.h"

struct question;

/* In the order in which they would stop somebody; each says so by explain_stops. */
struct explained {
        /* Takes what is offered as it is by now into the question. 0 or -1. */
        int (*find)(struct question *question, struct failure *failure);
        bool (*is_served)(struct question *question);
        bool (*is_let_in)(struct question *question);
        bool (*may_write)(struct question *question);
        void (*ends_well)(struct question *question);
        bool whole_way;               /* they pass through the folders above it, too */
        const char *command, *method; /* that change it */
};

struct question {
        struct arena *arena; /* holds it */
        struct call *call;
        const struct explained *by;
        const char *service, *called; /* by which way; how it was called */
        smb_share share;
        transfer_offer transfer; /* one of them is asked about */
        int64_t id;              /* as it is: */
        const char *name, *path; /* path: what they would be shown */
        const char *address;     /* they come from there; NULL: from anywhere */
        struct accounts accounts;
        struct person person;
        const char *const *entries; /* the numbers of those it names who are of elsewhere */
        size_t entry_count;
        const struct folder *way; /* to it, the pool's folder first; and whose each is */
        struct {
                const char *owner, *group;
        } * owners;
        size_t way_count;
        const char ***unnamed; /* of these the names were asked for */
        struct nas_shares_explain_share_out answer;
};

extern const struct explained explained_smb, explained_transfer;

/* What stops them from all, or (may read) from writing; fix: for people. */
void explain_stops(struct question *question, bool may_read, const char *because, const char *fix);
/* The call that would mend it. parameters: JSON of our own making. */
void explain_mended_by(struct question *question, const char *method, const char *parameters);
/* The same, and the command, for a change of it. words: options; members: what stands beside its number. */
void explain_mended_by_change(struct question *question, const char *words, const char *members);
/* A list with one more: it is set as a whole. */
void explain_with_one_more(struct question *question, const char *member, const char *const *names, size_t count,
                           const char *one);
/* The text with another in place of each of some characters. */
const char *explain_replaced(const char *text, const char *characters, const char *by, struct arena *arena);
/* For a shell: names of a domain have a backslash in them, and may have anything. */
const char *explain_quoted(const char *name, struct arena *arena);
/* Takes what is offered as it is by now, after something was waited for; false: it has gone, and that was answered. */
bool explain_is_there_still(struct question *question);
/* What stops everybody; true: nothing does. */
bool explain_served(struct question *question, bool enabled, const char *message);
/* --- explain_files.c: false: a folder stops them, and that was said --- */
bool explain_reaches(struct question *question);
bool explain_lets_write(struct question *question, const struct folder *folder);

enum { ROOM_LEAST = 128 * 1024 }; /* with less a file system is full, or a quota used up */
/* --- explain_limits.c --- On ext4 and XFS: ends with explain_ends, later. */
void explain_limits(struct question *question);
/* well: nothing stops them. Else it was said what does. */
void explain_ends(struct question *question, bool well);
/* --- explain_person.c --- */

/* Goes on with explain_begin, now or later. */
void explain_find_person(struct question *question, const char *username);
/* Goes on with explain_judge, now or later. */
void explain_name_owners(struct question *question);
/* wrong: why who asks cannot be found; NULL. */
void explain_begin(struct question *question, const struct failure *wrong);
void explain_judge(struct question *question);
/* Are they in a list of accounts, and groups as @NAME? */
bool explain_is_listed(const struct question *question, const char *const *names, size_t count);

#endif
