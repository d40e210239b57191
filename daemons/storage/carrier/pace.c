/* How fast something goes.
 * Rights: the storage carrier; pure. */
#include "daemons/storage/carrier/carrier.h"

#include "base/log.h"

enum { BEHIND_MS = 2000 }; /* what was not used for longer is not made up for */

uint64_t pace_wait_ms(struct pace *pace, size_t bytes, uint64_t now_ms)
{
        ASSERT(pace);
        if (pace->bytes_a_second == 0)
                return 0;
        uint64_t due_ms = pace->begun_ms + pace->bytes * 1000 / pace->bytes_a_second;
        if (pace->begun_ms == 0 || due_ms + BEHIND_MS < now_ms) {
                pace->begun_ms = now_ms;
                pace->bytes = 0;
        }
        pace->bytes += bytes;
        due_ms = pace->begun_ms + pace->bytes * 1000 / pace->bytes_a_second;
        return due_ms > now_ms ? due_ms - now_ms : 0;
}
