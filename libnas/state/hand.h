/* A clerk's line to its hand. The tests link a fake in its place. */
#ifndef BULKHEAD_STATE_HAND_H
#define BULKHEAD_STATE_HAND_H

#include "plan/record.h"
#include "sys/loop.h"

struct hand_line;
struct hand_order; /* one request under way */

struct hand_line *hand_line_new(struct loop *loop, const char *socket_path);
void hand_line_free(struct hand_line *line);

typedef void hand_progress(unsigned step, unsigned steps, void *context);
/* reply is NULL when the hand could not be reached or went away before its reply: *what became of it is
 * unknown*; ask with RECORD_LOOKUP. Called exactly once, never from within hand_send. */
typedef void hand_done(const struct reply *reply, const char *output, size_t output_length, void *context);

/* Sends one request on a connection of its own. For EXECUTE what tools print comes back as output (capped at
 * 64 KiB). progress may be NULL. */
struct hand_order *hand_send(struct hand_line *line, const struct request *request, hand_progress *progress,
                             hand_done *done, void *context);
void hand_abort(struct hand_order *order); /* asks the hand to stop and undo; done still comes */

#endif
