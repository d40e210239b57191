/* After the outcome is in the ledger the hand may drop its journal of the plan. The hand may be gone just then, or we
 * may: so it is asked until it answers, and after a start for the last plans once more.
 * Rights: in clerks; talks to the hand through its line. */
#include "state/changes.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

enum { AGAIN_MS = 1000 };

struct forgetting {
        struct forgetting *next;
        struct changes *changes;
        uint8_t id[PLAN_ID_BYTES];
        struct loop_watch *again;
};

static void ask(void *context);

static void answered(const struct reply *reply, const char *output, size_t output_length, void *context)
{
        struct forgetting *forgetting = context;
        (void)output;
        (void)output_length;
        if (reply && reply->outcome == OUTCOME_SUCCESS) {
                struct forgetting **at = &forgetting->changes->forgettings;
                while (*at != forgetting)
                        at = &(*at)->next;
                *at = forgetting->next;
                free(forgetting);
                return;
        }
        forgetting->again = loop_timer(forgetting->changes->parts.loop, AGAIN_MS, ask, forgetting);
}

static void ask(void *context)
{
        struct forgetting *forgetting = context;
        struct request request = {.kind = RECORD_FORGET, .ticket = "", .warrant = ""};
        loop_unwatch(forgetting->again);
        forgetting->again = NULL;
        memcpy(request.id, forgetting->id, sizeof(request.id));
        hand_send(forgetting->changes->parts.hand, &request, NULL, answered, forgetting);
}

void plan_forget(struct changes *changes, const uint8_t id[PLAN_ID_BYTES])
{
        ASSERT(changes && id);
        struct forgetting *forgetting = mem_new(1, sizeof(*forgetting));
        forgetting->changes = changes;
        forgetting->next = changes->forgettings;
        changes->forgettings = forgetting;
        memcpy(forgetting->id, id, sizeof(forgetting->id));
        ask(forgetting);
}

void forgettings_free(struct changes *changes)
{
        while (changes->forgettings) {
                struct forgetting *forgetting = changes->forgettings;
                changes->forgettings = forgetting->next;
                loop_unwatch(forgetting->again);
                free(forgetting);
        }
}

static void on_ended(const struct db_done *done, void *context)
{
        struct changes *changes = context;
        for (int i = 0; done->status == DB_OK && i < db_rows_count(done->rows[0]); i++) {
                uint8_t id[PLAN_ID_BYTES];
                if (text_unhex(db_value(done->rows[0], i, 0), db_value_length(done->rows[0], i, 0), id, sizeof(id)) ==
                    0)
                        plan_forget(changes, id);
        }
}

void plans_forget(struct changes *changes)
{
        ASSERT(changes);
        struct db_batch *batch = db_batch_new(changes->parts.db);
        db_add(batch, changes->parts.first_statement + CHANGE_ENDED, NULL);
        db_submit(batch, on_ended, changes);
}
