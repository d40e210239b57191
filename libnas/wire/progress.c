/* How far a call is that takes long: a reply that others follow.
 * Rights: clerks; none needed. */
#include "base/log.h"
#include "base/mem.h"
#include "wire/parts.h"

void call_progress(struct call *call, unsigned step, unsigned steps, unsigned percent, const char *words)
{
        ASSERT(call != NULL && steps > 0 && words != NULL);
        CLEANUP(json_out_freep) struct json_out *out = json_out_new();
        json_out_object(out);
        json_out_key(out, "progress");
        json_out_object(out);
        json_out_key(out, "step");
        json_out_integer(out, step);
        json_out_key(out, "steps");
        json_out_integer(out, steps);
        json_out_key(out, "percent");
        json_out_integer(out, percent);
        json_out_key(out, "words");
        json_out_text(out, words);
        json_out_object_end(out);
        json_out_object_end(out);
        call_reply_more(call, out);
}
