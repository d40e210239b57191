/* The lexer of contracts: words, signs and the comment lines above them.
 * Rights: the compiler on the build machine, the command line and the front end; reads a text in memory, nothing else.
 */
#include "base/log.h"
#include "base/text.h"
#include "ipc/compiler/read.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void fault(struct faults *faults, struct idl_place place, const char *format, ...)
{
        ASSERT(faults != NULL && format != NULL);
        if (faults->any)
                return;
        faults->any = true;

        int used = snprintf(faults->message, 256, "%s:%u:%u: ", faults->file_name, place.line, place.column);
        if (used < 0 || used >= 256)
                return;
        va_list args;
        va_start(args, format);
        vsnprintf(faults->message + used, 256 - (size_t)used, format, args);
        va_end(args);
}

static struct idl_place place_here(const struct lexer *lexer)
{
        return (struct idl_place){lexer->line, (unsigned)(lexer->at - lexer->line_start) + 1};
}

static bool is_blank(char c)
{
        return c == ' ' || c == '\t' || c == '\r';
}

static bool is_word(char c)
{
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
               c == '-';
}

/* At '#': the rest of the line. */
static struct comment *read_comment(struct lexer *lexer)
{
        lexer->at++;
        while (lexer->at < lexer->end && is_blank(*lexer->at))
                lexer->at++;

        struct comment *comment = arena_alloc(lexer->arena, sizeof(*comment));
        const char *start = lexer->at;
        const char *stop = memchr(start, '\n', (size_t)(lexer->end - start));
        stop = stop != NULL ? stop : lexer->end;
        comment->place = place_here(lexer);
        lexer->at = stop;
        while (stop > start && is_blank(stop[-1]))
                stop--;
        if (!text_printable(start, (size_t)(stop - start)))
                fault(lexer->faults, comment->place, "a comment with control characters, expected plain UTF-8");
        comment->text = arena_text(lexer->arena, start, (size_t)(stop - start));
        return comment;
}

/* Passes blanks and comments. The comment lines that end directly above what follows come back; those that a blank
 * line or the end of another line parts from it say nothing and may hold no annotation. */
static struct comment *read_above(struct lexer *lexer, bool line_used)
{
        struct comment *first = NULL;
        struct comment **last = &first;
        bool line_blank = !line_used;

        while (lexer->at < lexer->end) {
                if (*lexer->at == '#') {
                        *last = read_comment(lexer);
                        if (line_used) { /* behind something on the same line */
                                annotate_nothing(lexer->faults, first);
                                first = NULL;
                                continue;
                        }
                        last = &(*last)->next;
                        line_blank = false;
                } else if (*lexer->at == '\n') {
                        lexer->at++;
                        lexer->line++;
                        lexer->line_start = lexer->at;
                        if (line_blank) {
                                annotate_nothing(lexer->faults, first);
                                first = NULL;
                                last = &first;
                        }
                        line_blank = true;
                        line_used = false;
                } else if (is_blank(*lexer->at)) {
                        lexer->at++;
                } else {
                        break;
                }
        }
        return first;
}

static void read_word(struct lexer *lexer, struct token *token)
{
        const char *start = lexer->at;
        while (lexer->at < lexer->end && is_word(*lexer->at) &&
               !(*lexer->at == '-' && lexer->at + 1 < lexer->end && lexer->at[1] == '>'))
                lexer->at++;
        token->kind = TOKEN_WORD;
        token->text = arena_text(lexer->arena, start, (size_t)(lexer->at - start));
        if (lexer->at - start > IDL_NAME_MAX)
                fault(lexer->faults, token->place, "a name of %zd bytes, expected at most %d", lexer->at - start,
                      IDL_NAME_MAX);
}

static void read_sign(struct lexer *lexer, struct token *token)
{
        size_t left = (size_t)(lexer->end - lexer->at);
        size_t length = left >= 2 && memcmp(lexer->at, "->", 2) == 0 ? 2 : 1;

        token->kind = TOKEN_SIGN;
        if (length == 1 && (*lexer->at == '\0' || strchr("(),:?[]", *lexer->at) == NULL)) {
                char shown[8];
                text_escape(lexer->at, 1, shown, sizeof(shown));
                fault(lexer->faults, token->place, "found \"%s\", expected a name or one of ( ) , : ? [ ] ->", shown);
                return;
        }
        token->text = arena_text(lexer->arena, lexer->at, length);
        lexer->at += length;
}

struct token lexer_next(struct lexer *lexer)
{
        ASSERT(lexer != NULL);
        /* Something stands on this line already, unless this is the very start or only blanks were before. */
        const char *back = lexer->at;
        while (back > lexer->line_start && is_blank(back[-1]))
                back--;

        struct token token = {.kind = TOKEN_END, .text = ""};
        token.comments = read_above(lexer, back > lexer->line_start);
        token.place = place_here(lexer);
        if (!lexer->faults->any && lexer->at < lexer->end) {
                if (is_word(*lexer->at) && *lexer->at != '-')
                        read_word(lexer, &token);
                else
                        read_sign(lexer, &token);
        }
        if (lexer->faults->any)
                token = (struct token){.kind = TOKEN_END, .text = ""};
        return token;
}
