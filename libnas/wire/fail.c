/* Answers that say no: the errors of all daemons (ipc/nas.error.varlink) and those of Varlink itself.
 * Rights: clerks and the front end; none needed. */
#include "base/log.h"
#include "base/mem.h"
#include "wire/parts.h"

#include <stdio.h>
#include <string.h>

static void member(struct json_out *out, const char *name, const char *text)
{
        json_out_key(out, name);
        json_out_text(out, text);
}

/* The members each error of nas.error has, besides message and next. */
static void put_failure(struct json_out *out, const struct failure *failure)
{
        switch (failure->code) {
        case FAILURE_INVALID:
        case FAILURE_NOT_FOUND:
        case FAILURE_CONFLICT:
        case FAILURE_FAILED:
                member(out, "field", failure->field);
                break;
        case FAILURE_BUSY:
        case FAILURE_UNAVAILABLE:
                json_out_key(out, "retry");
                json_out_integer(out, failure->retry_s == 0 ? 1 : failure->retry_s);
                break;
        default:
                break;
        }
        member(out, "message", failure->message);
        member(out, "next", failure->next);
}

void call_fail_extra(struct call *call, const struct failure *failure, const struct json_out *extra_object)
{
        ASSERT(failure->code != FAILURE_NONE);
        CLEANUP(json_out_freep) struct json_out *out = json_out_new();
        json_out_object(out);
        put_failure(out, failure);
        json_out_object_end(out);
        char error[64];
        (void)snprintf(error, sizeof error, "nas.error.%s", failure_code_name(failure->code));
        size_t length = 0, extra_length = 0;
        const char *bytes = json_out_bytes(out, &length);
        const char *extra = extra_object == NULL ? "{}" : json_out_bytes(extra_object, &extra_length);
        if (extra_length > 2) { /* two objects become one: without the brace between them */
                CLEANUP(json_out_freep) struct json_out *both = json_out_new();
                char *joined = arena_printf(call->arena, "%.*s,%s", (int)length - 1, bytes, extra + 1);
                json_out_raw(both, joined, strlen(joined));
                call_answer(call, error, both, false, -1);
                return;
        }
        call_answer(call, error, out, false, -1);
}

void call_misread(struct call *call, const struct failure *failure)
{
        ASSERT(call != NULL && failure != NULL);
        const struct wire_service *service = call->connection != NULL ? &call->connection->server->service : NULL;
        if (service != NULL && service->misread_call != NULL)
                service->misread_call(call, failure, service->context);
        call_fail(call, failure);
}

void call_fail(struct call *call, const struct failure *failure)
{
        call_fail_extra(call, failure, NULL);
}

void call_varlink_error(struct call *call, const char *error, const char *member_name, const char *value)
{
        CLEANUP(json_out_freep) struct json_out *out = json_out_new();
        json_out_object(out);
        member(out, member_name, value);
        json_out_object_end(out);
        call_answer(call, arena_printf(call->arena, "org.varlink.service.%s", error), out, false, -1);
}

void call_invalid_parameter(struct call *call, const char *parameter)
{
        call_varlink_error(call, "InvalidParameter", "parameter", parameter);
}
