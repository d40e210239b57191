/* What is made from contracts: the same bytes from the same input, and the parts of it that are promised.
 * Rights: a test; reads the contracts of this tree. */
#include "base/mem.h"
#include "ipc/compiler/emit.h"
#include "json/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const char sample[] =
        "# A sample, with \"quotes\" and a */ in it.\ninterface nas.sample\n\n# A kind.\ntype Kind (first_one, other)\n"
        "type Thing (\n  # @max 5\n  labels: ?[string]Kind,\n  # @max 3\n  parts: [](x: int, how: (fast, slow)),\n"
        "  # @default 7\n  # @range 1 9\n  size: ?int,\n  extra: ?object\n)\n"
        "# Change it. Now.\n# @http PUT /api/things/{name}\n# @role operator\n# @plan\n# @warrant sometimes\n"
        "method SetThing(\n  # @is user_name\n  name: string,\n  thing: Thing\n) -> (thing: Thing)\n"
        "# @http POST /api/enter\n# @role nobody\nmethod Enter(\n  # @max 9\n  # @secret\n  # @cookie\n  old: "
        "?string,\n"
        "  # @max 9\n  # @secret\n  word: string\n) -> (\n  # @max 9\n  # @issued\n  # @cookie\n  pass: string,\n"
        "  thing: Thing\n)\n# @http POST /api/leave\n# @role user\nmethod Leave() -> (\n  # @max 9\n  # @issued\n"
        "  # @cookie\n  pass: ?string\n)\n"
        "# @http GET /api/things\n# @role viewer\n# @more\nmethod ListThings(\n  # @is cursor\n  cursor: ?string\n) -> "
        "(\n"
        "  # @max 9\n  things: []Thing,\n  # @is cursor\n  next: ?string\n)\n";

enum what { HEADER, SOURCE, SERVE, DESCRIPTION, TS, OPENAPI, WHAT_COUNT };

static char *emit(enum what what, const char *file, const char *text)
{
        struct arena *arena CLEANUP(arena_freep) = arena_new();
        char message[256], *bytes = NULL;
        size_t length;
        const struct idl_contract *contract = idl_parse(arena, file, text, strlen(text), message);
        assert_non_null(contract);
        assert_int_equal(idl_check(&contract, 1, message), 0);
        const struct contracts contracts = {arena, &contract, 1};
        FILE *out = open_memstream(&bytes, &length);

        if (what == HEADER)
                emit_c_header(out, arena, contract);
        else if (what == SOURCE)
                emit_c_source(out, arena, contract);
        else if (what == SERVE)
                emit_c_serve(out, arena, contract);
        else if (what == DESCRIPTION)
                emit_description(out, contract);
        else if (what == TS)
                emit_ts(out, &contracts);
        else
                emit_openapi(out, &contracts);
        fclose(out);
        return bytes;
}

static char *emit_sample(enum what what)
{
        return emit(what, "nas.sample.varlink", sample);
}

static void expect(const char *text, const char *part)
{
        if (strstr(text, part) == NULL)
                fail_msg("not there: %s\n--- in:\n%s", part, text);
}

static void same_input_same_bytes(void **state)
{
        (void)state;
        for (enum what what = 0; what < WHAT_COUNT; what++) {
                char *one = emit_sample(what), *other = emit_sample(what);
                assert_true(strlen(one) > 100);
                assert_string_equal(one, other);
                free(one);
                free(other);
        }
}

static void header_has_the_promised_names(void **state)
{
        char *text = emit_sample(HEADER);

        (void)state;
        expect(text,
               "enum nas_sample_kind {\n        NAS_SAMPLE_KIND_FIRST_ONE,\n        NAS_SAMPLE_KIND_OTHER,\n};\n");
        expect(text, "struct nas_sample_thing_labels_entry {\n        const char *key;\n        enum nas_sample_kind "
                     "value;\n};\n");
        expect(text, "        const struct nas_sample_thing_labels_entry *labels;\n        size_t labels_count;\n"
                     "        bool has_labels;\n");
        expect(text, "struct nas_sample_thing_parts {\n        int64_t x;\n        enum nas_sample_thing_parts_how "
                     "how;\n};\n");
        expect(text, "        const struct nas_sample_thing_parts *parts;\n        size_t parts_count;\n");
        expect(text, "        int64_t size;\n        bool has_size;\n        const struct json *extra; /* NULL: not "
                     "there */\n};");
        expect(text,
               "void nas_sample_set_thing(struct call *call, const struct nas_sample_set_thing_in *in);\n"
               "void nas_sample_set_thing_reply(struct call *call, const struct nas_sample_set_thing_out *out);\n");
        expect(text, "extern const struct wire_interface nas_sample_interface;\n");
        free(text);
}

static void table_has_roles_and_flags(void **state)
{
        char *text = emit_sample(SERVE);

        (void)state;
        expect(text, "{\"SetThing\", ROLE_OPERATOR, METHOD_CHANGES, nas_sample_set_thing_serve, NULL, NULL},");
        expect(text, "{\"ListThings\", ROLE_VIEWER, METHOD_MORE, nas_sample_list_things_serve, NULL, NULL},");
        expect(text, "\"# A sample, with \\\"quotes\\\" and a */ in it.\\n\"");
        free(text);
}

static void changes_know_what_reads_the_same(void **state)
{
        static const char text[] =
                "# Things.\ninterface nas.sample\n"
                "# All.\n# @http GET /api/things\n# @role viewer\nmethod List() -> (n: int)\n"
                "# Add.\n# @http POST /api/things\n# @role user\n# @plan\nmethod Add(n: int) -> ()\n"
                "# Set.\n# @http PUT /api/things/{n}/parts/{part}\n# @role user\n# @plan\n"
                "method Set(more: bool, part: int, n: int) -> ()\n"
                "# Ask.\n# @http POST /api/things/{n}/parts/{part}\n# @role user\nmethod Ask(n: int, part: int) -> ()\n"
                "# Look.\n# @http GET /api/things/{n}/parts/{part}\n# @role user\n"
                "method Look(n: int, part: int) -> (n: int)\n"
                "# Drop.\n# @http DELETE /api/things/{n}\n# @role user\n# @plan\nmethod Drop(n: int) -> ()\n";
        char *made = emit(SERVE, "nas.sample.varlink", text);

        (void)state;
        expect(made, "nas_sample_list_serve, NULL, NULL},");
        expect(made, "nas_sample_add_serve, &methods[0], (const char *const[]){NULL}},");
        expect(made, "nas_sample_set_serve, &methods[4], (const char *const[]){\"n\", \"part\", NULL}},");
        expect(made, "nas_sample_ask_serve, NULL, NULL},"); /* changes nothing */
        expect(made, "nas_sample_drop_serve, NULL, NULL},");
        free(made);
}

static void description_is_a_contract_again(void **state)
{
        struct arena *arena CLEANUP(arena_freep) = arena_new();
        char message[256], *text = emit_sample(DESCRIPTION);

        (void)state;
        const struct idl_contract *contract = idl_parse(arena, "nas.sample.varlink", text, strlen(text), message);
        assert_non_null(contract);
        const struct idl_member *method = idl_member(contract, IDL_METHOD, "SetThing");
        assert_string_equal(idl_field(method->type, "caller")->type->name, "Caller");
        assert_true(idl_field(method->reply, "thing")->type->optional);
        assert_string_equal(idl_field(method->reply, "plan")->type->name, "Plan");
        assert_non_null(idl_field(method->reply, "job"));
        assert_non_null(idl_field(method->reply, "progress"));
        assert_non_null(method->said.notes[IDL_HTTP]);
        method = idl_member(contract, IDL_METHOD, "ListThings");
        assert_false(idl_field(method->reply, "things")->type->optional);
        assert_null(idl_field(method->reply, "plan"));
        free(text);
}

static void script_has_types_and_functions(void **state)
{
        char *text = emit_sample(TS);

        (void)state;
        expect(text, "export type SampleKind = \"first_one\" | \"other\";");
        expect(text, "  labels?: Record<string, SampleKind>;\n");
        expect(text, "  parts: Array<{\n    x: number;\n    how: \"fast\" | \"slow\";\n  }>;\n");
        expect(text, "export function sampleSetThing(client: Client, parameters: SampleSetThingParameters, "
                     "options: DryRun): Promise<Plan>;");
        expect(text, "client.call(\"PUT\", `/api/things/${encodeURIComponent(String(parameters.name))}`, {}, "
                     "omit(parameters, [\"name\"]), options)");
        expect(text, "client.page(\"GET\", `/api/things`, parameters, undefined, options)");
        free(text);
}

static void document_has_limits_and_roles(void **state)
{
        char *text = emit_sample(OPENAPI);
        struct failure failure;
        struct json *document CLEANUP(json_freep) = json_parse(text, strlen(text), &failure);

        (void)state;
        assert_non_null(document);
        const struct json *path = json_member(json_member(document, "paths"), "/api/things/{name}");
        const struct json *operation = json_member(path, "put");
        assert_string_equal(json_text(json_member(operation, "x-bulkhead-role"), NULL), "operator");
        assert_string_equal(json_text(json_member(operation, "summary"), NULL), "Change it");
        assert_int_equal(json_length(json_member(operation, "parameters")), 6);
        assert_non_null(json_member(json_member(operation, "responses"), "409"));
        assert_non_null(json_member(json_member(operation, "responses"), "412"));
        const struct json *sample_code = json_item(json_member(operation, "x-codeSamples"), 0);
        assert_string_equal(
                json_text(json_member(sample_code, "source"), NULL),
                "curl --fail-with-body -X PUT -H \"Authorization: Bearer $TOKEN\" -H \"Content-Type: "
                "application/json\" "
                "--data "
                "'{\"thing\":{\"labels\":{\"name\":\"first_one\"},\"parts\":[{\"x\":1,\"how\":\"fast\"}],\"size\":1,"
                "\"extra\":{}}}' \"$BULKHEAD/api/things/alice\"");
        const struct json *schemas = json_member(json_member(document, "components"), "schemas");
        const struct json *thing = json_member(json_member(schemas, "sample.Thing"), "properties");
        const struct json *size = json_member(thing, "size");
        assert_int_equal(json_integer(json_member(size, "minimum")), 1);
        assert_int_equal(json_integer(json_member(size, "maximum")), 9);
        assert_int_equal(json_integer(json_member(size, "default")), 7);
        assert_int_equal(json_integer(json_member(json_member(thing, "labels"), "maxProperties")), 5);
        free(text);
}

/* A cookie is in no body, neither way; what is only a cookie is no result. */
static void cookies_are_not_in_bodies(void **state)
{
        char *text = emit_sample(OPENAPI);
        struct failure failure;
        struct json *document CLEANUP(json_freep) = json_parse(text, strlen(text), &failure);

        (void)state;
        assert_non_null(document);
        const struct json *paths = json_member(document, "paths");
        const struct json *enter = json_member(json_member(paths, "/api/enter"), "post");
        const struct json *cookie = json_item(json_member(enter, "parameters"), 0);
        assert_string_equal(json_text(json_member(cookie, "in"), NULL), "cookie");
        assert_string_equal(json_text(json_member(cookie, "name"), NULL), "__Host-bulkhead-old");
        const struct json *good = json_member(json_member(enter, "responses"), "200");
        assert_non_null(json_member(json_member(good, "headers"), "Set-Cookie"));
        const struct json *content = json_member(json_member(good, "content"), "application/json");
        assert_string_equal(json_text(json_member(json_member(content, "schema"), "$ref"), NULL),
                            "#/components/schemas/sample.Thing");
        const struct json *leave = json_member(json_member(paths, "/api/leave"), "post");
        assert_non_null(json_member(json_member(leave, "responses"), "204"));
        assert_null(json_member(json_member(leave, "responses"), "200"));
        free(text);
        text = emit_sample(TS);
        expect(text, "export interface SampleEnterParameters {\n  word: string;\n}\n");
        expect(text, "export type SampleLeaveParameters = Record<string, never>;\n");
        free(text);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(same_input_same_bytes),           cmocka_unit_test(header_has_the_promised_names),
                cmocka_unit_test(table_has_roles_and_flags),       cmocka_unit_test(changes_know_what_reads_the_same),
                cmocka_unit_test(description_is_a_contract_again), cmocka_unit_test(script_has_types_and_functions),
                cmocka_unit_test(document_has_limits_and_roles),   cmocka_unit_test(cookies_are_not_in_bodies),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
