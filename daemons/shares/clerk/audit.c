/* Who did what in shares that are audited: what Samba says of it, from the system's journal.
 * Rights: the shares clerk; reads the journal as one of its group. */
#include "daemons/shares/clerk/shares.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "serve/log_read.h"

#include <string.h>
#include <strings.h>

enum { PAGE = 100, LOOKS_MAX = 5000 }; /* a busy share must not keep everybody else waiting */

struct page {
        struct arena *arena;
        const struct nas_shares_list_file_accesses_in *in;
        struct audit_rules rules;
        int64_t now_us;
        struct nas_shares_file_access *list;
        size_t count;
};

static bool is_wanted(const struct nas_shares_list_file_accesses_in *in, const struct nas_shares_file_access *access)
{
        return (!in->share || strcasecmp(in->share, access->share) == 0) &&
               (!in->username || strcmp(in->username, access->username) == 0) &&
               (!in->address || strcmp(in->address, access->address) == 0) &&
               !(in->has_refused && in->refused && access->allowed);
}

static bool seen(int64_t at_us, const char *text, size_t length, void *context)
{
        struct page *page = context;
        CLEANUP(arena_freep) struct arena *scratch = arena_new(); /* most lines may not be wanted */
        struct nas_shares_file_access *access = &page->list[page->count];
        if (!audit_is_kept(&page->rules, at_us, page->now_us) || !access_read(text, length, scratch, access) ||
            !is_wanted(page->in, access) || !access_read(text, length, page->arena, access))
                return false;
        char *at = arena_alloc(page->arena, RFC3339_SIZE);
        clock_format(at_us, at);
        access->at = at;
        page->count++;
        return true;
}

void nas_shares_list_file_accesses(struct call *call, const struct nas_shares_list_file_accesses_in *in)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        const size_t limit = in->has_limit ? (size_t)in->limit : PAGE;
        struct page page = {.arena = arena, .in = in};
        page.list = arena_array(arena, limit, sizeof(*page.list));
        page.rules = audit_rules(arena);
        page.now_us = clock_real_us();
        const struct log_search search = {.journal = "bulkhead-smb",
                                          .unit = "bulkhead-smb.service",
                                          .program = "smbd_audit",
                                          .cursor = in->cursor,
                                          .limit = limit,
                                          .looks = LOOKS_MAX,
                                          .seen = seen,
                                          .context = &page};
        struct nas_shares_list_file_accesses_out reply = {.accesses = page.list};
        const int result = log_search(arena, &search, &reply.next);
        if (result == 0) {
                reply.accesses_count = page.count;
                nas_shares_list_file_accesses_reply(call, &reply);
                return;
        }
        journal_refuse(call, result);
}
