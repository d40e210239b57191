/* Values in views: what a method is given, under what condition something is shown, in what tone.
 * Rights: a program of the build machine; memory only. */
#include "web/check/check.h"

#include "base/log.h"

#include <string.h>

struct looking {
        struct checker *checker;
        const struct idl_member *method;
        const struct idl_type *type;
        const struct scope *scope;
        const char *place;
};

static bool is_word(const struct idl_type *type, const char *word)
{
        const struct idl_type *real = idl_real(type);

        if (real->kind != IDL_ENUM)
                return true;
        for (const struct idl_field *f = real->fields; f != NULL; f = f->next)
                if (strcmp(f->name, word) == 0)
                        return true;
        return false;
}

static bool is_scalar(const struct json *value)
{
        return json_type_of(value) != JSON_OBJECT && json_type_of(value) != JSON_ARRAY;
}

/* A value beside the type of what it is for. */
static void check_value(struct checker *checker, const struct json *value, const struct idl_type *type,
                        const char *place)
{
        if (json_type_of(value) == JSON_TEXT && !is_word(type, json_text(value, NULL)))
                view_fault(checker, place, "\"%s\" is no word of %s", json_text(value, NULL),
                           type->name != NULL ? type->name : "its type");
}

/* "{at.path}/{name}": each of them means something here. */
void check_template(struct checker *checker, const char *template, const struct scope *scope, const char *place)
{
        ASSERT(checker != NULL && template != NULL && place != NULL);
        size_t length;

        for (const char *name; (name = idl_path_param(&template, &length)) != NULL;) {
                const char *path = arena_text(checker->arena, name, length);
                if (look_up(scope, path) == NULL)
                        view_fault(checker, place, "nothing here is called \"%s\"", path);
        }
}

static bool check_given(const char *name, const struct json *value, void *context)
{
        const struct looking *looking = context;
        struct checker *checker = looking->checker;
        const char *place = place_in(checker, looking->place, name);
        const struct idl_field *parameter = idl_field(looking->method->type, name);
        const char *text = json_type_of(value) == JSON_TEXT ? json_text(value, NULL) : "";

        if (parameter == NULL)
                view_fault(checker, place, "%s has no parameter \"%s\"", looking->method->name, name);
        else if (*text == '$' && look_up(looking->scope, text + 1) == NULL)
                view_fault(checker, place, "nothing here is called \"%s\"", text + 1);
        else if (*text == '=')
                check_template(checker, text + 1, looking->scope, place);
        else if (*text != '$' && is_scalar(value))
                check_value(checker, value, parameter->type, place);
        return true;
}

void check_with(struct checker *checker, const struct json *value, const struct idl_member *method,
                const struct scope *scope, const char *place)
{
        ASSERT(checker != NULL && place != NULL);
        struct looking looking = {.checker = checker, .method = method, .scope = scope, .place = place};

        if (json_type_of(value) != JSON_OBJECT)
                view_fault(checker, place, "expected an object of parameters");
        else if (method != NULL)
                json_each(value, check_given, &looking);
}

static bool check_condition(const char *name, const struct json *value, void *context)
{
        const struct looking *looking = context;
        struct checker *checker = looking->checker;
        const char *place = place_in(checker, looking->place, name);
        const struct idl_type *type = look_up(looking->scope, name);

        if (type == NULL) {
                view_fault(checker, place, "nothing here is called \"%s\"", name);
                return true;
        }
        if (json_type_of(value) == JSON_OBJECT) {
                if (json_length(value) != 1 || !json_has(value, "not"))
                        view_fault(checker, place, "expected a value, a list of them, or {\"not\": ...}");
                value = json_member(value, "not");
        }
        const char *text = json_type_of(value) == JSON_TEXT ? json_text(value, NULL) : "";
        if (*text == '$' && look_up(looking->scope->up, text + 1) == NULL)
                view_fault(checker, place, "nothing around this is called \"%s\"", text + 1);
        else if (*text != '$' && is_scalar(value))
                check_value(checker, value, type, place);
        else
                for (size_t i = 0; i < json_length(value); i++)
                        check_value(checker, json_item(value, i), type, place);
        return true;
}

void check_when(struct checker *checker, const struct json *value, const struct scope *scope, const char *place)
{
        ASSERT(checker != NULL && place != NULL);
        struct looking looking = {.checker = checker, .scope = scope, .place = place};

        if (json_type_of(value) != JSON_OBJECT)
                view_fault(checker, place, "expected an object of conditions");
        else
                json_each(value, check_condition, &looking);
}

static bool check_tone(const char *name, const struct json *value, void *context)
{
        static const char *const tones[] = {"good", "warn", "bad", "calm", "plain"};
        const struct looking *looking = context;
        const char *place = place_in(looking->checker, looking->place, name);
        const char *tone = json_type_of(value) == JSON_TEXT ? json_text(value, NULL) : "";
        bool known = false;

        for (size_t i = 0; i < sizeof(tones) / sizeof(*tones); i++)
                known |= strcmp(tones[i], tone) == 0;
        if (!known)
                view_fault(looking->checker, place, "\"%s\" is no tone, expected good, warn, bad, calm or plain", tone);
        if (looking->type == NULL)
                return true;
        bool yes =
                idl_real(looking->type)->kind == IDL_BOOL && (strcmp(name, "true") == 0 || strcmp(name, "false") == 0);
        if (!yes && (idl_real(looking->type)->kind == IDL_BOOL || !is_word(looking->type, name)))
                view_fault(looking->checker, place, "the field can never say \"%s\"", name);
        return true;
}

void check_tones(struct checker *checker, const struct json *value, const struct idl_type *type, const char *place)
{
        ASSERT(checker != NULL && place != NULL);
        struct looking looking = {.checker = checker, .type = type, .place = place};

        if (json_type_of(value) != JSON_OBJECT)
                view_fault(checker, place, "expected a tone for each word");
        else
                json_each(value, check_tone, &looking);
}
