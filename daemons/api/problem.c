/* Problems (RFC 9457): one shape for everything that goes wrong, whoever says so: the engine, the front end, a daemon.
 * Rights: the front end; memory only. Never a secret, never what was sent beyond the name of a field. */
#include "daemons/api/parts.h"

#include "base/log.h"
#include "base/mem.h"

#include <stdio.h>
#include <string.h>

static void member(struct json_out *out, const char *name, const char *text)
{
        if (text == NULL || *text == '\0')
                return;
        json_out_key(out, name);
        json_out_text(out, text);
}

/* What a daemon calls a part of "caller" is a header or the query here. */
static const char *outside_name(const char *field)
{
        static const struct {
                const char *inside, *outside;
        } names[] = {{"caller.idempotency", "Idempotency-Key"},
                     {"caller.warrant", "Warrant"},
                     {"caller.dry_run", "dry_run"},
                     {"caller.if_match", "If-Match"},
                     {"if_match", "If-Match"}};

        for (size_t i = 0; i < ARRAY_SIZE(names); i++)
                if (strcmp(names[i].inside, field) == 0)
                        return names[i].outside;
        return field;
}

static void write_field(struct json_out *out, const struct problem *problem)
{
        json_out_key(out, "errors");
        json_out_array(out);
        json_out_object(out);
        member(out, "field", outside_name(problem->field));
        json_out_key(out, "message");
        json_out_text(out, problem->message != NULL ? problem->message : problem->detail);
        json_out_object_end(out);
        json_out_array_end(out);
}

void problem_write(struct json_out *out, struct arena *arena, const struct problem *problem, const char *request)
{
        ASSERT(out != NULL && arena != NULL && problem != NULL && problem->status >= 400 && problem->status < 600);
        const struct idl_http_problem *usual = idl_http_problem(problem->status);
        const char *kind = problem->kind != NULL ? problem->kind : usual->kind;
        const char *title = problem->title != NULL ? problem->title : usual->title;

        json_out_object(out);
        member(out, "type", arena_printf(arena, IDL_PROBLEM_BASE "%s", kind));
        member(out, "title", title);
        json_out_key(out, "status");
        json_out_integer(out, problem->status);
        member(out, "detail", problem->detail != NULL && *problem->detail != '\0' ? problem->detail : title);
        if (problem->field != NULL && *problem->field != '\0')
                write_field(out, problem);
        member(out, "next", problem->next != NULL && *problem->next != '\0' ? problem->next : usual->next);
        member(out, "role", problem->role);
        if (problem->retry_s > 0) {
                json_out_key(out, "retry");
                json_out_integer(out, problem->retry_s);
        }
        if (problem->plan != NULL) {
                json_out_key(out, "plan");
                json_out_raw(out, problem->plan, problem->plan_length);
        }
        member(out, "request", request);
        json_out_object_end(out);
}

void problem_tell(struct exchange *exchange, const struct problem *problem)
{
        ASSERT(exchange != NULL && problem != NULL);
        struct json_out *out CLEANUP(json_out_freep) = json_out_new();
        size_t length;

        problem_write(out, exchange_arena(exchange), problem, exchange_request_id(exchange));
        exchange_field(exchange, "Content-Type", "application/problem+json");
        if (problem->status == 401)
                exchange_field(exchange, "WWW-Authenticate", "Bearer");
        if (problem->retry_s > 0)
                exchange_field(exchange, "Retry-After", arena_printf(exchange_arena(exchange), "%u", problem->retry_s));
        const char *bytes = json_out_bytes(out, &length);
        exchange_answer(exchange, problem->status, bytes, length);
}

void problem_answer(struct exchange *exchange, int status, const char *title, const char *detail, const char *next)
{
        const struct problem problem = {.status = status, .title = title, .detail = detail, .next = next};
        problem_tell(exchange, &problem);
}

/* "username must be ..." of a field and what is wrong with it. */
static const char *in_words(struct arena *arena, const char *field, const char *message)
{
        return *field == '\0' ? message : arena_printf(arena, "%s: %s", field, message);
}

struct problem problem_of_failure(struct arena *arena, const struct failure *failure)
{
        ASSERT(arena != NULL && failure != NULL && failure->code != FAILURE_NONE);
        const char *name = failure_code_name(failure->code);
        bool again = failure->code == FAILURE_BUSY || failure->code == FAILURE_UNAVAILABLE;

        return (struct problem){.status = idl_http_status(name),
                                .kind = idl_http_kind(arena, name),
                                .field = failure->field,
                                .message = failure->message,
                                .detail = in_words(arena, outside_name(failure->field), failure->message),
                                .next = failure->next,
                                .retry_s = again && failure->retry_s == 0 ? 1 : failure->retry_s};
}

void problem_failure(struct exchange *exchange, const struct failure *failure)
{
        ASSERT(exchange != NULL && failure != NULL);
        const struct problem problem = problem_of_failure(exchange_arena(exchange), failure);
        problem_tell(exchange, &problem);
}

/* --- what a daemon says --- */

static const char *text_of(struct arena *arena, const struct json *object, const char *name)
{
        const struct json *value = object != NULL ? json_member(object, name) : NULL;
        size_t length;

        if (json_type_of(value) != JSON_TEXT)
                return "";
        const char *text = json_text(value, &length);
        return arena_text(arena, text, length);
}

static unsigned retry_of(const struct json *object)
{
        const struct json *value = object != NULL ? json_member(object, "retry") : NULL;
        int64_t seconds = json_type_of(value) == JSON_INTEGER ? json_integer(value) : 0;
        return seconds < 0 ? 0 : seconds > 86400 ? 86400 : (unsigned)seconds;
}

static struct problem no_answer(struct arena *arena, const struct wire_answer *answer)
{
        const struct failure *failure = answer->failure;

        if (answer->timed_out)
                return (struct problem){.status = 504, .detail = failure->message, .next = failure->next, .retry_s = 1};
        return problem_of_failure(arena, failure);
}

/* Errors of Varlink itself: the contract is younger or older than the daemon. */
static struct problem varlink_error(struct arena *arena, const char *error, const struct json *said)
{
        const char *name = strrchr(error, '.') + 1;

        if (strcmp(name, "InvalidParameter") == 0)
                return (struct problem){.status = 422,
                                        .field = text_of(arena, said, "parameter"),
                                        .message = "is not what the contract says",
                                        .detail = "A parameter is not what the contract says."};
        return (struct problem){.status = 501, .detail = "The daemon does not know this method."};
}

static struct problem nas_error(struct arena *arena, const char *name, const struct wire_answer *answer,
                                const struct json *said, const char *role)
{
        const char *field = text_of(arena, said, "field"), *message = text_of(arena, said, "message");
        bool version = strcmp(name, "Conflict") == 0 && strcmp(field, "if_match") == 0;
        struct problem problem = {.status = version ? 412 : idl_http_status(name),
                                  .kind = version ? NULL : idl_http_kind(arena, name),
                                  .field = field,
                                  .message = message,
                                  .detail = in_words(arena, outside_name(field), message),
                                  .next = text_of(arena, said, "next"),
                                  .retry_s = retry_of(said)};

        if (strcmp(name, "Confirmation") == 0) {
                problem.title = "Confirm this plan first";
                problem.plan = json_span(answer->parameters, answer->length, "plan", &problem.plan_length);
        } else if (strcmp(name, "Failed") == 0 || strcmp(name, "Aborted") == 0) {
                problem.title = *name == 'F' ? "It failed and was undone" : "It was stopped and undone";
        }
        if (problem.status == 403 && problem.plan == NULL)
                problem.role = role;
        return problem;
}

struct problem problem_of_answer(struct arena *arena, const struct wire_answer *answer, const char *role)
{
        ASSERT(arena != NULL && answer != NULL && (answer->error != NULL || answer->failure != NULL));
        if (answer->error == NULL)
                return no_answer(arena, answer);
        struct json *document CLEANUP(json_freep) = json_parse(answer->parameters, answer->length, NULL);
        const struct json *said = json_type_of(document) == JSON_OBJECT ? document : NULL;
        const char *name = strrchr(answer->error, '.');

        if (name == NULL)
                return (struct problem){.status = 500, .detail = "The daemon said something that is no error's name."};
        if (strncmp(answer->error, "org.varlink.service.", strlen("org.varlink.service.")) == 0)
                return varlink_error(arena, answer->error, said);
        return nas_error(arena, name + 1, answer, said, role);
}

void problem_varlink(struct exchange *exchange, const struct wire_answer *answer)
{
        problem_of_method(exchange, answer, NULL);
}

void problem_of_method(struct exchange *exchange, const struct wire_answer *answer, const char *role)
{
        ASSERT(exchange != NULL && answer != NULL);
        const struct problem problem = problem_of_answer(exchange_arena(exchange), answer, role);
        problem_tell(exchange, &problem);
}
