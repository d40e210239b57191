/* The shapes of the objects in a view: what each may and must say. docs/views.md explains them.
 * Rights: a program of the build machine; data. */
#include "web/check/shapes.h"

#include "base/log.h"

#include <string.h>

#define MUST(name, means)                                                                                              \
        {                                                                                                              \
                name, means, true                                                                                      \
        }
#define MAY(name, means)                                                                                               \
        {                                                                                                              \
                name, means, false                                                                                     \
        }
#define SOURCE MUST("method", is_method), MAY("with", is_with), MAY("of", is_of), MAY("where", is_when_inside)
#define FRAME  MUST("kind", is_word), MAY("title", is_text), MAY("help", is_text), MAY("when", is_when)
#define LISTED                                                                                                         \
        SOURCE, FRAME, MAY("actions", is_actions), MAY("row", is_row), MAY("empty", is_empty), MAY("open", is_open),   \
                MAY("icon", is_icon)
#define ENDS                                                                                                           \
        MAY("from", is_from), MAY("confirm", is_confirm), MAY("to", is_to), MAY("then", is_next_action),               \
                MAY("show", is_reply_columns)

/* Laid out by hand, to be read as tables. */
/* clang-format off */
const struct shape view_shape = {.name = "a view", .brings = ADDRESS, .members = {
        MUST("view", is_own_name), MUST("title", is_text), MUST("parts", is_parts), MAY("at", is_address),
        MAY("icon", is_icon), MAY("help", is_text), MAY("needs", is_needs), MAY("nav", is_navigation),
        MAY("name", is_field), MAY("back", is_back)}};
const struct shape column_shape = {.name = "a column", .shorthand = "field", .after = column_after, .members = {
        MUST("field", is_field), MAY("as", is_as), MAY("text", is_text), MAY("tones", is_tones), MAY("of", is_field),
        MAY("open", is_open), MAY("with", is_with), MAY("narrow", is_flag), MAY("unit", is_word), MAY("when", is_when),
        MAY("opens", is_when), MAY("value", is_template), MAY("none", is_text)}};
const struct shape form_field_shape = {.name = "a field of a form", .shorthand = "param", .after = form_field_after, .members = {
        MUST("param", is_param), MAY("as", is_as), MAY("text", is_text), MAY("help", is_text), MAY("choices", is_choices),
        MAY("initial", is_initial), MAY("when", is_when)}};
const struct shape action_shape = {.name = "an action", .brings = CALL, .after = action_after, .members = {
        MAY("method", is_method), MAY("needs", is_needs), MAY("view", is_open), MAY("href", is_word), MAY("text", is_text), MAY("icon", is_icon),
        MAY("with", is_with), MAY("fields", is_form_fields), MAY("steps", is_steps), MAY("when", is_when),
        MAY("tone", is_tone), MAY("help", is_text), ENDS}};
const struct shape step_shape = {.name = "a step", .members = {
        MUST("title", is_text), MAY("help", is_text), MUST("fields", is_form_fields), MAY("parts", is_parts)}};
const struct shape empty_shape = {.name = "words for nothing", .members = {
        MUST("text", is_text), MAY("title", is_text), MAY("icon", is_icon), MAY("action", is_action), MAY("view", is_open)}};
const struct shape choices_shape = {.name = "choices", .brings = ITEMS, .members = {
        SOURCE, MUST("value", is_field), MAY("name", is_field), MAY("show", is_columns), MAY("empty", is_text)}};

const struct shape from_shape = {.name = "where a form begins", .members = {
        MUST("method", is_method), MAY("with", is_with), MAY("of", is_of)}};

static const struct {
        const char *kind;
        struct shape shape;
} components[] = {
        {"table", {.name = "a table", .brings = ITEMS, .members = {
                LISTED, MUST("columns", is_columns), MAY("key", is_field), MAY("sort", is_sort), MAY("search", is_flag)}}},
        {"cards", {.name = "cards", .brings = ITEMS, .members = {
                LISTED, MUST("fields", is_columns), MUST("name", is_field)}}},
        {"tree", {.name = "a tree", .brings = ITEMS, .members = {
                LISTED, MUST("columns", is_columns), MUST("path", is_field), MAY("by", is_field)}}},
        {"chart", {.name = "a chart", .brings = ITEMS, .members = {
                SOURCE, FRAME, MUST("x", is_field), MUST("lines", is_columns), MAY("empty", is_empty)}}},
        {"log", {.name = "a log", .brings = ITEMS, .members = {
                SOURCE, FRAME, MUST("columns", is_columns), MAY("fields", is_columns), MAY("filters", is_params), MAY("row", is_row),
                MAY("actions", is_actions), MAY("empty", is_empty), MAY("key", is_field)}}},
        {"detail", {.name = "a detail", .brings = THING, .members = {
                SOURCE, FRAME, MUST("fields", is_columns), MAY("actions", is_row), MAY("empty", is_empty)}}},
        {"form", {.name = "a form", .brings = CALL, .after = action_after, .members = {
                FRAME, MUST("method", is_method), MAY("with", is_with), MAY("fields", is_form_fields), ENDS}}},
        {"wizard", {.name = "a wizard", .brings = CALL, .after = action_after, .members = {
                FRAME, MUST("method", is_method), MAY("with", is_with), MUST("steps", is_steps), ENDS}}},
        {"actions", {.name = "actions", .members = {
                FRAME, MUST("actions", is_actions)}}},
        {"note", {.name = "a note", .members = {
                FRAME, MAY("text", is_text), MAY("tone", is_tone), MAY("icon", is_icon), MAY("actions", is_actions),
                MAY("needs", is_needs)}}},
        {"group", {.name = "a group", .members = {
                FRAME, MUST("parts", is_parts)}}},
};
/* clang-format on */

const struct shape *part_shape(const char *kind)
{
        ASSERT(kind != NULL);
        for (size_t i = 0; i < sizeof(components) / sizeof(*components); i++)
                if (strcmp(components[i].kind, kind) == 0)
                        return &components[i].shape;
        return NULL;
}
