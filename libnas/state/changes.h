/* The parts of the change engine, for state's own files and their tests only. */
#ifndef BULKHEAD_STATE_CHANGES_H
#define BULKHEAD_STATE_CHANGES_H

#include "state/change.h"
#include "state/gate.h"
#include "state/watch.h"

enum run_stage {
        RUN_INTENT,   /* the intent is on its way into the ledger */
        RUN_ACTING,   /* the hand has it */
        RUN_UNKNOWN,  /* the hand went away: looked up until known */
        RUN_SETTLING, /* the outcome is on its way into the ledger */
};

struct run { /* one change under way; belongs to its arena, which is the change's */
        struct run *next;
        struct changes *changes;
        struct arena *arena;
        const struct change *change; /* NULL: resumed after a restart */
        struct call *call;           /* NULL: answered, or its client is gone */
        const struct plan *plan;     /* resumed: without its secrets; NULL when it cannot be read any more */
        const char *address;         /* of what it changes, see match_address; NULL: not known any more */
        const uint8_t *bytes;
        size_t length;
        struct ledger_row row; /* what both rows of it say alike */
        const char *ticket, *warrant;
        struct ticket bearer;
        uint8_t id[PLAN_ID_BYTES];
        enum run_stage stage;
        int64_t job, started_us;
        unsigned step, steps;
        struct hand_order *order;
        struct loop_watch *timer;
        unsigned tries;
        bool abort_wanted;
        bool row_alone; /* our tables refused what follows from it: the outcome is written without that */
        bool repeats;   /* it has, or may have, an Idempotency-Key */
        bool tables;    /* it changes the clerk's tables, not only the ledger */
        bool unwritten; /* the database went away or has no room: the outcome is written when it can be */
        enum outcome outcome;
        struct failure failure;
        struct reply reply; /* its answer is in the arena */
        const char *output; /* of tools, when it failed */
        const char *answer; /* JSON, for the caller and for repeated requests */
};

struct finished { /* one job that is over; all texts in one allocation */
        int64_t id;
        uint32_t actor;
        enum outcome outcome;
        int64_t steps, step;
        const char *method, *object, *actor_name, *error, *started, *ended;
};

enum repeat_state { REPEAT_RUNNING, REPEAT_KEPT, REPEAT_ISSUED };
struct repeat { /* a request that came with an Idempotency-Key */
        uint32_t subject;
        char key[2 * HASH_BYTES + 1], request[2 * HASH_BYTES + 1], plan[2 * PLAN_ID_BYTES + 1];
        enum repeat_state state;
        char *reply;
};

struct changes {
        struct changes_parts parts;
        struct run *runs;
        struct forgetting *forgettings; /* forget.c */
        unsigned running;
        struct topic *jobs, *job;
        struct finished *finished[CHANGES_FINISHED_MAX]; /* a ring */
        size_t finished_at, finished_count;
        struct repeat *repeats[CHANGES_REPEATS_MAX]; /* a ring */
        size_t repeats_at;
        bool repeats_known; /* read from the database once */
        bool opened, resuming;
        /* refusal.c */
        struct loop_watch *second;          /* NULL: nobody was refused for an hour */
        unsigned refused_now, refused_hour; /* rows of their own in this second and hour */
        unsigned refused_s;                 /* seconds of this hour */
        uint64_t coalesced[FAILURE_ABORTED + 1];
};

/* plan_text.c: what people and the ledger read. All in the arena. */
void plan_answer(struct json_out *out, const struct plan *plan, const struct change *change, bool warrant);
const char *intent_detail(const struct plan *plan, const char *who, struct arena *arena);
const char *outcome_detail(const struct run *run, struct arena *arena);
void outcome_told(struct run *run); /* that it failed: with what the tool said */
const char *failure_detail(const struct failure *failure, struct arena *arena);
/* The plan that an intent's detail holds, without secrets; NULL. */
const struct plan *intent_plan(const char *detail, size_t length, struct arena *arena);

/* run.c: from the intent on. */
void run_start(struct run *run);
void run_begin(struct run *run); /* it is one of those under way */
void run_add_wanted(struct db_batch *batch, struct run *run);
void run_add_settled(struct db_batch *batch, struct run *run);
void run_refused(struct run *run, enum db_status status, const char *message); /* nothing of it was written */
void run_tell_job(struct run *run);
void run_make_answer(struct run *run);
void run_written(struct run *run); /* all of it: told, answered, gone */
void run_know(struct run *run);    /* its outcome is known: write it down, answer */
void run_write(struct run *run);   /* once more, when the database is back */
void run_look_up(struct run *run);
void run_abort(struct run *run);
void run_end(struct run *run);
void run_confirm(struct run *run, const struct failure *failure); /* answers that a warrant is needed */
void changes_write(struct changes *changes, struct ledger_row *row, db_fill *also, ledger_written *written,
                   void *context);

/* deed.c: the hand is done with it; what it only let happen is done now. */
void run_deed(struct run *run);

/* table.c: all of a change that is rows of the clerk's own tables. */
void run_table(struct run *run);

/* match.c */
/* The address of what a call changes, as a text to compare; "" when nothing can be read there. */
const char *match_address(const struct call *call, struct arena *arena);
/* Is that address, or this object, being changed now? 0, or -1 with FAILURE_CONFLICT, which names the field. */
int match_busy(const struct changes *changes, const char *address, const char *object, const char *field,
               struct failure *failure);

/* forget.c */
void forgettings_free(struct changes *changes);
void plan_forget(struct changes *changes, const uint8_t id[PLAN_ID_BYTES]); /* asks until the hand has */
void plans_forget(struct changes *changes);                                 /* after a start: the last ones once more */

/* repeat.c */
void repeat_remember(struct run *run);
void repeat_forget(const struct run *run);
void repeat_begin(struct db_batch *batch, const struct run *run); /* in the intent's transaction */
void repeat_end(struct db_batch *batch, const struct run *run);   /* in the outcome's transaction */
void repeat_settle(const struct run *run);
void repeats_load(struct changes *changes);

/* job.c */
void jobs_begin(struct changes *changes);
void jobs_load(struct changes *changes);
void jobs_changed(struct changes *changes);
void jobs_finish(const struct run *run);
void jobs_free(struct changes *changes);

#endif
