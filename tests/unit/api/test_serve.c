/* One request through everything: who may ask from where, what the daemon is called with, what comes out of its answer.
 * Rights: a test. */
#include "tests/unit/api/fake.h"

#include "value/credential.h"

static const char contract[] =
        "interface nas.a\ntype Thing (\n# @max 9\nname: string,\nsize: int)\n"
        "# @http GET /api/things\n# @role operator\nmethod List(\n# @max 9\nowner: ?string) -> (\n# @max 9\nthings: "
        "[]Thing)\n"
        "# @http GET /api/things/{name}\n# @role user\nmethod Get(\n# @max 9\nname: string) -> (thing: Thing)\n"
        "# @http GET /api/pages\n# @role user\nmethod Pages(\n# @is cursor\ncursor: ?string,\n# @max 9\nowner: "
        "?string) -> "
        "(\n# @max 9\nthings: []Thing,\n# @is cursor\nnext: ?string)\n"
        "# @http PUT /api/things/{name}\n# @role admin\n# @plan\n# @warrant sometimes\nmethod Set(\n# @max 9\nname: "
        "string,\nsize: int) -> (thing: Thing)\n"
        "# @http DELETE /api/things/{name}\n# @role admin\n# @plan\nmethod Drop(\n# @max 9\nname: string) -> ()\n"
        "# @http POST /api/work\n# @role user\n# @plan\n# @job\nmethod Work() -> (done: int)\n"
        "# @http POST /api/enter\n# @role nobody\nmethod Enter(\n# @max 99\n# @secret\n# @cookie\ndevice: ?string,\n# "
        "@max "
        "9999\n# @secret\nword: string\n) -> (\n# @max 99\n# @issued\ntoken: string,\n# @max 99\n# @issued\n# "
        "@cookie\nsession: string,\n# @max 99\n# @issued\n# @cookie\ndevice: ?string,\nthing: Thing)\n"
        "# @http POST /api/leave\n# @role user\n# @plan\nmethod Leave() -> (\n# @max 99\n# @issued\n# "
        "@cookie\nsession: "
        "?string)\n";

static struct api_line lines[1] = {{.name = "a", .line = &fake_line}};

static const char *bearer(void)
{
        return arena_printf(api.arena, "Authorization: Bearer %s\r\n", fake_ticket("ann", ROLE_ADMIN, 1));
}

static const char *json_type(void)
{
        return arena_printf(api.arena, "%sContent-Type: application/json\r\n", bearer());
}

#define EXPECT(exchange, status_, kind_)                                                                               \
        do {                                                                                                           \
                assert_int_equal((exchange)->status, status_);                                                         \
                assert_string_equal(fake_kind(exchange), kind_);                                                       \
        } while (0)

static void a_reading(void **state)
{
        (void)state;
        struct exchange *exchange = fake_serve("GET /api/things/bob", bearer(), NULL);
        assert_int_equal(fake_ask_count, 1);
        assert_string_equal(fake_asks[0].method, "Get");
        const char *parameters = fake_asks[0].parameters;
        assert_memory_equal(parameters, "{\"name\":\"bob\",\"caller\":{\"ticket\":\"bht1_", 39);
        assert_non_null(strstr(parameters, "\",\"request\":\"11111111-2222-4333-8444-555555555555\","
                                           "\"address\":\"10.0.0.7\"}}"));
        fake_answer(0, NULL, "{\"thing\":{\"name\":\"bob\", \"size\":1}}");
        EXPECT(exchange, 200, "");
        assert_string_equal(exchange->body, "{\"name\":\"bob\", \"size\":1}"); /* as it was written */
        assert_int_equal(strlen(fake_field(exchange, "ETag")), 34);
        const char *again = arena_printf(api.arena, "%sIf-None-Match: %s\r\n", bearer(), fake_field(exchange, "ETag"));
        exchange = fake_serve("GET /api/things/bob", again, NULL);
        fake_answer(0, NULL, "{\"thing\":{\"name\":\"bob\", \"size\":1}}");
        EXPECT(exchange, 304, "");
        exchange = fake_serve("GET /api/things/bob", again, NULL);
        fake_answer(0, NULL, "{\"thing\":{\"name\":\"bob\", \"size\":2}}");
        EXPECT(exchange, 200, "");
}

static void a_list(void **state)
{
        (void)state;
        struct exchange *exchange = fake_serve("GET /api/things/", bearer(), NULL);
        fake_answer(0, NULL, "{\"things\":[{\"name\":\"a\",\"size\":2},{\"name\":\"b\",\"size\":1}]}");
        EXPECT(exchange, 200, "");
        assert_string_equal(exchange->body, "[{\"name\":\"a\",\"size\":2},{\"name\":\"b\",\"size\":1}]");
        assert_string_equal(fake_field(exchange, "X-Total-Count"), "2");
        exchange = fake_serve("GET /api/things?sort=size&limit=1&fields=name&owner=me", bearer(), NULL);
        assert_non_null(strstr(fake_asks[0].parameters, "{\"owner\":\"me\",\"caller\""));
        fake_answer(0, NULL, "{\"things\":[{\"name\":\"a\",\"size\":2},{\"name\":\"b\",\"size\":1}]}");
        assert_string_equal(exchange->body, "[{\"name\":\"b\"}]");
        assert_string_equal(fake_field(exchange, "X-Total-Count"), "2");
        assert_non_null(
                strstr(fake_field(exchange, "Link"), "</api/things?sort=size&limit=1&fields=name&owner=me&cursor="));
        EXPECT(fake_serve("GET /api/things?colour=red", bearer(), NULL), 400, "malformed");
        assert_int_equal(fake_ask_count, 0);
}

static void who_pages_itself_links_on(void **state)
{
        (void)state;
        struct exchange *exchange = fake_serve("GET /api/pages?owner=a%26b&cursor=9", bearer(), NULL);
        fake_answer(0, NULL, "{\"things\":[],\"next\":\"7\"}");
        EXPECT(exchange, 200, "");
        assert_string_equal(exchange->body, "[]");
        assert_string_equal(fake_field(exchange, "Link"), "</api/pages?owner=a%26b&cursor=7>; rel=\"next\"");
        exchange = fake_serve("GET /api/pages", bearer(), NULL);
        fake_answer(0, NULL, "{\"things\":[]}");
        assert_string_equal(fake_field(exchange, "Link"), "");
}

static void a_change(void **state)
{
        const char *more = "Warrant: bhw1_x\r\nIdempotency-Key: 0123456789abcdef\r\nIf-Match: \"v1\"\r\n";

        (void)state;
        struct exchange *exchange =
                fake_serve("PUT /api/things/bob", arena_printf(api.arena, "%s%s", json_type(), more), "{\"size\":3}");
        assert_non_null(strstr(fake_asks[0].parameters, "{\"name\":\"bob\",\"size\":3,\"caller\":{"));
        assert_non_null(strstr(fake_asks[0].parameters, "\"warrant\":\"bhw1_x\""));
        assert_non_null(strstr(fake_asks[0].parameters, "\"idempotency\":\"0123456789abcdef\",\"if_match\":\"v1\"}"));
        fake_answer(0, NULL, "{\"thing\":{\"name\":\"bob\",\"size\":3}}");
        EXPECT(exchange, 200, "");
        assert_string_equal(exchange->body, "{\"name\":\"bob\",\"size\":3}");
        assert_string_equal(fake_field(exchange, "ETag"), "");
        exchange = fake_serve("DELETE /api/things/bob", bearer(), NULL);
        fake_answer(0, NULL, "{}");
        EXPECT(exchange, 204, "");
        exchange = fake_serve("PUT /api/things/bob?dry_run=true", json_type(), "{\"size\":3}");
        assert_non_null(strstr(fake_asks[0].parameters, "\"dry_run\":true}"));
        fake_answer(0, NULL, "{\"plan\":{\"digest\":\"d\"}}");
        EXPECT(exchange, 200, "");
        assert_string_equal(exchange->body, "{\"digest\":\"d\"}");
        exchange = fake_serve("POST /api/work", bearer(), NULL);
        fake_answer(0, NULL, "{\"job\":17}");
        EXPECT(exchange, 202, "");
        assert_string_equal(fake_field(exchange, "Location"), "/api/jobs/17");
        assert_string_equal(exchange->body, "{\"job\":17}");
}

static void bodies_that_are_none(void **state)
{
        (void)state;
        EXPECT(fake_serve("PUT /api/things/bob", json_type(), "{"), 400, "malformed");
        EXPECT(fake_serve("PUT /api/things/bob", json_type(), "[]"), 400, "malformed");
        EXPECT(fake_serve("PUT /api/things/bob", bearer(), "{}"), 415, "media-type");
        EXPECT(fake_serve("GET /api/things/bob", json_type(), "{}"), 400, "malformed");
        EXPECT(fake_serve("PUT /api/things/bob", json_type(), "{\"colour\":1}"), 422, "invalid");
        const char *fields = "Content-Type: application/json\r\n";
        char *large = arena_alloc(api.arena, API_BODY_BEFORE_SIGN_IN_MAX + 2);
        memset(large, ' ', API_BODY_BEFORE_SIGN_IN_MAX + 1);
        EXPECT(fake_serve("POST /api/enter", fields, large), 413, "too-large");
        assert_int_equal(fake_ask_count, 0);
}

/* --- errors of daemons --- */

static const struct error_row {
        const char *error, *parameters;
        int status;
        const char *kind, *holds;
} errors[] = {
        {"nas.error.Malformed", "{\"message\":\"m\",\"next\":\"n\"}", 400, "malformed",
         "\"detail\":\"m\",\"next\":\"n\""},
        {"nas.error.Invalid", "{\"field\":\"size\",\"message\":\"is wrong\",\"next\":\"\"}", 422, "invalid",
         "\"detail\":\"size: is wrong\",\"errors\":[{\"field\":\"size\",\"message\":\"is wrong\"}]"},
        {"nas.error.Invalid", "{\"field\":\"caller.idempotency\",\"message\":\"is short\",\"next\":\"\"}", 422,
         "invalid", "\"errors\":[{\"field\":\"Idempotency-Key\",\"message\":\"is short\"}]"},
        {"nas.error.Unauthenticated", "{\"message\":\"m\",\"next\":\"n\"}", 401, "unauthenticated", "\"status\":401"},
        {"nas.error.Denied", "{\"message\":\"m\",\"next\":\"n\"}", 403, "denied", "\"role\":\"admin\""},
        {"nas.error.Confirmation", "{\"message\":\"m\",\"next\":\"n\",\"plan\":{\"digest\":\"d\"}}", 403,
         "confirmation-required", "\"plan\":{\"digest\":\"d\"}"},
        {"nas.error.NotFound", "{\"field\":\"name\",\"message\":\"m\",\"next\":\"n\"}", 404, "not-found",
         "\"name: m\""},
        {"nas.error.Conflict", "{\"field\":\"name\",\"message\":\"m\",\"next\":\"n\"}", 409, "conflict", "\"name: m\""},
        {"nas.error.Conflict", "{\"field\":\"if_match\",\"message\":\"m\",\"next\":\"n\"}", 412, "precondition-failed",
         "\"field\":\"If-Match\""},
        {"nas.error.Busy", "{\"message\":\"m\",\"next\":\"n\",\"retry\":7}", 429, "busy", "\"retry\":7"},
        {"nas.error.Unavailable", "{\"message\":\"m\",\"next\":\"n\",\"retry\":3}", 503, "unavailable", "\"retry\":3"},
        {"nas.error.Failed", "{\"field\":\"\",\"message\":\"m\",\"next\":\"n\"}", 500, "failed", "\"detail\":\"m\""},
        {"nas.error.Aborted", "{\"message\":\"m\",\"next\":\"n\"}", 409, "aborted", "\"detail\":\"m\""},
        {"org.varlink.service.InvalidParameter", "{\"parameter\":\"size\"}", 422, "invalid", "\"field\":\"size\""},
        {"org.varlink.service.MethodNotFound", "{\"method\":\"x\"}", 501, "not-implemented", "\"status\":501"},
        {"nas.a.Odd", "{\"message\":\"m\"}", 500, "odd", "\"detail\":\"m\""},
        {"nonsense", "{}", 500, "internal", "\"status\":500"},
        {"nas.error.NotFound", "[]", 404, "not-found", "\"status\":404"},
};

static void errors_become_problems(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
                struct exchange *exchange = fake_serve("PUT /api/things/bob", json_type(), "{\"size\":3}");
                fake_answer(0, errors[i].error, errors[i].parameters);
                EXPECT(exchange, errors[i].status, errors[i].kind);
                if (strstr(exchange->body, errors[i].holds) == NULL)
                        fail_msg("%s: %s", errors[i].error, exchange->body);
                assert_non_null(strstr(exchange->body, "\"request\":\"11111111-"));
                bool waits = errors[i].status == 429 || errors[i].status == 503;
                assert_int_equal(*fake_field(exchange, "Retry-After") != '\0', waits);
        }
}

static void daemons_that_do_not_answer(void **state)
{
        (void)state;
        struct exchange *exchange = fake_serve("GET /api/things/bob", bearer(), NULL);
        fake_away(0, FAILURE_UNAVAILABLE, false);
        EXPECT(exchange, 503, "unavailable");
        assert_string_equal(fake_field(exchange, "Retry-After"), "1");
        exchange = fake_serve("GET /api/things/bob", bearer(), NULL);
        fake_away(0, FAILURE_UNAVAILABLE, true);
        EXPECT(exchange, 504, "timed-out");
        exchange = fake_serve("GET /api/things/bob", bearer(), NULL);
        fake_away(0, FAILURE_BUSY, false);
        EXPECT(exchange, 429, "busy");
        exchange = fake_serve("GET /api/things/bob", bearer(), NULL);
        exchange->gone(exchange, exchange->gone_context);
        assert_true(fake_asks[0].cancelled);
}

/* --- from where --- */

static void hosts_that_are_not_ours(void **state)
{
        static const struct {
                const char *host;
                int status;
        } hosts[] = {{"nas", 200},          {"NAS", 200},       {"nas:8443", 200},      {"nas.local", 200},
                     {"10.0.0.1", 200},     {"[::1]:443", 200}, {"localhost", 200},     {"own.example", 200},
                     {"evil.example", 421}, {"nas.evil", 421},  {"nas:80:80", 421},     {"nas:x", 421},
                     {"own.example.", 421}, {"10.0.0", 421},    {"localhost.evil", 421}};

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(hosts); i++) {
                struct exchange exchange = {
                        .arena = api.arena, .address = "", .secure = true, .fields = "", .body = ""};
                world_head("GET /api/system/live", "", &exchange.head);
                exchange.head.host = world_text(hosts[i].host);
                api_service.serve(&exchange, NULL);
                if (exchange.status != hosts[i].status)
                        fail_msg("%s: %d", hosts[i].host, exchange.status);
                assert_string_equal(fake_field(&exchange, "X-Content-Type-Options"), "nosniff");
        }
}

static void pages_of_other_sites(void **state)
{
        const char *evil = arena_printf(api.arena, "%sOrigin: https://evil.example\r\n", json_type());
        const char *friend = arena_printf(api.arena, "%sOrigin: https://friend.example\r\n", json_type());

        (void)state;
        EXPECT(fake_serve("PUT /api/things/bob", evil, "{\"size\":1}"), 403, "denied");
        assert_int_equal(fake_ask_count, 0);
        struct exchange *exchange = fake_serve("PUT /api/things/bob", friend, "{\"size\":1}");
        assert_int_equal(fake_ask_count, 1);
        assert_string_equal(fake_field(exchange, "Access-Control-Allow-Origin"), "https://friend.example");
        exchange = fake_serve("GET /api/things/bob", evil, NULL); /* may be sent, may not be read */
        assert_string_equal(fake_field(exchange, "Access-Control-Allow-Origin"), "");
        exchange = fake_serve("OPTIONS /api/things/bob", friend, NULL);
        EXPECT(exchange, 204, "");
        assert_string_equal(fake_field(exchange, "Allow"), "GET, HEAD, PUT, DELETE, OPTIONS");
        assert_string_equal(fake_field(exchange, "Access-Control-Max-Age"), "600");
        exchange = fake_serve("OPTIONS /api/things/bob", evil, NULL);
        assert_string_equal(fake_field(exchange, "Access-Control-Allow-Methods"), "");
}

/* --- who --- */

static void without_a_good_ticket(void **state)
{
        char text[TICKET_TEXT_MAX + 64];

        (void)state;
        EXPECT(fake_serve("GET /api/things", "", NULL), 401, "unauthenticated");
        EXPECT(fake_serve("GET /api/things", "Authorization: Bearer bht1_x\r\n", NULL), 401, "unauthenticated");
        EXPECT(fake_serve("GET /api/things", "Authorization: Basic eDp5\r\n", NULL), 401, "unauthenticated");
        EXPECT(fake_serve("GET /api/things", "Authorization: Bearer bhk_1_x_y\r\n", NULL), 401, "unauthenticated");
        EXPECT(fake_serve("GET /api/things", "Authorization: Bearer \r\n", NULL), 401, "unauthenticated");
        snprintf(text, sizeof(text), "Authorization: Bearer %s\r\n", fake_ticket("ann", ROLE_ADMIN, 1));
        text[60] = text[60] == 'A' ? 'B' : 'A';
        struct exchange *exchange = fake_serve("GET /api/things", text, NULL);
        EXPECT(exchange, 401, "unauthenticated");
        assert_string_equal(fake_field(exchange, "WWW-Authenticate"), "Bearer");
        assert_int_equal(fake_ask_count, 0);
}

static const char *credential(enum credential_kind kind, uint64_t id)
{
        const struct credential made = {.kind = kind, .id = id, .secret = {7}};
        char text[CREDENTIAL_TEXT_SIZE];

        credential_write(&made, text);
        return arena_text(api.arena, text, strlen(text));
}

static const char *token(enum role role, uint64_t session)
{
        return arena_printf(api.arena, "{\"token\":\"%s\",\"expires\":\"2026-11-21T05:12:00Z\"}",
                            fake_ticket("ann", role, session));
}

static void keys_are_exchanged_once(void **state)
{
        const char *fields = arena_printf(api.arena, "Authorization: Bearer %s\r\n", credential(CREDENTIAL_KEY, 1));

        (void)state;
        struct exchange *exchange = fake_serve("GET /api/things/bob", fields, NULL);
        assert_string_equal(fake_asks[0].method, "nas.users.Exchange");
        assert_non_null(strstr(fake_asks[0].parameters, "{\"credential\":\"bhk_"));
        assert_non_null(strstr(fake_asks[0].parameters, "\"address\":\"10.0.0.7\""));
        fake_answer(0, NULL, token(ROLE_USER, 1));
        assert_string_equal(fake_asks[1].method, "Get");
        assert_null(strstr(fake_asks[1].parameters, "bhk_"));
        fake_answer(1, NULL, "{\"thing\":{}}");
        EXPECT(exchange, 200, "");
        fake_serve("GET /api/things/bob", fields, NULL);
        assert_int_equal(fake_ask_count, 1);
        assert_string_equal(fake_asks[0].method, "Get");
}

static void a_bad_key_is_told_so(void **state)
{
        const char *fields = arena_printf(api.arena, "Authorization: Bearer %s\r\n", credential(CREDENTIAL_KEY, 2));

        (void)state;
        struct exchange *exchange = fake_serve("GET /api/things/bob", fields, NULL);
        fake_answer(0, "nas.error.Unauthenticated", "{\"message\":\"m\",\"next\":\"\"}");
        EXPECT(exchange, 401, "unauthenticated");
        EXPECT(fake_serve("GET /api/things/bob", fields, NULL), 401, "unauthenticated"); /* remembered for a moment */
        assert_int_equal(fake_ask_count, 0);
        fields = arena_printf(api.arena, "Authorization: Bearer %s\r\n", credential(CREDENTIAL_KEY, 4));
        exchange = fake_serve("GET /api/things/bob", fields, NULL);
        fake_away(0, FAILURE_UNAVAILABLE, false);
        EXPECT(exchange, 503, "unavailable");
        exchange = fake_serve("GET /api/things/bob", fields, NULL); /* asked again: nothing is known of it */
        assert_string_equal(fake_asks[0].method, "nas.users.Exchange");
        fake_answer(0, NULL, "{\"token\":\"bht1_forged\",\"expires\":\"\"}");
        EXPECT(exchange, 401, "unauthenticated");
        /* A session is no bearer. */
        fields = arena_printf(api.arena, "Authorization: Bearer %s\r\n", credential(CREDENTIAL_SESSION, 2));
        EXPECT(fake_serve("GET /api/things/bob", fields, NULL), 401, "unauthenticated");
        assert_int_equal(fake_ask_count, 0);
}

static void cookies_read_and_change(void **state)
{
        const char *session = credential(CREDENTIAL_SESSION, 3);
        const char *cookie = arena_printf(api.arena, "Cookie: __Host-bulkhead-session=%s\r\n", session);
        char csrf[CSRF_SIZE];

        (void)state;
        csrf_of(world_text(session), csrf);
        struct exchange *exchange = fake_serve("GET /api/things/bob", cookie, NULL);
        assert_string_equal(fake_asks[0].method, "nas.users.Exchange");
        fake_answer(0, NULL, token(ROLE_ADMIN, 3));
        fake_answer(1, NULL, "{\"thing\":{}}");
        EXPECT(exchange, 200, "");
        /* A change needs the header and our own Origin, both. */
        const char *origin = "Origin: https://nas\r\n",
                   *token_field = arena_printf(api.arena, "X-CSRF-Token: %s\r\n", csrf);
        const struct {
                const char *fields;
                bool goes;
        } rows[] = {{"", false},
                    {origin, false},
                    {token_field, false},
                    {arena_printf(api.arena, "%sOrigin: http://nas\r\n", token_field), false},
                    {arena_printf(api.arena, "%sOrigin: null\r\n", token_field), false},
                    {arena_printf(api.arena, "%sOrigin: https://nas.evil\r\n", token_field), false},
                    {arena_printf(api.arena, "%sOrigin: https://friend.example\r\n", token_field), false},
                    {arena_printf(api.arena, "%sX-CSRF-Token: %064d\r\n", origin, 0), false},
                    {arena_printf(api.arena, "%s%s", origin, token_field), true}};
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                exchange = fake_serve("DELETE /api/things/bob", arena_printf(api.arena, "%s%s", cookie, rows[i].fields),
                                      NULL);
                assert_int_equal(fake_ask_count, rows[i].goes);
                if (!rows[i].goes)
                        EXPECT(exchange, 403, "denied");
        }
}

static void a_session_that_is_over_is_cleared(void **state)
{
        const char *cookie =
                arena_printf(api.arena, "Cookie: __Host-bulkhead-session=%s\r\n", credential(CREDENTIAL_SESSION, 4));

        (void)state;
        struct exchange *exchange = fake_serve("GET /api/things/bob", cookie, NULL);
        fake_answer(0, "nas.error.Unauthenticated", "{\"message\":\"m\",\"next\":\"\"}");
        EXPECT(exchange, 401, "unauthenticated");
        assert_string_equal(fake_field(exchange, "Set-Cookie"),
                            "__Host-bulkhead-session=; Path=/; Secure; SameSite=Strict; Max-Age=0; HttpOnly");
        /* It does not keep from signing in. */
        fake_serve("POST /api/enter", arena_printf(api.arena, "%sContent-Type: application/json\r\n", cookie),
                   "{\"word\":\"w\"}");
        assert_string_equal(fake_asks[0].method, "Enter");
}

static void cookies_are_set_and_cleared(void **state)
{
        const char *fields = "Content-Type: application/json\r\nCookie: __Host-bulkhead-device=d0\r\n";

        (void)state;
        struct exchange *exchange = fake_serve("POST /api/enter", fields, "{\"word\":\"w\"}");
        assert_memory_equal(fake_asks[0].parameters, "{\"device\":\"d0\",\"word\":\"w\",\"caller\":{\"request\"", 45);
        fake_answer(0, NULL, "{\"token\":\"t\",\"session\":\"bhs_s\",\"device\":\"d1\",\"thing\":{\"name\":\"x\"}}");
        EXPECT(exchange, 200, "");
        assert_string_equal(exchange->body, "{\"token\":\"t\",\"thing\":{\"name\":\"x\"}}");
        assert_non_null(strstr(exchange->fields, "Set-Cookie: __Host-bulkhead-session=bhs_s; Path=/; Secure; "
                                                 "SameSite=Strict; HttpOnly\n"));
        assert_non_null(strstr(exchange->fields, "Set-Cookie: __Host-bulkhead-device=d1; Path=/; Secure; "
                                                 "SameSite=Strict; Max-Age=34560000; HttpOnly\n"));
        assert_non_null(strstr(exchange->fields, "Set-Cookie: __Host-bulkhead-csrf="));
        exchange = fake_serve("POST /api/leave", bearer(), NULL);
        fake_answer(0, NULL, "{}");
        EXPECT(exchange, 204, "");
        assert_non_null(strstr(exchange->fields, "Set-Cookie: __Host-bulkhead-session=; "));
        assert_non_null(strstr(exchange->fields, "Set-Cookie: __Host-bulkhead-csrf=; "));
        exchange = fake_serve("POST /api/leave?dry_run=true", bearer(), NULL);
        fake_answer(0, NULL, "{\"plan\":{}}");
        assert_null(strstr(exchange->fields, "Set-Cookie"));
}

static void those_who_ask_together_share_one_question(void **state)
{
        const char *fields = arena_printf(api.arena, "Authorization: Bearer %s\r\n", credential(CREDENTIAL_KEY, 5));

        (void)state;
        struct exchange *first = fake_serve("GET /api/things/a", fields, NULL);
        struct wire_ask question = fake_asks[0];
        struct exchange *second = fake_serve("GET /api/things/b", fields, NULL);
        assert_int_equal(fake_ask_count, 0);
        struct exchange *third = fake_serve("GET /api/things/c", fields, NULL);
        third->gone(third, third->gone_context);
        fake_asks[0] = question;
        fake_ask_count = 1;
        fake_answer(0, NULL, token(ROLE_USER, 5));
        assert_int_equal(fake_ask_count, 3);
        fake_answer(1, NULL, "{\"thing\":{}}");
        fake_answer(2, NULL, "{\"thing\":{}}");
        EXPECT(first, 200, "");
        EXPECT(second, 200, "");
        EXPECT(third, 0, "");
}

static void other_paths(void **state)
{
        (void)state;
        EXPECT(fake_serve("GET /api/nothing", "", NULL), 404, "not-found");
        EXPECT(fake_serve("GET /nothing", "", NULL), 404, "not-found");
        EXPECT(fake_serve("POST /api/things", "", NULL), 405, "method-not-allowed");
        EXPECT(fake_serve("POST /api/system/live", "", NULL), 405, "method-not-allowed");
        EXPECT(fake_serve("POST /", "", NULL), 405, "method-not-allowed");
        EXPECT(fake_serve("GET /api/stream", "", NULL), 101, "");
        EXPECT(fake_serve("POST /api/stream", "", NULL), 405, "method-not-allowed");
        EXPECT(fake_serve("GET /api/system/live/", "", NULL), 200, "");
        EXPECT(fake_serve("HEAD /api/system/live", "", NULL), 200, "");
        EXPECT(fake_serve("GET /api/contracts/nas.none", "", NULL), 404, "not-found");
}

static int begin(void **state)
{
        static const char *const hosts[] = {"own.example", NULL}, *const origins[] = {"https://friend.example", NULL};
        static struct api_method methods[32];

        (void)state;
        api.arena = arena_new();
        fake_trust_begin();
        api.settings = (struct api_settings){.hosts = hosts, .origins = origins, .name = "nas"};
        world_contract("nas.a.varlink", contract);
        memcpy(methods, api.methods, api.method_count * sizeof(*methods));
        for (size_t i = 0; i < api.method_count; i++)
                methods[i].line = lines;
        methods[api.method_count++] = (struct api_method){.name = "nas.users.Exchange", .line = lines};
        api.methods = methods;
        route_compile();
        return 0;
}

static int end(void **state)
{
        (void)state;
        fake_trust_end();
        arena_free(TAKE(api.arena));
        return 0;
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_reading),
                cmocka_unit_test(a_list),
                cmocka_unit_test(who_pages_itself_links_on),
                cmocka_unit_test(a_change),
                cmocka_unit_test(bodies_that_are_none),
                cmocka_unit_test(errors_become_problems),
                cmocka_unit_test(daemons_that_do_not_answer),
                cmocka_unit_test(hosts_that_are_not_ours),
                cmocka_unit_test(pages_of_other_sites),
                cmocka_unit_test(without_a_good_ticket),
                cmocka_unit_test(keys_are_exchanged_once),
                cmocka_unit_test(a_bad_key_is_told_so),
                cmocka_unit_test(cookies_read_and_change),
                cmocka_unit_test(a_session_that_is_over_is_cleared),
                cmocka_unit_test(cookies_are_set_and_cleared),
                cmocka_unit_test(those_who_ask_together_share_one_question),
                cmocka_unit_test(other_paths),
        };
        return cmocka_run_group_tests(tests, begin, end);
}
