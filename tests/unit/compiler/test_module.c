/* The rules of a module's contract, and shapes made from a contract at run time.
 * Rights: none. */
#include "base/mem.h"
#include "ipc/compiler/shape_of.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define STATE "type State (\n  n: int,\n  # @max 4\n  list: []Item\n)\ntype Item (\n  # @max 8\n  name: string\n)\n"
#define READ  "# @http GET /api/modules/toy/n\n# @command toy show\n# @role viewer\nmethod Get() -> (n: int)\n"

static struct arena *arena;

static const struct idl_contract *parsed(const char *name, const char *text)
{
        char message[256] = "";
        const struct idl_contract *contract =
                idl_parse(arena, arena_printf(arena, "%s.varlink", name), text, strlen(text), message);
        if (!contract || idl_check(&contract, 1, message) != 0)
                fail_msg("%s", message);
        return contract;
}

/* What is wrong with the module toy when this is added; "" for nothing. */
static const char *judged(const char *more)
{
        char *message = arena_alloc(arena, 256);
        const struct idl_contract *contract =
                parsed("module.toy", arena_printf(arena, "interface module.toy\n" STATE READ "%s", more));
        return idl_check_module(contract, "toy", message) == 0 ? "" : message;
}

static void holds(const char *text, const char *part)
{
        if (!strstr(text, part))
                fail_msg("\"%s\" is not in \"%s\"", part, text);
}

static void its_own_place(void **state)
{
        (void)state;
        char message[256];
        assert_string_equal(judged(""), "");
        assert_string_equal(judged("# @http POST /api/modules/toy/x/{a}\n# @command toy x a\n# @role admin\n# @plan\n"
                                   "# @destroys\n# @warrant\nmethod X(a: int) -> (b: bool)\n"),
                            "");
        holds(judged("# @http POST /api/modules/other/x\n# @role admin\n# @plan\nmethod X() -> ()\n"),
              "module.toy.varlink:15:3:");
        holds(judged("# @http POST /api/modules/toyx/x\n# @role admin\n# @plan\nmethod X() -> ()\n"),
              "expected one below /api/modules/toy/");
        holds(judged("# @http POST /api/modules/toy\n# @role admin\n# @plan\nmethod X() -> ()\n"),
              "expected one below");
        holds(judged("# @command users x\n# @role admin\n# @plan\nmethod X() -> ()\n"), "expected \"toy x\"");
        holds(judged("# @http POST /api/modules/toy/x\n# @role nobody\n# @plan\nmethod X() -> ()\n"), "for nobody");
        assert_int_equal(idl_check_module(parsed("module.toy", "interface module.toy\n" STATE), "other", message), -1);
        holds(message, "expected module.other");
        assert_int_equal(idl_check_module(parsed("nas.toy", "interface nas.toy\n" STATE), "toy", message), -1);
        assert_int_equal(
                idl_check_module(parsed("module.toy", "interface module.toy\ntype Other (a: int)\n"), "toy", message),
                -1);
        holds(message, "no type State");
}

static void nothing_but_state_and_actions(void **state)
{
        (void)state;
        holds(judged("# @role viewer\nmethod X() -> (m: int)\n"), "\"m\" of a method without @plan");
        holds(judged("# @role viewer\nmethod X() -> (n: bool)\n"), "with the same type");
        holds(judged("# @role viewer\nmethod X() -> (n: ?int)\n"), "with the same type");
        holds(judged("# @role viewer\nmethod X(a: int) -> (n: int)\n"), "expected none: it answers from State");
        holds(judged("# @http POST /api/modules/toy/x\n# @role viewer\nmethod X() -> (n: int)\n"), "expected GET");
        assert_string_equal(judged("# @role viewer\nmethod X() -> (\n  # @max 4\n  list: []Item\n)\n"), "");
        holds(judged("error Bad ()\n"), "expected none: it refuses in words");
        holds(judged("# @role user\n# @plan\nmethod X(\n  # @max 4\n  # @secret\n  s: string\n) -> ()\n"), "@secret");
        holds(judged("# @role user\n# @plan\n# @job\nmethod X() -> ()\n"), "@job");
        holds(judged("# @role user\n# @plan\n# @warrant sometimes\nmethod X() -> ()\n"), "@warrant sometimes");
}

static const char *beside(const char *name, const char *text)
{
        char *message = arena_alloc(arena, 256);
        const struct idl_contract *toy = parsed("module.toy", "interface module.toy\n" STATE READ);
        const struct idl_contract *other = parsed(name, text);
        return idl_check_beside(toy, &other, 1, message) == 0 ? "" : message;
}

static void nothing_of_others(void **state)
{
        (void)state;
        assert_string_equal(beside("nas.users",
                                   "interface nas.users\n# @http GET /api/modules\n# @command module list\n"
                                   "# @role viewer\nmethod X() -> ()\n"),
                            "");
        holds(beside("nas.toy", "interface nas.toy\ntype T (a: int)\n"), "belongs to nas.toy already");
        holds(beside("nas.x", "interface nas.x\n# @command toy run\n# @role viewer\nmethod X() -> ()\n"),
              "is a command of nas.x already");
        holds(beside("nas.x",
                     "interface nas.x\n# @http GET /api/modules/{m}/n\n# @role viewer\nmethod X(m: int) -> ()\n"),
              "would shadow /api/modules/{m}/n of nas.x");
        holds(beside("nas.x", "interface nas.x\n# @http POST /api/modules/toy/n\n# @role viewer\nmethod X() -> ()\n"),
              "would shadow");
}

/* --- shapes --- */

#define SHAPES                                                                                                         \
        "interface module.toy\ntype Colour (red, green)\ntype Inner (\n  # @max 3\n  t: ?string,\n  c: ?Colour\n)\n"   \
        "type State (\n  # @range 1 9\n  i: int,\n  f: float,\n  b: ?bool,\n  # @is user_name\n  u: string,\n"         \
        "  # @max 2\n  l: []Inner,\n  # @max 2\n  m: [string]int,\n  o: ?object,\n  # @max 2\n  w: ?[]Colour\n)\n"

static const char *again(const char *json)
{
        struct failure failure = {0};
        CLEANUP(json_out_freep) struct json_out *out = json_out_new();
        CLEANUP(json_freep) struct json *value = json_parse(json, strlen(json), NULL);
        assert_non_null(value);
        const struct shape *shape = shape_of(arena, idl_member(parsed("module.toy", SHAPES), IDL_TYPE, "State")->type);
        if (shape_again(shape, value, out, &failure) != 0)
                return arena_printf(arena, "%s %s", failure.field, failure.message);
        size_t length;
        const char *text = json_out_bytes(out, &length);
        return arena_text(arena, text, length);
}

static void a_shape_reads_and_writes(void **state)
{
        (void)state;
        const char *all = "{\"i\":1,\"f\":0.5,\"b\":false,\"u\":\"ada\",\"l\":[{\"t\":\"x\",\"c\":\"green\"},{}],\"m\":"
                          "{\"a\":-1},"
                          "\"o\":{\"any\":[1]},\"w\":[\"red\",\"green\"]}";
        const char *least = "{\"i\":9,\"f\":2.0,\"u\":\"ada\",\"l\":[],\"m\":{}}";
        assert_string_equal(again(all), all);
        assert_string_equal(again(least), least);
        assert_string_equal(
                again("{\"m\":{},\"w\":[],\"l\":[],\"u\":\"ada\",\"f\":2,\"b\":null,\"i\":9}"),
                "{\"i\":9,\"f\":2.0,\"u\":\"ada\",\"l\":[],\"m\":{},\"w\":[]}"); /* in the contract's order */
}

static void a_shape_refuses(void **state)
{
        (void)state;
        static const struct {
                const char *json, *told;
        } wrong[] = {
                {"{}", "i is missing"},
                {"{\"i\":10,\"f\":2,\"u\":\"ada\",\"l\":[],\"m\":{}}", "i must be from 1 to 9"},
                {"{\"i\":true,\"f\":2,\"u\":\"ada\",\"l\":[],\"m\":{}}", "i must be an integer"},
                {"{\"i\":1,\"f\":\"2\",\"u\":\"ada\",\"l\":[],\"m\":{}}", "f must be a number"},
                {"{\"i\":1,\"f\":2,\"u\":\"A B\",\"l\":[],\"m\":{}}", "u must be"},
                {"{\"i\":1,\"f\":2,\"u\":\"ada\",\"l\":[{},{},{}],\"m\":{}}", "l must have at most 2 items"},
                {"{\"i\":1,\"f\":2,\"u\":\"ada\",\"l\":[{},{\"t\":\"four\"}],\"m\":{}}",
                 "l[1].t must have at most 3 bytes"},
                {"{\"i\":1,\"f\":2,\"u\":\"ada\",\"l\":[{\"c\":\"blue\"}],\"m\":{}}",
                 "l[0].c must be one of: red, green"},
                {"{\"i\":1,\"f\":2,\"u\":\"ada\",\"l\":[],\"m\":{\"a\":1.5}}", "m[a] must be an integer"},
                {"{\"i\":1,\"f\":2,\"u\":\"ada\",\"l\":[],\"m\":{},\"z\":1}", "z is not known"},
                {"{\"i\":1,\"f\":2,\"u\":\"ada\",\"l\":[],\"m\":{},\"o\":[]}", "o must be an object"},
        };
        for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
                holds(again(wrong[i].json), wrong[i].told);
}

static int begin(void **state)
{
        (void)state;
        arena = arena_new();
        return 0;
}

static int end(void **state)
{
        (void)state;
        arena_free(arena);
        return 0;
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
        const struct CMUnitTest tests[] = {CASE(its_own_place), CASE(nothing_but_state_and_actions),
                                           CASE(nothing_of_others), CASE(a_shape_reads_and_writes),
                                           CASE(a_shape_refuses)};
        return cmocka_run_group_tests(tests, NULL, NULL);
}
