/* Plans as JSON: for who asked for a dry run, and for the ledger. Secrets are masked by plan/.
 * Rights: in clerks; pure functions. */
#include "state/changes.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

enum { OUTPUT_KEPT = 2048 }; /* of what tools printed, in the outcome of a change that failed */

static void member(struct json_out *out, const char *name, const char *text)
{
        json_out_key(out, name);
        json_out_text(out, text);
}

static void write_steps(struct json_out *out, const struct plan *plan, bool undos)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        json_out_key(out, "steps");
        json_out_array(out);
        for (size_t i = 0; i < plan->count; i++) {
                const struct action *step = &plan->steps[i];
                const char *undo = undos ? action_undo_literal(plan->operations, step, arena) : NULL;
                json_out_object(out);
                member(out, "words", action_words(plan->operations, step, arena));
                member(out, "literal", action_literal(plan->operations, step, arena));
                if (undo)
                        member(out, "undo", undo);
                json_out_object_end(out);
        }
        json_out_array_end(out);
}

static const char *base64_of(const void *bytes, size_t length, struct arena *arena)
{
        char *text = arena_alloc(arena, TEXT_BASE64_SIZE(length));
        text_base64(bytes, length, text);
        return text;
}

void plan_answer(struct json_out *out, const struct plan *plan, const struct change *change, bool warrant)
{
        ASSERT(out && plan && change);
        size_t length;
        uint8_t digest[HASH_BYTES];
        char hex[2 * HASH_BYTES + 1];
        const uint8_t *bytes = plan_encode(plan, change->arena, &length);
        plan_digest(bytes, length, digest);
        text_hex(digest, sizeof(digest), hex);
        json_out_object(out);
        json_out_key(out, "plan");
        json_out_object(out);
        member(out, "digest", hex);
        member(out, "plan", base64_of(bytes, length, change->arena));
        json_out_key(out, "warrant");
        json_out_boolean(out, warrant);
        json_out_key(out, "destroys");
        json_out_boolean(out, plan_destroys(plan));
        member(out, "who", change->who ? change->who : "");
        write_steps(out, plan, true);
        json_out_object_end(out);
        json_out_object_end(out);
}

static const char *take_text(struct json_out *out, struct arena *arena)
{
        size_t length;
        const char *text = json_out_bytes(out, &length);
        return arena_text(arena, text, length);
}

const char *intent_detail(const struct plan *plan, const char *who, struct arena *arena)
{
        ASSERT(plan && arena);
        CLEANUP(json_out_freep) struct json_out *out = json_out_new();
        size_t length;
        const uint8_t *blanked = plan_encode_blanked(plan, arena, &length);
        json_out_object(out);
        if (who && *who)
                member(out, "who", who);
        write_steps(out, plan, false); /* the undos follow from the policy */
        member(out, "plan", base64_of(blanked, length, arena));
        json_out_object_end(out);
        return take_text(out, arena);
}

const struct plan *intent_plan(const char *detail, size_t length, struct arena *arena)
{
        ASSERT(detail && arena);
        CLEANUP(json_freep) struct json *document = json_parse(detail, length, NULL);
        const struct json *member_plan = document ? json_member(document, "plan") : NULL;
        if (json_type_of(member_plan) != JSON_TEXT)
                return NULL;
        size_t text_length;
        const char *text = json_text(member_plan, &text_length);
        uint8_t *bytes = arena_alloc(arena, text_length + 1);
        long decoded = text_unbase64(text, text_length, bytes, text_length + 1);
        return decoded < 0 ? NULL : plan_decode_blanked(arena, bytes, (size_t)decoded, NULL);
}

static void write_failure(struct json_out *out, const struct failure *failure)
{
        member(out, "error", failure_code_name(failure->code));
        if (*failure->field)
                member(out, "field", failure->field);
        member(out, "message", failure->message);
}

const char *failure_detail(const struct failure *failure, struct arena *arena)
{
        ASSERT(failure && arena);
        CLEANUP(json_out_freep) struct json_out *out = json_out_new();
        json_out_object(out);
        write_failure(out, failure);
        json_out_object_end(out);
        return take_text(out, arena);
}

const char *outcome_detail(const struct run *run, struct arena *arena)
{
        ASSERT(run && arena);
        CLEANUP(json_out_freep) struct json_out *out = json_out_new();
        json_out_object(out);
        json_out_key(out, "step");
        json_out_integer(out, run->step);
        json_out_key(out, "steps");
        json_out_integer(out, run->steps);
        if (run->outcome != OUTCOME_SUCCESS)
                write_failure(out, &run->failure);
        if (run->outcome != OUTCOME_SUCCESS && run->output) {
                char *escaped = arena_alloc(arena, OUTPUT_KEPT);
                text_escape(run->output, strlen(run->output), escaped, OUTPUT_KEPT);
                member(out, "output", escaped);
        }
        json_out_object_end(out);
        return take_text(out, arena);
}

/* Of what a tool printed the line that says most: its own last complaint ("NAME: ..."), else the last line of all,
 * which may be that of something it had started. */
static const char *last_complaint(const char *text, const char *name, size_t name_length, size_t *ret_length)
{
        const char *found = NULL;
        bool own = false;
        for (const char *line = text; *line; line += strspn(line, "\r\n ")) {
                const size_t length = strcspn(line, "\r\n");
                const bool its = strncmp(line, name, name_length) == 0 && line[name_length] == ':';
                if (length > 0 && (its || !own)) {
                        found = line;
                        *ret_length = length;
                        own = its;
                }
                line += length;
        }
        return found;
}

/* How a tool ended ("/usr/sbin/NAME ended with ...") says less than what it complained of. */
void outcome_told(struct run *run)
{
        ASSERT(run);
        char line[sizeof(run->failure.next) - sizeof("It said: ")] = "";
        const size_t path = strcspn(run->failure.message, " ");
        const char *end = run->failure.message + path, *name = end;
        if (run->outcome == OUTCOME_SUCCESS || strcmp(run->failure.next, FAILURE_SEE_OUTPUT) != 0)
                return;
        while (name > run->failure.message && name[-1] != '/')
                name--;
        size_t length = 0;
        const char *said = run->output ? last_complaint(run->output, name, (size_t)(end - name), &length) : NULL;
        if (said)
                text_escape(said, length, line, sizeof(line));
        snprintf(run->failure.next, sizeof(run->failure.next), line[0] != '\0' ? "It said: %s" : "%s", line);
}
