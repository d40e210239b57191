/* Reading and writing CSV.
 * Rights: the users clerk; pure functions. */
#include "daemons/users/clerk/csv.h"

#include "base/log.h"

#include <stdbool.h>
#include <string.h>

struct reading {
        struct arena *arena;
        struct failure *failure;
        const char *at;
        size_t line;
        struct csv_table table;
        size_t room;
};

static int wrong(const struct reading *reading, const char *what)
{
        return failure_set(reading->failure, FAILURE_INVALID, "csv", "Correct the file and send it again.",
                           "line %zu: %s", reading->line, what);
}

static bool ends_line(char c)
{
        return c == '\0' || c == '\n' || c == '\r';
}

/* From after the opening quote; the text without its quotes. */
static const char *read_quoted(struct reading *reading)
{
        char *text = arena_alloc(reading->arena, strlen(reading->at) + 1), *to = text;
        for (;; reading->at++) {
                if (*reading->at == '\0') {
                        wrong(reading, "a quotation mark is not closed.");
                        return NULL;
                }
                if (*reading->at == '"' && *++reading->at != '"')
                        break;
                if (*reading->at == '\n')
                        reading->line++;
                *to++ = *reading->at;
        }
        if (*reading->at == ',' || ends_line(*reading->at))
                return text;
        wrong(reading, "text follows a closing quotation mark.");
        return NULL;
}

static const char *read_plain(struct reading *reading)
{
        size_t length = strcspn(reading->at, ",\r\n");
        if (memchr(reading->at, '"', length)) {
                wrong(reading, "a quotation mark stands in a field that is not quoted.");
                return NULL;
        }
        const char *text = arena_text(reading->arena, reading->at, length);
        reading->at += length;
        return text;
}

static int end_line(struct reading *reading)
{
        if (*reading->at == '\r' && *++reading->at != '\n')
                return wrong(reading, "a carriage return stands alone.");
        if (*reading->at == '\n') {
                reading->at++;
                reading->line++;
        }
        return 0;
}

static struct csv_row *add_row(struct reading *reading)
{
        struct csv_table *table = &reading->table;
        if (table->count == reading->room) {
                size_t room = reading->room ? 2 * reading->room : 16;
                struct csv_row *rows = arena_array(reading->arena, room, sizeof(*rows));
                if (table->count > 0)
                        memcpy(rows, table->rows, table->count * sizeof(*rows));
                table->rows = rows;
                reading->room = room;
        }
        struct csv_row *row = &table->rows[table->count++];
        *row = (struct csv_row){.line = reading->line};
        row->fields = arena_array(reading->arena, CSV_FIELDS_MAX, sizeof(*row->fields));
        return row;
}

static int read_row(struct reading *reading)
{
        if (reading->table.count >= CSV_ROWS_MAX)
                return wrong(reading, "there are too many lines.");
        struct csv_row *row = add_row(reading);
        for (;;) {
                if (row->count == CSV_FIELDS_MAX)
                        return wrong(reading, "there are too many fields.");
                bool quoted = *reading->at == '"';
                reading->at += quoted;
                const char *text = quoted ? read_quoted(reading) : read_plain(reading);
                if (!text)
                        return -1;
                row->fields[row->count++] = text;
                if (*reading->at != ',')
                        return end_line(reading);
                reading->at++;
        }
}

int csv_parse(struct arena *arena, const char *text, struct csv_table *ret_table, struct failure *failure)
{
        ASSERT(arena && text && ret_table);
        struct reading reading = {.arena = arena, .failure = failure, .at = text, .line = 1};
        if (strncmp(text, "\xef\xbb\xbf", 3) == 0)
                reading.at += 3; /* spreadsheets begin a file so */
        while (*reading.at != '\0')
                if ((ends_line(*reading.at) ? end_line(&reading) : read_row(&reading)) != 0)
                        return -1;
        *ret_table = reading.table;
        return 0;
}

const char *csv_field(struct arena *arena, const char *text)
{
        ASSERT(arena && text);
        if (text[strcspn(text, ",\"\r\n")] == '\0')
                return text;
        char *quoted = arena_alloc(arena, 2 * strlen(text) + 3), *to = quoted;
        *to++ = '"';
        for (; *text; text++) {
                if (*text == '"')
                        *to++ = '"';
                *to++ = *text;
        }
        *to = '"';
        return quoted;
}
