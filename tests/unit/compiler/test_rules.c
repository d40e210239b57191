/* Every rule of contracts, one row a rule: a contract that breaks it, and the whole message that must come.
 * Rights: a test; works on memory only. */
#include "base/mem.h"
#include "ipc/compiler/idl.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

struct row {
        const char *name, *text, *message; /* message "": it is good */
};

#define HEAD                "interface nas.a\n"
#define METHOD(notes, rest) HEAD notes "# @role admin\nmethod M" rest "\n"

static const struct row rows[] = {
        /* --- the grammar --- */
        {"a small contract", HEAD "# @role nobody\nmethod M() -> ()\n", ""},
        {"everything of the grammar",
         "# Doc.\ninterface nas.a\n\n# --- apart ---\n\ntype E (a, b_c)\n# @event\ntype S (\n  # @is user_name\n  s: "
         "?string,\n"
         "  o: object, f: float, b: bool, i: int, e: E,\n  # @max 3\n  l: ?[](x: int, y: (u, v)),\n"
         "  # @max 9\n  m: [string]S2,\n  n: (k: ?int)\n)\ntype S2 ()\nerror Bad (why: string)\r\n"
         "# @role viewer\nmethod M(s: S) -> (s: ?S)",
         ""},
        {"nothing", "", "nas.a.varlink:1:1: found the end, expected \"interface\""},
        {"no interface", "type A ()", "nas.a.varlink:1:1: found \"type\", expected \"interface\""},
        {"a bad interface name", "interface a\n",
         "nas.a.varlink:1:11: found \"a\", expected the interface's name, such as nas.example"},
        {"no members", HEAD, "nas.a.varlink:2:1: found the end, expected \"type\", \"method\" or \"error\""},
        {"an unknown member", HEAD "struct A ()",
         "nas.a.varlink:2:1: found \"struct\", expected \"type\", \"method\" or \"error\""},
        {"a small member name", HEAD "type a ()",
         "nas.a.varlink:2:6: found \"a\", expected a name that begins with a capital letter"},
        {"a bad field name", HEAD "type A (a__b: int)",
         "nas.a.varlink:2:9: found \"a__b\", expected a field name or )"},
        {"a field without type", HEAD "type A (a: int, b)",
         "nas.a.varlink:2:18: found \")\", expected \":\" and the field's type"},
        {"an unknown type word", HEAD "type A (a: text)",
         "nas.a.varlink:2:12: found \"text\", expected a type: bool, int, float, string, object, a type's name, (, [], "
         "[string] or ?"},
        {"two questions", HEAD "type A (a: ??int)",
         "nas.a.varlink:2:13: found \"?\", expected a type: bool, int, float, string, object, a type's name, (, [], "
         "[string] or ?"},
        {"a bad map", HEAD "type A (a: [int]bool)", "nas.a.varlink:2:13: found \"int\", expected \"]\" or \"string]\""},
        {"a comma too many", HEAD "type A (a: int,)", "nas.a.varlink:2:16: found \")\", expected a field name"},
        {"an open list", HEAD "type A (a: int", "nas.a.varlink:2:15: found the end, expected \",\" or \")\""},
        {"no results", HEAD "method M()", "nas.a.varlink:2:11: found the end, expected \"->\" and the results"},
        {"an enum as parameters", HEAD "method M(a, b) -> ()",
         "nas.a.varlink:2:11: found \",\", expected \":\" and the field's type"},
        {"a foreign sign", HEAD "type A (a; b)",
         "nas.a.varlink:2:10: found \";\", expected a name or one of ( ) , : ? [ ] ->"},
        {"a control character", HEAD "type A (\x01)",
         "nas.a.varlink:2:9: found \"\\x01\", expected a name or one of ( ) , : ? [ ] ->"},
        {"a control character in a comment", HEAD "# a\x1b[2J\ntype A ()",
         "nas.a.varlink:2:3: a comment with control characters, expected plain UTF-8"},
        {"too deep", HEAD "type A (a: [][][][][][][][][][][][][]int)",
         "nas.a.varlink:2:36: types nested too deep, expected at most 12"},
        /* --- names --- */
        {"an undefined type", HEAD "type A (b: B)",
         "nas.a.varlink:2:12: there is no type \"B\", expected one of this file"},
        {"a member twice", HEAD "type A ()\nerror A ()",
         "nas.a.varlink:3:7: \"A\" is already at line 2, expected another name"},
        {"a field twice", HEAD "type A (a: int,\n  a: bool)",
         "nas.a.varlink:3:3: \"a\" is already at line 2, expected another name"},
        {"a word twice", HEAD "type A (a, b, a)",
         "nas.a.varlink:2:15: \"a\" is already at line 2, expected another name"},
        {"a type in itself", HEAD "type A (b: B)\ntype B (a: ?A)",
         "nas.a.varlink:2:6: the type \"A\" contains itself, expected an end to it"},
        {"an interface in the wrong file", "interface nas.b\n# @role nobody\nmethod M() -> ()",
         "nas.a.varlink:1:11: the interface \"nas.b\" in this file, expected it in nas.b.varlink"},
        /* --- annotations: what, where, how often --- */
        {"an unknown annotation", HEAD "# @rol admin\nmethod M() -> ()",
         "nas.a.varlink:2:3: unknown annotation @rol, expected one of ipc/README.md"},
        {"an annotation without a name", HEAD "# @\nmethod M() -> ()",
         "nas.a.varlink:2:3: unknown annotation @, expected one of ipc/README.md"},
        {"a wrong place", HEAD "# @role admin\ntype A ()",
         "nas.a.varlink:2:3: @role above a type, expected it above a method"},
        {"a wrong place in a list", HEAD "type A (\n  # @http GET /api/a\n  a: int)",
         "nas.a.varlink:3:5: @http above a field, expected it above a method"},
        {"above a word of an enum", HEAD "type A (\n  # @max 3\n  a, b)",
         "nas.a.varlink:3:5: @max above a word of an enum, expected it above a field"},
        {"twice", METHOD("# @plan\n# @plan\n", "() -> ()"), "nas.a.varlink:3:3: @plan twice, expected it once"},
        {"parted by a blank line", HEAD "# @role admin\n\nmethod M() -> ()",
         "nas.a.varlink:2:3: \"@role admin\" belongs to nothing, expected it on a line of its own directly above a "
         "member or field"},
        {"behind something", HEAD "type A (a: int # @max 3\n)",
         "nas.a.varlink:2:18: \"@max 3\" belongs to nothing, expected it on a line of its own directly above a member "
         "or field"},
        {"above nothing", HEAD "type A ()\n# @event",
         "nas.a.varlink:3:3: \"@event\" belongs to nothing, expected it on a line of its own directly above a member "
         "or field"},
        {"before a bracket", HEAD "type A (\n  a: int\n  # @max 3\n)",
         "nas.a.varlink:4:5: \"@max 3\" belongs to nothing, expected it on a line of its own directly above a member "
         "or field"},
        {"too many words", METHOD("# @plan now\n", "() -> ()"),
         "nas.a.varlink:2:3: \"@plan now\", expected @plan alone"},
        {"an unknown role", HEAD "# @role root\nmethod M() -> ()",
         "nas.a.varlink:2:3: \"@role root\", expected @role nobody, viewer, user, operator or admin"},
        {"an unknown verb", METHOD("# @http FETCH /api/a\n", "() -> ()"),
         "nas.a.varlink:2:3: \"@http FETCH /api/a\", expected @http METHOD /api/path"},
        {"a path elsewhere", METHOD("# @http GET /a\n", "() -> ()"),
         "nas.a.varlink:2:3: \"@http GET /a\", expected @http METHOD /api/path"},
        {"a range the wrong way", HEAD "type A (\n# @range 2 1\na: int)",
         "nas.a.varlink:3:3: \"@range 2 1\", expected @range MIN MAX, two integers in order"},
        {"a range too wide for JSON", HEAD "type A (\n# @range 0 9007199254740992\na: int)",
         "nas.a.varlink:3:3: \"@range 0 9007199254740992\", expected @range MIN MAX, two integers in order"},
        {"a maximum of nothing", HEAD "type A (\n# @max 0\na: string)",
         "nas.a.varlink:3:3: \"@max 0\", expected @max N, an integer from 1"},
        {"a number with a zero before it", HEAD "type A (\n# @max 08\na: string)",
         "nas.a.varlink:3:3: \"@max 08\", expected @max N, an integer from 1"},
        {"a warrant now and then", METHOD("# @plan\n# @warrant often\n", "() -> ()"),
         "nas.a.varlink:3:3: \"@warrant often\", expected @warrant or @warrant sometimes"},
        /* --- fields --- */
        {"an unknown value type", HEAD "type A (\n# @is name_of_user\na: string)",
         "nas.a.varlink:3:3: unknown value type \"name_of_user\", expected one of libnas/value"},
        {"@is on an integer", HEAD "type A (\n# @is user_name\na: int)",
         "nas.a.varlink:3:3: @is on \"a\", expected a text, or an array or map of texts"},
        {"a text without limit", HEAD "type A (a: string)",
         "nas.a.varlink:2:9: the text \"a\" has no limit, expected @is or @max above it"},
        {"texts without limit", HEAD "type A (\n# @max 3\na: []string)",
         "nas.a.varlink:4:1: the text \"a\" has no limit, expected @is above it"},
        {"an array without limit", HEAD "type A (a: []int)",
         "nas.a.varlink:2:9: \"a\" has no limit, expected @max above it"},
        {"a map without limit", HEAD "type A (a: [string]int)",
         "nas.a.varlink:2:9: \"a\" has no limit, expected @max above it"},
        {"an array of arrays", HEAD "type A (\n# @max 3\na: [][]int)",
         "nas.a.varlink:4:6: an array or map of arrays or maps, expected a plain or named type"},
        {"an array of optional items", HEAD "type A (\n# @max 3\na: []?int)",
         "nas.a.varlink:4:6: an array or map of optional items, expected a plain or named type"},
        {"@range on a text", HEAD "type A (\n# @range 1 2\n# @max 3\na: string)",
         "nas.a.varlink:3:3: @range on \"a\", expected an integer"},
        {"@max on an integer", HEAD "type A (\n# @max 3\na: int)",
         "nas.a.varlink:3:3: @max on \"a\", expected a text, array or map"},
        {"@default on a required field", HEAD "type A (\n# @default 3\na: int)",
         "nas.a.varlink:3:3: @default on \"a\", expected an optional field"},
        {"a @default of another type", HEAD "type E (x, y)\ntype A (\n# @default z\na: ?E)",
         "nas.a.varlink:4:3: @default of \"a\", expected a value of its type"},
        {"a @default that is no such value", HEAD "type A (\n# @default No Name!\n# @is user_name\na: ?string)",
         "nas.a.varlink:3:3: @default of \"a\", expected a value of its type"},
        {"a secret number", METHOD("", "(\n# @secret\na: int) -> ()"),
         "nas.a.varlink:4:3: @secret on \"a\", expected a text"},
        {"a secret in a reply", METHOD("", "() -> (\n# @secret\n# @max 3\na: string)"),
         "nas.a.varlink:3:8: the reply of \"M\" holds the @secret of line 4, expected none"},
        {"a secret in a type that a reply reaches",
         HEAD "type A (\n# @secret\n# @max 3\na: string)\ntype B (a: A)\n"
              "# @role admin\nmethod M() -> (\n# @max 2\nl: [](b: ?B))",
         "nas.a.varlink:8:8: the reply of \"M\" holds the @secret of line 3, expected none"},
        {"a secret in parameters", METHOD("", "(\n# @secret\n# @max 3\na: string) -> ()"), ""},
        {"cookies",
         METHOD("# @http GET /api/a\n",
                "(\n# @cookie\n# @secret\n# @max 3\na: string) -> (\n# @cookie\n# @issued\n# @max 3\nb: string)"),
         ""},
        {"a cookie that is a number", METHOD("# @http GET /api/a\n", "(\n# @cookie\na: int) -> ()"),
         "nas.a.varlink:5:3: @cookie on \"a\", expected a text"},
        {"a cookie without a route", METHOD("", "(\n# @cookie\n# @secret\n# @max 3\na: string) -> ()"),
         "nas.a.varlink:4:3: @cookie on \"a\", expected it with @http"},
        {"a cookie that is no secret", METHOD("# @http GET /api/a\n", "(\n# @cookie\n# @max 3\na: string) -> ()"),
         "nas.a.varlink:5:3: @cookie on \"a\", expected @secret with it"},
        {"a cookie that is not issued", METHOD("# @http GET /api/a\n", "() -> (\n# @cookie\n# @max 3\na: string)"),
         "nas.a.varlink:5:3: @cookie on \"a\", expected @issued with it"},
        {"a cookie in the route",
         METHOD("# @http GET /api/{a}\n", "(\n# @cookie\n# @secret\n# @max 3\na: string) -> ()"),
         "nas.a.varlink:5:3: @cookie on \"a\", expected it not to be in the route"},
        {"a cookie in a type", HEAD "type A (\n# @cookie\n# @issued\n# @max 3\na: string)\n",
         "nas.a.varlink:3:3: @cookie on \"a\", expected it on a parameter or result itself"},
        {"@issued in parameters", METHOD("", "(\n# @issued\n# @max 3\na: string) -> ()"),
         "nas.a.varlink:3:8: the parameters of \"M\" hold the @issued of line 4, expected none"},
        /* --- methods --- */
        {"a method without a role", HEAD "method M() -> ()",
         "nas.a.varlink:2:8: the method \"M\" has no role, expected @role above it"},
        {"@destroys without @warrant", METHOD("# @plan\n# @destroys\n", "() -> ()"),
         "nas.a.varlink:3:3: @destroys without @warrant, expected @warrant too"},
        {"@destroys with @warrant sometimes", METHOD("# @plan\n# @warrant sometimes\n# @destroys\n", "() -> ()"),
         "nas.a.varlink:4:3: @destroys without @warrant, expected @warrant too"},
        {"@destroys without @plan", METHOD("# @destroys\n# @warrant\n", "() -> ()"),
         "nas.a.varlink:2:3: @destroys without @plan, expected @plan too"},
        {"@warrant without @plan", METHOD("# @warrant\n", "() -> ()"),
         "nas.a.varlink:2:3: @warrant without @plan, expected @plan too"},
        {"@job without @plan", METHOD("# @job\n", "() -> ()"),
         "nas.a.varlink:2:3: @job without @plan, expected @plan too"},
        {"@more with @plan", METHOD("# @plan\n# @more\n", "() -> ()"),
         "nas.a.varlink:3:3: @more with @plan, expected it on a reading method"},
        {"@progress with @plan", METHOD("# @plan\n# @progress\n", "() -> ()"),
         "nas.a.varlink:3:3: @progress with @plan or @more, expected it on a reading method that is not watched"},
        {"@progress with @more", METHOD("# @progress\n# @more\n", "() -> ()"),
         "nas.a.varlink:2:3: @progress with @plan or @more, expected it on a reading method that is not watched"},
        {"a progress of its own", METHOD("# @progress\n", "() -> (progress: int)"),
         "nas.a.varlink:4:16: the name \"progress\" is reserved with @progress, expected another"},
        {"@session without @more", METHOD("# @session\n", "() -> ()"),
         "nas.a.varlink:2:3: @session without @more, expected it where watches are shared"},
        {"a change by GET", METHOD("# @plan\n# @http GET /api/a\n", "() -> ()"),
         "nas.a.varlink:3:3: GET for a method with @plan, expected POST, PUT, PATCH or DELETE"},
        {"two methods on one route",
         METHOD("# @http GET /api/a/{x}/b\n", "(x: int) -> ()") "# @role admin\n# @http GET /api/a/{y}/b\n"
                                                                "method N(y: int) -> ()",
         "nas.a.varlink:6:3: \"GET /api/a/{y}/b\" belongs to nas.a.M already, expected another route"},
        {"one path, two verbs",
         METHOD("# @http GET /api/a\n", "() -> ()") "# @role admin\n# @http POST /api/a\nmethod N() -> ()", ""},
        {"two methods on one command",
         METHOD("# @command a b\n", "() -> ()") "# @role admin\n# @command a b x\n"
                                                "method N(x: int) -> ()",
         "nas.a.varlink:6:3: \"a b\" belongs to nas.a.M already, expected another command"},
        {"a path parameter that is none", METHOD("# @http GET /api/a/{b}\n", "() -> ()"),
         "nas.a.varlink:2:3: {b} in the route, expected a parameter of \"M\""},
        {"an optional path parameter", METHOD("# @http GET /api/a/{b}\n", "(b: ?int) -> ()"),
         "nas.a.varlink:4:10: \"b\" is in the route, expected one plain required value"},
        {"a crooked path", METHOD("# @http GET /api/a//b\n", "() -> ()"),
         "nas.a.varlink:2:3: the path \"/api/a//b\", expected /api/words-and-digits/{param}"},
        {"a path that ends with a slash", METHOD("# @http GET /api/a/\n", "() -> ()"),
         "nas.a.varlink:2:3: the path \"/api/a/\", expected /api/words-and-digits/{param}"},
        {"a secret in a URL", METHOD("# @http DELETE /api/a\n", "(\n# @secret\n# @max 3\na: string) -> ()"),
         "nas.a.varlink:5:3: the secret \"a\" would be in the URL of a DELETE, expected POST, PUT or PATCH"},
        {"an object in a URL", METHOD("# @http GET /api/a\n", "(a: object) -> ()"),
         "nas.a.varlink:4:10: \"a\" cannot be in the URL of a GET, expected plain values"},
        {"a positional that is no parameter", METHOD("# @command a b c\n", "() -> ()"),
         "nas.a.varlink:2:3: \"c\" in @command, expected a parameter of \"M\""},
        {"a secret positional", METHOD("# @command a b c\n", "(\n# @secret\n# @max 3\nc: string) -> ()"),
         "nas.a.varlink:2:3: \"c\" in @command, expected a plain value that is no secret"},
        {"a positional twice", METHOD("# @command a b c c\n", "(c: int) -> ()"),
         "nas.a.varlink:2:3: \"c\" twice in @command, expected it once"},
        {"a command in capitals", METHOD("# @command a B\n", "() -> ()"),
         "nas.a.varlink:2:3: \"B\", expected small letters, digits and -"},
        {"caller", METHOD("", "(caller: int) -> ()"),
         "nas.a.varlink:3:10: the name \"caller\" is reserved, expected another"},
        {"plan in a changing reply", METHOD("# @plan\n", "() -> (plan: int)"),
         "nas.a.varlink:4:16: the name \"plan\" is reserved with @plan, expected another"},
        {"plan in a reading reply", METHOD("", "() -> (plan: int)"), ""},
        {"a type that every daemon has", HEAD "type Plan ()",
         "nas.a.varlink:2:6: the name \"Plan\" is reserved, expected another"},
        /* --- C --- */
        {"a word of C", HEAD "type A (default: int)",
         "nas.a.varlink:2:9: \"default\" is a word of C, expected another name"},
        {"a macro of C", HEAD "type A (linux: int)",
         "nas.a.varlink:2:9: \"linux\" is a word of C, expected another name"},
        {"a word of an enum may be one of C", HEAD "type A (default, linux)", ""},
        {"has_NAME", HEAD "type A (a: ?int, has_a: bool)",
         "nas.a.varlink:2:18: \"has_a\" goes with \"a\" in C, expected another name"},
        {"NAME_count", HEAD "type A (\n# @max 2\na: []int, a_count: int)",
         "nas.a.varlink:4:11: \"a_count\" goes with \"a\" in C, expected another name"},
        {"two spellings of one name", HEAD "# @role admin\nmethod GetId() -> ()\n# @role admin\nmethod GetID() -> ()",
         "nas.a.varlink:5:8: \"GetID\" would be \"nas_a_get_id\" in C as \"GetId\" is, expected another name"},
        {"a type like a method's parameters", HEAD "type MIn ()\n# @role admin\nmethod M() -> ()",
         "nas.a.varlink:4:8: \"M\" would be \"struct nas_a_m_in\" in C as \"MIn\" is, expected another name"},
        {"a type like a reader", HEAD "type A ()\n# @role admin\nmethod ARead() -> ()",
         "nas.a.varlink:2:6: \"A\" would be \"nas_a_a_read\" in C as \"ARead\" is, expected another name"},
};

static const struct idl_contract *parse(struct arena *arena, const char *file, const char *text, char message[256])
{
        message[0] = '\0';
        return idl_parse(arena, file, text, strlen(text), message);
}

static void test_row(void **state)
{
        const struct row *row = *state;
        struct arena *arena CLEANUP(arena_freep) = arena_new();
        char message[256];
        const struct idl_contract *contract = parse(arena, "nas.a.varlink", row->text, message);

        if (contract != NULL) {
                int result = idl_check(&contract, 1, message);
                assert_int_equal(result, *row->message == '\0' ? 0 : -1);
        }
        assert_string_equal(message, row->message);
}

#define THINGS(also, more)                                                                                             \
        HEAD "type P (ftp, web)\ntype T (\n  id: int,\n  # @max 2\n  by: []P\n)\n# @role user\n# @http GET /api/t\n"   \
             "# @also " also "\nmethod L() -> (\n  # @max 9\n  list: []T\n)\n" more
#define ONE "# @role user\n# @http GET /api/t/{id}\n# @also /api/ftp/{id}\nmethod G(id: int) -> (t: T)\n"

static const struct row also_rows[] = {
        {"further routes", THINGS("by /api/ftp /api/x/web", ONE), ""},
        {"of the same", THINGS("/api/things", ""), ""},
        {"without a route", HEAD "# @role user\n# @also /api/x\nmethod M() -> ()\n",
         "nas.a.varlink:3:3: @also of \"M\", expected @http with it, and a path"},
        {"no path", THINGS("by", ""), "nas.a.varlink:10:3: @also of \"L\", expected @http with it, and a path"},
        {"elsewhere", THINGS("by /ftp", ""),
         "nas.a.varlink:10:3: the path \"/ftp\", expected /api/words-and-digits/{param}"},
        {"a word that is none", THINGS("by /api/sftp", ""),
         "nas.a.varlink:10:3: \"by\" for /api/sftp, expected a list of words that has the last one of the path"},
        {"a field that is none", THINGS("id /api/ftp", ""),
         "nas.a.varlink:10:3: \"id\" for /api/ftp, expected a list of words that has the last one of the path"},
        {"other parameters", THINGS("by /api/ftp/{id}", ""),
         "nas.a.varlink:10:3: other parameters in /api/ftp/{id}, expected those of /api/t"},
        {"twice", THINGS("by /api/ftp /api/ftp", ""),
         "nas.a.varlink:10:3: \"GET /api/ftp\" belongs to nas.a.L already, expected another route"},
        {"another's", THINGS("/api/t", ""),
         "nas.a.varlink:10:3: \"GET /api/t\" belongs to nas.a.L already, expected another route"},
};

static void test_between_files(void **state)
{
        static const char text_a[] =
                "interface nas.a\n# @role admin\n# @http GET /api/x\n# @command x y\nmethod M() -> ()";
        static const char text_b[] = "interface nas.b\n# @role admin\n# @http GET /api/x\nmethod M() -> ()";
        static const char text_c[] = "interface nas.c\n# @role admin\n# @command x y\nmethod M() -> ()";
        struct arena *arena CLEANUP(arena_freep) = arena_new();
        char message[256];
        const struct idl_contract *a = parse(arena, "d/nas.a.varlink", text_a, message);
        const struct idl_contract *b = parse(arena, "d/nas.b.varlink", text_b, message);
        const struct idl_contract *c = parse(arena, "d/nas.c.varlink", text_c, message);

        (void)state;
        assert_int_equal(idl_check((const struct idl_contract *[]){a, b}, 2, message), -1);
        assert_string_equal(message,
                            "d/nas.b.varlink:3:3: \"GET /api/x\" belongs to nas.a.M already, expected another route");
        assert_int_equal(idl_check((const struct idl_contract *[]){a, c}, 2, message), -1);
        assert_string_equal(message,
                            "d/nas.c.varlink:3:3: \"x y\" belongs to nas.a.M already, expected another command");
        assert_int_equal(idl_check((const struct idl_contract *[]){b, c}, 2, message), 0);
        assert_int_equal(idl_check((const struct idl_contract *[]){b, b}, 2, message), -1);
}

static void test_limits(void **state)
{
        struct arena *arena CLEANUP(arena_freep) = arena_new();
        char message[256], *text = arena_alloc(arena, 65536);

        (void)state;
        snprintf(text, 64, "interface nas.a\ntype A (\n");
        for (int i = 0; i < 129; i++)
                snprintf(text + strlen(text), 64, "f%d: int%s\n", i, i < 128 ? "," : ")");
        assert_null(parse(arena, "nas.a.varlink", text, message));
        assert_string_equal(message, "nas.a.varlink:131:1: too many fields, expected at most 128");
        snprintf(text, 64, "interface nas.a\n");
        for (int i = 0; i < 513; i++)
                snprintf(text + strlen(text), 64, "type A%d ()\n", i);
        assert_null(parse(arena, "nas.a.varlink", text, message));
        assert_string_equal(message, "nas.a.varlink:514:6: too many members, expected at most 512");
        assert_null(idl_parse(arena, "x", text, IDL_BYTES_MAX + 1, message));
        assert_string_equal(message, "x:1:1: 1048577 bytes, expected at most 1048576");
}

int main(void)
{
        struct CMUnitTest tests[ARRAY_SIZE(rows) + ARRAY_SIZE(also_rows) + 2];
        size_t count = 0;

        for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
                tests[count++] = (struct CMUnitTest){rows[i].name, test_row, NULL, NULL, (void *)(uintptr_t)&rows[i]};
        for (size_t i = 0; i < ARRAY_SIZE(also_rows); i++)
                tests[count++] =
                        (struct CMUnitTest){also_rows[i].name, test_row, NULL, NULL, (void *)(uintptr_t)&also_rows[i]};
        tests[count++] = (struct CMUnitTest)cmocka_unit_test(test_between_files);
        tests[count++] = (struct CMUnitTest)cmocka_unit_test(test_limits);
        return cmocka_run_group_tests(tests, NULL, NULL);
}
