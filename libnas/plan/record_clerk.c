/* The clerk's side of records: writing requests and reading replies; and what both sides use.
 * Rights: none; pure functions, fuzzed. */
#include "base/bytes.h"
#include "base/log.h"
#include "base/mem.h"
#include "plan/record.h"

#include <stdio.h>
#include <string.h>

const char *outcome_name(enum outcome outcome)
{
        static const char *const names[] = {"unknown", "success", "failed", "aborted", "refused"};
        ASSERT((size_t)outcome < ARRAY_SIZE(names));
        return names[outcome];
}

const uint8_t *request_encode(const struct request *request, struct arena *arena, size_t *ret_length)
{
        ASSERT(request && arena && ret_length && request->ticket && request->warrant);
        size_t size = 25 + PLAN_ID_BYTES + strlen(request->ticket) + strlen(request->warrant) + request->plan_length;
        uint8_t *bytes = arena_alloc(arena, size);
        struct writer writer = writer_of(bytes, size);
        writer_u8(&writer, (uint8_t)request->kind);
        writer_copy(&writer, request->id, sizeof(request->id));
        writer_field(&writer, request->ticket, strlen(request->ticket));
        writer_field(&writer, request->warrant, strlen(request->warrant));
        writer_field32(&writer, request->plan, request->plan_length);
        ASSERT(!writer.bad);
        *ret_length = writer_length(&writer);
        return bytes;
}

static bool read_failure(struct reader *reader, struct arena *arena, struct failure *failure)
{
        failure->code = (enum failure_code)reader_u8(reader);
        const char *field = reader_text(reader, arena, sizeof(failure->field) - 1);
        const char *message = reader_text(reader, arena, sizeof(failure->message) - 1);
        const char *next = reader_text(reader, arena, sizeof(failure->next) - 1);
        failure->retry_s = reader_u32(reader);
        if (!field || !message || !next || failure->code > FAILURE_ABORTED)
                return false;
        snprintf(failure->field, sizeof(failure->field), "%s", field);
        snprintf(failure->message, sizeof(failure->message), "%s", message);
        snprintf(failure->next, sizeof(failure->next), "%s", next);
        return true;
}

int reply_decode(struct arena *arena, const void *bytes, size_t length, struct reply *ret_reply)
{
        ASSERT(arena && (bytes || length == 0) && ret_reply);
        struct reader reader = reader_of(bytes, length);
        struct reply reply = {.kind = (enum reply_kind)reader_u8(&reader)};
        reply.step = reader_u16(&reader);
        reply.steps = reader_u16(&reader);
        reply.outcome = (enum outcome)reader_u8(&reader);
        if (!read_failure(&reader, arena, &reply.failure))
                return -1;
        const uint8_t *answer = reader_field(&reader, &reply.answer_length);
        if (!reader_ended(&reader) || reply.answer_length > RECORD_ANSWER_MAX || reply.outcome > OUTCOME_REFUSED ||
            (reply.kind != REPLY_PROGRESS && reply.kind != REPLY_DONE))
                return -1;
        reply.answer = (const uint8_t *)arena_text(arena, (const char *)answer, reply.answer_length);
        *ret_reply = reply;
        return 0;
}

const uint8_t *action_encode(const struct action *action, struct arena *arena, size_t *ret_length)
{
        ASSERT(action && arena && ret_length);
        size_t size = 3;
        for (size_t i = 0; i < action->count; i++)
                size += 2u + action->values[i].length;
        uint8_t *bytes = arena_alloc(arena, size);
        struct writer writer = writer_of(bytes, size);
        action_write(&writer, action);
        *ret_length = writer_length(&writer);
        return bytes;
}
