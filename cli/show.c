/* Answers for people. Whatever comes from a daemon is escaped: it may hold a stranger's name for a disk.
 * Rights: the command line, as whoever runs it; writes to the terminal. */
#include "cli/show.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "cli/table.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static const char *escaped(struct arena *arena, const char *text, size_t length)
{
        char *target = arena_alloc(arena, 4 * length + 1);
        text_escape(text, length, target, 4 * length + 1);
        return target;
}

static const char *as_json(struct arena *arena, const struct json *value)
{
        struct json_out *out CLEANUP(json_out_freep) = json_out_new();
        size_t length;

        json_out_value(out, value);
        const char *text = json_out_bytes(out, &length);
        return escaped(arena, text, length);
}

static const char *value_text(struct arena *arena, const struct json *value)
{
        const char *text;
        size_t length;

        switch (json_type_of(value)) {
        case JSON_NULL:
                return "-";
        case JSON_BOOLEAN:
                return json_boolean(value) ? "yes" : "no";
        case JSON_INTEGER:
                return arena_printf(arena, "%lld", (long long)json_integer(value));
        case JSON_NUMBER:
                return arena_printf(arena, "%g", json_number(value));
        case JSON_TEXT:
                text = json_text(value, &length);
                return escaped(arena, text, length);
        case JSON_ARRAY:
                text = json_length(value) > 0 ? "" : "-";
                for (size_t i = 0; i < json_length(value); i++)
                        text = arena_printf(arena, "%s%s%s", text, i > 0 ? ", " : "",
                                            value_text(arena, json_item(value, i)));
                return text;
        default:
                return as_json(arena, value);
        }
}

static bool is_moment(const struct idl_field *field)
{
        const struct idl_note *is = field->said.notes[IDL_IS];
        return field->type->kind == IDL_STRING && is != NULL && strcmp(is->words[0], "timestamp") == 0;
}

/* As value_text; a moment as people write it, to the second: 2026-11-21 05:12:00. */
static const char *field_text(struct arena *arena, const struct idl_field *field, const struct json *value)
{
        const char *text = value_text(arena, value);

        if (*text == '\0')
                return "-";
        if (!is_moment(field) || strlen(text) < 20 || text[10] != 'T')
                return text;
        return arena_printf(arena, "%.10s %.8s", text, text + 11);
}

/* FULL NAME of full_name. */
static const char *head_of(struct arena *arena, const char *name)
{
        char *head = arena_text(arena, name, strlen(name));
        for (char *at = head; *at != '\0'; at++)
                *at = *at == '_' ? ' ' : (char)toupper((unsigned char)*at);
        return head;
}

/* Columns with long texts are for --json. */
static bool is_column(const struct idl_field *field)
{
        return field->said.notes[IDL_MAX] == NULL || field->type->of != NULL || field->said.notes[IDL_MAX]->to <= 2048;
}

static void show_table(FILE *out, struct arena *arena, const struct idl_type *row, const struct json *list,
                       size_t width)
{
        struct table table = {.rows = json_length(list)};

        for (const struct idl_field *f = row->fields; f != NULL && table.columns < TABLE_COLUMNS_MAX; f = f->next) {
                if (!is_column(f))
                        continue;
                table.right[table.columns] = f->type->kind == IDL_INT || f->type->kind == IDL_FLOAT;
                table.whole[table.columns] = idl_real(f->type)->kind != IDL_STRING || is_moment(f);
                table.heads[table.columns++] = head_of(arena, f->name);
        }
        if (table.columns == 0 || table.rows == 0)
                return;
        table.cells = arena_array(arena, table.rows * table.columns, sizeof(*table.cells));
        for (size_t r = 0; r < table.rows; r++) {
                size_t c = 0;
                for (const struct idl_field *f = row->fields; f != NULL && c < table.columns; f = f->next)
                        if (is_column(f))
                                table.cells[r * table.columns + c++] =
                                        field_text(arena, f, json_member(json_item(list, r), f->name));
        }
        fputs(table_text(arena, &table, width), out);
}

static size_t longest_name(const struct idl_type *list)
{
        size_t longest = 0;
        for (const struct idl_field *f = list->fields; f != NULL; f = f->next)
                longest = strlen(f->name) > longest ? strlen(f->name) : longest;
        return longest;
}

/* "name   value", a line each; things inside after their own names. */
static void show_lines(FILE *out, struct arena *arena, const struct idl_type *list, const struct json *object,
                       size_t width)
{
        size_t longest = longest_name(list);

        for (const struct idl_field *f = list->fields; f != NULL; f = f->next) {
                const struct json *value = json_member(object, f->name);
                const struct idl_type *real = idl_real(f->type);
                if (value == NULL)
                        continue;
                if (real->kind == IDL_STRUCT && json_type_of(value) == JSON_OBJECT) {
                        if (list->fields->next != NULL)
                                fprintf(out, "%s\n", f->name);
                        show_lines(out, arena, real, value, width);
                } else if (real->kind == IDL_ARRAY && idl_real(real->of)->kind == IDL_STRUCT) {
                        if (list->fields->next != NULL && json_length(value) > 0)
                                fprintf(out, "\n");
                        show_table(out, arena, idl_real(real->of), value, width);
                } else {
                        fprintf(out, "%-*s  %s\n", (int)longest, f->name, field_text(arena, f, value));
                }
        }
}

/* A lone text, such as a file's content: as it is, but nothing that a terminal would obey. */
static void show_text(FILE *out, struct arena *arena, const struct json *value)
{
        size_t length;
        const char *text = json_text(value, &length);

        while (length > 0) {
                size_t line = strcspn(text, "\n");
                fprintf(out, "%s\n", escaped(arena, text, line));
                line += text[line] == '\n';
                text += line;
                length -= line;
        }
}

void show_answer(FILE *out, struct arena *arena, const struct idl_member *method, const struct json *answer,
                 size_t width)
{
        ASSERT(out != NULL && arena != NULL && method != NULL && answer != NULL);
        const struct idl_field *only = method->reply->fields;
        const struct json *job = json_member(answer, "job");
        const struct json *value = only != NULL ? json_member(answer, only->name) : NULL;

        if (value == NULL && json_type_of(job) == JSON_INTEGER) {
                fprintf(out, "job  %lld\n", (long long)json_integer(job));
        } else if (value != NULL && only->next == NULL && json_type_of(value) == JSON_TEXT) {
                show_text(out, arena, value);
        } else if (value != NULL && only->next == NULL && only->type->kind == IDL_ARRAY &&
                   idl_real(only->type->of)->kind != IDL_STRUCT) {
                for (size_t i = 0; i < json_length(value); i++)
                        fprintf(out, "%s\n", value_text(arena, json_item(value, i)));
        } else {
                show_lines(out, arena, method->reply, answer, width);
        }
}

void show_failure(FILE *out, const struct failure *failure)
{
        ASSERT(out != NULL && failure != NULL);
        char field[256], message[1024], next[1024];

        text_escape(failure->field, strlen(failure->field), field, sizeof(field));
        text_escape(failure->message, strlen(failure->message), message, sizeof(message));
        text_escape(failure->next, strlen(failure->next), next, sizeof(next));
        bool said = strstr(message, field) != NULL || strncmp(message, "--", 2) == 0;
        fprintf(out, "bulkhead: %s%s%s\n", said ? "" : field, said || field[0] == '\0' ? "" : ": ", message);
        if (next[0] != '\0')
                fprintf(out, "          %s\n", next);
        if (failure->retry_s > 0)
                fprintf(out, "          Try again in %u s.\n", failure->retry_s);
}
