/* Every rule of views, one row a rule: a view that breaks it, and the whole message that must come.
 * Rights: a test; works on memory only. */
#include "base/mem.h"
#include "web/check/check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const char contract_text[] =
        "interface nas.a\n"
        "type Tone (red, blue)\n"
        "type Thing (\n  id: int,\n  # @max 9\n  name: string,\n  tone: Tone,\n  good: bool,\n  part: (size: int)\n)\n"
        "# @http GET /api/things\n# @role viewer\nmethod ListThings(tone: ?Tone) -> (\n  # @max 9\n  things: "
        "[]Thing\n)\n"
        "# @http GET /api/things/{id}\n# @role viewer\nmethod GetThing(id: int) -> (thing: Thing)\n"
        "# @http POST /api/things\n# @role admin\n# @plan\nmethod MakeThing(\n  # Said of it.\n  # @is label\n  name: "
        "string, tone: ?Tone"
        ") -> (thing: Thing)\n"
        "# @http DELETE /api/things/{id}\n# @role admin\n# @plan\nmethod DropThing(id: int, force: bool) -> ()\n"
        "# @role nobody\nmethod Hidden() -> ()\n";

static const char english[] =
        "{\"t\": \"T\", \"field.name\": \"Name\", \"field.id\": \"Id\", \"field.tone\": \"Tone\", "
        "\"field.good\": \"Good\", \"field.force\": \"Force\", \"field.part.size\": \"Size\", \"word.red\": \"Red\", "
        "\"word.blue\": \"Blue\", "
        "\"verb.MakeThing\": \"Make\", \"verb.DropThing\": \"Drop\", \"group.g\": \"G\"}";
static const char german[] = "{\"Said of it.\": \"Davon gesagt.\", \"1 to 64 bytes of printable text\": \"Text\"}";

#define VIEW(rest)   "{\"view\": \"v\", \"title\": \"t\", " rest "}"
#define PARTS(parts) VIEW("\"parts\": [" parts "]")
#define TABLE(rest)  PARTS("{\"kind\": \"table\", \"method\": \"nas.a.ListThings\", \"columns\": [\"name\"]" rest "}")
#define COLUMN(text) PARTS("{\"kind\": \"table\", \"method\": \"nas.a.ListThings\", \"columns\": [" text "]}")
#define ACTION(text) PARTS("{\"kind\": \"actions\", \"actions\": [{" text "}]}")
#define ROW(text)    TABLE(", \"row\": [{" text "}]")

static const struct row {
        const char *name, *view, *message; /* message "": it is good */
} rows[] = {
        {"a small view", TABLE(""), ""},
        {"an empty page", PARTS(""), ""},
        {"a text in its own words", "{\"view\": \"v\", \"title\": {\"en\": \"V\", \"de\": \"V\"}, \"parts\": []}", ""},
        {"everything of a table",
         TABLE(", \"with\": {\"tone\": \"red\"}, \"where\": {\"good\": true, \"tone\": {\"not\": [\"blue\"]}}, "
               "\"sort\": \"-id\", \"key\": \"id\", "
               "\"search\": false, \"actions\": [{\"method\": \"nas.a.MakeThing\"}], \"row\": [{\"method\": "
               "\"nas.a.DropThing\", \"confirm\": "
               "\"name\", \"when\": {\"part.size\": 0}}], \"empty\": {\"text\": \"t\"}, \"open\": \"one\""),
         ""},
        {"a form that begins with something",
         PARTS("{\"kind\": \"form\", \"method\": \"nas.a.MakeThing\", \"from\": {\"method\": \"nas.a.GetThing\", "
               "\"with\": {\"id\": 1}}, \"to\": \"one\"}"),
         ""},
        {"a wizard",
         PARTS("{\"kind\": \"wizard\", \"method\": \"nas.a.MakeThing\", \"steps\": [{\"title\": \"t\", \"fields\": "
               "[\"name\", {\"param\": \"tone\", "
               "\"when\": {\"name\": {\"not\": null}}}], \"parts\": [{\"kind\": \"table\", \"method\": "
               "\"nas.a.ListThings\", \"with\": {\"tone\": \"$tone\"}, \"columns\": "
               "[\"name\"]}]}]}"),
         ""},

        {"a part of the address that a row has a name for",
         "{\"view\": \"v\", \"title\": \"t\", \"at\": \"v/{id}\", \"parts\": [{\"kind\": \"table\", \"method\": "
         "\"nas.a.ListThings\", "
         "\"columns\": [\"name\"], \"row\": [{\"method\": \"nas.a.DropThing\", \"with\": {\"id\": \"$at.id\"}}]}]}",
         ""},

        /* --- words --- */
        {"an unknown word of a view", VIEW("\"parts\": [], \"colour\": 1"), "colour: a view has no \"colour\""},
        {"no parts", "{\"view\": \"v\", \"title\": \"t\"}", "a view needs \"parts\""},
        {"another name than its file's", "{\"view\": \"w\", \"title\": \"t\", \"parts\": []}",
         "view: \"w\" is not what its file is called"},
        {"an unknown component", PARTS("{\"kind\": \"carousel\"}"), "parts[0]: there is no component \"carousel\""},
        {"what stands where there is nothing",
         PARTS("{\"kind\": \"table\", \"method\": \"nas.a.ListThings\", \"columns\": [{\"field\": \"name\", \"none\": "
               "\"missing\"}]}"),
         "parts[0].columns[0].none: there is no text \"missing\", expected one of en.json"},
        {"an unknown word of a component", TABLE(", \"rows\": []"), "parts[0].rows: a table has no \"rows\""},
        {"parts that are no list", VIEW("\"parts\": {}"), "parts: expected a list of components"},
        {"a list that is none", TABLE(", \"row\": {}"), "parts[0].row: expected a list, each of it an action"},
        {"an object that is none", TABLE(", \"row\": [1]"), "parts[0].row[0]: expected an action, an object"},
        {"no text of that name", "{\"view\": \"v\", \"title\": \"tt\", \"parts\": []}",
         "title: there is no text \"tt\", expected one of en.json"},
        {"a text that is none", "{\"view\": \"v\", \"title\": {\"de\": \"V\"}, \"parts\": []}",
         "title: expected the key of a text, or an object with a text for each language and \"en\""},
        {"an unknown picture", VIEW("\"parts\": [], \"icon\": \"cat\""), "icon: there is no picture \"cat\""},
        {"an address that is none", VIEW("\"parts\": [], \"at\": \"/v\""),
         "at: expected words and {parameters} with / between them"},
        {"navigation without order", VIEW("\"parts\": [], \"nav\": {\"group\": \"g\"}"),
         "nav: expected {\"group\": ..., \"order\": ...}"},
        {"navigation without a name", VIEW("\"parts\": [], \"nav\": {\"group\": \"h\", \"order\": 1}"),
         "nav: there is no text \"group.h\", expected one in en.json"},
        {"a way back to nowhere", VIEW("\"parts\": [], \"back\": \"x\""), "back: there is no view \"x\""},
        {"a flag that is none", TABLE(", \"search\": 1"), "parts[0].search: expected true or false"},
        {"a word that is none", COLUMN("{\"field\": 1}"), "parts[0].columns[0].field: expected a word"},

        /* --- methods, fields, parameters --- */
        {"an unknown method", PARTS("{\"kind\": \"table\", \"method\": \"nas.a.ListThing\", \"columns\": []}"),
         "parts[0].method: there is no method \"nas.a.ListThing\""},
        {"a method that cannot be reached", ACTION("\"text\": \"t\", \"method\": \"nas.a.Hidden\""),
         "parts[0].actions[0].method: nas.a.Hidden has no route"},
        {"a table of a change", PARTS("{\"kind\": \"table\", \"method\": \"nas.a.MakeThing\", \"columns\": []}"),
         "parts[0]: nas.a.MakeThing is no list"},
        {"a detail of a change", PARTS("{\"kind\": \"detail\", \"method\": \"nas.a.MakeThing\", \"fields\": []}"),
         "parts[0].method: nas.a.MakeThing does not read"},
        {"a table of one thing",
         PARTS("{\"kind\": \"table\", \"method\": \"nas.a.GetThing\", \"with\": {\"id\": 1}, \"columns\": []}"),
         "parts[0]: nas.a.GetThing is no list"},
        {"needs what is not there", VIEW("\"parts\": [], \"needs\": \"nas.a.X\""),
         "needs: there is no method \"nas.a.X\""},
        {"an unknown field", COLUMN("\"nam\""), "parts[0].columns[0].field: there is no field \"nam\""},
        {"an unknown field within", COLUMN("\"part.weight\""),
         "parts[0].columns[0].field: there is no field \"part.weight\""},
        {"a part that is not answered",
         PARTS("{\"kind\": \"detail\", \"method\": \"nas.a.GetThing\", \"of\": \"x\", \"fields\": []}"),
         "parts[0].of: what GetThing answers has no \"x\""},
        {"an unknown order", TABLE(", \"sort\": \"-nam\""), "parts[0].sort: there is no field \"nam\""},
        {"an unknown parameter", TABLE(", \"with\": {\"tome\": \"red\"}"),
         "parts[0].with.tome: ListThings has no parameter \"tome\""},
        {"a parameter from nowhere", TABLE(", \"with\": {\"tone\": \"$tone\"}"),
         "parts[0].with.tone: nothing here is called \"tone\""},
        {"a text put together from nowhere", TABLE(", \"with\": {\"tone\": \"={here}\"}"),
         "parts[0].with.tone: nothing here is called \"here\""},
        {"a parameter of another word", TABLE(", \"with\": {\"tone\": \"green\"}"),
         "parts[0].with.tone: \"green\" is no word of Tone"},
        {"a parameter of a form", ACTION("\"method\": \"nas.a.MakeThing\", \"fields\": [\"name\", \"nam\"]"),
         "parts[0].actions[0].fields[1].param: MakeThing has no parameter \"nam\""},
        {"a parameter that nobody gives", ROW("\"method\": \"nas.a.DropThing\", \"fields\": []"),
         "parts[0].row[0]: DropThing needs \"force\", and nothing gives or asks for it"},
        {"a path that nobody gives", ACTION("\"method\": \"nas.a.DropThing\", \"fields\": [\"force\"]"),
         "parts[0].actions[0]: DropThing needs \"id\", and nothing gives or asks for it"},
        {"a name that is typed from nowhere", ROW("\"method\": \"nas.a.DropThing\", \"confirm\": \"nam\""),
         "parts[0].row[0].confirm: there is no field \"nam\""},
        {"choices by an unknown field",
         ACTION("\"method\": \"nas.a.MakeThing\", \"fields\": [{\"param\": \"name\", \"choices\": {\"method\": "
                "\"nas.a.ListThings\", \"value\": \"nam\"}}]"),
         "parts[0].actions[0].fields[0].choices.value: there is no field \"nam\""},
        {"a beginning from nowhere",
         ROW("\"method\": \"nas.a.DropThing\", \"fields\": [{\"param\": \"force\", \"initial\": \"$bad\"}]"),
         "parts[0].row[0].fields[0].initial: there is no field \"bad\""},
        {"a view that needs more", COLUMN("{\"field\": \"name\", \"open\": \"other\"}"),
         "parts[0].columns[0].open: the view \"other\" needs \"key\", and nothing here is called so"},
        {"a view that is not there", TABLE(", \"open\": \"x\""), "parts[0].open: there is no view \"x\""},

        /* --- values --- */
        {"a condition on nothing", TABLE(", \"where\": {\"nam\": 1}"),
         "parts[0].where.nam: nothing here is called \"nam\""},
        {"a condition on another word", TABLE(", \"where\": {\"tone\": \"green\"}"),
         "parts[0].where.tone: \"green\" is no word of Tone"},
        {"a condition in other words", TABLE(", \"where\": {\"id\": {\"less\": 1}}"),
         "parts[0].where.id: expected a value, a list of them, or {\"not\": ...}"},
        {"a condition from nowhere", TABLE(", \"where\": {\"id\": \"$id\"}"),
         "parts[0].where.id: nothing around this is called \"id\""},
        {"conditions that are none", TABLE(", \"where\": []"), "parts[0].where: expected an object of conditions"},
        {"an unknown tone", COLUMN("{\"field\": \"tone\", \"tones\": {\"red\": \"loud\"}}"),
         "parts[0].columns[0].tones.red: \"loud\" is no tone, expected good, warn, bad, calm or plain"},
        {"a tone for what is never said", COLUMN("{\"field\": \"tone\", \"tones\": {\"green\": \"good\"}}"),
         "parts[0].columns[0].tones.green: the field can never say \"green\""},
        {"a tone for a flag", COLUMN("{\"field\": \"good\", \"tones\": {\"yes\": \"good\"}}"),
         "parts[0].columns[0].tones.yes: the field can never say \"yes\""},
        {"an unknown way to show it", COLUMN("{\"field\": \"name\", \"as\": \"loud\"}"),
         "parts[0].columns[0].as: \"loud\" is not known, expected one of: bytes number percent celsius hours time "
         "since badge yes code copy "
         "bar split words verb told chips count text lines address"},
        {"an address put together",
         COLUMN("{\"field\": \"name\", \"as\": \"address\", \"value\": \"=x://{host}/{name}\"}"), ""},
        {"a text put together of nothing", COLUMN("{\"field\": \"name\", \"value\": \"={nam}\"}"),
         "parts[0].columns[0].value: nothing here is called \"nam\""},
        {"a text that is not put together", COLUMN("{\"field\": \"name\", \"value\": \"name\"}"),
         "parts[0].columns[0].value: expected = and a text with {paths} in it"},
        {"an action without anything to do", ACTION("\"text\": \"t\""),
         "parts[0].actions[0]: expected one of \"method\", \"view\" and \"href\""},
        {"an action without a name", ACTION("\"href\": \"/\""),
         "parts[0].actions[0]: an action without a method needs \"text\""},
        {"a heading that no language has", COLUMN("\"part\""),
         "parts[0].columns[0]: there is no text \"field.part\", expected one in en.json"},
};

static const struct json *parse(struct arena *arena, const char *text)
{
        struct failure failure = {0};
        const struct json *json = json_parse_in(arena, text, strlen(text), &failure);
        if (json == NULL)
                fail_msg("%s: %s", failure.message, text);
        return json;
}

static struct checker *make_checker(struct arena *arena)
{
        struct checker *checker = arena_alloc(arena, sizeof(*checker));
        const struct idl_contract **contracts = arena_alloc(arena, sizeof(*contracts));
        char message[256];

        contracts[0] = idl_parse(arena, "nas.a.varlink", contract_text, strlen(contract_text), message);
        if (contracts[0] == NULL || idl_check(contracts, 1, message) < 0)
                fail_msg("%s", message);
        *checker = (struct checker){.arena = arena, .contracts = contracts, .contract_count = 1};
        checker->icons = parse(arena, "{\"cube\": \"\"}");
        checker->languages[0] = (struct language){"en.json", parse(arena, english), parse(arena, "{}")};
        checker->languages[1] = (struct language){"de.json", parse(arena, english), parse(arena, german)};
        checker->language_count = 2;
        checker->views[0] = (struct view){
                "views/one.json", "one",
                parse(arena, "{\"view\": \"one\", \"title\": \"t\", \"at\": \"things/{id}\", \"parts\": []}")};
        checker->views[1] = (struct view){
                "views/other.json", "other",
                parse(arena, "{\"view\": \"other\", \"title\": \"t\", \"at\": \"o/{key}\", \"parts\": []}")};
        checker->view_count = 2;
        return checker;
}

/* All that is said of a checker's views and languages, the first line of it. */
static void expect(struct checker *checker, const char *name, const char *wanted)
{
        char *said = NULL;
        size_t length;

        checker->out = open_memstream(&said, &length);
        unsigned faults = check_all(checker);
        fclose(checker->out);
        said[strcspn(said, "\n")] = '\0';
        if (strcmp(said, wanted) != 0 || (faults == 0) != (*wanted == '\0'))
                fail_msg("%s: \"%s\", expected \"%s\"", name, said, wanted);
        free(said);
}

static void one_row(void **state)
{
        struct arena *arena CLEANUP(arena_freep) = arena_new();
        const struct row *row = *state;
        struct checker *checker = make_checker(arena);

        checker->views[checker->view_count++] = (struct view){"views/v.json", "v", parse(arena, row->view)};
        expect(checker, row->name, *row->message == '\0' ? "" : arena_printf(arena, "views/v.json: %s", row->message));
}

static void languages_have_the_same_texts(void **state)
{
        struct arena *arena CLEANUP(arena_freep) = arena_new();
        struct checker *checker = make_checker(arena);

        (void)state;
        checker->languages[1].texts = parse(arena, "{\"t\": \"T\", \"more\": \"x\"}");
        expect(checker, "too much", "de.json: more: en.json does not have it");
        checker = make_checker(arena);
        checker->languages[0].texts = parse(arena, "{\"t\": \"T\", \"new\": \"x\"}");
        checker->languages[1].texts = parse(arena, "{\"t\": \"T\"}");
        expect(checker, "too little", "en.json: new: de.json does not have it");
        checker = make_checker(arena);
        checker->languages[1].texts = parse(arena, "{\"t\": \"\"}");
        expect(checker, "nothing", "de.json: t: expected a text");
}

static void what_a_contract_says_is_translated(void **state)
{
        struct arena *arena CLEANUP(arena_freep) = arena_new();
        struct checker *checker = make_checker(arena);

        (void)state;
        checker->languages[1].contract = parse(arena, "{\"1 to 64 bytes of printable text\": \"Text\"}");
        checker->views[checker->view_count++] =
                (struct view){"views/v.json", "v", parse(arena, ACTION("\"method\": \"nas.a.MakeThing\""))};
        expect(checker, "a doc",
               "views/v.json: parts[0].actions[0]: de.json does not have what the contract says here: \"Said of it.\"");
}

static void every_method_is_in_a_view(void **state)
{
        struct arena *arena CLEANUP(arena_freep) = arena_new();
        struct checker *checker = make_checker(arena);
        struct view most = {"views/v.json", "v",
                            parse(arena, TABLE(", \"with\": {\"tone\": \"red\"}, \"row\": [{\"method\": "
                                               "\"nas.a.DropThing\"}], \"actions\": "
                                               "[{\"method\": \"nas.a.MakeThing\"}]"))};

        (void)state;
        checker->views[checker->view_count++] = most;
        expect(checker, "not the whole", "");
        checker->whole = true;
        expect(checker, "the whole", "web/views: nas.a.GetThing: no view offers it");
        checker = make_checker(arena);
        most.json =
                parse(arena, PARTS("{\"kind\": \"table\", \"method\": \"nas.a.ListThings\", \"with\": {\"tone\": "
                                   "\"red\"}, \"columns\": [\"name\"], \"row\": [{\"method\": \"nas.a.DropThing\"}], "
                                   "\"actions\": [{\"method\": \"nas.a.MakeThing\", \"fields\": [\"name\"]}]}, "
                                   "{\"kind\": \"detail\", \"method\": \"nas.a.GetThing\", \"with\": {\"id\": 1}, "
                                   "\"fields\": []}"));
        checker->views[checker->view_count++] = most;
        checker->whole = true;
        expect(checker, "not all of it", "web/views: nas.a.MakeThing: no view asks for \"tone\"");
}

int main(void)
{
        struct CMUnitTest tests[sizeof(rows) / sizeof(*rows) + 3];
        size_t count = 0;

        for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
                tests[count++] = (struct CMUnitTest){rows[i].name, one_row, NULL, NULL, (void *)(uintptr_t)&rows[i]};
        tests[count++] = (struct CMUnitTest)cmocka_unit_test(languages_have_the_same_texts);
        tests[count++] = (struct CMUnitTest)cmocka_unit_test(what_a_contract_says_is_translated);
        tests[count++] = (struct CMUnitTest)cmocka_unit_test(every_method_is_in_a_view);
        return _cmocka_run_group_tests("views", tests, count, NULL, NULL);
}
