/* The member "caller" of every call: for whom it is, as the front end knows it. The daemons believe nothing of it but
 * what is signed.
 * Rights: the front end; memory only. */
#include "daemons/api/parts.h"

#include "base/log.h"

static void member(struct json_out *out, const char *name, const char *text)
{
        if (text == NULL || *text == '\0')
                return;
        json_out_key(out, name);
        json_out_text(out, text);
}

void caller_write(struct json_out *out, const struct api_caller *caller)
{
        ASSERT(out != NULL && caller != NULL);
        json_out_key(out, "caller");
        json_out_object(out);
        member(out, "ticket", caller->ticket);
        member(out, "warrant", caller->warrant);
        member(out, "request", caller->request);
        member(out, "address", caller->address);
        member(out, "idempotency", caller->idempotency);
        member(out, "if_match", caller->if_match);
        if (caller->dry_run) {
                json_out_key(out, "dry_run");
                json_out_boolean(out, true);
        }
        json_out_object_end(out);
}
