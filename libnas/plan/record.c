/* The hand's side of records: reading requests, which come from a less privileged peer, and writing replies.
 * Rights: none; pure functions, fuzzed. */
#include "plan/record.h"

#include "base/bytes.h"
#include "base/log.h"

#include <string.h>

int request_decode(struct arena *arena, const void *bytes, size_t length, struct request *ret_request)
{
        ASSERT(arena && (bytes || length == 0) && ret_request);
        struct reader reader = reader_of(bytes, length);
        struct request request = {.kind = (enum record_kind)reader_u8(&reader)};
        reader_copy(&reader, request.id, sizeof(request.id));
        request.ticket = reader_text(&reader, arena, RECORD_PROOF_MAX);
        request.warrant = reader_text(&reader, arena, RECORD_PROOF_MAX);
        const uint8_t *plan = reader_field32(&reader, &request.plan_length);
        if (!reader_ended(&reader) || !request.ticket || !request.warrant || request.plan_length > PLAN_BYTES_MAX ||
            request.kind < RECORD_EXECUTE || request.kind > RECORD_FORGET)
                return -1;
        bool has_plan = request.kind == RECORD_EXECUTE || request.kind == RECORD_ASK;
        if (has_plan != (request.plan_length > 0))
                return -1;
        request.plan = (const uint8_t *)arena_text(arena, (const char *)plan, request.plan_length);
        *ret_request = request;
        return 0;
}

const uint8_t *reply_encode(const struct reply *reply, struct arena *arena, size_t *ret_length)
{
        ASSERT(reply && arena && ret_length && reply->answer_length <= RECORD_ANSWER_MAX);
        size_t size = sizeof(struct failure) + reply->answer_length + 64;
        uint8_t *bytes = arena_alloc(arena, size);
        struct writer writer = writer_of(bytes, size);
        writer_u8(&writer, (uint8_t)reply->kind);
        writer_u16(&writer, reply->step);
        writer_u16(&writer, reply->steps);
        writer_u8(&writer, (uint8_t)reply->outcome);
        writer_u8(&writer, (uint8_t)reply->failure.code);
        writer_field(&writer, reply->failure.field, strlen(reply->failure.field));
        writer_field(&writer, reply->failure.message, strlen(reply->failure.message));
        writer_field(&writer, reply->failure.next, strlen(reply->failure.next));
        writer_u32(&writer, reply->failure.retry_s);
        writer_field(&writer, reply->answer, reply->answer_length);
        ASSERT(!writer.bad);
        *ret_length = writer_length(&writer);
        return bytes;
}
