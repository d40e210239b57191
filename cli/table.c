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

/* Takes from the widest, one column at a time, then leaves out from the right. */
static void fit(struct layout *layout, size_t width)
{
        while (width > 0 && total(layout) > width) {
                size_t widest = 0, last = 0;
                for (size_t c = 1; c < layout->table->columns; c++) {
                        widest = layout->width[c] > layout->width[widest] ? c : widest;
                        last = layout->width[c] > 0 ? c : last;
                }
                if (layout->width[widest] > TABLE_COLUMN_LEAST)
                        layout->width[widest]--;
                else if (last > 0)
                        layout->width[last] = 0;
                else
                        break;
        }
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
