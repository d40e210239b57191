/* What crosses between a clerk and its hand: one SOCK_SEQPACKET record a message, fixed layout.
 * The clerk sends one request a connection; the hand answers with progress records and one final
 * reply. While a plan runs the clerk may send an abort record on the same connection.
 * Descriptor passing: with EXECUTE and ASK at most one, where tools' output goes, or what an operation has much of
 * (else /dev/null). */
#ifndef BULKHEAD_PLAN_RECORD_H
#define BULKHEAD_PLAN_RECORD_H

#include "base/arena.h"
#include "base/bytes.h"
#include "base/failure.h"
#include "plan/plan.h"

#include <stddef.h>
#include <stdint.h>

enum { RECORD_BYTES_MAX = 128 * 1024, PLAN_ID_BYTES = 16, RECORD_ANSWER_MAX = 16 * 1024, RECORD_PROOF_MAX = 512 };

enum record_kind {
        RECORD_EXECUTE = 1, /* run a plan */
        RECORD_ASK = 2,     /* one operation that answers */
        RECORD_ABORT = 3,   /* stop the plan running on this connection, undo it */
        RECORD_LOOKUP = 4,  /* what became of plan ID? */
        RECORD_FORGET = 5,  /* the outcome of plan ID is in the ledger: drop its journal */
};

struct request {
        enum record_kind kind;
        uint8_t id[PLAN_ID_BYTES];    /* plan id (EXECUTE, LOOKUP, FORGET) or request id (ASK) */
        const char *ticket, *warrant; /* "" when none */
        const uint8_t *plan;          /* EXECUTE: an encoded plan. ASK: an encoded single action (action_encode) */
        size_t plan_length;
        bool prints; /* not part of the record: tools may print, somebody listens */
};

enum reply_kind { REPLY_PROGRESS = 1, REPLY_DONE = 2 };

/* What became of a plan. The hand's journal and the ledger use these numbers. Only LOOKUP answers UNKNOWN: no such plan
 * was ever begun, nothing was done. While a begun plan can neither be finished nor undone, EXECUTE ends without a reply
 * and LOOKUP (which tries again each time) is REFUSED with FAILURE_UNAVAILABLE. */
enum outcome { OUTCOME_UNKNOWN = 0, OUTCOME_SUCCESS = 1, OUTCOME_FAILED = 2, OUTCOME_ABORTED = 3, OUTCOME_REFUSED = 4 };
const char *outcome_name(enum outcome outcome); /* "success" ... */

struct reply {
        enum reply_kind kind;
        uint16_t step, steps;   /* progress: step (from 1) of steps begins; done: where it stopped */
        enum outcome outcome;   /* done */
        struct failure failure; /* done, when not success */
        const uint8_t *answer;  /* done: what an answering operation gives; its layout is that operation's */
        size_t answer_length;
};

const uint8_t *request_encode(const struct request *request, struct arena *arena, size_t *ret_length);
/* 0, or -1 for any malformed record; strings and bytes are copied to the arena. Pure; fuzzed. */
int request_decode(struct arena *arena, const void *bytes, size_t length, struct request *ret_request);
const uint8_t *reply_encode(const struct reply *reply, struct arena *arena, size_t *ret_length);
int reply_decode(struct arena *arena, const void *bytes, size_t length, struct reply *ret_reply);

/* A field as a text of at most max bytes, copied to the arena; NULL when it is none. */
const char *reader_text(struct reader *reader, struct arena *arena, size_t max);

#endif
