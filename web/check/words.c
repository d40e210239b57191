/* What each member of an object in a view may say.
 * Rights: a program of the build machine; memory only. */
#include "web/check/shapes.h"

#include "base/log.h"

#include <string.h>

const char *word_in(const struct here *here, const struct json *value, const char *place)
{
        if (json_type_of(value) == JSON_TEXT && *json_text(value, NULL) != '\0')
                return json_text(value, NULL);
        view_fault(here->checker, place, "expected a word");
        return NULL;
}

void is_word(const struct here *here, const struct json *value, const char *place)
{
        word_in(here, value, place);
}

void is_text(const struct here *here, const struct json *value, const char *place)
{
        check_text(here->checker, place, value);
}

void is_flag(const struct here *here, const struct json *value, const char *place)
{
        if (json_type_of(value) != JSON_BOOLEAN)
                view_fault(here->checker, place, "expected true or false");
}

void is_number(const struct here *here, const struct json *value, const char *place)
{
        if (json_type_of(value) != JSON_INTEGER)
                view_fault(here->checker, place, "expected a whole number");
}

static void one_of(const struct here *here, const struct json *value, const char *place, const char *words)
{
        const char *text = word_in(here, value, place);
        size_t length = text != NULL ? strlen(text) : 0;

        for (const char *at = words; length > 0 && *at != '\0'; at += strcspn(at, " "), at += strspn(at, " "))
                if (strcspn(at, " ") == length && strncmp(at, text, length) == 0)
                        return;
        if (length > 0)
                view_fault(here->checker, place, "\"%s\" is not known, expected one of: %s", text, words);
}

void is_as(const struct here *here, const struct json *value, const char *place)
{
        one_of(here, value, place,
               here->shape == &form_field_shape
                       ? "size lines cards"
                       : "bytes number percent celsius hours time since badge yes code copy bar split words verb told "
                         "chips count text lines address");
}

void is_tone(const struct here *here, const struct json *value, const char *place)
{
        one_of(here, value, place, "primary good warn bad calm plain");
}

void is_icon(const struct here *here, const struct json *value, const char *place)
{
        const char *name = word_in(here, value, place);
        if (name != NULL && !json_has(here->checker->icons, name))
                view_fault(here->checker, place, "there is no picture \"%s\"", name);
}

/* --- of views --- */

static const struct view *find_view(const struct here *here, const char *name)
{
        for (size_t i = 0; name != NULL && i < here->checker->view_count; i++)
                if (strcmp(here->checker->views[i].name, name) == 0)
                        return &here->checker->views[i];
        return NULL;
}

void is_own_name(const struct here *here, const struct json *value, const char *place)
{
        const char *name = word_in(here, value, place), *file = strrchr(here->checker->file, '/');
        size_t length = name != NULL ? strlen(name) : 0;

        file = file != NULL ? file + 1 : here->checker->file;
        if (length > 0 && (strncmp(file, name, length) != 0 || strcmp(file + length, ".json") != 0))
                view_fault(here->checker, place, "\"%s\" is not what its file is called", name);
}

void is_address(const struct here *here, const struct json *value, const char *place)
{
        const char *at = word_in(here, value, place);
        if (at != NULL && (*at == '/' || strpbrk(at, "#?% ") != NULL))
                view_fault(here->checker, place, "expected words and {parameters} with / between them");
}

void is_navigation(const struct here *here, const struct json *value, const char *place)
{
        const char *group = text_of(value, "group");

        if (group == NULL || json_type_of(json_member(value, "order")) != JSON_INTEGER || json_length(value) != 2)
                view_fault(here->checker, place, "expected {\"group\": ..., \"order\": ...}");
        else
                need_text(here->checker, place, "group", group);
}

void is_back(const struct here *here, const struct json *value, const char *place)
{
        check_opens(here, here->inner, word_in(here, value, place), place);
}

void is_open(const struct here *here, const struct json *value, const char *place)
{
        const char *name = word_in(here, value, place);
        bool given = here->shape == &action_shape || here->shape == &column_shape;
        if (given && json_has(here->object, "with")) {
                if (name != NULL && find_view(here, name) == NULL)
                        view_fault(here->checker, place, "there is no view \"%s\"", name);
                return;
        }
        check_opens(here, here->inner, name, place);
}

void is_to(const struct here *here, const struct json *value, const char *place)
{
        const struct scope after = {.up = here->inner, .item = here->method != NULL ? answer_of(here->method) : NULL};
        check_opens(here, &after, word_in(here, value, place), place);
}

/* --- of sources --- */

void is_method(const struct here *here, const struct json *value, const char *place)
{
        const char *name = word_in(here, value, place);
        const struct idl_member *method = name != NULL ? find_method(here->checker, name) : NULL;

        if (name != NULL && method == NULL)
                view_fault(here->checker, place, "there is no method \"%s\"", name);
        else if (method != NULL && method->said.notes[IDL_HTTP] == NULL)
                view_fault(here->checker, place, "%s has no route", name);
        else if (method != NULL && here->shape->brings != CALL &&
                 strcmp(method->said.notes[IDL_HTTP]->words[0], "GET") != 0)
                view_fault(here->checker, place, "%s does not read", name);
}

void is_needs(const struct here *here, const struct json *value, const char *place)
{
        const char *name = word_in(here, value, place);
        if (name != NULL && find_method(here->checker, name) == NULL)
                view_fault(here->checker, place, "there is no method \"%s\"", name);
}

void is_of(const struct here *here, const struct json *value, const char *place)
{
        const char *path = word_in(here, value, place);
        if (path != NULL && here->method != NULL && field_at(answer_of(here->method), path) == NULL)
                view_fault(here->checker, place, "what %s answers has no \"%s\"", here->method->name, path);
}

void is_with(const struct here *here, const struct json *value, const char *place)
{
        check_with(here->checker, value, here->method, here->outer, place);
}

void is_when(const struct here *here, const struct json *value, const char *place)
{
        check_when(here->checker, value, here->outer, place);
}

void is_when_inside(const struct here *here, const struct json *value, const char *place)
{
        check_when(here->checker, value, here->inner, place);
}

void check_path(const struct here *here, const char *path, const char *place)
{
        if (path != NULL && look_up(here->inner, path) == NULL)
                view_fault(here->checker, place, "there is no field \"%s\"", path);
}

void is_field(const struct here *here, const struct json *value, const char *place)
{
        check_path(here, word_in(here, value, place), place);
}

void is_template(const struct here *here, const struct json *value, const char *place)
{
        const char *text = word_in(here, value, place);
        if (text != NULL && *text != '=')
                view_fault(here->checker, place, "expected = and a text with {paths} in it");
        else if (text != NULL)
                check_template(here->checker, text + 1, here->inner, place);
}

void is_sort(const struct here *here, const struct json *value, const char *place)
{
        const char *path = word_in(here, value, place);
        check_path(here, path != NULL && *path == '-' ? path + 1 : path, place);
}

void is_confirm(const struct here *here, const struct json *value, const char *place)
{
        check_path(here, word_in(here, value, place), place);
}

void is_tones(const struct here *here, const struct json *value, const char *place)
{
        const char *path = text_of(here->object, "field");
        check_tones(here->checker, value, path != NULL ? look_up(here->inner, path) : NULL, place);
}
