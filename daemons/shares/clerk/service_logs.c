/* What the services said, from the system's journal.
 * Rights: the shares clerk; reads the journal as one of its group. */
#include "daemons/shares/clerk/shares.h"

#include "base/clock.h"
#include "base/mem.h"
#include "serve/log_read.h"

#include <stdlib.h>
#include <string.h>

enum { LINES = 100 };

static void reply_page(struct call *call, struct arena *arena, const struct log_page *page)
{
        struct nas_shares_service_log_line *lines = arena_array(arena, page->count + 1, sizeof(*lines));
        for (size_t i = 0; i < page->count; i++) {
                const struct log_line *from = &page->lines[i];
                char *at = arena_alloc(arena, RFC3339_SIZE);
                clock_format(from->at_us, at);
                lines[i] = (struct nas_shares_service_log_line){.at = at,
                                                                .priority = from->priority,
                                                                .program = from->program,
                                                                .pid = from->pid,
                                                                .text = from->text};
        }
        struct nas_shares_list_service_logs_out reply = {
                .lines = lines, .lines_count = page->count, .next = page->next};
        nas_shares_list_service_logs_reply(call, &reply);
}

void journal_refuse(struct call *call, int error)
{
        struct failure failure = {0};
        if (error == -EINVAL)
                failure_set(&failure, FAILURE_INVALID, "cursor", "Begin without one.", "is no place in the journal");
        else
                failure_system(&failure, FAILURE_FAILED, "", error);
        changes_refuse(clerk.changes, call, &failure);
}

void nas_shares_list_service_logs(struct call *call, const struct nas_shares_list_service_logs_in *in)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct log_page page;
        int result =
                log_read(arena, service_unit(in->id), in->cursor, in->has_limit ? (size_t)in->limit : LINES, &page);
        if (result == 0) {
                reply_page(call, arena, &page);
                return;
        }
        journal_refuse(call, result);
}
