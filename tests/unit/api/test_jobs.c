/* What every daemon serves for itself: lists become one, one thing is whosever daemon knows it.
 * Rights: a test. */
#include "tests/unit/api/fake.h"

static const char contract[] = "interface nas.job\ntype Job (\nid: int,\n# @is timestamp\nstarted: string)\n"
                               "# @http GET /api/jobs\n# @role nobody\nmethod ListJobs(\n# @range 1 500\n# @default "
                               "3\nlimit: ?int) -> (\n# @max "
                               "500\njobs: []Job)\n"
                               "# @http GET /api/jobs/{id}\n# @role nobody\nmethod GetJob(\nid: int) -> (job: Job)\n"
                               "# @http POST /api/jobs/{id}/abort\n# @role nobody\nmethod AbortJob(\nid: int) -> ()\n";

#define JOB(id, at)  "{\"id\":" #id ",\"started\":\"2026-01-0" #at "T00:00:00Z\"}"
#define NOT_FOUND    "nas.error.NotFound", "{\"field\":\"id\",\"message\":\"m\",\"next\":\"\"}"
#define NO_INTERFACE "org.varlink.service.InterfaceNotFound", "{\"interface\":\"nas.job\"}"

static void lists_become_one(void **state)
{
        (void)state;
        struct exchange *exchange = fake_serve("GET /api/jobs", "", NULL);
        assert_int_equal(fake_ask_count, 3);
        fake_answer(0, NULL, "{\"jobs\":[" JOB(9, 5) "," JOB(1, 1) "]}");
        fake_answer(1, NO_INTERFACE);
        assert_int_equal(exchange->status, 0);
        fake_answer(2, NULL, "{\"jobs\":[" JOB(7, 6) "," JOB(8, 5) "]}");
        assert_int_equal(exchange->status, 200);
        assert_string_equal(exchange->body, "[" JOB(7, 6) "," JOB(9, 5) "," JOB(8, 5) "]"); /* three at most */
        assert_string_equal(fake_field(exchange, "X-Daemons-Missing"), "");
        assert_string_equal(fake_field(exchange, "X-Total-Count"), "");
        exchange = fake_serve("GET /api/jobs?limit=1&id__lt=9", "", NULL);
        /* Those looked for may be older than the newest one. */
        assert_non_null(strstr(fake_asks[1].parameters, "{\"limit\":500,\"caller\""));
        fake_answer(0, NULL, "{\"jobs\":[" JOB(9, 8) "," JOB(9, 7) "," JOB(5, 2) "]}");
        fake_answer(1, NULL, "{\"jobs\":[]}");
        fake_answer(2, NULL, "{\"jobs\":[" JOB(9, 6) "," JOB(7, 5) "]}");
        assert_string_equal(exchange->body, "[" JOB(7, 5) "]");
        assert_string_equal(fake_field(exchange, "X-Total-Count"), "");
        exchange = fake_serve("GET /api/jobs?offset=1", "", NULL);
        fake_answer(0, NULL, "{\"jobs\":[" JOB(5, 5) "," JOB(4, 4) "," JOB(3, 3) "]}");
        fake_answer(1, NULL, "{\"jobs\":[" JOB(2, 2) "," JOB(1, 1) "]}");
        fake_answer(2, NULL, "{\"jobs\":[]}");
        assert_string_equal(exchange->body, "[" JOB(4, 4) "," JOB(3, 3) "," JOB(2, 2) "]"); /* three, unless said */
        exchange = fake_serve("GET /api/jobs?limit=1", "", NULL);
        assert_non_null(strstr(fake_asks[1].parameters, "{\"limit\":1,\"caller\""));
        for (unsigned i = 0; i < 3; i++)
                fake_answer(i, NULL, "{\"jobs\":[]}");
}

static void one_that_is_away_hides_nobody_else(void **state)
{
        (void)state;
        struct exchange *exchange = fake_serve("GET /api/jobs", "", NULL);
        fake_answer(0, NULL, "{\"jobs\":[" JOB(9, 5) "]}");
        fake_away(1, FAILURE_UNAVAILABLE, false);
        fake_answer(2, NULL, "{\"jobs\":[]}");
        assert_int_equal(exchange->status, 200);
        assert_string_equal(fake_field(exchange, "X-Daemons-Missing"), "b");
        exchange = fake_serve("GET /api/jobs", "", NULL);
        for (unsigned i = 0; i < 3; i++)
                fake_away(i, FAILURE_UNAVAILABLE, false);
        assert_int_equal(exchange->status, 503);
}

static int status_of(const char *request, const char *const answers[3][2])
{
        struct exchange *exchange = fake_serve(request, "", NULL);

        for (unsigned i = 0; i < 3; i++)
                if (answers[i][1] != NULL)
                        fake_answer(i, answers[i][0], answers[i][1]);
                else
                        fake_away(i, FAILURE_UNAVAILABLE, false);
        return exchange->status;
}

static void one_job_is_whosever_knows_it(void **state)
{
        (void)state;
        assert_int_equal(status_of("GET /api/jobs/9",
                                   (const char *const[3][2]){{NOT_FOUND}, {NULL, "{\"job\":{}}"}, {NOT_FOUND}}),
                         200);
        assert_int_equal(
                status_of("GET /api/jobs/9", (const char *const[3][2]){{NOT_FOUND}, {NO_INTERFACE}, {NOT_FOUND}}), 404);
        assert_int_equal(
                status_of("GET /api/jobs/9", (const char *const[3][2]){{NOT_FOUND}, {NULL, NULL}, {NOT_FOUND}}),
                503); /* it may be that one's */
        assert_int_equal(status_of("GET /api/jobs/9",
                                   (const char *const[3][2]){{NULL, NULL}, {NULL, "{\"job\":{}}"}, {NOT_FOUND}}),
                         200);
        assert_int_equal(status_of("POST /api/jobs/9/abort",
                                   (const char *const[3][2]){{NOT_FOUND},
                                                             {"nas.error.Conflict", "{\"message\":\"over\"}"},
                                                             {NULL, NULL}}),
                         409);
        assert_int_equal(
                status_of("POST /api/jobs/9/abort", (const char *const[3][2]){{NOT_FOUND}, {NULL, "{}"}, {NOT_FOUND}}),
                204);
}

static void who_goes_away_takes_all_questions_along(void **state)
{
        (void)state;
        struct exchange *exchange = fake_serve("GET /api/jobs", "", NULL);
        fake_answer(1, NULL, "{\"jobs\":[]}");
        exchange->gone(exchange, exchange->gone_context);
        assert_true(fake_asks[0].cancelled && !fake_asks[1].cancelled && fake_asks[2].cancelled);
}

static int begin(void **state)
{
        (void)state;
        api.arena = arena_new();
        api.settings = (struct api_settings){.name = "nas"};
        world_contract("nas.job.varlink", contract);
        for (size_t i = 0; i < 3; i++)
                api.lines[api.line_count++] = (struct api_line){.name = &"a\0b\0c"[2 * i], .line = &fake_line};
        return 0;
}

static int end(void **state)
{
        (void)state;
        arena_free(TAKE(api.arena));
        return 0;
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(lists_become_one),
                cmocka_unit_test(one_that_is_away_hides_nobody_else),
                cmocka_unit_test(one_job_is_whosever_knows_it),
                cmocka_unit_test(who_goes_away_takes_all_questions_along),
        };
        (void)fake_trust_begin;
        return cmocka_run_group_tests(tests, begin, end);
}
