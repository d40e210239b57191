/* What was refused, for the ledger and the journal. Somebody who is refused a thousand times a second must not fill
 * the disk: so many a second and an hour have a row of their own, the others are counted, and one row says how many.
 * Rights: in clerks; works on memory and through ledger/. */
#include "state/changes.h"

#include "base/log.h"
#include "base/mem.h"

#include <inttypes.h>
#include <string.h>

enum { HOUR_S = 3600 };

static void written_or_not(enum db_status status, int64_t id, const char *message, void *context)
{
        (void)status; /* the journal has it in any case */
        (void)id;
        (void)message;
        (void)context;
}

/* One row for all that had none of their own. Kept counting while the database is away. */
static void write_coalesced(struct changes *changes)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        CLEANUP(json_out_freep) struct json_out *out = json_out_new();
        uint64_t sum = 0;
        json_out_object(out);
        for (size_t code = 0; code <= FAILURE_ABORTED; code++) {
                if (changes->coalesced[code] == 0)
                        continue;
                json_out_key(out, failure_code_name((enum failure_code)code));
                json_out_integer(out, (int64_t)changes->coalesced[code]);
                sum += changes->coalesced[code];
        }
        json_out_object_end(out);
        struct ledger_row row = {.kind = LEDGER_REFUSAL,
                                 .request = "",
                                 .plan = "",
                                 .actor = UINT32_MAX,
                                 .actor_name = "",
                                 .source = "",
                                 .method = "",
                                 .outcome = "refused"};
        row.object = arena_printf(arena, "%" PRIu64 " more refusals", sum);
        row.detail = json_out_bytes(out, NULL);
        memset(changes->coalesced, 0, sizeof(changes->coalesced));
        changes_write(changes, &row, NULL, written_or_not, NULL);
}

static void next_second(void *context)
{
        struct changes *changes = context;
        bool any = false;
        for (size_t code = 0; code <= FAILURE_ABORTED; code++)
                any = any || changes->coalesced[code] > 0;
        changes->refused_now = 0;
        if (++changes->refused_s >= HOUR_S)
                changes->refused_s = changes->refused_hour = 0;
        if (!any && changes->refused_hour == 0) { /* nobody was for an hour: seconds need not be counted */
                loop_unwatch(TAKE(changes->second));
                changes->refused_s = 0;
        }
        if (changes->refused_hour >= CHANGES_REFUSALS_PER_HOUR && changes->refused_s % CHANGES_REFUSALS_COUNTED_S != 0)
                return;
        if (any && (!changes->parts.ledger || db_state_of(changes->parts.db) == DB_READY))
                write_coalesced(changes);
}

void changes_refused(struct changes *changes, struct call *call, const char *object, const struct failure *failure)
{
        ASSERT(changes && call && object && failure && failure->code <= FAILURE_ABORTED);
        bool away = changes->parts.ledger && db_state_of(changes->parts.db) != DB_READY;
        if (!changes->second)
                changes->second = loop_every(changes->parts.loop, 1000, next_second, changes);
        bool many =
                changes->refused_now >= CHANGES_REFUSALS_PER_S || changes->refused_hour >= CHANGES_REFUSALS_PER_HOUR;
        if (many || away) {
                changes->coalesced[failure->code]++;
                return;
        }
        changes->refused_now++;
        changes->refused_hour++;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        const struct bearer *who = call_who(call);
        struct ledger_row row = {.kind = LEDGER_REFUSAL,
                                 .request = call_caller(call)->request,
                                 .plan = "",
                                 .actor = who->ticket.subject,
                                 .actor_name = who->ticket.name,
                                 .source = call_source(call, arena),
                                 .object = object,
                                 .outcome = "refused"};
        row.method = arena_printf(arena, "%s.%s", call_interface(call)->name, call_method(call)->name);
        row.detail = failure_detail(failure, arena);
        changes_write(changes, &row, NULL, written_or_not, NULL);
}

void changes_turned_away(struct changes *changes, struct call *call, const struct failure *failure)
{
        ASSERT(changes && call && failure);
        bool told = failure->code != FAILURE_UNAVAILABLE && failure->code != FAILURE_BUSY;
        bool changing = (call_method(call)->flags & METHOD_CHANGES) && !call_caller(call)->dry_run;
        if (told && (changing || failure->code == FAILURE_DENIED || failure->code == FAILURE_UNAUTHENTICATED))
                changes_refused(changes, call, "", failure);
}

void changes_refuse(struct changes *changes, struct call *call, const struct failure *failure)
{
        ASSERT(changes && call && failure);
        changes_turned_away(changes, call, failure);
        call_fail(call, failure);
}

void changes_event(struct changes *changes, const struct change_event *event, db_fill *also, ledger_written *written,
                   void *context)
{
        ASSERT(changes && event);
        struct ledger_row row = {.kind = LEDGER_EVENT,
                                 .request = event->request,
                                 .plan = "",
                                 .actor = event->actor,
                                 .actor_name = event->actor_name,
                                 .source = event->source,
                                 .method = event->method,
                                 .object = event->object,
                                 .outcome = event->outcome,
                                 .detail = event->detail};
        changes_write(changes, &row, also, written ? written : written_or_not, context);
}
