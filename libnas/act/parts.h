/* Inside act/: what its files do for each other. */
#ifndef BULKHEAD_ACT_PARTS_H
#define BULKHEAD_ACT_PARTS_H

#include "act/execute.h"
#include "plan/journal.h"

#include <dirent.h>
#include <unistd.h>

/* --- journal.c: one file a plan, from its first record until its outcome is in the ledger --- */
enum { JOURNAL_NAME_SIZE = 2 * PLAN_ID_BYTES + 1 };
struct journal_file {
        struct journal journal;
        int directory, fd;
        const char *name;
        uint8_t *head; /* not there yet: it is written with the first record; NULL */
};
/* Memory is in the arena. False: that id was used before. 0 or -errno (-ENOENT, -EBADMSG). */
bool journal_create(struct journal_file *file, const struct plan *plan, const struct ticket *ticket,
                    const uint8_t digest[HASH_BYTES], struct arena *arena);
int journal_load(struct journal_file *file, struct arena *arena);
/* Appends one record and waits until it is on disk, unless it only says that something is done. 0, or -1 with
 * *failure. */
int journal_append(struct journal_file *file, enum journal_kind kind, uint16_t step, uint8_t value,
                   struct failure *failure);
void journal_unkeep(const struct journal_file *file); /* drops what act_keep kept */

/* --- spend.c: each warrant once, also across a restart of the hand --- */
int spend_warrant(int directory, const struct warrant *warrant, struct failure *failure);

/* --- file.c: ACT_FILE --- */
/* check: must accept the content first; NULL. */
int file_write(struct act_context *context, act_function *check, struct failure *failure);
int file_restore(struct act_context *context, struct failure *failure);

/* --- steps.c: the only place where a hand acts --- */
/* A plan (or, journal NULL, an answer) under way, without a step yet. output_fd -1: /dev/null. */
struct act_context work_begin(struct act_hand *act, struct arena *arena, const struct ticket *ticket, int output_fd,
                              struct journal_file *journal);
/* Guard, journal, deed. 0 (also when the guard says that it is so already), or -1 with *failure. */
int step_do(const struct act_context *work, uint16_t step, const struct action *action, struct failure *failure);
/* Does what is not done yet; only for plans that can no longer be undone. False: it stopped at *ret_stopped. */
bool steps_forward(const struct act_context *work, uint16_t *ret_stopped);
/* Undoes all that was begun, last first. False: something could not be undone and is to be tried again. */
bool steps_back(const struct act_context *work);
/* Writes the outcome down and drops what was kept. False: it could not be written. */
bool steps_end(const struct act_context *work, enum outcome outcome, uint16_t stopped);
/* Ends a journaled plan, whatever state it is in. 0; -errno: there is none, or it could not be ended yet. */
int steps_resume(struct act_hand *act, struct journal_file *file, struct arena *arena);

#endif
