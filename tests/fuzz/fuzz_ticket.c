/* The layouts of tickets, warrants and checkpoints: whatever is taken encodes to the same bytes.
 * Rights: none. */
#include "base/log.h"
#include "ticket/checkpoint.h"
#include "ticket/ticket.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
        struct ticket ticket;
        struct warrant warrant;
        struct checkpoint checkpoint;
        uint8_t again[512];
        if (length == 0)
                return 0;
        if (ticket_decode(bytes, length, &ticket) == 0)
                ASSERT(ticket_encode(&ticket, again, sizeof(again)) == length && memcmp(again, bytes, length) == 0);
        if (warrant_decode(bytes, length, &warrant) == 0)
                ASSERT(warrant_encode(&warrant, again, sizeof(again)) == length && memcmp(again, bytes, length) == 0);
        if (checkpoint_decode(bytes, length, &checkpoint) == 0)
                ASSERT(checkpoint_write(&checkpoint, again) == length && memcmp(again, bytes, length) == 0);
        return 0;
}
