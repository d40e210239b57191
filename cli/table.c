/* Tables that fit the terminal.
 * Rights: the command line; works on memory only. */
#include "cli/table.h"

#include "base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_start(char c) /* of a character in UTF-8 */
{
        return ((unsigned char)c & 0xc0) != 0x80;
}

size_t text_columns(const char *text)
{
        ASSERT(text != NULL);
        size_t columns = 0;

        for (; *text != '\0'; text++)
                columns += is_start(*text);
        return columns;
}

struct layout {
        const struct table *table;
        size_t width[TABLE_COLUMNS_MAX]; /* 0: left out */
};

static const char *cell(const struct table *table, size_t row, size_t column)
{
        return table->cells[row * table->columns + column];
}

static void measure(struct layout *layout)
{
        const struct table *table = layout->table;

        for (size_t c = 0; c < table->columns; c++) {
                bool says = false;
                layout->width[c] = text_columns(table->heads[c]);
                for (size_t r = 0; r < table->rows; r++) {
                        size_t width = text_columns(cell(table, r, c));
                        says |= *cell(table, r, c) != '\0' && strcmp(cell(table, r, c), "-") != 0;
                        layout->width[c] = width > layout->width[c] ? width : layout->width[c];
                }
                if (!says)
                        layout->width[c] = 0;
        }
}

static size_t total(const struct layout *layout)
{
        size_t sum = 0, shown = 0;

        for (size_t c = 0; c < layout->table->columns; c++) {
                sum += layout->width[c];
                shown += layout->width[c] > 0;
        }
        return shown > 0 ? sum + 2 * (shown - 1) : 0;
}

/* One long word in every row: for machines. */
static bool is_opaque(const struct table *table, size_t column)
{
        for (size_t r = 0; r < table->rows; r++) {
                const char *text = cell(table, r, column);
                if (strchr(text, ' ') != NULL || (text_columns(text) < TABLE_LONG_WORD && text_columns(text) > 1))
                        return false;
        }
        return table->rows > 0;
}

static bool is_constant(const struct table *table, size_t column)
{
        for (size_t r = 1; r < table->rows; r++)
                if (strcmp(cell(table, r, column), cell(table, 0, column)) != 0)
                        return false;
        return table->rows > 2;
}

/* Leaves columns out from the right until it fits: those that says says it of, or (NULL) any. The first one stays. */
static void leave_out(struct layout *layout, size_t width, bool (*says)(const struct table *table, size_t column))
{
        for (size_t c = layout->table->columns; c-- > 1 && total(layout) > width;)
                if (says == NULL || says(layout->table, c))
                        layout->width[c] = 0;
}

/* Takes from the widest, a character at a time. */
static void cut(struct layout *layout, size_t width)
{
        while (total(layout) > width) {
                size_t widest = TABLE_COLUMNS_MAX;
                for (size_t c = 0; c < layout->table->columns; c++)
                        if (!layout->table->whole[c] && layout->width[c] > TABLE_COLUMN_LEAST &&
                            (widest == TABLE_COLUMNS_MAX || layout->width[c] > layout->width[widest]))
                                widest = c;
                if (widest == TABLE_COLUMNS_MAX)
                        return;
                layout->width[widest]--;
        }
}

static void fit(struct layout *layout, size_t width)
{
        leave_out(layout, width, is_opaque);
        leave_out(layout, width, is_constant);
        cut(layout, width);
        leave_out(layout, width, NULL);
}

/* Bytes of the first count characters. */
static size_t bytes_of(const char *text, size_t count)
{
        const char *at = text;

        while (*at != '\0' && (count > 0 || !is_start(*at))) {
                count -= is_start(*at);
                at++;
        }
        return (size_t)(at - text);
}

static void write_cell(FILE *out, const char *text, size_t width, bool right, bool last)
{
        size_t columns = text_columns(text);
        int blanks = columns < width ? (int)(width - columns) : 0;

        if (right)
                fprintf(out, "%*s", blanks, "");
        if (columns > width)
                fprintf(out, "%.*s\u2026", (int)bytes_of(text, width - 1), text);
        else
                fprintf(out, "%s", text);
        if (!right && !last)
                fprintf(out, "%*s", blanks, "");
        fprintf(out, last ? "\n" : "  ");
}

static void write_row(FILE *out, const struct layout *layout, const char *const *cells)
{
        size_t last = 0;

        for (size_t c = 0; c < layout->table->columns; c++)
                last = layout->width[c] > 0 ? c : last;
        for (size_t c = 0; c <= last; c++)
                if (layout->width[c] > 0)
                        write_cell(out, cells[c], layout->width[c], layout->table->right[c], c == last);
}

const char *table_text(struct arena *arena, const struct table *table, size_t width)
{
        ASSERT(arena != NULL && table != NULL && table->columns <= TABLE_COLUMNS_MAX);
        struct layout layout = {.table = table};
        char *text = NULL;
        size_t length;
        FILE *out = open_memstream(&text, &length);

        ASSERT(out != NULL);
        measure(&layout);
        if (width > 0)
                fit(&layout, width);
        if (total(&layout) > 0) {
                write_row(out, &layout, table->heads);
                for (size_t r = 0; r < table->rows; r++)
                        write_row(out, &layout, table->cells + r * table->columns);
        }
        fclose(out);
        char *kept = arena_text(arena, text, length), *to = kept;
        free(text);
        for (const char *from = kept; *from != '\0'; from++) { /* nothing at line ends */
                while (*from == '\n' && to > kept && to[-1] == ' ')
                        to--;
                *to++ = *from;
        }
        *to = '\0';
        return kept;
}
