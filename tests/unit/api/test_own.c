/* What the front end answers by itself: files of its folder and nothing outside of it, documents, health.
 * Rights: a test; writes a folder of its own below /tmp. */
#include "tests/unit/api/fake.h"

#include "sys/file.h"
#include "tls/certificate.h"

#include <sys/stat.h>

static char folder[] = "/tmp/test-web-XXXXXX";

static void put(const char *name, const char *text)
{
        CLEANUP_FD int directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        assert_int_equal(file_put(directory, name, text, strlen(text), 0644), 0);
}

static void files_are_served(void **state)
{
        (void)state;
        struct exchange *exchange = fake_serve("GET /", "", NULL);
        assert_int_equal(exchange->status, 200);
        assert_string_equal(exchange->body, "home");
        assert_string_equal(fake_field(exchange, "Content-Type"), "text/html; charset=utf-8");
        assert_string_equal(fake_field(exchange, "Cache-Control"), "no-cache");
        assert_non_null(strstr(fake_field(exchange, "Content-Security-Policy"), "script-src 'self'"));
        assert_null(strstr(fake_field(exchange, "Content-Security-Policy"), "unsafe"));
        assert_string_equal(fake_serve("GET /app.js", "", NULL)->body, "code");
        assert_string_equal(fake_serve("GET /app.js", "Accept-Encoding: gzip\r\n", NULL)->body, "packed");
        assert_string_equal(fake_serve("GET /api/docs", "", NULL)->body, "docs");
        assert_string_equal(fake_serve("GET /api/docs/", "", NULL)->body, "docs");
        assert_string_equal(fake_serve("GET /api/docs/errors", "", NULL)->body, "errors");
        assert_string_equal(fake_serve("GET /app", "", NULL)->body, "page");
}

static void nothing_else_is(void **state)
{
        static const char *const targets[] = {"/secret.html",   "/link.html", "/.hidden.html", "/docs/.hidden.html",
                                              "/odd",           "/app.exe",   "/folder.html",  "/a%2Fb.html",
                                              "/api/docs/x.js", "/app.js.gz", "/api/docsX",    "/app.js%20"};

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(targets); i++) {
                struct exchange *exchange = fake_serve(arena_printf(api.arena, "GET %s", targets[i]), "", NULL);
                if (exchange->status != 404)
                        fail_msg("%s: %d %s", targets[i], exchange->status, exchange->body);
        }
        assert_int_equal(fake_serve("POST /app.js", "", NULL)->status, 405);
        assert_string_equal(fake_field(fake_serve("OPTIONS /app.js", "", NULL), "Allow"), "GET, HEAD, OPTIONS");
}

/* A browser must not be told to insist on a certificate that it cannot know. */
static void strict_transport_only_with_a_known_certificate(void **state)
{
        struct tls_facts own = {.self_signed = true}, known = {.name_count = 1, .names = {"nas.example"}};

        (void)state;
        api.certificate = &own;
        assert_string_equal(fake_field(fake_serve("GET /", "", NULL), "Strict-Transport-Security"), "");
        api.certificate = &known;
        assert_string_not_equal(fake_field(fake_serve("GET /", "", NULL), "Strict-Transport-Security"), "");
        api.certificate = NULL;
        assert_string_equal(fake_field(fake_serve("GET /", "", NULL), "Strict-Transport-Security"), "");
}

static void ready_is_when_all_are_there(void **state)
{
        (void)state;
        struct exchange *exchange = fake_serve("GET /api/system/ready", "", NULL);
        assert_int_equal(fake_ask_count, 2);
        assert_string_equal(fake_asks[0].method, "org.varlink.service.GetInfo");
        fake_answer(0, NULL, "{}");
        assert_int_equal(exchange->status, 0);
        fake_away(1, FAILURE_UNAVAILABLE, false);
        assert_int_equal(exchange->status, 503);
        assert_string_equal(fake_field(exchange, "Retry-After"), "1");
        /* Known for a second: daemons are not asked again for everybody who wants to know. */
        exchange = fake_serve("GET /api/system/ready", "", NULL);
        assert_int_equal(exchange->status, 503);
        assert_int_equal(fake_ask_count, 0);
        assert_int_equal(fake_serve("GET /api/system/live", "", NULL)->status, 200);
}

static void stop(void *context)
{
        loop_stop(context);
}

static void a_daemon_that_says_nothing_is_not_waited_for(void **state)
{
        (void)state;
        usleep(1100 * 1000); /* what was known is old */
        struct exchange *exchange = fake_serve("GET /api/system/ready", "", NULL);
        assert_int_equal(fake_ask_count, 2);
        fake_answer(0, NULL, "{}");
        struct loop_watch *watch = loop_timer(api.loop, 2500, stop, api.loop);
        loop_run(api.loop);
        loop_unwatch(watch);
        assert_int_equal(exchange->status, 503);
        assert_true(fake_asks[1].cancelled);
}

static void make_folder(void)
{
        CLEANUP_FD int directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        assert_int_equal(mkdirat(directory, "docs", 0755) | mkdirat(directory, "folder.html", 0755), 0);
        put("index.html", "home");
        put("app.js", "code");
        put("app.js.gz", "packed");
        put("app.html", "page");
        put("app.exe", "no type");
        put("odd", "no type");
        put(".hidden.html", "hidden");
        CLEANUP_FD int docs = openat(directory, "docs", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        assert_int_equal(file_put(docs, "index.html", "docs", 4, 0644), 0);
        assert_int_equal(file_put(docs, "errors.html", "errors", 6, 0644), 0);
        assert_int_equal(symlinkat("/etc/passwd", directory, "link.html"), 0);
        assert_int_equal(mkfifoat(directory, "secret.html", 0644), 0);
}

static int begin(void **state)
{
        (void)state;
        crypto_start();
        api.arena = arena_new();
        api.loop = loop_new();
        assert_non_null(mkdtemp(folder));
        make_folder();
        api.settings = (struct api_settings){.name = "nas", .web = folder};
        api.lines[0] = (struct api_line){.name = "a", .line = &fake_line};
        api.lines[1] = (struct api_line){.name = "b", .line = &fake_line};
        api.line_count = 2;
        return web_open();
}

static int end(void **state)
{
        char path[64];

        (void)state;
        (void)fake_trust_begin;
        (void)fake_trust_end;
        loop_free(TAKE(api.loop));
        arena_free(TAKE(api.arena));
        static const char *const names[] = {"index.html",       "app.js",    "app.js.gz",    "app.html",
                                            "app.exe",          "odd",       ".hidden.html", "docs/index.html",
                                            "docs/errors.html", "link.html", "secret.html"};
        for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
                snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
                unlink(path);
        }
        snprintf(path, sizeof(path), "%s/docs", folder);
        rmdir(path);
        snprintf(path, sizeof(path), "%s/folder.html", folder);
        rmdir(path);
        return rmdir(folder);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(files_are_served),
                cmocka_unit_test(nothing_else_is),
                cmocka_unit_test(strict_transport_only_with_a_known_certificate),
                cmocka_unit_test(ready_is_when_all_are_there),
                cmocka_unit_test(a_daemon_that_says_nothing_is_not_waited_for),
        };
        return cmocka_run_group_tests(tests, begin, end);
}
