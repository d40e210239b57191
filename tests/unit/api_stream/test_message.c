/* What clients say, read strictly; and the one spelling of parameters and states.
 * Rights: a test. */
#include "tests/unit/api_stream/fake.h"

static int read_text(const char *text, struct message *message, struct failure *failure)
{
        struct json *document CLEANUP(json_freep) = json_parse(text, strlen(text), NULL);

        *failure = (struct failure){0};
        assert_non_null(document);
        int result = message_read(document, message, failure);
        if (message->method != NULL)
                message->method = arena_text(api.arena, message->method, strlen(message->method));
        return result;
}

static void good_ones(void **state)
{
        struct message message;
        struct failure failure;

        (void)state;
        assert_int_equal(read_text("{\"id\":0,\"watch\":\"a.B\"}", &message, &failure), 0);
        assert_int_equal(message.kind, MESSAGE_WATCH);
        assert_int_equal(message.id, 0);
        assert_null(message.params);
        assert_int_equal(read_text("{\"id\":9007199254740991,\"call\":\"a.B\",\"params\":{},\"dry_run\":true,"
                                   "\"warrant\":\"w\",\"idempotency\":\"i\",\"if_match\":\"v\"}",
                                   &message, &failure),
                         0);
        assert_int_equal(message.kind, MESSAGE_CALL);
        assert_true(message.dry_run);
        assert_int_equal(message.id, JSON_INTEGER_MAX);
        assert_int_equal(read_text("{\"cancel\":true,\"id\":7}", &message, &failure), 0);
        assert_int_equal(message.kind, MESSAGE_CANCEL);
}

static void bad_ones(void **state)
{
        static const struct {
                const char *text;
                enum failure_code code;
                const char *field;
                int64_t id;
        } cases[] = {
                {"[]", FAILURE_MALFORMED, "", -1},
                {"{}", FAILURE_MALFORMED, "", -1},
                {"{\"id\":1}", FAILURE_MALFORMED, "", 1},
                {"{\"id\":1,\"watch\":\"a\",\"call\":\"a\"}", FAILURE_MALFORMED, "", 1},
                {"{\"id\":1,\"call\":\"a\",\"cancel\":true}", FAILURE_MALFORMED, "", 1},
                {"{\"watch\":\"a\"}", FAILURE_INVALID, "id", -1},
                {"{\"id\":-1,\"watch\":\"a\"}", FAILURE_INVALID, "id", -1},
                {"{\"id\":\"1\",\"watch\":\"a\"}", FAILURE_INVALID, "id", -1},
                {"{\"id\":1.5,\"watch\":\"a\"}", FAILURE_INVALID, "id", -1},
                {"{\"id\":null,\"watch\":\"a\"}", FAILURE_INVALID, "id", -1},
                {"{\"id\":1,\"watch\":3}", FAILURE_INVALID, "watch", 1},
                {"{\"id\":1,\"watch\":null}", FAILURE_INVALID, "watch", 1},
                {"{\"id\":1,\"watch\":\"\"}", FAILURE_INVALID, "watch", 1},
                {"{\"id\":1,\"watch\":\"a\",\"params\":[]}", FAILURE_INVALID, "params", 1},
                {"{\"id\":1,\"watch\":\"a\",\"params\":null}", FAILURE_INVALID, "params", 1},
                {"{\"id\":1,\"watch\":\"a\",\"version\":\"1\"}", FAILURE_INVALID, "version", 1},
                {"{\"id\":1,\"watch\":\"a\",\"version\":\"0123456789abcdef0123456789abcdeg\"}", FAILURE_INVALID,
                 "version", 1},
                {"{\"id\":1,\"watch\":\"a\",\"dry_run\":true}", FAILURE_INVALID, "dry_run", 1},
                {"{\"id\":1,\"call\":\"a\",\"version\":\"0123456789abcdef0123456789abcdef\"}", FAILURE_INVALID,
                 "version", 1},
                {"{\"id\":1,\"call\":\"a\",\"warrant\":\"a\\nb\"}", FAILURE_INVALID, "warrant", 1},
                {"{\"id\":1,\"call\":\"a\",\"dry_run\":1}", FAILURE_INVALID, "dry_run", 1},
                {"{\"id\":1,\"call\":\"a\",\"caller\":{}}", FAILURE_INVALID, "caller", 1},
                {"{\"id\":1,\"cancel\":false}", FAILURE_INVALID, "cancel", 1},
                {"{\"id\":1,\"cancel\":true,\"params\":{}}", FAILURE_INVALID, "params", 1},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                struct message message;
                struct failure failure;
                if (read_text(cases[i].text, &message, &failure) == 0)
                        fail_msg("%s was taken", cases[i].text);
                assert_int_equal(failure.code, cases[i].code);
                assert_string_equal(failure.field, cases[i].field);
                assert_int_equal(message.id, cases[i].id);
        }
}

static const struct idl_member *method_of(const char *name)
{
        const struct api_method *method = api_method_find(name);
        assert_non_null(method);
        return method->method;
}

static void parameters_have_one_spelling(void **state)
{
        static const char *const same[] = {"{\"limit\":3,\"all\":true}", "{ \"all\" : true, \"limit\":3 }"};
        const struct idl_member *method = method_of("nas.t.ListThings");
        struct failure failure;

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(same); i++) {
                struct json *params CLEANUP(json_freep) = json_parse(same[i], strlen(same[i]), NULL);
                struct json_out *out CLEANUP(json_out_freep) = json_out_new();
                json_out_object(out);
                assert_int_equal(canon_parameters(out, method, params, &failure), 0);
                json_out_object_end(out);
                assert_string_equal(json_out_bytes(out, NULL), "{\"limit\":3,\"all\":true}");
        }
        const char *other = "{\"limit\":3,\"sort\":\"x\"}";
        struct json *params CLEANUP(json_freep) = json_parse(other, strlen(other), NULL);
        struct json_out *out CLEANUP(json_out_freep) = json_out_new();
        json_out_object(out);
        assert_int_equal(canon_parameters(out, method, params, &failure), -1);
        assert_string_equal(failure.field, "sort");
        other = "{\"limit\":\"3\"}";
        struct json *wrong CLEANUP(json_freep) = json_parse(other, strlen(other), NULL);
        assert_int_equal(canon_parameters(out, method, wrong, &failure), -1);
        assert_string_equal(failure.field, "limit");
}

static void states_have_one_spelling(void **state)
{
        static const struct {
                const char *text, *canonical;
        } cases[] = {
                {"{\"things\":[]}", "{\"things\":[]}"},
                {"{\"things\":[{\"name\":\"b\",\"id\":1,\"tags\":{\"y\":1,\"x\":2}}]}",
                 "{\"things\":[{\"id\":1,\"name\":\"b\",\"tags\":{\"x\":2,\"y\":1}}]}"},
                {"{\"more\":{\"b\":1,\"a\":2},\"things\":[{\"newer\":null,\"id\":1}]}",
                 "{\"things\":[{\"id\":1,\"newer\":null}],\"more\":{\"b\":1,\"a\":2}}"},
                {"{\"things\":{\"id\":1}}", "{\"things\":{\"id\":1}}"}, /* not what the contract says: as it is */
                {"[]", NULL},
                {"{", NULL},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                size_t length;
                char *whole = canon_whole(method_of("nas.t.ListThings"), cases[i].text, strlen(cases[i].text), &length);
                if (cases[i].canonical == NULL)
                        assert_null(whole);
                else
                        assert_string_equal(whole, cases[i].canonical);
                free(whole);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                FAKE_TEST(good_ones),
                FAKE_TEST(bad_ones),
                FAKE_TEST(parameters_have_one_spelling),
                FAKE_TEST(states_have_one_spelling),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
