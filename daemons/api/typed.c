/* Is what was sent of the type that the contract says? All the way down: kinds, words of enums, members that are not
 * known. So a module that was dropped in gets what its contract says, whoever wrote it. Limits and meanings are for the
 * daemon to judge. The words are those of the daemons' own reader, so that it is no matter who finds it.
 * Rights: the front end; memory only. Everything here comes from outside. */
#include "daemons/api/parts.h"

#include "base/log.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

enum { PLACE_SIZE = 48, WORDS_SIZE = 192 };

#define wrong(failure, ...) failure_set(failure, FAILURE_INVALID, "", "", __VA_ARGS__)

/* Those above put their name before what is wrong, level by level. */
static int within(struct failure *failure, const char *name)
{
        char inner[sizeof(failure->field)];

        memcpy(inner, failure->field, sizeof(inner));
        (void)snprintf(failure->field, sizeof(failure->field), "%.*s%s%.*s", (int)sizeof(inner) - 24, name,
                       inner[0] != '\0' && inner[0] != '[' ? "." : "", 22, inner);
        return -1;
}

static int check_kind(enum json_kind wanted, const struct json *value, struct failure *failure)
{
        enum json_kind kind = json_type_of(value);

        if (kind == wanted || (wanted == JSON_NUMBER && kind == JSON_INTEGER))
                return 0;
        return wrong(failure, "must be %s, not %s", json_type_name(wanted), json_type_name(kind));
}

static int check_word(const struct idl_type *type, const struct json *value, struct failure *failure)
{
        const char *text = json_text(value, NULL);
        char all[WORDS_SIZE] = "";
        size_t used = 0;

        for (const struct idl_field *word = type->fields; word != NULL; word = word->next) {
                if (strcmp(word->name, text) == 0)
                        return 0;
                int more = snprintf(all + used, sizeof(all) - used, "%s%s", used > 0 ? ", " : "", word->name);
                used = more > 0 && used + (size_t)more < sizeof(all) ? used + (size_t)more : sizeof(all) - 1;
        }
        return wrong(failure, "must be one of: %s", all);
}

static int check_items(const struct idl_type *of, const struct json *array, struct failure *failure)
{
        char place[PLACE_SIZE];

        for (size_t i = 0; i < json_length(array); i++)
                if (typed_check(of, json_item(array, i), failure) < 0) {
                        (void)snprintf(place, sizeof(place), "[%zu]", i);
                        return within(failure, place);
                }
        return 0;
}

struct members { /* of an object: of a map all are of one type, of a struct each has its own */
        const struct idl_type *type;
        struct failure *failure;
        int result;
};

static bool check_entry(const char *key, const struct json *value, void *context)
{
        struct members *members = context;
        char shown[PLACE_SIZE] = "[";

        members->result = typed_check(members->type->of, value, members->failure);
        if (members->result == 0)
                return true;
        text_escape(key, strlen(key), shown + 1, sizeof(shown) - 2);
        memcpy(shown + strlen(shown), "]", 2);
        (void)within(members->failure, shown);
        return false;
}

static bool check_member(const char *name, const struct json *value, void *context)
{
        struct members *members = context;
        const struct idl_field *field = idl_field(members->type, name);
        char shown[PLACE_SIZE];

        if (field == NULL) {
                text_escape(name, strlen(name), shown, sizeof(shown));
                members->result =
                        failure_set(members->failure, FAILURE_INVALID, shown, "Leave it out.", "is not known");
        } else if (typed_check(field->type, value, members->failure) < 0) {
                members->result = within(members->failure, name);
        }
        return members->result == 0;
}

int typed_check(const struct idl_type *type, const struct json *value, struct failure *failure)
{
        ASSERT(type != NULL && failure != NULL);
        static const enum json_kind wanted[] = {
                [IDL_BOOL] = JSON_BOOLEAN, [IDL_INT] = JSON_INTEGER,   [IDL_FLOAT] = JSON_NUMBER,
                [IDL_STRING] = JSON_TEXT,  [IDL_OBJECT] = JSON_OBJECT, [IDL_ARRAY] = JSON_ARRAY,
                [IDL_MAP] = JSON_OBJECT,   [IDL_STRUCT] = JSON_OBJECT, [IDL_ENUM] = JSON_TEXT,
        };
        const struct idl_type *real = idl_real(type);
        struct members members = {.type = real, .failure = failure};

        if (type->optional && json_type_of(value) == JSON_NULL)
                return 0;
        if (check_kind(wanted[real->kind], value, failure) < 0)
                return -1;
        if (real->kind == IDL_ENUM)
                return check_word(real, value, failure);
        if (real->kind == IDL_ARRAY)
                return check_items(real->of, value, failure);
        if (real->kind == IDL_MAP || real->kind == IDL_STRUCT)
                json_each(value, real->kind == IDL_MAP ? check_entry : check_member, &members);
        return members.result;
}

int typed_check_member(const struct idl_field *field, const struct json *value, struct failure *failure)
{
        ASSERT(field != NULL);
        return typed_check(field->type, value, failure) < 0 ? within(failure, field->name) : 0;
}
