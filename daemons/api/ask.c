/* One request for a method: who asks, what for, the call, the answer. A client that goes away takes its reading with
 * it; a change goes on all the same.
 * Rights: the front end; the daemons' lines. */
#include "daemons/api/parts.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"

#include <string.h>
#include <unistd.h>

enum { HEADER_TEXT_MAX = 512 };

/* --- the call --- */

static void gone(struct exchange *exchange, void *context)
{
        struct asking *asking = context;

        (void)exchange;
        if (asking->ask != NULL)
                wire_ask_cancel(TAKE(asking->ask));
        if (asking->fan != NULL)
                jobs_cancel(TAKE(asking->fan));
}

static void done(struct asking *asking, const struct wire_answer *answer)
{
        exchange_on_gone(asking->exchange, NULL, NULL);
        if (answer->error != NULL || answer->failure != NULL)
                problem_of_method(asking->exchange, answer, role_name(asking->route.method->role));
        else
                answer_result(asking, answer);
}

static void answered(const struct wire_answer *answer, void *context)
{
        struct asking *asking = context;

        if (answer->fd >= 0)
                close(answer->fd);
        if (answer->error == NULL && answer->failure == NULL && answer->continues)
                return; /* how far it is: whoever waits for one answer waits on */
        asking->ask = NULL;
        done(asking, answer);
}

static void all_answered(const struct wire_answer *answer, const char *missing, void *context)
{
        struct asking *asking = context;

        asking->fan = NULL;
        if (*missing != '\0' && answer->error == NULL && answer->failure == NULL)
                exchange_field(asking->exchange, "X-Daemons-Missing", missing);
        done(asking, answer);
}

/* A header that goes into "caller": {NULL}: not there. -1: there twice, too long or not printable. */
static int header(const struct asking *asking, const char *name, const char **ret_text)
{
        unsigned at = 0;
        const struct http_head *head = exchange_head(asking->exchange);
        const struct http_text *text = http_head_each(head, name, &at);

        *ret_text = NULL;
        if (text == NULL)
                return 0;
        if (http_head_each(head, name, &at) != NULL || text->length == 0 || text->length > HEADER_TEXT_MAX ||
            !text_printable(text->bytes, text->length))
                return -1;
        *ret_text = arena_text(exchange_arena(asking->exchange), text->bytes, text->length);
        return 0;
}

static int read_caller(const struct asking *asking, struct api_caller *ret_caller, struct failure *failure)
{
        struct exchange *exchange = asking->exchange;
        struct api_caller caller = {.ticket = asking->bearer.text,
                                    .request = exchange_request_id(exchange),
                                    .address = exchange_address(exchange),
                                    .dry_run = asking->request.dry_run};

        if (asking->route.method->changes) {
                if (header(asking, "warrant", &caller.warrant) < 0)
                        return failure_set(failure, FAILURE_MALFORMED, "Warrant", "", "is not a warrant");
                if (header(asking, "idempotency-key", &caller.idempotency) < 0)
                        return failure_set(failure, FAILURE_MALFORMED, "Idempotency-Key", "Use a random UUID.",
                                           "must be one of 16 to 128 bytes");
                if (request_if_match(exchange_arena(exchange), exchange_head(exchange), &caller.if_match) < 0)
                        return failure_set(failure, FAILURE_MALFORMED, "If-Match", "Send the ETag of the GET.",
                                           "must be one strong entity tag");
        }
        *ret_caller = caller;
        return 0;
}

static void call(struct asking *asking, const struct json *body)
{
        struct json_out *out CLEANUP(json_out_freep) = json_out_new();
        const struct api_method *method = asking->route.method;
        struct failure failure = {0};
        struct api_caller caller;
        size_t length;

        json_out_object(out);
        if (request_write(exchange_arena(asking->exchange), &asking->request, body, out, &failure) < 0 ||
            read_caller(asking, &caller, &failure) < 0) {
                problem_failure(asking->exchange, &failure);
                return;
        }
        caller_write(out, &caller);
        json_out_object_end(out);
        const char *parameters = json_out_bytes(out, &length);
        if (length > PARAMETERS_MAX) {
                problem_answer(asking->exchange, 413, NULL, "The body is larger than a daemon takes.", NULL);
                return;
        }
        exchange_on_gone(asking->exchange, gone, asking);
        if (method->line == NULL) {
                asking->fan =
                        jobs_ask(exchange_arena(asking->exchange), method, parameters, length, all_answered, asking);
                return;
        }
        asking->ask = wire_line_call(method->line->line, method->name, parameters, length,
                                     method->verb == HTTP_GET ? WIRE_QUICK
                                     : method->changes        ? WIRE_CHANGE
                                     : method->progress       ? WIRE_MORE
                                                              : WIRE_ALONE,
                                     answered, asking);
        wire_ask_wants(asking->ask, asking->members, answer_members(asking, asking->members));
}

/* --- its body --- */

static void body_came(struct exchange *exchange, const char *bytes, size_t length, void *context)
{
        struct failure failure = {0};
        struct json *body CLEANUP(json_freep) = length > 0 ? body_read(bytes, length, &failure) : NULL;

        if (body == NULL && length > 0)
                problem_failure(exchange, &failure);
        else
                call(context, body);
}

static void take_body(struct asking *asking)
{
        const struct http_head *head = exchange_head(asking->exchange);
        bool comes = head->chunked || head->length > 0, nobody = asking->route.method->role == ROLE_NOBODY;

        if (!comes) {
                call(asking, NULL);
                return;
        }
        if (asking->route.method->verb == HTTP_GET) {
                problem_answer(asking->exchange, 400, NULL, "A GET has no body here.", "Put it into the query.");
                return;
        }
        if (!http_content_is(head, "application/json")) {
                problem_answer(asking->exchange, 415, NULL, "The body must be application/json.", NULL);
                return;
        }
        exchange_read_all(asking->exchange, nobody ? API_BODY_BEFORE_SIGN_IN_MAX : API_BODY_MAX, body_came, asking);
}

/* --- who --- */

static void known(struct exchange *exchange, const struct bearer *bearer, void *context)
{
        struct asking *asking = context;

        if (*bearer->text == '\0' && asking->route.method->role > ROLE_NOBODY) {
                problem_answer(exchange, 401, NULL, "This needs a ticket, an API key or a session.",
                               "Sign in: POST /api/auth/login.");
                return;
        }
        asking->bearer = *bearer;
        asking->bearer.text = arena_text(exchange_arena(exchange), bearer->text, strlen(bearer->text));
        take_body(asking);
}

void ask_serve(struct exchange *exchange, const struct route *route)
{
        ASSERT(exchange != NULL && route != NULL && route->method != NULL);
        struct asking *asking = arena_alloc(exchange_arena(exchange), sizeof(*asking));
        const struct bearer nobody = {.text = ""};
        struct failure failure = {0};

        *asking = (struct asking){.exchange = exchange, .route = *route};
        exchange_set(exchange, asking);
        if (request_read(exchange_arena(exchange), exchange_head(exchange), &asking->route, &asking->request,
                         &failure) < 0) {
                problem_failure(exchange, &failure);
                return;
        }
        /* Where nobody may ask too, nobody is looked at: a session that is over does not keep from signing in. */
        if (route->method->role == ROLE_NOBODY)
                known(exchange, &nobody, asking);
        else
                who_asks(exchange, route->method->verb != HTTP_GET, known, asking);
}
