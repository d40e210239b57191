/* A call that nobody made: what would a method answer now? For comparing versions before a change.
 * Rights: clerks and the front end; none needed. */
#include "base/log.h"
#include "base/mem.h"
#include "wire/parts.h"

#include <string.h>

static const char *keep(struct arena *arena, const char *text)
{
        return arena_text(arena, text, strlen(text));
}

/* The same caller, who wants nothing but to read. */
static struct caller read_only(struct arena *arena, const struct caller *caller)
{
        return (struct caller){.ticket = keep(arena, caller->ticket),
                               .warrant = "",
                               .request = keep(arena, caller->request),
                               .address = keep(arena, caller->address),
                               .idempotency = "",
                               .if_match = ""};
}

static struct json *choose(struct arena *arena, const struct json *parameters, const char *const *names)
{
        CLEANUP(json_out_freep) struct json_out *out = json_out_new();
        json_out_object(out);
        for (; *names != NULL; names++)
                if (json_has(parameters, *names)) {
                        json_out_key(out, *names);
                        json_out_value(out, json_member(parameters, *names));
                }
        json_out_object_end(out);
        size_t length;
        const char *bytes = json_out_bytes(out, &length);
        return json_parse_in(arena, bytes, length, NULL);
}

const char *call_imagine(struct call *call, const struct wire_method *method, const char *const *parameters,
                         size_t bearer_bytes, size_t *ret_length)
{
        ASSERT(call != NULL && method != NULL && parameters != NULL && ret_length != NULL);
        struct imagined imagined = {.arena = call->arena};
        struct arena *arena = arena_new();
        struct call *other = arena_alloc(arena, sizeof *other);
        *other = (struct call){.arena = arena,
                               .parameters = choose(arena, call->parameters, parameters),
                               .interface = call->interface,
                               .method = method,
                               .caller = read_only(arena, &call->caller),
                               .peer = call->peer,
                               .moment = call->moment,
                               .held_fd = -1,
                               .fd = -1,
                               .imagined = &imagined};
        if (call->bearer != NULL) {
                other->bearer = arena_alloc(arena, bearer_bytes);
                memcpy(other->bearer, call->bearer, bearer_bytes);
        }
        method->serve(other);
        if (!imagined.answered)
                other->imagined = NULL; /* it answers later, to nobody */
        *ret_length = imagined.length;
        return imagined.parameters;
}
