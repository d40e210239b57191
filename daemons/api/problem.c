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

static void write_problem(struct json_out *out, struct exchange *exchange, const struct problem *problem)
{
        const struct idl_http_problem *usual = idl_http_problem(problem->status);
        const char *kind = problem->kind != NULL ? problem->kind : usual->kind;
        const char *title = problem->title != NULL ? problem->title : usual->title;

        json_out_object(out);
        member(out, "type", arena_printf(exchange_arena(exchange), IDL_PROBLEM_BASE "%s", kind));
        member(out, "title", title);
        json_out_key(out, "status");
        json_out_integer(out, problem->status);
        member(out, "detail", problem->detail != NULL && *problem->detail != '\0' ? problem->detail : title);
        if (problem->field != NULL && *problem->field != '\0')
                write_field(out, problem);
        member(out, "next", problem->next);
        member(out, "role", problem->role);
        if (problem->retry_s > 0) {
                json_out_key(out, "retry");
                json_out_integer(out, problem->retry_s);
        }
        if (problem->plan != NULL) {
                json_out_key(out, "plan");
                json_out_raw(out, problem->plan, problem->plan_length);
        }
        member(out, "request", exchange_request_id(exchange));
        json_out_object_end(out);
}

void problem_tell(struct exchange *exchange, const struct problem *problem)
{
        ASSERT(exchange != NULL && problem != NULL && problem->status >= 400 && problem->status < 600);
        struct json_out *out CLEANUP(json_out_freep) = json_out_new();
        size_t length;

        write_problem(out, exchange, problem);
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
static const char *in_words(struct exchange *exchange, const char *field, const char *message)
{
        return *field == '\0' ? message : arena_printf(exchange_arena(exchange), "%s: %s", field, message);
}

void problem_failure(struct exchange *exchange, const struct failure *failure)
{
        ASSERT(exchange != NULL && failure != NULL && failure->code != FAILURE_NONE);
        const char *name = failure_code_name(failure->code);
        bool again = failure->code == FAILURE_BUSY || failure->code == FAILURE_UNAVAILABLE;
        struct problem problem = {.status = idl_http_status(name),
                                  .kind = idl_http_kind(exchange_arena(exchange), name),
                                  .field = failure->field,
                                  .message = failure->message,
                                  .detail = in_words(exchange, outside_name(failure->field), failure->message),
                                  .next = failure->next,
                                  .retry_s = failure->retry_s};

        if (again && problem.retry_s == 0)
                problem.retry_s = 1;
        problem_tell(exchange, &problem);
}

/* --- what a daemon says --- */

static const char *text_of(const struct json *object, const char *name)
{
        const struct json *value = object != NULL ? json_member(object, name) : NULL;
        return json_type_of(value) == JSON_TEXT ? json_text(value, NULL) : "";
}

static unsigned retry_of(const struct json *object)
{
        const struct json *value = object != NULL ? json_member(object, "retry") : NULL;
        int64_t seconds = json_type_of(value) == JSON_INTEGER ? json_integer(value) : 0;
        return seconds < 0 ? 0 : seconds > 86400 ? 86400 : (unsigned)seconds;
}

static void no_answer(struct exchange *exchange, const struct wire_answer *answer)
{
        const struct failure *failure = answer->failure;
        struct problem problem = {.status = 504, .detail = failure->message, .next = failure->next, .retry_s = 1};

        if (answer->timed_out)
                problem_tell(exchange, &problem);
        else
                problem_failure(exchange, failure);
}

/* Errors of Varlink itself: the contract is younger or older than the daemon. */
static void varlink_error(struct exchange *exchange, const char *error, const struct json *said)
{
        const char *name = strrchr(error, '.') + 1;
        struct problem problem = {.status = 501, .detail = "The daemon does not know this method."};

        if (strcmp(name, "InvalidParameter") == 0)
                problem = (struct problem){.status = 422,
                                           .field = text_of(said, "parameter"),
                                           .message = "is not what the contract says",
                                           .detail = "A parameter is not what the contract says."};
        problem_tell(exchange, &problem);
}

static void nas_error(struct exchange *exchange, const char *name, const struct wire_answer *answer,
                      const struct json *said, const char *role)
{
        const char *field = text_of(said, "field");
        bool version = strcmp(name, "Conflict") == 0 && strcmp(field, "if_match") == 0;
        struct problem problem = {.status = version ? 412 : idl_http_status(name),
                                  .kind = version ? NULL : idl_http_kind(exchange_arena(exchange), name),
                                  .field = field,
                                  .message = text_of(said, "message"),
                                  .detail = in_words(exchange, outside_name(field), text_of(said, "message")),
                                  .next = text_of(said, "next"),
                                  .retry_s = retry_of(said)};

        if (strcmp(name, "Confirmation") == 0) {
                problem.title = "Confirm this plan first";
                problem.plan = json_span(answer->parameters, answer->length, "plan", &problem.plan_length);
        } else if (strcmp(name, "Failed") == 0 || strcmp(name, "Aborted") == 0) {
                problem.title = *name == 'F' ? "It failed and was undone" : "It was stopped and undone";
        }
        if (problem.status == 403 && problem.plan == NULL)
                problem.role = role;
        problem_tell(exchange, &problem);
}

void problem_varlink(struct exchange *exchange, const struct wire_answer *answer)
{
        problem_of_method(exchange, answer, NULL);
}

void problem_of_method(struct exchange *exchange, const struct wire_answer *answer, const char *role)
{
        ASSERT(exchange != NULL && answer != NULL && (answer->error != NULL || answer->failure != NULL));
        if (answer->error == NULL) {
                no_answer(exchange, answer);
                return;
        }
        struct json *said CLEANUP(json_freep) = json_parse(answer->parameters, answer->length, NULL);
        const char *name = strrchr(answer->error, '.');
        if (json_type_of(said) != JSON_OBJECT) {
                json_free(said);
                said = NULL;
        }
        if (name == NULL)
                problem_answer(exchange, 500, NULL, "The daemon said something that is no error's name.", NULL);
        else if (strncmp(answer->error, "org.varlink.service.", strlen("org.varlink.service.")) == 0)
                varlink_error(exchange, answer->error, said);
        else
                nas_error(exchange, name + 1, answer, said, role);
}
