/* Following what changes by asking the hand: one question at a time, however often it changes.
 *
 * What changed while one was open is asked about once more behind it, and what failed again after a moment, for
 * somebody may be in who no longer may.
 *
 * Rights: the shares clerk; its hand acts. */
#include "daemons/shares/clerk/shares.h"

#include "base/log.h"
#include "base/mem.h"

enum { FAILED_AGAIN_MS = 2000 };

static void begin(struct following *following)
{
        following->again = false;
        following->under_way = true;
        following->ask();
}

static void try_again(void *context)
{
        struct following *following = context;
        loop_unwatch(TAKE(following->later));
        following_changed(following);
}

void following_changed(struct following *following)
{
        ASSERT(following && following->ask);
        if (following->under_way)
                following->again = true;
        else
                begin(following);
}

void following_ended(struct following *following, bool good)
{
        ASSERT(following && following->under_way);
        following->under_way = false;
        if (!good && !following->later)
                following->later = loop_timer(clerk.loop, FAILED_AGAIN_MS, try_again, following);
        else if (good && following->again)
                begin(following);
}
