/* A hand's journal: one file a plan, from just before its first step until its outcome is in the ledger. It holds the
 * plan without its secrets, then one record of fixed size for each thing begun or done, each on disk before what
 * follows. A torn tail is cut off when it is read again. The digest in its head names the plan to a person who looks. */
#ifndef BULKHEAD_ACT_JOURNAL_H
#define BULKHEAD_ACT_JOURNAL_H

#include "base/arena.h"
#include "plan/plan.h"
#include "plan/record.h"

#include <stdbool.h>

enum journal_kind {
        JOURNAL_BEGUN = 1,
        JOURNAL_DONE = 2,
        JOURNAL_UNDO_BEGUN = 3,
        JOURNAL_UNDO_DONE = 4,
        JOURNAL_OUTCOME = 5, /* value: the outcome; step: where it stopped */
};

enum { JOURNAL_NAME_SIZE = 2 * PLAN_ID_BYTES + 1, JOURNAL_UNDO_TRIES = 5 };

struct journal_step {
        bool begun, done, undone;
        uint8_t undo_tries;
};

struct journal {
        int directory, fd;
        char name[JOURNAL_NAME_SIZE];
        uint8_t check[HASH_BYTES]; /* of the head: part of every record's check */
        size_t length;
        struct plan *plan; /* without secrets */
        uint32_t subject;
        struct journal_step *steps;
        enum outcome outcome; /* UNKNOWN: not finished */
        uint16_t stopped;
};

void journal_name(const uint8_t id[PLAN_ID_BYTES], char ret_name[JOURNAL_NAME_SIZE]);
/* Writes the head. Memory of the plan and steps is in the arena. 0 or -errno; -EEXIST: that id was used before. */
int journal_create(int directory, const uint8_t id[PLAN_ID_BYTES], const struct plan *plan, uint32_t subject,
                   const uint8_t digest[HASH_BYTES], struct arena *arena, struct journal *ret_journal);
/* 0 or -errno; -ENOENT; -EBADMSG: its head is damaged; -EPROTO: of another version. */
int journal_load(int directory, const char *name, struct arena *arena, struct journal *ret_journal);
void journal_close(struct journal *journal);
/* Appends one record and waits until it is on disk. 0 or -errno. */
int journal_add(struct journal *journal, enum journal_kind kind, uint16_t step, uint8_t value);
/* Bytes beside the journal for a step's undo; what was kept first stays. 0 or -errno. */
int journal_keep(const struct journal *journal, uint16_t step, const void *bytes, size_t length);
int journal_kept(const struct journal *journal, uint16_t step, uint8_t **ret_bytes, size_t *ret_length);
void journal_unkeep(const struct journal *journal);
/* Forgets a plan. 0 or -errno. */
int journal_remove(int directory, const char *name);

#endif
