/* One request, from its path to whoever answers it; what the engine refuses by itself, in the same shape; and the log.
 * Rights: the front end. */
#include "daemons/api/parts.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"

#include <inttypes.h>
#include <string.h>

#define STREAM  "/api/stream"
#define UI      "/api/ui"
#define READING "GET, HEAD, OPTIONS"
enum { LINES_A_SECOND = 50, TARGET_SHOWN = 256 };

/* --- what the front end answers by itself --- */

static bool begins(struct http_text text, const char *with)
{
        return text.length >= strlen(with) && memcmp(text.bytes, with, strlen(with)) == 0;
}

static bool is_reading(enum http_method method)
{
        return method == HTTP_GET || method == HTTP_HEAD;
}

static void answer_allow(struct exchange *exchange, const char *allow)
{
        bool asked = exchange_head(exchange)->method == HTTP_OPTIONS;

        exchange_field(exchange, "Allow", allow);
        if (asked)
                exchange_answer(exchange, 204, "", 0);
        else
                problem_answer(exchange, 405, NULL, arena_printf(exchange_arena(exchange), "Allowed are %s.", allow),
                               NULL);
}

/* Documents, health and files: true when the path is theirs, whatever was asked of it. */
static bool serve_own(struct exchange *exchange, struct http_text path)
{
        static const char *const own[] = {"/api/openapi.json", "/api/types.ts",     "/api/contracts",
                                          "/api/system/live",  "/api/system/ready", UI,
                                          "/api/ui/contracts"};
        bool file = !begins(path, "/api/") || begins(path, "/api/docs"),
             known = file || begins(path, "/api/contracts/");

        for (size_t i = 0; i < ARRAY_SIZE(own); i++)
                known |= http_text_is(path, own[i]);
        if (!known)
                return false;
        if (!is_reading(exchange_head(exchange)->method))
                answer_allow(exchange, READING);
        else if (http_text_is(path, UI))
                ui_serve(exchange);
        else if (file ? !web_serve(exchange, path) : !documents_serve(exchange, path) && !health_serve(exchange, path))
                problem_answer(exchange, 404, NULL, "There is nothing at this address.", "See /api/docs.");
        return true;
}

static void serve_method(struct exchange *exchange, struct http_text path)
{
        struct route route;
        int status = route_find(exchange_head(exchange)->method, path, &route);

        if (status == 0)
                ask_serve(exchange, &route);
        else if (status == 405)
                answer_allow(exchange, route.allow);
        else
                problem_answer(exchange, 404, NULL, "There is nothing at this address.", "See /api/docs.");
}

static void serve(struct exchange *exchange, void *context)
{
        struct http_text path = exchange_path(exchange);

        (void)context;
        if (!guard_admits(exchange))
                return;
        if (!http_text_is(path, STREAM)) {
                if (!serve_own(exchange, path))
                        serve_method(exchange, path);
        } else if (exchange_head(exchange)->method == HTTP_GET) {
                stream_serve(exchange);
        } else {
                answer_allow(exchange, "GET, OPTIONS");
        }
}

/* --- what the engine refuses --- */

static void refuse(struct exchange *exchange, int status, const char *why, void *context)
{
        (void)context;
        if (exchange_own(exchange) == NULL) /* not served yet, so without its headers */
                guard_headers(exchange, false);
        problem_answer(exchange, status, NULL, why, NULL);
}

/* --- the log --- Changes and what went wrong, a few lines a second at most. Queries and bodies are not told. */

static struct {
        uint64_t second;
        unsigned lines, left_out;
} access_log;

static bool may_log(void)
{
        uint64_t second = clock_boot_ms() / 1000;

        if (second != access_log.second) {
                if (access_log.left_out > 0)
                        log_info("%u requests more", access_log.left_out);
                access_log.second = second;
                access_log.lines = access_log.left_out = 0;
        }
        if (access_log.lines < LINES_A_SECOND) {
                access_log.lines++;
                return true;
        }
        access_log.left_out++;
        return false;
}

static void write_log(const struct exchange *exchange, int status, uint64_t sent, uint64_t took_us, void *context)
{
        const struct http_head *head = exchange_head(exchange);
        const struct asking *asking = exchange_own(exchange);
        char path[TARGET_SHOWN], verb[32];

        (void)context;
        if ((is_reading(head->method) && status < 400) || !may_log())
                return;
        text_escape(head->path.bytes != NULL ? head->path.bytes : "", head->path.length, path, sizeof(path));
        text_escape(head->method_name.bytes != NULL ? head->method_name.bytes : "", head->method_name.length, verb,
                    sizeof(verb));
        log_info("%s %s %d %" PRIu64 " bytes %" PRIu64 " us, %s from %s, request %s", verb, path, status, sent, took_us,
                 asking != NULL && asking->bearer.text != NULL && *asking->bearer.text != '\0'
                         ? asking->bearer.ticket.name
                         : "nobody",
                 exchange_address(exchange), exchange_request_id((struct exchange *)(uintptr_t)exchange));
}

const struct http_service api_service = {.serve = serve, .refuse = refuse, .log = write_log};
