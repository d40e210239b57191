/* A clerk's line to its hand. The tests link a fake in its place. */
#ifndef BULKHEAD_STATE_HAND_H
#define BULKHEAD_STATE_HAND_H

#include "plan/record.h"
#include "sys/loop.h"

#include <stdbool.h>

enum { HAND_ORDERS_MAX = 8, HAND_QUEUE_MAX = 512, HAND_OUTPUT_MAX = 64 * 1024 }; /* at once; waiting; of tools */

struct hand_line;
struct hand_order; /* one request under way */

struct hand_line *hand_line_new(struct loop *loop, const char *socket_path);
void hand_line_free(struct hand_line *line);

typedef void hand_progress(unsigned step, unsigned steps, void *context);
/* reply is NULL when the hand went away before its reply: *what became of it is unknown*; ask with RECORD_LOOKUP.
 * When the hand could not be reached at all, so that nothing was sent, it is OUTCOME_REFUSED with FAILURE_UNAVAILABLE.
 * Called exactly once, never from within hand_send. reply and output are valid only in the call. */
typedef void hand_done(const struct reply *reply, const char *output, size_t output_length, void *context);

/* Sends one request on a connection of its own. For EXECUTE and ASK what is printed comes back as output, capped at
 * 64 KiB or (hand_ask_much) at output_max; *output_length then says whether it was. progress may be NULL. */
struct hand_order *hand_send(struct hand_line *line, const struct request *request, hand_progress *progress,
                             hand_done *done, void *context);
/* An ASK whose answer is much: output_max bytes at most. */
struct hand_order *hand_ask_much(struct hand_line *line, const struct request *request, size_t output_max,
                                 hand_done *done, void *context);
/* Of an ASK: was it answered? Else why not, in failure. */
bool hand_answered(const struct reply *reply, struct failure *failure);
void hand_abort(struct hand_order *order); /* asks the hand to stop and undo; done still comes */

#endif
