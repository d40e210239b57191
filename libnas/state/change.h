/* One change from plan to outcome, the same for every clerk: dry run, warrant, intent in the ledger together
 * with the wanted configuration, the hand, progress, outcome in the ledger, journal forgotten, answer.
 * No database: refused before anything is done. Hand gone: looked up until known. */
#ifndef BULKHEAD_STATE_CHANGE_H
#define BULKHEAD_STATE_CHANGE_H

#include "ledger/ledger.h"
#include "plan/plan.h"
#include "state/hand.h"
#include "ticket/trust.h"
#include "wire/wire.h"

struct changes; /* the engine of one clerk */

enum {
        CHANGES_RUNNING_MAX = 256,        /* under way or waiting for the hand; more are told to come again */
        CHANGES_FINISHED_MAX = 512,       /* jobs remembered; older ones are in the ledger */
        CHANGES_REPEATS_MAX = 4096,       /* Idempotency-Keys remembered, for a day */
        CHANGES_REFUSALS_PER_S = 20,      /* rows of their own; more are counted in one */
        CHANGES_REFUSALS_PER_HOUR = 2000, /* after that all are counted, in one row a minute: no disk is filled so */
        CHANGES_REFUSALS_COUNTED_S = 60
};

/* The engine's statements. A clerk's own list begins with them; schema is the clerk's, as a literal.
 *
 * Open: intents without an outcome, not older than a week before the chain's last row (so that the ledger's age does
 * not tell in the start; nothing runs for a week). Finished: jobs that are over, newest first. The other row of a
 * change is found by going along the chain from the one that is known: most often it is the next. */
#define CHANGE_RFC3339(column) "to_char(" column " at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
#define CHANGE_JOB_COLUMNS                                                                                             \
        "select i.id, i.actor, o.outcome, i.method, i.object, i.actor_name, " CHANGE_RFC3339(                          \
                "i.at") ", " CHANGE_RFC3339("o.at") ", o.detail from "
#define CHANGE_FINISHED_SQL(chain)                                                                                     \
        CHANGE_JOB_COLUMNS                                                                                             \
        "(select number, id, plan, at, outcome, detail from ledger." chain                                             \
        " where kind = 'outcome' order by id desc limit $1) o, lateral (select * from ledger." chain                   \
        " n where n.number between o.number - 100000 and o.number - 1 and n.plan = o.plan and "                        \
        "n.kind = 'intent' order by n.number desc limit 1) i order by o.id desc"
#define CHANGE_ONE_SQL(chain)                                                                                          \
        CHANGE_JOB_COLUMNS "ledger." chain " i, lateral (select * from ledger." chain                                  \
                           " n where n.number > i.number and n.plan = i.plan and n.kind = 'outcome' "                  \
                           "order by n.number limit 1) o where i.id = $1 and i.kind = 'intent'"
#define CHANGE_OPEN_SQL(chain)                                                                                         \
        "with i as materialized (select * from ledger." chain " where kind = 'intent' and at > (select r.at from "     \
        "ledger." chain " r order by r.number desc limit 1) - interval '7 days') "                                     \
        "select i.id, (extract(epoch from i.at) * 1000000)::bigint, i.request, i.plan, i.actor, i.actor_name, "        \
        "i.source, i.method, i.object, i.detail, encode(i.digest, 'hex') from i where not exists (select from "        \
        "ledger." chain                                                                                                \
        " o where o.number > (select min(number) from i) and o.plan = i.plan and o.kind = 'outcome') order by i.id"
#define CHANGE_ENDED_SQL(chain) "select plan from ledger." chain " where kind = 'outcome' order by id desc limit 64"
#define CHANGE_STATEMENTS(schema)                                                                                      \
        {"change_open", CHANGE_OPEN_SQL(schema), 0}, {"change_finished", CHANGE_FINISHED_SQL(schema), 1},              \
                {"change_one", CHANGE_ONE_SQL(schema), 1}, {"change_ended", CHANGE_ENDED_SQL(schema), 0},              \
                {"repeat_all",                                                                                         \
                 "select subject, key, request, plan, reply, state from " schema ".repeat "                            \
                 "where at > now() - interval '1 day' order by at desc limit 4096",                                    \
                 0},                                                                                                   \
                {"repeat_begin",                                                                                       \
                 "insert into " schema                                                                                 \
                 ".repeat (subject, key, request, plan, state) values ($1, $2, $3, $4, 'running') "                    \
                 "on conflict (subject, key) do update set request = excluded.request, plan = excluded.plan, state = " \
                 "'running', "                                                                                         \
                 "reply = null, at = now()",                                                                           \
                 4},                                                                                                   \
                {"repeat_done", "update " schema ".repeat set reply = $2, state = $3 where plan = $1", 3},             \
                {"repeat_drop", "delete from " schema ".repeat where plan = $1", 1},                                   \
        {                                                                                                              \
                "repeat_old", "delete from " schema ".repeat where at < now() - interval '1 day'", 0                   \
        }
enum change_statement {
        CHANGE_OPEN,
        CHANGE_FINISHED,
        CHANGE_ONE,
        CHANGE_ENDED,
        REPEAT_ALL,
        REPEAT_BEGIN,
        REPEAT_DONE,
        REPEAT_DROP,
        REPEAT_OLD,
        CHANGE_STATEMENT_COUNT
};

/* What follows in the clerk's tables from one step that was carried out: statements of the outcome's transaction.
 * Told by the step alone (secrets are not in it), so that a change that is resumed after a crash settles the same. */
typedef void change_settle(struct db_batch *batch, const struct action *action);

struct changes_parts { /* what the engine works with; the pointers outlive it */
        struct loop *loop;
        struct db *db;
        struct ledger *ledger; /* NULL: this clerk has no chain */
        struct hand_line *hand;
        struct trust *trust;
        const struct operations *operations; /* NULL: it changes nothing */
        const char *chain;
        size_t first_statement;  /* place of CHANGE_STATEMENTS in the db's list */
        const uint8_t *plan_key; /* 32 bytes, for plan_seal */
        change_settle *settle;   /* NULL */
        /* The hand has changed something, by that plan: read the machine again, then call done with context, now or
         * later: the answer is made after that; NULL. */
        void (*acted)(const struct plan *plan, loop_tick *done, void *context);
        /* And it is written down, with something in the clerk's own tables: read them again, tell watches, then call
         * done with context; NULL. The caller is answered after that, so that who asks next sees what was changed. */
        void (*settled)(loop_tick *done, void *context);
        /* Takes what settle wrote for this step into what the clerk has in memory, so that nothing is read again for
         * it. False: it must be. NULL: always. */
        bool (*mirror)(const struct action *action);
        void (*note)(const struct ledger_row *row); /* each row also goes to the journal; NULL */
};

struct changes *changes_new(const struct changes_parts *parts);
void changes_free(struct changes *changes);
/* After start and whenever the database comes back: intents without an outcome are looked up in the hand's journal
 * and closed; finished jobs and remembered Idempotency-Keys are read. */
void changes_resume(struct changes *changes);
unsigned changes_running(const struct changes *changes);

typedef void change_done(const struct failure *failure, void *run);

struct change {
        struct arena *arena; /* holds the plan, the texts and the context; goes with the change */
        struct plan *plan;
        const char *object;           /* for the ledger: "user alice" */
        const char *who;              /* who is affected, in words, for the dry run; "" */
        bool always_warrant;          /* beyond what the operations ask */
        bool alone;                   /* refused while something else changes the object */
        bool ends_caller;             /* the plan itself ends the caller's tickets: that is no reason to stop it */
        bool issues;                  /* the answer holds a credential: never kept for a repeated request */
        const char *ticket, *warrant; /* instead of the caller's; NULL */
        db_fill *wanted;              /* statements in the intent's transaction; NULL */
        /* Of a plan that the hand only lets happen (OPERATION_LETS): has it done, and tells how that ended (NULL:
         * well), once, now or later; NULL for other plans. */
        void (*deed)(change_done *done, void *run, void *context);
        /* Writes the answer's parameters, on success; NULL: {}. *reply is zeros when the plan had no step. */
        void (*answer)(struct json_out *out, const struct reply *reply, void *context);
        /* It failed: may say better why, for the caller alone; NULL. */
        void (*explain)(struct failure *failure, void *context);
        void *context; /* for the four */
};

/* An empty change with an arena and a plan of its own. */
struct change *change_new(struct changes *changes);
void change_free(struct change *change); /* one that was not run; NULL is fine */
void change_freep(struct change **change);

/* Takes over call and change: answers, now or later. If the client goes away the change goes on. */
void change_run(struct changes *changes, struct call *call, struct change *change);
/* Is there a change under way with this operation and this value in this place? So that two requests at once do not
 * choose the same number. */
bool changes_claim(const struct changes *changes, uint16_t operation, size_t value, const char *text);

/* Answers a call that repeats another by its Idempotency-Key: true when it did. Called before each method. */
bool changes_repeated(struct changes *changes, struct call *call);

/* Is what the call changes still the version it is meant for (caller.if_match)? "*": is it there at all? Called before
 * each method, after changes_repeated. 0, or -1: FAILURE_CONFLICT with the field "if_match", or FAILURE_INVALID when
 * the method changes nothing that can be read at its own address. */
int changes_match(struct changes *changes, struct call *call, struct failure *failure);

/* A refusal for the ledger and the journal; used by the gate for every call that is turned away, by handlers for
 * what the state forbids. object: what it was about, or "". Many at once become one row that counts them. */
void changes_refused(struct changes *changes, struct call *call, const char *object, const struct failure *failure);
/* What nobody need do anything about any more: written when something was to be changed (not merely tried), or was
 * not for this person to ask. Whatever was wrong with it: also parameters that are not what the contract says. */
void changes_turned_away(struct changes *changes, struct call *call, const struct failure *failure);
/* The same, and call_fail. */
void changes_refuse(struct changes *changes, struct call *call, const struct failure *failure);
/* Something that is no change but must be known later, such as a sign-in. Texts are copied. */
struct change_event {
        const char *method, *object, *outcome, *detail; /* detail: JSON */
        const char *actor_name, *source, *request;
        uint32_t actor;
};
/* written is told when it is on disk, or not; also adds statements to its transaction. */
void changes_event(struct changes *changes, const struct change_event *event, db_fill *also, ledger_written *written,
                   void *context);

/* Stops the changes of those whose ticket was taken back. The gate's part. */
void changes_hold(struct changes *changes);

#endif
