/* If-Match: a change that is meant for one version of a thing, and refused when it is another by now. The version is
 * that of what the reading method at the same address would answer to this caller.
 * Rights: in clerks; works on memory. */
#include "state/changes.h"

#include "base/log.h"
#include "base/mem.h"

#include <string.h>

const char *match_address(const struct call *call, struct arena *arena)
{
        ASSERT(call && arena);
        const struct wire_method *method = call_method(call);
        CLEANUP(json_out_freep) struct json_out *out = json_out_new();
        if (!method->reads)
                return "";
        json_out_array(out);
        json_out_text(out, method->reads->name);
        for (const char *const *name = method->address; *name; name++)
                json_out_value(out, json_member(call_parameters(call), *name));
        json_out_array_end(out);
        size_t length;
        const char *text = json_out_bytes(out, &length);
        return arena_text(arena, text, length);
}

static int changed(struct failure *failure, const char *field, const char *how)
{
        return failure_set(failure, FAILURE_CONFLICT, field, "Read it again, then decide anew.", "%s", how);
}

int match_busy(const struct changes *changes, const char *address, const char *object, const char *field,
               struct failure *failure)
{
        ASSERT(changes && address && object);
        for (const struct run *run = changes->runs; run; run = run->next)
                if ((*address && run->address && strcmp(run->address, address) == 0) ||
                    (*object && strcmp(run->row.object, object) == 0))
                        return changed(failure, field, "It is being changed at this moment.");
        return 0;
}

int changes_match(struct changes *changes, struct call *call, struct failure *failure)
{
        ASSERT(changes && call);
        const char *wanted = call_caller(call)->if_match;
        const struct wire_method *method = call_method(call);
        size_t length;
        char version[VERSION_TEXT_SIZE];
        if (*wanted == '\0')
                return 0;
        if (!method->reads)
                return failure_set(failure, FAILURE_INVALID, "caller.if_match", "Leave it out.",
                                   "There is nothing to read at this address that could be compared.");
        if (ticket_allows(&call_who(call)->ticket, method->reads->role, false, false, failure) != 0)
                return -1;
        if (match_busy(changes, match_address(call, call_arena(call)), "", "if_match", failure) != 0)
                return -1;
        const char *now = call_imagine(call, method->reads, method->address, sizeof(struct bearer), &length);
        if (!now)
                return changed(failure, "if_match", "It is not there.");
        if (strcmp(wanted, "*") == 0)
                return 0;
        crypto_version(now, length, version);
        return strcmp(wanted, version) == 0 ? 0 : changed(failure, "if_match", "It has changed meanwhile.");
}
