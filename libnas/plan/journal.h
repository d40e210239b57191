/* The layout of a hand's journal: a head that says what the plan was, without its secrets, then one record of fixed
 * size for each thing begun or done. Pure; the files are act/journal.c's. */
#ifndef BULKHEAD_PLAN_JOURNAL_H
#define BULKHEAD_PLAN_JOURNAL_H

#include "plan/plan.h"
#include "plan/record.h"

enum { JOURNAL_RECORD_BYTES = 8, JOURNAL_UNDO_TRIES = 5, JOURNAL_BYTES_MAX = 4 * PLAN_BYTES_MAX };

enum journal_kind {
        JOURNAL_BEGUN = 1,
        JOURNAL_DONE = 2,
        JOURNAL_UNDO_BEGUN = 3,
        JOURNAL_UNDO_DONE = 4,
        JOURNAL_OUTCOME = 5, /* value: the outcome; step: where it stopped */
};

struct journal_step {
        bool begun, done, undone;
        uint8_t undo_tries;
};

struct journal {
        struct plan *plan; /* its secrets are empty */
        uint32_t subject;
        uint8_t digest[HASH_BYTES];
        uint8_t check[HASH_BYTES]; /* of the head; part of every record's check, so none is valid elsewhere */
        struct journal_step *steps;
        enum outcome outcome; /* UNKNOWN: not ended */
        uint16_t stopped;
        size_t length; /* of all that is whole; a torn tail is not part of it */
};

/* With room for one record behind it. */
uint8_t *journal_head(const struct plan *plan, uint32_t subject, const uint8_t digest[HASH_BYTES], struct arena *arena,
                      size_t *ret_length);
/* 0, or -1 when the head is damaged or not of this version. Memory is in the arena. */
int journal_parse(const void *bytes, size_t length, struct arena *arena, struct journal *ret_journal);
/* The next record. */
void journal_record(const struct journal *journal, enum journal_kind kind, uint16_t step, uint8_t value,
                    uint8_t ret_record[JOURNAL_RECORD_BYTES]);
/* Takes it as written. */
void journal_take(struct journal *journal, enum journal_kind kind, uint16_t number, uint8_t value);
/* After a crash: is what is left to be done, or what was begun to be undone? Forward once a step that cannot be
 * brought back has begun, or when nothing is left; back in all other cases, and when it was on its way back. */
bool journal_goes_forward(const struct journal *journal);

#endif
