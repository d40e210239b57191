/* The rules for methods: role, route, command and what their annotations ask of each other.
 * Rights: as the parser; reads its tree, nothing else. */
#include "base/log.h"
#include "ipc/compiler/check.h"

#include <string.h>

static void check_together(const struct idl_member *method, struct faults *faults)
{
        const struct idl_note *const *notes = method->said.notes;
        static const struct {
                enum idl_annotation annotation;
                const char *name;
        } changing[] = {{IDL_DESTROYS, "destroys"}, {IDL_WARRANT, "warrant"}, {IDL_JOB, "job"}};

        if (notes[IDL_ROLE] == NULL)
                fault(faults, method->place, "the method \"%s\" has no role, expected @role above it", method->name);
        for (size_t i = 0; i < sizeof(changing) / sizeof(changing[0]); i++)
                if (notes[changing[i].annotation] != NULL && notes[IDL_PLAN] == NULL)
                        fault(faults, notes[changing[i].annotation]->place, "@%s without @plan, expected @plan too",
                              changing[i].name);
        if (notes[IDL_DESTROYS] != NULL && (notes[IDL_WARRANT] == NULL || notes[IDL_WARRANT]->count > 0))
                fault(faults, notes[IDL_DESTROYS]->place, "@destroys without @warrant, expected @warrant too");
        if (notes[IDL_PLAN] != NULL && notes[IDL_MORE] != NULL)
                fault(faults, notes[IDL_MORE]->place, "@more with @plan, expected it on a reading method");
        if (notes[IDL_PROGRESS] != NULL && (notes[IDL_PLAN] != NULL || notes[IDL_MORE] != NULL))
                fault(faults, notes[IDL_PROGRESS]->place,
                      "@progress with @plan or @more, expected it on a reading method that is not watched");
        if (notes[IDL_SESSION] != NULL && notes[IDL_MORE] == NULL)
                fault(faults, notes[IDL_SESSION]->place,
                      "@session without @more, expected it where watches are shared");
        if (notes[IDL_PLAN] != NULL && notes[IDL_HTTP] != NULL && strcmp(notes[IDL_HTTP]->words[0], "GET") == 0)
                fault(faults, notes[IDL_HTTP]->place,
                      "GET for a method with @plan, expected POST, PUT, PATCH or DELETE");
}

static bool is_path_char(char c)
{
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

/* "/api" and then "/words-and-digits" or "/{param}", as often as wanted. */
bool check_is_path(const char *path)
{
        ASSERT(path != NULL);
        while (*path == '/') {
                size_t length = 0;
                path++;
                if (*path == '{') {
                        length = strcspn(path, "}/");
                        if (path[length] != '}' || length < 2)
                                return false;
                        path += length + 1;
                        continue;
                }
                while (is_path_char(path[length]))
                        length++;
                if (length == 0)
                        return false;
                path += length;
        }
        return *path == '\0';
}

static bool is_plain(const struct idl_type *type)
{
        enum idl_kind kind = idl_real(type)->kind;
        return kind == IDL_STRING || kind == IDL_INT || kind == IDL_BOOL || kind == IDL_ENUM || kind == IDL_FLOAT;
}

static void check_path_params(const struct idl_member *method, struct faults *faults)
{
        const struct idl_note *http = method->said.notes[IDL_HTTP];
        const char *at = http->words[1];
        size_t length;

        for (const char *name = idl_path_param(&at, &length); name != NULL; name = idl_path_param(&at, &length)) {
                const struct idl_field *field = method->type->fields;
                while (field != NULL && !(strlen(field->name) == length && memcmp(field->name, name, length) == 0))
                        field = field->next;
                if (field == NULL)
                        fault(faults, http->place, "{%.*s} in the route, expected a parameter of \"%s\"", (int)length,
                              name, method->name);
                else if (!is_plain(field->type) || field->type->optional || field->said.notes[IDL_SECRET] != NULL)
                        fault(faults, field->place, "\"%s\" is in the route, expected one plain required value",
                              field->name);
        }
}

/* A cookie is a credential on its way to or from a browser. */
static void check_cookies(const struct idl_member *method, const struct idl_type *list, struct faults *faults)
{
        for (const struct idl_field *f = list->fields; f != NULL; f = f->next) {
                const struct idl_note *cookie = f->said.notes[IDL_COOKIE];
                const struct idl_note *http = method->said.notes[IDL_HTTP];
                if (cookie == NULL)
                        continue;
                if (http == NULL)
                        fault(faults, cookie->place, "@cookie on \"%s\", expected it with @http", f->name);
                else if (idl_path_has(http->words[1], f->name))
                        fault(faults, cookie->place, "@cookie on \"%s\", expected it not to be in the route", f->name);
                if (f->said.notes[list == method->type ? IDL_SECRET : IDL_ISSUED] == NULL)
                        fault(faults, cookie->place, "@cookie on \"%s\", expected %s with it", f->name,
                              list == method->type ? "@secret" : "@issued");
        }
}

static void check_route(const struct idl_member *method, struct faults *faults)
{
        const struct idl_note *http = method->said.notes[IDL_HTTP];

        if (http == NULL)
                return;
        if (!check_is_path(http->words[1]))
                fault(faults, http->place, "the path \"%.80s\", expected /api/words-and-digits/{param}",
                      http->words[1]);
        check_path_params(method, faults);
        if (strcmp(http->words[0], "GET") != 0 && strcmp(http->words[0], "DELETE") != 0)
                return;
        for (const struct idl_field *f = method->type->fields; f != NULL; f = f->next) {
                const struct idl_type *item = f->type->kind == IDL_ARRAY ? f->type->of : f->type;
                if (f->said.notes[IDL_COOKIE] != NULL)
                        continue;
                if (f->said.notes[IDL_SECRET] != NULL)
                        fault(faults, f->said.notes[IDL_SECRET]->place,
                              "the secret \"%s\" would be in the URL of a %s, expected POST, PUT or PATCH", f->name,
                              http->words[0]);
                else if (!is_plain(item))
                        fault(faults, f->place, "\"%s\" cannot be in the URL of a %s, expected plain values", f->name,
                              http->words[0]);
        }
}

static bool is_command_word(const char *word)
{
        return *word >= 'a' && *word <= 'z' && strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(word);
}

static void check_command(const struct idl_member *method, struct faults *faults)
{
        const struct idl_note *command = method->said.notes[IDL_COMMAND];

        if (command == NULL)
                return;
        for (size_t i = 0; i < command->count; i++) {
                const char *word = command->words[i];
                if (i < 2 && !is_command_word(word))
                        fault(faults, command->place, "\"%s\", expected small letters, digits and -", word);
                if (i < 2)
                        continue;
                const struct idl_field *field = idl_field(method->type, word);
                if (field == NULL)
                        fault(faults, command->place, "\"%s\" in @command, expected a parameter of \"%s\"", word,
                              method->name);
                else if (!is_plain(field->type) || field->said.notes[IDL_SECRET] != NULL)
                        fault(faults, command->place, "\"%s\" in @command, expected a plain value that is no secret",
                              word);
                for (size_t j = 2; j < i; j++)
                        if (strcmp(command->words[j], word) == 0)
                                fault(faults, command->place, "\"%s\" twice in @command, expected it once", word);
        }
}

/* Names that ipc/README.md gives to every daemon. */
static void check_reserved(const struct idl_member *member, struct faults *faults)
{
        static const char *const types[] = {"Caller", "PlanStep", "Plan", "Progress"};
        static const char *const results[] = {"plan", "job", "progress"};

        for (size_t i = 0; i < 4; i++)
                if (strcmp(member->name, types[i]) == 0)
                        fault(faults, member->place, "the name \"%s\" is reserved, expected another", types[i]);
        if (member->what != IDL_METHOD)
                return;
        const struct idl_field *field = idl_field(member->type, "caller");
        if (field != NULL)
                fault(faults, field->place, "the name \"caller\" is reserved, expected another");
        bool changes = member->said.notes[IDL_PLAN] != NULL, tells = member->said.notes[IDL_PROGRESS] != NULL;
        for (size_t i = changes ? 0 : 2; i < 3 && (changes || tells); i++) {
                field = idl_field(member->reply, results[i]);
                if (field != NULL)
                        fault(faults, field->place, "the name \"%s\" is reserved with @%s, expected another",
                              results[i], changes ? "plan" : "progress");
        }
}

void check_methods(const struct idl_contract *contract, struct faults *faults)
{
        ASSERT(contract != NULL && faults != NULL);
        for (const struct idl_member *m = contract->members; m != NULL; m = m->next) {
                check_reserved(m, faults);
                if (m->what != IDL_METHOD)
                        continue;
                check_together(m, faults);
                check_cookies(m, m->type, faults);
                check_cookies(m, m->reply, faults);
                check_route(m, faults);
                check_command(m, faults);
        }
}
